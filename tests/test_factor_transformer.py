"""The scikit-learn face: arrays, data frames, missing labels, and scikit-learn's own checks."""

import pickle

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.utils.estimator_checks import parametrize_with_checks

from iin_tf import FactorTransformer

QUICK = {"blocks": 2, "hidden": 16, "depth": 0, "steps": 200, "learning_rate": 5e-3}
SPEAKERS = np.array(["ann", "bob", "cyd", "dan"])


@pytest.fixture(scope="module")
def data():
    """Rows of 6 columns that mix a speaker (4 classes), a pitch (a number) and the rest."""
    random = np.random.default_rng(0)
    speaker = random.integers(4, size=1000)
    pitch = random.normal(size=1000)
    # The corners of a square, blurred: what a class looks like in two columns.
    corners = np.array([[1, 1], [1, -1], [-1, 1], [-1, -1]])[speaker]
    hidden = np.column_stack(
        [corners + 0.2 * random.normal(size=(1000, 2)), pitch, random.normal(size=(1000, 3))]
    )
    rows = hidden @ np.linalg.qr(random.normal(size=(6, 6)))[0] + 3
    labels = pd.DataFrame({"speaker": SPEAKERS[speaker], "pitch": pitch})
    return pd.DataFrame(rows, columns=[f"z{place}" for place in range(6)]), labels


@pytest.fixture(scope="module")
def fitted(data):
    z, labels = data
    transformer = FactorTransformer(
        ["speaker", "pitch"], sizes={"speaker": 2, "pitch": 1}, random_state=0, **QUICK
    )
    return transformer.fit(z[:800], labels[:800])


def test_factors_are_in_their_blocks(data, fitted):
    z, labels = data
    parts = fitted.factors_of(z)
    train, test = slice(800), slice(800, None)
    read = LogisticRegression().fit(parts["speaker"][train], labels["speaker"][train])
    # Blurred corners overlap nowhere: a perfect reader is right everywhere.
    assert read.score(parts["speaker"][test], labels["speaker"][test]) > 0.95
    assert abs(np.corrcoef(parts["pitch"][test, 0], labels["pitch"][test])[0, 1]) > 0.95
    # And not in the others': four equal classes are guessed right in 0.25.
    other = LogisticRegression().fit(parts["pitch"][train], labels["speaker"][train])
    assert other.score(parts["pitch"][test], labels["speaker"][test]) < 0.45


def test_there_and_back(data, fitted):
    z, _ = data
    back = fitted.inverse_transform(fitted.transform(z))
    # Rounding of float32 through two blocks.
    np.testing.assert_allclose(back, z, atol=1e-4)


def test_columns_have_names(data, fitted):
    names = ["residual0", "residual1", "residual2", "speaker0", "speaker1", "pitch0"]
    assert list(fitted.get_feature_names_out()) == names
    framed = clone(fitted).set_output(transform="pandas")
    framed.network_, framed.layout_ = fitted.network_, fitted.layout_
    framed.n_features_in_, framed.feature_names_in_ = 6, fitted.feature_names_in_
    assert list(framed.transform(data[0]).columns) == names
    assert list(fitted.feature_names_in_) == list(data[0].columns)


def test_the_score_is_the_held_out_log_likelihood(data, fitted):
    z = data[0][800:]
    assert fitted.score(z) == pytest.approx(np.mean(fitted.network_.log_prob(z.to_numpy())))
    # Of rows from another distribution the model thinks less.
    assert fitted.score(z) > fitted.score(z + 5)


def test_pickles_give_the_same_answers(data, fitted):
    again = pickle.loads(pickle.dumps(fitted))
    np.testing.assert_array_equal(again.transform(data[0][:5]), fitted.transform(data[0][:5]))
    assert again.get_params() == fitted.get_params()


def test_labels_may_be_missing_and_of_any_form(data):
    z, labels = data[0].to_numpy(), data[1]
    few = {**QUICK, "steps": 1, "random_state": 0}
    partly = labels["speaker"].where(np.arange(1000) % 3 > 0)
    by_name = FactorTransformer(["speaker"], **few).fit(z, pd.DataFrame({"speaker": partly}))
    as_array = FactorTransformer(["speaker"], **few).fit(z, partly.to_numpy())
    as_mapping = FactorTransformer(**few).fit(z, {"speaker": partly.to_list()})
    for other in (as_array, as_mapping):
        assert other.layout_ == by_name.layout_
        np.testing.assert_array_equal(other.transform(z), by_name.transform(z))


def test_without_labels_everything_is_residual(data):
    z = data[0].to_numpy()
    alone = FactorTransformer(**{**QUICK, "steps": 2}, random_state=0).fit(z)
    assert alone.layout_.names == ("residual",)
    assert alone.transform(z).shape == z.shape


@pytest.mark.parametrize(
    ("change", "labels", "message"),
    [
        ({}, np.zeros(3, int), "y has 3 labels and Z 1000 rows"),
        ({}, np.arange(1000), "factor0"),
        ({"factors": ["a", "b"]}, np.arange(1000) % 3, "y has 1 columns; give a name for each"),
        ({"factors": ["age"]}, {"speaker": np.arange(1000) % 3}, "factors names 'age'; give some"),
        ({"sizes": {}}, np.arange(1000) % 3, "size of 'factor0' is None"),
        ({"steps": 0}, np.arange(1000) % 3, "steps is 0; give a whole number of at least 1"),
        ({"noise": 0}, np.arange(1000) % 3, "noise is 0"),
    ],
)
def test_what_does_not_fit_is_named(data, change, labels, message):
    with pytest.raises(ValueError, match=message):
        FactorTransformer(**{**QUICK, **change}).fit(data[0].to_numpy(), labels)


# Checks of scikit-learn that cannot hold, and why.
CANNOT_HOLD = {}


def expected_failures(estimator):
    return CANNOT_HOLD


@pytest.mark.slow
@parametrize_with_checks(
    [FactorTransformer(blocks=1, hidden=4, depth=0, steps=2, batch_size=8, random_state=0)],
    expected_failed_checks=expected_failures,
)
def test_scikit_learn_accepts_it(estimator, check):
    check(estimator)
