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
    swap_metrics,
    unfairness_of_fixing,
)
from iin_tf.audits.head import head_metrics
from iin_tf.audits.length_scale import estimate_length_scale
from iin_tf.audits.readouts import readout_metrics
from iin_tf.checks import InputError

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


class Wide(Identity):
    layout = FactorLayout({"shape": 8, "shade": 24}, residual=32)


@pytest.mark.parametrize("audit", [responses, indirect_influence])
def test_memory_does_not_grow_with_draws_times_columns(audit):
    z, draws = np.random.default_rng(0).standard_normal((2, 64)), 50_000
    tracemalloc.start()
    try:
        found = audit(Wide(), z, lambda z: z[:, 63], draws=draws, resamples=20)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    # All draws of one example at once are 26 MB, and stand in memory several times over.
    assert peak < 40e6, f"{peak / 1e6:.0f} MB"
    values = found.response if audit is responses else found.local[:, 2]
    # The response of a standard normal column is 1; its Shapley value is the column itself.
    expected = [0, 0, 1] if audit is responses else z[:, 63]
    np.testing.assert_allclose(values, expected, atol=5 / np.sqrt(draws))


class Reader:
    def read(self, images):
        return (images[:, 0, 2] > 0).astype(int)


class Swapping(Identity):
    def swap(self, z, donor, factors):
        mask = np.repeat(self.layout.mask(factors), self.layout.sizes)
        return np.where(mask, donor, z)


def test_memory_does_not_grow_with_the_pairs_that_are_decoded():
    random = np.random.default_rng(0)
    shape = random.integers(2, size=500)
    z = np.stack([*random.normal(size=(2, 500)), 2.0 * shape - 1, random.normal(size=500)], axis=1)

    def decode(z):
        return np.repeat(z[:, None, :], 1024, axis=1)

    tracemalloc.start()
    try:
        found = swap_metrics(
            Swapping(), decode, {"shape": Reader()}, z, {"shape": shape}, None, donors=40
        )
        head = head_metrics(Swapping(), lambda z, _: {"o": decode(z)[:, 0, 2:3]}, z, donors=40)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    # All 20,000 pairs are 655 MB of images, 1,024 of them 34 MB; intervals take 100 MB.
    assert peak < 250e6, f"{peak / 1e6:.0f} MB"
    assert found["swap/shape/shape/donor"].value == head["head/shape/donor"].value == 1


def test_replicates_beyond_memory_are_refused():
    def outputs(z):
        return np.zeros((len(z), 1000)) + z[:, :1]

    with pytest.raises(InputError, match="resamples is 1000000, each of 3003 numbers, which takes"):
        responses(Identity(), np.eye(4), outputs, draws=2, resamples=10**6)
