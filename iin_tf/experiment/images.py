"""What an experiment does with examples that are images: judges, swap figures, pictures."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from ml_collections import ConfigDict

from iin_tf.audits.interchange import judge_metrics, swap_metrics
from iin_tf.checks import InputError
from iin_tf.experiment.continuous import targets
from iin_tf.experiment.experiment import Experiment, one_view_each
from iin_tf.models.judges import Judge, train_judge
from iin_tf.reporting import figures, pictures
from iin_tf.results import Result, Results


def are_images(x: Any) -> bool:
    """Whether the examples `x` are images: uint8 [n, height, width, channels]."""
    return len(x.shape) == 4 and x.dtype == np.uint8


def check_images(config: ConfigDict, x: Any) -> None:
    """Raises InputError unless the first stage that is trained here can learn from `x`."""
    if not are_images(x):
        raise InputError(
            f"first_stage.kind is {config.first_stage.kind!r}, which learns from images, uint8 "
            f"[n, height, width, channels]; {config.data.source!r} gives {x.dtype} {list(x.shape)}"
        )


def are_decoded(experiment: Experiment) -> bool:
    """Whether a representation of the experiment can be looked at, as an image."""
    # The test examples: there are fewer to load.
    return experiment.first_stage.has_decoder and are_images(experiment.test_examples.x)


def train_judges(experiment: Experiment) -> dict[str, Judge]:
    """A judge of each known factor, trained on images alone: mapping factor -> judge."""
    settings, train = experiment.config.evaluation, experiment.train_examples
    return {
        factor: train_judge(
            train.x,
            values,
            steps=settings.judge_steps,
            batch_size=settings.judge_batch_size,
            seed=experiment.config.seed,
            strategy=experiment.strategy,
        )
        for factor, values in targets(experiment, train.labels).items()
    }


def measure_decoder(
    experiment: Experiment, judges: Mapping[str, Judge], rows: Any = slice(None)
) -> list[Result]:
    """What judges read in originals and reconstructions of test images, and how these differ.

    Args:
      experiment: Experiment.
      judges: as `train_judges` gives them.
      rows: which of the test examples.
    """
    test = experiment.test_examples
    labels = {name: values[rows] for name, values in targets(experiment, test.labels).items()}
    originals = test.x[rows].astype(np.float32) / 255
    reconstructions = experiment.decode(experiment.store("test").mean[rows])
    return [
        *judge_metrics(judges, originals, reconstructions, labels).values(),
        Result("reconstruction/mse", {}, np.mean(np.square(reconstructions - originals))),
    ]


def measure_swaps(experiment: Experiment, network: Any, judges: Mapping[str, Judge]) -> Results:
    """Swap figures of the test examples, one view of each original, with the config's donors.

    Args:
      experiment: Experiment.
      network: whatever has a `layout` and `swap`.
      judges: as `train_judges` gives them.

    Returns:
      `Results`, as `swap_metrics`.
    """
    config, test = experiment.config, experiment.test_examples
    # More views of an original would only repeat it as recipient and donor.
    rows = one_view_each(test.source)
    return swap_metrics(
        network,
        experiment.decode,
        judges,
        np.array(experiment.store("test").mean[rows]),
        {factor: values[rows] for factor, values in targets(experiment, test.labels).items()},
        test.source[rows],
        donors=config.evaluation.donors,
        seed=config.seed,
    )


def draw(experiment: Experiment, network: Any, directory: Path) -> None:
    """All pictures of the run, from held-out examples.

    Args:
      experiment: Experiment.
      network: InterpretationNetwork.
      directory: where to.
    """
    grid = experiment.config.evaluation.grid
    test = experiment.store("test")
    rows = one_view_each(test.source)
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
