"""What the machine itself can do, and what a training step asks of it."""

import concurrent.futures
import itertools
import os
import time

import numpy as np

# Read by the forward and by the backward pass, its gradient written and read, and weight and
# both of Adam's moments read and written.
PASSES_OVER_THE_WEIGHTS = 10
FLOAT = 4  # bytes


class MachineMeasures:
    """Rates of this machine, measured like a contender, in a process of their own."""

    def __init__(self):
        import tensorflow as tf

        self.tf = tf
        self.cores = len(os.sched_getaffinity(0))
        self.arrays = [np.zeros(2**25, np.float32) for _ in range(self.cores)]

    def rates(self):
        """Product rates by dtype [FLOP/s] and "bandwidth" [B/s], as the machine is now."""
        return {
            "float32": self.products("float32"),
            "bfloat16": self.products("bfloat16"),
            "bandwidth": self.bandwidth(),
        }

    def products(self, dtype, size=2048):
        """Floating-point operations per second of large matrix products."""
        factor = self.tf.cast(self.tf.random.normal([size, size]), dtype)
        return 2 * size**3 * _sustained(lambda: self.tf.matmul(factor, factor).numpy())

    def bandwidth(self):
        """Bytes read and written per second, each core passing over an array in place."""
        with concurrent.futures.ThreadPoolExecutor(self.cores) as pool:
            passes = _sustained(
                lambda: list(pool.map(lambda array: np.add(array, 1, out=array), self.arrays))
            )
        return 2 * sum(array.nbytes for array in self.arrays) * passes


def _sustained(function):
    """Calls a second, over a second: for a moment a processor can do more than for a step."""
    start, calls = time.perf_counter(), 0
    while (seconds := time.perf_counter() - start) < 1.0:
        function()
        calls += 1
    return calls / seconds


def product_weights(size):
    """Weights that take part in matrix products: two networks in each of two couplings a block."""
    network = sum(fan_in * fan_out for fan_in, fan_out in itertools.pairwise(size.widths))
    return 4 * size.blocks * network


def bytes_per_step(size):
    """What a step must move, however few its pairs."""
    return PASSES_OVER_THE_WEIGHTS * FLOAT * product_weights(size)


def flops_per_step(size, pairs):
    """A product forward and two backward, a multiplication and an addition each, of 2B rows."""
    return 6 * product_weights(size) * 2 * pairs


def flops_per_pass(size, rows):
    """One direction of the flow."""
    return 2 * product_weights(size) * rows


def step_floor(size, pairs, rate, bandwidth):
    """Seconds below which no step goes: the larger of its products and its memory traffic."""
    return max(flops_per_step(size, pairs) / rate, bytes_per_step(size) / bandwidth)
