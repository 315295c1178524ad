"""Noise that falls: each step's level in closed form, and the store's own draws under it."""

import numpy as np
import pytest

from iin_tf.checks import InputError
from iin_tf.data import (
    ArrayLatents,
    FallingNoise,
    LatentStore,
    PairSampler,
    pair_dataset,
    write_latents,
)

MEAN = np.random.default_rng(0).normal(size=(20, 3)).astype(np.float32)
LOG_VARIANCE = np.log(np.random.default_rng(1).uniform(0.5, 2, size=(20, 3))).astype(np.float32)


def stores(tmp_path):
    write_latents(tmp_path / "s", MEAN, LOG_VARIANCE, {}, np.arange(20))
    return ArrayLatents(MEAN, LOG_VARIANCE), LatentStore(tmp_path / "s")


def test_the_level_is_whole_then_falls_geometrically_then_stays():
    falling = FallingNoise(ArrayLatents(MEAN, LOG_VARIANCE), end=0.01, steps=20)
    levels = [falling.level(step) for step in (0, 11, 12, 13, 14, 15, 16, 19, 25)]
    expected = [1, 1, 1, 10**-0.5, 0.1, 10**-1.5, 0.01, 0.01, 0.01]
    np.testing.assert_allclose(levels, expected)
    assert FallingNoise(falling.store, end=0.3, steps=0).level(0) == 0.3


def test_a_sample_is_the_stores_own_with_its_noise_scaled(tmp_path):
    rows = np.array([3, 1, 3, 19])
    for store in stores(tmp_path):
        whole = store.sample(rows, seed=5, step=14) - MEAN[rows]
        assert np.abs(whole).min() > 0
        found = FallingNoise(store, end=0.01, steps=20).sample(rows, seed=5, step=14)
        # Rounding of float32 at values about 1.
        np.testing.assert_allclose(found, MEAN[rows] + 0.1 * whole, atol=1e-6)


def test_batches_of_pairs_resume_at_the_level_of_their_step():
    labels = {"kind": np.arange(20) % 2}
    store = FallingNoise(ArrayLatents(MEAN, LOG_VARIANCE), end=0.1, steps=6)
    sampler = PairSampler(labels, ["kind"])
    whole = list(pair_dataset(store, sampler, 4, steps=6).as_numpy_iterator())
    rest = list(pair_dataset(store, sampler, 4, start=4, steps=2).as_numpy_iterator())
    for ((a, b), _), ((c, d), _) in zip(whole[4:], rest, strict=True):
        np.testing.assert_array_equal(np.stack([a, b]), np.stack([c, d]))


@pytest.mark.parametrize(
    ("arguments", "name"),
    [((MEAN, 0.5, 4), "store"), ((0.0, 4), "end"), ((1.5, 4), "end"), ((0.5, -1), "steps")],
)
def test_wrong_arguments_are_named(arguments, name):
    if len(arguments) == 2:
        arguments = (ArrayLatents(MEAN, LOG_VARIANCE), *arguments)
    with pytest.raises(InputError, match=f"^{name} is"):
        FallingNoise(*arguments)
