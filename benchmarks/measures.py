"""What one process measures of one contender; the parent asks for one repetition at a time."""

import resource
import time

import contenders
import numpy as np
from contenders import Size


class ContenderMeasures:
    """A contender and the clock beside it.

    Args:
      name: of `contenders.CONTENDERS`.
      size: mapping, the fields of `contenders.Size`.
    """

    def __init__(self, name, size):
        self.size = Size(**size)
        self.contender = contenders.make(name, self.size)
        self.contender.build()

    def first_step(self, pairs):
        """Seconds from compile to the end of the first step."""
        batch = random_batch(self.size, pairs)
        start = time.perf_counter()
        self.contender.compile()
        self.contender.train(batch, 1)
        return time.perf_counter() - start

    def step(self, pairs, steps):
        """Median seconds of a training step, without the first one of the call, which starts it."""
        seconds = self.contender.train(random_batch(self.size, pairs), steps + 1)
        return float(np.median(seconds[1:]))

    def transform(self, rows):
        return seconds_of(self.contender.transform, random_rows(self.size, rows))

    def invert(self, rows):
        return seconds_of(self.contender.invert, random_rows(self.size, rows))

    def end_of_fit(self, pairs):
        return self.contender.end_of_fit(random_batch(self.size, pairs))

    def likelihood(self, rows):
        """Seconds of the direct call."""
        return seconds_of(self.contender.log_prob, random_rows(self.size, rows))

    def likelihood_of_distribution(self, rows):
        """Seconds of the compiled `TransformedDistribution.log_prob`."""
        if not hasattr(self, "_log_prob"):
            self._log_prob = self.contender.distribution_log_prob()
        return seconds_of(self._log_prob, random_rows(self.size, rows))

    def peak_memory(self, pairs, rows):
        """Peak resident bytes of this process after training and both directions."""
        self.first_step(min(pairs))
        for count in pairs:
            self.step(count, 2)
        self.transform(rows)
        self.invert(rows)
        return peak_resident()


def random_rows(size, rows, seed=0):
    """Correlated normal latents, float32 [rows, N]."""
    random = np.random.default_rng(seed)
    mixing = np.random.default_rng(1).normal(size=(size.latents, size.latents))
    rows = random.normal(size=(rows, size.latents)) @ mixing / np.sqrt(size.latents)
    return rows.astype(np.float32)


def random_batch(size, pairs):
    """(z_a, z_b, shared) of `pairs` pairs, each sharing one factor."""
    z_a, z_b = np.split(random_rows(size, 2 * pairs), 2)
    factors = len(size.block_sizes) - 1
    return z_a, z_b, np.random.default_rng(2).integers(1, factors + 1, size=pairs)


def seconds_of(function, *arguments):
    start = time.perf_counter()
    function(*arguments)
    return time.perf_counter() - start


def peak_resident():
    """Bytes; Linux counts in KiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
