"""What noise costs a linear reader, against Gaussians whose best reading is known."""

import numpy as np
import pytest
import scipy.stats

from iin_tf.audits.inputs import read_labels
from iin_tf.settings.noise import NOISES, bearable, readings_by_noise

ROWS = 20_000


def test_readings_are_those_of_the_best_reader():
    random = np.random.default_rng(0)
    y = random.integers(2, size=ROWS)
    z = random.normal(size=(ROWS, 4))
    z[:, 1] = (0.2 * z[:, 1]) + y
    target = z[:, 2] + random.normal(size=ROWS)
    labels = read_labels({"class": y, "number": target}, ROWS)
    found = readings_by_noise(z, labels, np.arange(ROWS))
    noise = np.array(NOISES) * np.sqrt(z.var(axis=0).mean())
    # Two classes a distance of 1 apart: half of it in standard deviations.
    exact = scipy.stats.norm.cdf(0.5 / np.sqrt(0.04 + noise**2))
    # 1,250 rows are scored: three standard errors of 0.011, and of R^2 of 0.03.
    np.testing.assert_allclose(found["class"], exact, atol=0.035)
    np.testing.assert_allclose(found["number"], 0.5 / (1 + noise**2), atol=0.09)


@pytest.mark.parametrize(
    ("readings", "place"),
    [
        ([0.9] * 6, 5),
        ([0.9, 0.9, 0.83, 0.81, 0.9, 0.9], 2),
        ([0.9, 0.81, 0.9, 0.9, 0.9, 0.9], 0),
        ([0.5, 0.6, 0.6, 0.6, 0.6, 0.4], 4),
    ],
)
def test_noise_goes_on_as_long_as_nothing_is_lost(readings, place):
    assert bearable({"a": [1.0] * 6, "b": readings}) == place
