"""What an experiment does with examples that are images: judges and pictures."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from ml_collections import ConfigDict

from iin_tf.audits.judging import TOGETHER, judge_metrics
from iin_tf.checks import InputError, is_missing
from iin_tf.data import LazyRows
from iin_tf.experiment.continuous import targets
from iin_tf.experiment.experiment import (
    Experiment,
    are_images,
    is_unit,
    value_range,
)
from iin_tf.experiment.one_view import one_view_each
from iin_tf.models.judges import Judge, train_judge
from iin_tf.models.unit_images import SLACK
from iin_tf.reporting import figures, pictures
from iin_tf.results import Result

# Of a side; the models that are trained here are dense in the middle.
_LARGEST, _SMALLEST = 256, 4


def check_images(config: ConfigDict, x: Any) -> None:
    """Raises InputError unless the first stage that is trained here can learn from `x`."""
    if len(x.shape) != 4 or x.dtype.kind not in "uf" or not (x.dtype == np.uint8 or is_unit(x)):
        raise InputError(
            f"first_stage.kind is {config.first_stage.kind!r}, which learns from images, "
            f"[n, height, width, channels], uint8 or floats in [0, 1]; {config.data.source!r} "
            f"gives {x.dtype} {list(x.shape)}{_range_of(x)}"
            + ("; rows of a representation take 'none'" if len(x.shape) == 2 else "")
        )
    sides = x.shape[1:3]
    if min(sides) < _SMALLEST or max(sides) > _LARGEST:
        raise InputError(
            f"first_stage.kind is {config.first_stage.kind!r}, which learns from images of "
            f"{_SMALLEST} to {_LARGEST} pixels a side; {config.data.source!r} gives "
            f"{sides[0]} x {sides[1]}; give data.size, such as 64, and data.resize"
        )


def _range_of(x):
    if x.dtype.kind not in "iuf":
        return ""
    low, high = value_range(x)
    mend = "divide them by 255, or store them as uint8"
    if x.dtype.kind != "f":
        mend = "store them as uint8"
        if high > 255:
            mend = "divide them by the largest value that a pixel can have"
    elif -1 - SLACK <= low < 0 and high <= 1 + SLACK:
        mend = "add 1 and halve them, or store them as uint8"
    return f" in [{low:g}, {high:g}]" + (f": {mend}" if len(x.shape) == 4 else "")


def unit(x: Any) -> np.ndarray:
    """Images [n, h, w, c] as float32 in [0, 1]: whole numbers are grey levels of 255."""
    x = np.asarray(x)
    return x.astype(np.float32) / 255 if x.dtype == np.uint8 else x.astype(np.float32)


def grey_levels(x: Any) -> Any:
    """Images as whole numbers, 255 for 1; uint8 as they are."""
    if x.dtype == np.uint8:
        return x
    return np.rint(255 * np.clip(np.asarray(x, np.float32), 0, 1)).astype(np.uint8)


def are_decoded(experiment: Experiment) -> bool:
    """Whether a representation of the experiment can be looked at, as an image."""
    # The test examples: there are fewer to load.
    first_stage = experiment.first_stage
    decodes = first_stage.has_decoder and first_stage.keeps_rows
    return decodes and are_images(experiment.test_examples.x)


def train_judges(experiment: Experiment, directory: Path | None = None) -> dict[str, Judge]:
    """A judge of each known factor, trained on images alone: mapping factor -> judge.

    Args:
      experiment: Experiment.
      directory: of their checkpoints; None to train in one go.
    """
    settings, train = experiment.config.evaluation, experiment.train_examples
    judges = {}
    for number, (factor, values) in enumerate(targets(experiment, train.labels).items()):
        # Numbered: a factor's name need not be that of a folder.
        place = None if directory is None else directory / f"judge_{number}"
        known = ~is_missing(values)
        judges[factor] = train_judge(
            train.x if known.all() else train.select(known).x,
            values[known],
            steps=settings.judge_steps,
            batch_size=settings.judge_batch_size,
            seed=experiment.config.seed,
            strategy=experiment.strategy,
            checkpoints=None if place is None else experiment.checkpoints(place),
        )
    return judges


def measure_decoder(
    experiment: Experiment, judges: Mapping[str, Judge], rows: Any = slice(None)
) -> list[Result]:
    """What judges read in originals and reconstructions of test images, and how these differ.

    Args:
      experiment: Experiment.
      judges: as `train_judges` gives them.
      rows: which of the test examples.
    """
    test, mean = experiment.test_examples, experiment.store("test").mean
    rows = np.arange(len(test))[rows]
    labels = {name: values[rows] for name, values in targets(experiment, test.labels).items()}
    shape = (len(rows), *test.x.shape[1:])
    originals = LazyRows(lambda some: unit(test.x[rows[some]]), shape, np.float32)
    decoded = LazyRows(lambda some: experiment.decode(mean[rows[some]]), shape, np.float32)
    return [
        *judge_metrics(judges, originals, decoded, labels).values(),
        Result("reconstruction/mse", {}, _squared_error(originals, decoded)),
    ]


def _squared_error(one, other):
    """Mean squared difference of two `LazyRows` of one shape, read in parts."""
    total = 0.0
    for start in range(0, len(one), TOGETHER):
        some = slice(start, start + TOGETHER)
        total += np.square(other[some] - one[some]).sum(dtype=np.float64)
    return total / np.prod(one.shape)


def draw(experiment: Experiment, network: Any, directory: Path) -> None:
    """All pictures of the run, from held-out examples.

    Args:
      experiment: Experiment.
      network: InterpretationNetwork.
      directory: where to.
    """
    test = experiment.store("test")
    rows = one_view_each(test, experiment.config.data.factors)
    # Of few originals, half are recipients and half donors.
    grid = min(experiment.config.evaluation.grid, max(1, len(rows) // 2))
    chosen = np.random.default_rng(experiment.config.seed).permutation(rows)
    z, donors = np.array(test.mean[chosen[:grid]]), np.array(test.mean[chosen[grid : 2 * grid]])
    decode = experiment.decode
    seed = experiment.config.seed
    for block in network.layout.names:
        edge = {"row_label": "recipients", "column_label": "donors across the top"}
        drawn = {
            "swap": (figures.swap_grid(network, decode, z, donors, block), edge),
            "interpolation": (figures.interpolation_strip(network, decode, z, donors, block), {}),
            "walk": (figures.walk_strip(network, decode, z, block, seed=seed), {}),
        }
        for kind, (tiles, labels) in drawn.items():
            picture = pictures.picture_of_block(kind, block)
            figures.save_tiles(directory / picture.file, tiles, picture.title, **labels)
    samples = figures.sample_tiles(network, decode, seed=seed)
    figures.save_tiles(directory / pictures.SAMPLES, samples, "samples")
