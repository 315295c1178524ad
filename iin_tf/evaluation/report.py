"""One page about one run, pictures inside: it opens without a server."""

import base64

import jinja2

from iin_tf import files

_LIKELIHOODS = ("nll/", "pair_nll/", "bits_per_dimension/", "correlation/", "round_trip/")
# File stem -> caption, in the order of the page; what a run did not draw is left out.
_CAPTIONS = {
    "swap": "Recipients down, donors across: every image has the recipient's other blocks "
    "and the donor's {block}.",
    "interpolation": "From the recipient on the left to the donor's {block} on the right.",
    "walk": "A random walk of {block}; the other blocks hold still.",
}


def write_report(directory, metrics, layout, config):
    """Writes `report.html` and `swaps.md` into `directory`, from its pictures and these numbers.

    Args:
      directory: Path with the PNG files of the run.
      metrics: flat dict of numbers, as in `metrics.json`.
      layout: FactorLayout of the network.
      config: dict that the run was made with.
    """
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("iin_tf.evaluation", "."), autoescape=True
    )
    page = environment.get_template("report.html").render(
        swaps=_swap_table(metrics),
        judges={k: v for k, v in metrics.items() if k.startswith(("judge/", "reconstruction/"))},
        likelihoods={k: v for k, v in metrics.items() if k.startswith(_LIKELIHOODS)},
        pictures=list(_pictures(directory, layout)),
        config=config,
    )
    files.write_text(directory / "report.html", page)
    files.write_text(directory / "swaps.md", _markdown(_swap_table(metrics)))


def _markdown(rows):
    """The swap table, to paste."""
    lines = [
        "| block exchanged | factor read | compared with | value | 95 % interval |",
        "| --- | --- | --- | --- | --- |",
    ]
    for block, factor, role, value, low, high in rows:
        role = role.replace("_", " ")
        lines.append(f"| {block} | {factor} | {role} | {value:.4f} | {low:.4f} to {high:.4f} |")
    return "\n".join(lines) + "\n"


def _swap_table(metrics):
    """Rows of block, read-out, role, value, low, high."""
    rows = []
    for name, value in metrics.items():
        if name.startswith("swap/") and f"{name}/low" in metrics:
            _, block, factor, role = name.split("/")
            interval = (metrics[f"{name}/low"], metrics[f"{name}/high"])
            rows.append((block, factor, role, value, *interval))
    return rows


def _pictures(directory, layout):
    """Title, caption and data of every picture that is there."""
    found = [("Sizes", "How many dimensions each block gets.", directory / "factor_sizes.png")]
    for kind, caption in _CAPTIONS.items():
        for block in layout.names:
            title = f"{kind.capitalize()}: {block}"
            found.append((title, caption.format(block=block), directory / f"{kind}_{block}.png"))
    found.append(("Samples", "The model's marginal, decoded.", directory / "samples.png"))
    for title, caption, path in found:
        if path.exists():
            yield title, caption, _inline(path)


def _inline(path):
    return "data:image/png;base64," + base64.b64encode(path.read_bytes()).decode()
