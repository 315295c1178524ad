"""Table and picture of the runs with few labels."""

import numpy as np
from matplotlib.figure import Figure

from iin_tf import files
from iin_tf.results.markdown import markdown

_DIGIT, _COLOR = "swap/digit/digit/donor", "swap/color/color/donor_error"
# Column -> name of the result.
_COLUMNS = {
    "digit exchanged: donor's digit": _DIGIT,
    "color error to recipient": "swap/digit/color/recipient_error",
    "color exchanged: color error to donor": _COLOR,
    "digit kept": "swap/color/digit/recipient",
    "held-out nll": "nll/test",
    "step kept": "steps",
}
_CEILINGS = {_DIGIT: "judge/digit/reconstruction", _COLOR: "judge/color/reconstruction_error"}


def as_table(found):
    """Markdown: one kind of runs a row, mean and range over seeds.

    Args:
      found: mapping (images, marginal_fraction) -> list of `Results`, one for each seed.
    """
    rows = [
        [images, fraction, *(_text(runs, name) for name in _COLUMNS.values())]
        for (images, fraction), runs in found.items()
    ]
    return markdown(["labelled images", "marginal fraction", *_COLUMNS], rows)


def save_plot(path, found):
    """Writes both factors' figures by labelled images as PNG: seeds as points, means as lines.

    Args:
      path: of the PNG.
      found: as in `as_table`.
    """
    numbers = list(dict.fromkeys(images for images, _ in found))
    # From few labels to many.
    numbers.sort(key=lambda images: np.inf if images == "all" else int(images))
    figure = Figure(figsize=(9, 3.6), layout="constrained")
    for axes, metric in zip(figure.subplots(1, 2), (_DIGIT, _COLOR), strict=True):
        for fraction in dict.fromkeys(fraction for _, fraction in found):
            values = [[run[metric].value for run in found[images, fraction]] for images in numbers]
            label = "labelled pairs alone" if fraction == 0 else "with unlabelled images"
            (line,) = axes.plot([np.mean(v) for v in values], label=label)
            for place, seeds in enumerate(values):
                axes.plot([place] * len(seeds), seeds, "o", color=line.get_color(), alpha=0.6)
        ceiling = next(iter(found.values()))[0][_CEILINGS[metric]].value
        axes.axhline(ceiling, color="gray", linestyle=":", label="reconstructions")
        axes.set_xticks(range(len(numbers)), numbers)
        axes.set_xlabel("labelled images of each digit")
    digit, color = figure.axes
    digit.set_title("Digit block exchanged: donor's digit read", fontsize="medium")
    color.set_title("Color block exchanged: error to donor's color", fontsize="medium")
    digit.legend(fontsize="small")
    with files.whole_file(path) as temporary:
        figure.savefig(temporary, dpi=130)


def _text(runs, name):
    values = np.array([run[name].value for run in runs], float)
    form = {"steps": ".0f", "nats per example": ".1f"}.get(runs[0][name].unit, ".3f")
    low, high = values.min(), values.max()
    return f"{values.mean():{form}} ({low:{form}} to {high:{form}})"
