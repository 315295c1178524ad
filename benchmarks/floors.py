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

    def products(self, dtype, size=2048):
        """Floating-point operations per second of a large matrix product."""
        factor = self.tf.cast(self.tf.random.normal([size, size]), dtype)
        start = time.perf_counter()
        self.tf.matmul(factor, factor).numpy()
        return 2 * size**3 / (time.perf_counter() - start)

    def rates(self, repetitions=3):
        """Medians of product rates by dtype and of "bandwidth", as the machine is now."""
        measures = {
            "float32": lambda: self.products("float32"),
            "bfloat16": lambda: self.products("bfloat16"),
            "bandwidth": self.bandwidth,
        }
        return {
            name: float(np.median([measure() for _ in range(repetitions)]))
            for name, measure in measures.items()
        }

    def bandwidth(self):
        """Bytes read and written per second, each core passing over an array in place."""
        start = time.perf_counter()
        with concurrent.futures.ThreadPoolExecutor(self.cores) as pool:
            list(pool.map(lambda array: np.add(array, 1, out=array), self.arrays))
        seconds = time.perf_counter() - start
        return 2 * sum(array.nbytes for array in self.arrays) / seconds


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
