"""The scikit-learn face: arrays, data frames, missing labels, and scikit-learn's own checks."""

import copy
import pickle

import joblib
import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, GroupKFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
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
    framed = copy.deepcopy(fitted).set_output(transform="pandas")
    assert list(framed.transform(data[0]).columns) == names
    np.testing.assert_array_equal(
        framed.factors_of(data[0])["pitch"], fitted.factors_of(data[0])["pitch"]
    )
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
    both = FactorTransformer(["speaker", "pitch"], **few).fit(z, labels)
    of_objects = FactorTransformer(["speaker", "pitch"], **few).fit(z, labels.to_numpy())
    np.testing.assert_array_equal(of_objects.transform(z), both.transform(z))
    for other in (as_array, as_mapping):
        assert other.layout_ == by_name.layout_
        np.testing.assert_array_equal(other.transform(z), by_name.transform(z))


def test_classes_that_pandas_holds_as_floats_are_classes(data):
    z, speaker = data[0].to_numpy(), data[1]["speaker"].astype("category").cat.codes
    # An unknown label makes floats of whole numbers.
    floats = speaker.where(np.arange(1000) % 3 > 0)
    few = {**QUICK, "steps": 1, "random_state": 0}
    whole = FactorTransformer(["speaker"], **few).fit(z, floats.astype("Int64").to_frame("speaker"))
    upcast = FactorTransformer(["speaker"], **few).fit(z, floats.to_frame("speaker"))
    np.testing.assert_array_equal(upcast.transform(z), whole.transform(z))
    asked = FactorTransformer(["speaker"], continuous=["speaker"], **few)
    assert not np.array_equal(asked.fit(z, floats).transform(z), whole.transform(z))


def test_other_columns_of_a_table_need_not_be_labels(data):
    table = data[1].assign(day=pd.Timestamp("2020-01-01"))
    few = {**QUICK, "steps": 1, "random_state": 0}
    fitted = FactorTransformer(pd.Index(["speaker"]), **few).fit(data[0], table)
    assert fitted.layout_.names == ("residual", "speaker")


def test_cross_validation_holds_rows_and_sources_out(data):
    z, labels = data[0][:300].to_numpy(), data[1][:300]
    source = np.arange(300) // 2
    few = FactorTransformer(["speaker", "pitch"], random_state=0, **{**QUICK, "steps": 2})
    folds = list(GroupKFold(2).split(z, groups=source))
    scores = cross_val_score(few, z, labels, cv=folds, params={"source": source})
    by_hand = [
        clone(few).fit(z[train], labels.iloc[train], source=source[train]).score(z[test])
        for train, test in folds
    ]
    assert list(scores) == by_hand


def test_a_grid_search_takes_the_best_held_out_likelihood(data):
    z, labels = data[0][:300].to_numpy(), data[1][:300]
    steps = {"steps": [2, 100]}
    search = GridSearchCV(FactorTransformer(random_state=0, **QUICK), steps, cv=2)
    search.fit(z, labels)
    # Two steps leave the network where ActNorm's start has put it.
    assert search.best_params_ == {"steps": 100}
    assert search.transform(z).shape == z.shape


def test_a_pipeline_goes_there_and_back_and_names_its_columns(data):
    z = data[0]
    few = FactorTransformer(["speaker"], random_state=0, **{**QUICK, "steps": 1})
    pipeline = make_pipeline(StandardScaler(), few).set_output(transform="pandas")
    codes = pipeline.fit_transform(z, data[1])
    assert list(codes.columns) == list(pipeline[-1].get_feature_names_out())
    # A frame goes back as an array does; rounding of float32.
    np.testing.assert_allclose(pipeline.inverse_transform(codes), z, atol=1e-4)


def test_joblib_brings_it_to_disk_and_back(data, fitted, tmp_path):
    joblib.dump(fitted, tmp_path / "fitted.joblib")
    again = joblib.load(tmp_path / "fitted.joblib")
    np.testing.assert_array_equal(again.transform(data[0][:5]), fitted.transform(data[0][:5]))


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
        ({"factors": "ab"}, np.arange(1000) % 3, "factors is the text 'ab'; give a sequence"),
        ({"sizes": {"age": 2}}, np.arange(1000) % 3, "sizes names 'age'; give some of .'factor0'"),
        ({"continuous": ["age"]}, np.arange(1000) % 3, "continuous names 'age'; give some of"),
        ({"continuous": ["factor0"]}, SPEAKERS[np.arange(1000) % 4], "whose labels are no numbers"),
        ({"factors": ["age"]}, None, r"y is None, but factors is \['age'\]; give labels"),
        ({"sizes": {"age": 2}}, None, "y is None, but sizes is"),
        ({"steps": 0}, np.arange(1000) % 3, "steps is 0; give a whole number of at least 1"),
        ({"noise": 0}, np.arange(1000) % 3, "noise is 0"),
    ],
)
def test_what_does_not_fit_is_named(data, change, labels, message):
    with pytest.raises(ValueError, match=message):
        FactorTransformer(**{**QUICK, **change}).fit(data[0].to_numpy(), labels)


def test_columns_of_one_name_are_refused(data):
    z = np.random.default_rng(0).normal(size=(100, 20))
    labels = {"a": np.arange(100) % 3, "a1": np.arange(100) % 4}
    with pytest.raises(ValueError, match="two columns would be called 'a10'; rename a factor"):
        FactorTransformer(sizes={"a": 11, "a1": 1}, **QUICK).fit(z, labels)


# Checks of scikit-learn that cannot hold, name -> why: all hold.
CANNOT_HOLD: dict[str, str] = {}


def expected_failures(estimator):
    return CANNOT_HOLD


@pytest.mark.slow
@parametrize_with_checks(
    [FactorTransformer(blocks=1, hidden=4, depth=0, steps=2, batch_size=8, random_state=0)],
    expected_failed_checks=expected_failures,
)
def test_scikit_learn_accepts_it(estimator, check):
    check(estimator)
