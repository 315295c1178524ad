"""One page and one table about several runs."""

import dataclasses
from pathlib import Path

from iin_tf import files
from iin_tf.experiment.workdir import Workdir
from iin_tf.reporting import pages
from iin_tf.results.markdown import markdown

# Title, explanation, and how the keys of its metrics begin.
_SECTIONS = (
    (
        "Exchanged blocks",
        "swap / exchanged block / factor read: read as the donor's or the recipient's; an error is "
        "the mean absolute difference per channel.",
        ("swap/", "judge/", "reconstruction/"),
    ),
    (
        "Disentanglement by block",
        "Held-out codes; leakage is the share of a factor's variance that a block tells, null what "
        "a block without information would reach in one case of twenty.",
        ("disentanglement/", "leakage/", "readout/"),
    ),
    (
        "Responses",
        "How much the rest of the model varies with each block; the share is of its whole spread, "
        "and ignored is 1 where the model pays no attention.",
        ("response",),
    ),
    (
        "Likelihood",
        "Nats; comparable on the same latents only.",
        ("nll/", "pair_nll/", "bits_per_dimension/", "correlation/", "length_scale/"),
    ),
    ("Sizes and inverse", "Estimated dimensions; the largest error.", ("sizes/", "round_trip/")),
)
# What a run draws, in the order of the page.
_PICTURES = ("leakage", "responses", "factor_sizes", "swap_*", "samples", "interpolation_*")
_ENDS = ("/low", "/high")


@dataclasses.dataclass(frozen=True)
class Run:
    """A finished run.

    Attributes:
      name: what the page calls it.
      directory: Path of its workdir.
      metrics: flat dict of numbers.
      config: flat dict, what it was evaluated with.
      blocks: text, its blocks with their sizes.
    """

    name: str
    directory: Path
    metrics: dict
    config: dict
    blocks: str

    @property
    def kind(self):
        """Kind of its first stage."""
        return self.config["first_stage.kind"]


def load_runs(directories):
    """`Run`s of the workdirs, named by their directories; with their parents, where those equal.

    Raises:
      ValueError: fewer than two directories, one twice, or one that holds no evaluated run.
    """
    paths = [Path(directory) for directory in directories]
    resolved = [path.resolve() for path in paths]
    if len(paths) < 2 or len(set(resolved)) < len(paths):
        raise ValueError(f"runs are {[str(p) for p in paths]}: give two different ones or more")
    depth = 1
    while len({path.parts[-depth:] for path in resolved}) < len(paths):
        depth += 1
    return [_load(path, "/".join(full.parts[-depth:]))
            for path, full in zip(paths, resolved, strict=True)]  # fmt: skip


def write_comparison(runs, directory):
    """Writes `compare.html`, pictures inside, and `table.md` into `directory`.

    Args:
      runs: list of `Run`.
      directory: Path, made if it does not exist.
    """
    sections = [(title, note, rows) for title, note, starts in _SECTIONS
                if (rows := _rows(runs, starts))]  # fmt: skip
    page = pages.render(
        "compare.html",
        runs=runs,
        changed=_changed(runs),
        sections=sections,
        pictures=list(_pictures(runs)),
    )
    files.write_text(Path(directory) / "compare.html", page)
    table = [[name, *cells] for _, _, rows in sections for name, cells in rows]
    header = ["metric", *(run.name for run in runs)]
    files.write_text(Path(directory) / "table.md", markdown(header, table))


def _load(path, name):
    metrics = path / "evaluation" / "metrics.json"
    if not metrics.is_file():
        raise ValueError(f"{str(path)!r} holds no evaluated run; give the workdir of an iin_run")
    workdir = Workdir(path)
    if "evaluate" not in workdir.done():
        # What is there is of a network that has been trained again since.
        raise ValueError(f"stage 'evaluate' is not done in {str(path)!r}; run iin_evaluate first")
    layout = workdir.layout()
    blocks = zip(layout.names, layout.sizes, strict=True)
    return Run(
        name,
        path,
        files.read_json(metrics),
        workdir.done()["evaluate"],
        ", ".join(f"{block} {size}" for block, size in blocks),
    )


def _changed(runs):
    """Keys whose values differ, with each run's value."""
    keys = sorted({key for run in runs for key in run.config})
    rows = [(key, [run.config.get(key, "-") for run in runs]) for key in keys]
    return [row for row in rows if any(value != row[1][0] for value in row[1])]


def _rows(runs, starts):
    """Name and one cell a run, of the metrics whose keys begin so."""
    names = dict.fromkeys(
        name
        for run in runs
        for name in run.metrics
        if name.startswith(starts) and not name.endswith(_ENDS)
    )
    return [(name, [_cell(run.metrics, name) for run in runs]) for name in names]


def _cell(metrics, name):
    if name not in metrics:
        return "-"
    low, high = (metrics.get(name + end) for end in _ENDS)
    value = metrics[name]
    text = str(value) if isinstance(value, int) else f"{value:.4g}"
    return text if low is None else f"{text} ({low:.4g} to {high:.4g})"


def _pictures(runs):
    """Title and each run's name and picture."""
    for pattern in _PICTURES:
        names = dict.fromkeys(
            path.name
            for run in runs
            for path in sorted((run.directory / "evaluation").glob(f"{pattern}.png"))
        )
        for name in names:
            found = [(run.name, run.directory / "evaluation" / name) for run in runs]
            there = [(title, pages.inline(path)) for title, path in found if path.is_file()]
            yield Path(name).stem.replace("_", " "), there
