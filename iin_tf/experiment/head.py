"""What the rest of the model makes of exchanged blocks, by its own decisions."""

from typing import Any

import numpy as np
import tensorflow as tf

from iin_tf.audits.interchange import swap_metrics
from iin_tf.experiment.experiment import Experiment, one_view_each
from iin_tf.first_stages import map_batches, stack_batches
from iin_tf.results import Result, Results

_FACTOR = "decision"


class _Head:
    """A judge of representations: the model's own decisions."""

    def __init__(self, head: Any):
        self._head = tf.function(head, reduce_retracing=True)

    def read(self, z: np.ndarray) -> np.ndarray:
        """The place of the largest output of each representation, or the sign of a single one."""
        outputs = stack_batches(map_batches(self._head, z.astype(np.float32)))
        return decisions(outputs.reshape(len(outputs), -1))


def decisions(outputs: np.ndarray) -> np.ndarray:
    """Decisions int [B] of outputs [B, O]: the largest one's place; of a single one, its sign."""
    return (outputs[:, 0] > 0).astype(int) if outputs.shape[1] == 1 else outputs.argmax(axis=1)


def head_metrics(experiment: Experiment, network: Any) -> Results:
    """How often an exchanged block brings the donor's decision, among examples that differ in it.

    Args:
      experiment: Experiment, whose first stage has a head.
      network: InterpretationNetwork.

    Returns:
      `Results`: `head/BLOCK/donor` and `/recipient`; empty where the model decides the same of
      all held-out examples.
    """
    config, test = experiment.config, experiment.store("test")
    rows = one_view_each(test.source)
    z, head = np.array(test.mean[rows]), _Head(experiment.first_stage.head)
    decided = head.read(z)
    # The fewest possible donors: examples that are decided otherwise.
    others = len(decided) - np.unique(decided, return_counts=True)[1].max()
    if others == 0:
        return Results()
    donors = min(config.evaluation.donors, int(others))
    labels, judges = {_FACTOR: decided}, {_FACTOR: head}
    found = swap_metrics(
        network, lambda z: z, judges, z, labels, test.source[rows], donors, config.seed
    )
    return Results(
        Result(f"head/{{block}}/{role}", {"block": one.fields["block"]}, one.value, one.interval)
        for role in ("donor", "recipient")
        for one in found.of("swap/{block}/{factor}/" + role).values()
    )
