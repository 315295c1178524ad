"""One page about one run, pictures inside: it opens without a server."""

from iin_tf import files
from iin_tf.reporting import pages, tables
from iin_tf.results.markdown import markdown, with_interval

_SWAPS = ["block exchanged", "factor read", "compared with", "value", "95 % interval"]
_LIKELIHOODS = ("nll/", "pair_nll/", "bits_per_dimension/", "correlation/", "round_trip/")
_CONTINUOUS = ("readout/", "length_scale/")
# File stem -> caption, in the order of the page; what a run did not draw is left out.
_CAPTIONS = {
    "swap": "Recipients down, donors across: every image has the recipient's other blocks "
    "and the donor's {block}.",
    "interpolation": "From the recipient on the left to the donor's {block} on the right.",
    "walk": "A random walk of {block}; the other blocks hold still.",
}


def write_report(directory, metrics, layout, config):
    """Writes the page and its tables into `directory`, from its pictures and these numbers.

    `report.html` and, where there is something to tell, `swaps.md` and `disentanglement.md`.

    Args:
      directory: Path with the PNG files of the run.
      metrics: flat dict of numbers, as in `metrics.json`.
      layout: FactorLayout of the network.
      config: dict that the run was made with.
    """
    swaps, measures = tables.swap_rows(metrics), tables.measure_rows(metrics)
    page = pages.render(
        "report.html",
        swaps=swaps,
        measures=measures,
        responses={k: v for k, v in metrics.items() if k.startswith("response")},
        judges={k: v for k, v in metrics.items() if k.startswith(("judge/", "reconstruction/"))},
        continuous={k: v for k, v in metrics.items() if k.startswith(_CONTINUOUS)},
        likelihoods={k: v for k, v in metrics.items() if k.startswith(_LIKELIHOODS)},
        pictures=list(_pictures(directory, layout)),
        config=config,
    )
    files.write_text(directory / "report.html", page)
    if swaps:
        table = markdown(_SWAPS, [with_interval(row) for row in swaps])
        files.write_text(directory / "swaps.md", table)
    if measures:
        files.write_text(directory / "disentanglement.md", disentanglement_markdown(metrics))


def disentanglement_markdown(metrics):
    """The block measures, and what each block tells of each factor, to paste."""
    rows = [with_interval(row) for row in tables.measure_rows(metrics)]
    blocks, factors, told, null = tables.leakage_table(metrics)
    leakage = [
        (block, factor, float(told[b, f]), float(null[b, f]))
        for b, block in enumerate(blocks)
        for f, factor in enumerate(factors)
    ]
    return (
        markdown(["measure", "value", "95 % interval"], rows)
        + "\n"
        + markdown(["block", "factor", "variance told", "95 % of no information"], leakage)
    )


def _pictures(directory, layout):
    """Title, caption and data of every picture that is there."""
    found = [("Sizes", "How many dimensions each block gets.", directory / "factor_sizes.png")]
    for kind, caption in _CAPTIONS.items():
        for block in layout.names:
            title = f"{kind.capitalize()}: {block}"
            found.append((title, caption.format(block=block), directory / f"{kind}_{block}.png"))
    caption = "Held-out share of each factor's variance that each block tells."
    found.insert(1, ("What the blocks tell", caption, directory / "leakage.png"))
    caption = "One block drawn anew, the others held; hatched: the model ignores the block."
    found.insert(2, ("Responses", caption, directory / "responses.png"))
    found.append(("Samples", "The model's marginal, decoded.", directory / "samples.png"))
    for title, caption, path in found:
        if path.exists():
            yield title, caption, pages.inline(path)
