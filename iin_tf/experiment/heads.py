"""What the rest of the model makes of edited representations of an experiment's test examples."""

from collections.abc import Callable
from typing import Any

import numpy as np
import tensorflow as tf

from iin_tf.audits.head import head_metrics
from iin_tf.experiment.experiment import Experiment
from iin_tf.experiment.one_view import one_view_each
from iin_tf.first_stages import FirstStage
from iin_tf.results import Result, Results

# Latents that the head goes on from at once.
_BATCH = 256


def reads_head(experiment: Experiment) -> bool:
    """Whether there is a head that goes on from single rows of the representation."""
    return experiment.first_stage.has_head and experiment.first_stage.keeps_rows


def head_reader(
    experiment: Experiment, rows: np.ndarray
) -> Callable[[np.ndarray, np.ndarray], dict[str, np.ndarray]]:
    """The model's outputs by name, of latents [B, N] that are edits of test examples.

    Args:
      experiment: Experiment.
      rows: int [n], test examples.

    Returns:
      Function of latents and of int [B], which of `rows` each is an edit of.
    """
    head = named_head(experiment.first_stage)
    x = experiment.test_examples.x if experiment.first_stage.head_needs_input else None

    def read(z: np.ndarray, examples: np.ndarray) -> dict[str, np.ndarray]:
        parts = []
        for start in range(0, len(z), _BATCH):
            used = rows[examples[start : start + _BATCH]]
            parts.append(head(z[start : start + _BATCH], None if x is None else x[used]))
        return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}

    return read


def named_head(first_stage: FirstStage) -> Callable[[np.ndarray, Any], dict[str, np.ndarray]]:
    """The head of a first stage as a function of arrays, compiled where it can be.

    Args:
      first_stage: FirstStage with a head.

    Returns:
      Function of z [B, N] and of the inputs x [B, ...] or None: name -> float array [B, values].
    """
    head = first_stage.head
    if first_stage.runs_in_graph:
        head = tf.function(head, reduce_retracing=True)

    def outputs(z: np.ndarray, x: Any = None) -> dict[str, np.ndarray]:
        inputs = () if x is None else (tf.convert_to_tensor(x),)
        return _by_name(head(tf.constant(z, tf.float32), *inputs))

    return outputs


def measure_head(experiment: Experiment, network: Any) -> Results:
    """Class changes of the model's own outputs, and how far edits leave the layer's range.

    Args:
      experiment: Experiment.
      network: InterpretationNetwork.

    Returns:
      `Results`: as `head_metrics`, and `outside/BLOCK` where the range is known; and
      `dimensions/constant` where constant dimensions are left out.
    """
    first_stage, test = experiment.first_stage, experiment.store("test")
    settings, seed = experiment.config.evaluation, experiment.config.seed
    rows = one_view_each(test, experiment.config.data.factors)
    z, found = np.array(test.mean[rows]), []
    if first_stage.constant is not None:
        found.append(Result("dimensions/constant", {}, len(first_stage.constant.values)))
    if first_stage.value_range is not None:
        found += _outside(first_stage, network, z, seed)
    if reads_head(experiment):
        read = head_reader(experiment, rows)
        found += head_metrics(network, read, z, test.source[rows], settings.donors, seed).values()
    return Results(found)


def _outside(first_stage, network, z, seed):
    """The share of values out of range, block by block, each from a random other example."""
    donors = z[np.random.default_rng(seed).permutation(len(z))]
    for block in network.layout.names:
        count = first_stage.count_outside(network.swap(z, donors, [block]))
        yield Result("outside/{block}", {"block": block}, np.mean(count) / z.shape[1])


def _by_name(outputs):
    """Outputs of any structure: name -> float array [B, values]."""
    if isinstance(outputs, dict):
        pairs = outputs.items()
    elif isinstance(outputs, tuple | list):
        pairs = ((str(place), value) for place, value in enumerate(outputs))
    else:
        pairs = [("output", outputs)]
    arrays = {name: np.asarray(value) for name, value in pairs}
    return {name: array.reshape(len(array), -1) for name, array in arrays.items()}
