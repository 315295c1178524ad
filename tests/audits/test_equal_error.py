"""Equal error rates against SciPy's root on scikit-learn's ROC curve."""

import numpy as np
import pytest
from scipy.interpolate import interp1d
from scipy.optimize import brentq
from sklearn.metrics import roc_curve

from iin_tf.audits.equal_error import EqualErrorRate


def from_roc(scores, same, weights):
    accepted, kept, _ = roc_curve(same, scores, sample_weight=weights, drop_intermediate=False)
    return brentq(lambda rate: 1 - rate - interp1d(accepted, kept)(rate), 0, 1)


@pytest.mark.parametrize("ties", [False, True])
def test_it_is_where_the_roc_curve_meets_the_diagonal(ties):
    random = np.random.default_rng(0)
    same = np.arange(300) < 120
    scores = random.normal(size=300) + same
    if ties:
        scores = scores.round(1)
    weights = random.integers(0, 4, size=(5, 300)).astype(float)
    weights[0] = 1
    expected = [from_roc(scores, same, row) for row in weights]
    # Both cross the same straight pieces; brentq stops at 2e-12.
    np.testing.assert_allclose(EqualErrorRate(scores, same).of(weights), expected, atol=1e-10)


def test_extremes():
    same, ones = np.array([True, True, False, False]), np.ones((1, 4))
    assert EqualErrorRate(np.array([4.0, 3, 2, 1]), same).of(ones) == 0
    assert EqualErrorRate(np.array([1.0, 2, 3, 4]), same).of(ones) == 1
    assert EqualErrorRate(np.zeros(4), same).of(ones) == 0.5
