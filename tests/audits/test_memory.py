"""Audits of 100,000 rows take tens of megabytes for their intervals, not a gigabyte."""

import tracemalloc

import numpy as np
import pytest

from iin_tf import FactorLayout
from iin_tf.audits import (
    indirect_influence,
    novelty_detection,
    responses,
    retrieval_by_block,
    unfairness_of_fixing,
)
from iin_tf.audits.length_scale import estimate_length_scale
from iin_tf.audits.readouts import readout_metrics

ROWS = 100_000
# Two hundred resamples of so many rows at once would be 160 MB of weights alone, a thousand 800 MB.
LIMIT = 400e6


class Identity:
    """A network whose representation is z_tilde itself, without TensorFlow's own memory."""

    layout = FactorLayout({"shape": 1, "shade": 1}, residual=2)

    def transform(self, z):
        return z

    def invert(self, z_tilde):
        return z_tilde

    def log_prob(self, z):
        return -0.5 * np.square(z).sum(axis=1)

    def factors(self, z):
        return self.layout.split(z)


def of_influence(z):
    return indirect_influence(Identity(), z, lambda z: z[:, 3], draws=2, resamples=200)


def of_responses(z):
    return responses(Identity(), z, lambda z: z[:, 2:], draws=2, resamples=200)


def of_fixing(z):
    sensitive = (z[:, 3] > 0).astype(int)
    return unfairness_of_fixing(
        Identity(), z, lambda z: z[:, 3] + z[:, 2] > 0, sensitive, "shade", resamples=200
    )


def of_novelty(z):
    return novelty_detection(Identity(), z[: ROWS // 2], z[ROWS // 2 :] + 0.5, resamples=200)


def of_retrieval(z):
    labels = {"shape": (z[:, 2] > 0).astype(int)}
    return retrieval_by_block(z, labels, Identity.layout, queries=300)


def of_readouts(z):
    return readout_metrics({"shade": z[:, 3:]}, {"shade": z[:, 3]}, np.arange(ROWS), seed=0)


def of_length_scale(z):
    return estimate_length_scale(Identity(), z, z[:, 3], "shade")


@pytest.mark.parametrize(
    "audit",
    [of_influence, of_responses, of_fixing, of_novelty, of_retrieval, of_readouts, of_length_scale],
)
def test_memory_is_bounded(audit):
    z = np.random.default_rng(0).standard_normal((ROWS, 4))
    tracemalloc.start()
    try:
        audit(z)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < LIMIT, f"{peak / 1e6:.0f} MB"
