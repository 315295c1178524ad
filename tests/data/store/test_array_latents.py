"""Latents in memory give what a store of the same latents gives."""

import numpy as np
import pytest

from iin_tf.data import ArrayLatents, LatentStore, write_latents

MEAN = np.random.default_rng(0).normal(size=(20, 3)).astype(np.float32)
LOG_VARIANCE = np.random.default_rng(1).normal(size=(20, 3)).astype(np.float32)


def test_samples_are_those_of_a_store(tmp_path):
    write_latents(tmp_path / "store", MEAN, LOG_VARIANCE, {}, np.arange(20))
    rows = np.array([3, 19, 3, 0])
    for seed, step in ((0, 0), (5, 7)):
        np.testing.assert_array_equal(
            ArrayLatents(MEAN, LOG_VARIANCE).sample(rows, seed, step),
            LatentStore(tmp_path / "store").sample(rows, seed, step),
        )


def test_one_noise_for_all_rows():
    rows = np.arange(20)
    alike = ArrayLatents(MEAN, np.tile(LOG_VARIANCE[0], (20, 1)))
    assert len(alike) == 20
    assert alike.latent_size == 3
    np.testing.assert_array_equal(
        ArrayLatents(MEAN, LOG_VARIANCE[0]).sample(rows, 2), alike.sample(rows, 2)
    )


@pytest.mark.parametrize(
    ("mean", "log_variance", "message"),
    [
        (MEAN[0], LOG_VARIANCE[0], r"mean has shape \(3,\)"),
        (MEAN, LOG_VARIANCE[:3], r"log_variance \(3, 3\); give \[n, N\]"),
        (np.where(MEAN[2, 1] == MEAN, np.nan, MEAN), LOG_VARIANCE, "mean: row 2 is not finite"),
        (MEAN, np.array([0, np.inf, 0]), "log_variance: row 0 is not finite"),
    ],
)
def test_what_does_not_fit_is_named(mean, log_variance, message):
    with pytest.raises(ValueError, match=message):
        ArrayLatents(mean, log_variance)
