"""Ridge regression of many columns, against scikit-learn's RidgeCV."""

import numpy as np
import pytest
from sklearn.linear_model import RidgeCV

from iin_tf.audits.readers import LINEAR, readers
from iin_tf.audits.wide_ridge import WideRidge

PENALTIES = np.logspace(-3, 4, 15)


@pytest.mark.parametrize("targets", [(), (3,)])
@pytest.mark.parametrize("rows", [300, 30])
@pytest.mark.parametrize("noise", [0.1, 3.0])
def test_it_is_ridge_regression_with_the_penalty_of_the_least_left_out_error(rows, targets, noise):
    random = np.random.default_rng(0)
    x = random.normal(loc=2, size=(rows, 40))
    # A column that never varies, and one twice.
    x[:, 3], x[:, 4] = 1, x[:, 5]
    y = 5 + x @ random.normal(size=(40, *targets)) + noise * random.normal(size=(rows, *targets))
    found, right = (model(PENALTIES).fit(x, y) for model in (WideRidge, RidgeCV))
    assert found.alpha_ == right.alpha_
    # float64, of a matrix whose eigenvalues are 1e7 apart at most with the penalty.
    np.testing.assert_allclose(found.coef_, right.coef_, atol=1e-7)
    np.testing.assert_allclose(found.predict(x), right.predict(x), atol=1e-7)
    assert found.predict(x).shape == y.shape
    assert found.score(x, y) == pytest.approx(right.score(x, y), abs=1e-9)


def test_readers_of_wide_rows_are_linear_ones():
    (wide,) = readers(True, 2000, 600, 0, [LINEAR], 10).values()
    (narrow,) = readers(True, 2000, 500, 0, [LINEAR], 10).values()
    assert isinstance(wide[-1], WideRidge)
    assert isinstance(narrow[-1], RidgeCV)
    # Fewer rows than columns: RidgeCV then works on the rows' products with each other.
    (few,) = readers(True, 500, 600, 0, [LINEAR], 10).values()
    assert isinstance(few[-1], RidgeCV)
