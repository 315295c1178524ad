"""What a training will take, said before it begins."""

import os
import time
from typing import TYPE_CHECKING, NamedTuple

import tensorflow as tf

from iin_tf.limits import check_disk, check_memory, free_memory, size_text

if TYPE_CHECKING:
    from iin_tf.models.interpretation_network import InterpretationNetwork

_FLOAT = 4
# Of every weight: itself, its gradient, Adam's two moments, the best so far.
_COPIES = 5
# On disk: four checkpoints and the network, each with two moments.
_ON_DISK = 15
# What each step of a block keeps of every dimension until the way back.
_KEPT = 12
# Of a weight in a step: read on the way forward and back, gradient and moments read and written.
_PASSES = 9
_SECONDS = 0.1


class Forecast(NamedTuple):
    """What a training will take.

    Attributes:
      weights: how many numbers the network's weights are.
      memory: bytes.
      seconds: of all steps; what is read from disk and measured beside it comes on top.
    """

    weights: int
    memory: int
    seconds: float


def forecast(network: "InterpretationNetwork", rows: int, steps: int) -> Forecast:
    """How much memory and time `steps` steps will take, by a product of matrices that is timed.

    Args:
      network: InterpretationNetwork.
      rows: representations of a step, two for each pair.
      steps: that are left.
    """
    weights = network.flow.weight_count
    flops, bandwidth = _speed(network, rows)
    # Two for each weight and row on the way forward, four on the way back.
    seconds = 6 * weights * rows / flops + _PASSES * _FLOAT * weights / bandwidth
    return Forecast(weights, memory_of(network, rows), seconds * steps)


def begin(
    network: "InterpretationNetwork", rows: int, steps: int, directory: str | os.PathLike
) -> str:
    """One line about what a training will take and what is there.

    Args:
      network: as in `forecast`.
      rows: as in `forecast`.
      steps: as in `forecast`.
      directory: where checkpoints go.

    Raises:
      InputError: more memory than is free, or more on disk than it has room for.
    """
    # Before anything is timed, which takes memory itself.
    check_memory(memory_of(network, rows), f"training with {rows} representations a step")
    needed = _ON_DISK * _FLOAT * network.flow.weight_count
    check_disk(needed, directory, "the checkpoints")
    found = forecast(network, rows, steps)
    return (
        f"{found.weights:,} weights, about {size_text(found.memory)} of memory "
        f"({size_text(free_memory())} are free) and {time_text(found.seconds)} for {steps} steps"
    )


def time_text(seconds: float) -> str:
    """Seconds as a text for people: 40 s, 12 minutes, 3.5 hours."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    if seconds < 6000:
        return f"{seconds / 60:.0f} minutes"
    return f"{seconds / 3600:.3g} hours"


def memory_of(network: "InterpretationNetwork", rows: int) -> int:
    """Bytes that training with so many representations a step takes."""
    flow = network.flow
    # Two couplings a block, each with two networks.
    hidden = 4 * (flow.depth + 1) * flow.hidden
    activations = rows * flow.blocks * (hidden + _KEPT * flow.width)
    return _FLOAT * (_COPIES * flow.weight_count + activations)


def _speed(network, rows):
    """Floating point operations, and bytes, a second."""
    hidden, dtype = network.flow.hidden, network.compute_dtype
    x, kernel = tf.ones([rows, hidden], dtype), tf.ones([hidden, hidden], dtype)
    long = tf.ones([2**22])
    return (
        2 * rows * hidden**2 / _seconds(lambda: tf.matmul(x, kernel)),
        2 * 2**22 * _FLOAT / _seconds(lambda: long + 1.0),
    )


def _seconds(work):
    """Of one call, the mean over a short while; the first is not counted."""
    work()
    calls, start = 0, time.perf_counter()
    while (passed := time.perf_counter() - start) < _SECONDS:
        work().numpy()
        calls += 1
    return passed / calls
