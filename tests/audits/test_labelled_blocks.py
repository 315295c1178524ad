import functools

import numpy as np
import pytest

from iin_tf import FactorLayout
from iin_tf.audits.labelled_blocks import block_measures

LAYOUT = FactorLayout({"digit": 3, "color": 4}, residual=3)


def made(originals=150, views=2):
    """Codes whose blocks hold a class and three continuous values, two views an original."""
    rng = np.random.default_rng(0)
    digit = np.repeat(rng.integers(0, 3, originals), views)
    color = rng.random((originals * views, 3)).astype(np.float32)
    residual = np.repeat(rng.normal(size=(originals, 3)), views, axis=0)
    blocks = [residual, 2 * np.eye(3)[digit], color @ rng.normal(size=(3, 4))]
    codes = np.concatenate(blocks, 1) + 0.05 * rng.normal(size=(originals * views, 10))
    return codes, {"digit": digit, "color": color}, np.repeat(np.arange(originals), views)


@functools.cache
def clean():
    return measured(*made())


def measured(codes, labels, source):
    return block_measures(codes, labels, source, LAYOUT, ["mig", "dci"], seed=0, resamples=40)


def test_codes_that_hold_what_their_blocks_say():
    found = clean()
    assert (found.blocks, found.factors) == (["residual", "digit", "color"], ["digit", "color"])
    own, foreign = found.told[[1, 2], [0, 1]], found.told[[0, 0, 1, 2], [0, 1, 1, 0]]
    # Noise of 0.05 on signals of about 1; the read-outs of 200 rows cost a little more.
    assert own.min() > 0.95
    assert foreign.max() < 0.05
    assert np.all(own > found.null[[1, 2], [0, 1]])
    assert found.result["mig"].value > 0.6
    assert found.result["dci/disentanglement"].value > 0.9
    assert found.result["mig"].protocol["originals"] == 150


def test_a_leak_shows_in_its_cell():
    codes, labels, source = made()
    codes[:, 0] += 3 * labels["color"].sum(axis=1)
    found = measured(codes, labels, source)
    # A third of every channel's variance is that of their sum.
    assert found.told[0, 1] > found.null[0, 1] + 0.1
    assert found.told[0, 0] < 0.05


def test_results_have_measures_and_what_blocks_tell():
    found = clean()
    results = found.results()
    mig = results["disentanglement/mig"]
    assert mig.value == found.result["mig"].value
    assert mig.interval[0] <= mig.value
    leak = results["leakage/residual/digit"]
    assert (leak.value, leak.null) == (found.told[0, 0], found.null[0, 0])
    assert len(results.of("leakage/{block}/{factor}")) == found.told.size
    assert leak.expected.direction == "lower"
    assert results["leakage/digit/digit"].expected.direction == "higher"


def test_classes_of_one_original_are_left_out():
    codes, labels, source = made()
    labels["digit"][:2] = 7
    assert measured(codes, labels, source).result["mig"].protocol["rows"] == 298


def test_cells_of_one_original_are_left_out():
    codes, labels, source = made()
    labels["color"][:] = labels["color"][:, :1]
    # The one original in which the channels disagree.
    labels["color"][:2] = [[0.9, 0.1, 0.9], [0.1, 0.9, 0.9]]
    # It moves the medians apart by a row or two, which then disagree as well.
    assert 290 < measured(codes, labels, source).result["mig"].protocol["rows"] <= 298


def test_a_continuous_factor_of_one_column_stays_whole():
    codes, labels, source = made()
    found = measured(codes, {"digit": labels["digit"], "color": labels["color"][:, 0]}, source)
    assert found.result["mig"].protocol["continuous"] == ["color"]
    assert found.told[2, 1] > 0.9


def test_a_factor_of_one_value_is_refused():
    codes, labels, source = made()
    labels["digit"][:] = 1
    with pytest.raises(ValueError, match="'digit' has the one value"):
        measured(codes, labels, source)


def test_unknown_labels_are_no_class_and_no_cell():
    codes, labels, source = made()
    known = np.random.default_rng(1).random(300) > 0.3
    labels["digit"][~known], labels["color"][~known, 1] = -1, np.nan
    found = measured(codes, labels, source)
    expected = measured(codes[known], {name: v[known] for name, v in labels.items()}, source[known])
    for name, result in found.result.items():
        # The same rows in the same order: equal to the digit.
        assert result.value == expected.result[name].value, name
        assert result.protocol["rows_left_out"] == (~known).sum()
    np.testing.assert_array_equal(found.told, expected.told)
    # Comparisons warn where this number differs.
    assert found.results()["examples/measured"].value == known.sum()
    assert clean().results()["examples/measured"].value == 300


def test_classes_may_be_texts():
    codes, labels, source = made()
    texts = {"digit": np.array(["one", "two", "zero"])[labels["digit"]], "color": labels["color"]}
    assert measured(codes, texts, source).metrics() == clean().metrics()
