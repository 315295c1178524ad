"""Scores of importance and information matrices with known values."""

import numpy as np
import pytest
from scipy.stats import entropy
from sklearn.metrics import mutual_info_score, roc_auc_score

from iin_tf.measures import unfairness_of_counts
from iin_tf.measures.dci import completeness_of, disentanglement_of
from iin_tf.measures.dci_es import explicitness_of
from iin_tf.measures.infomec import infoc_of, infom_of
from iin_tf.measures.information import information_table
from iin_tf.measures.mcc import canonical_map, matched_mean
from iin_tf.measures.mig import information_gap, joint_entropy_gap, supervised_gap
from iin_tf.measures.modularity import modularity_of
from iin_tf.measures.scores import area_under_roc, r_squared
from iin_tf.measures.udr import relative_strength

IDENTITY = np.eye(5)
STACKED = np.vstack([IDENTITY, IDENTITY])
# 1 - ln 2 / ln 10: each factor spreads evenly over two of ten units.
SHARED = 1 - np.log(2) / np.log(10)


@pytest.mark.parametrize(
    ("matrix", "disentangled", "complete"),
    [
        (5 * IDENTITY, 1, 1),
        (np.zeros((10, 10)), 0, 0),
        (STACKED, 1, SHARED),
        (STACKED.T, SHARED, 1),
        (np.array([[1.0, 0], [0, 1], [0, 0]]), 1, 1),
        (IDENTITY[:2], 1, 1),
        (np.ones((4, 1)), 1, 0),
        (np.ones((1, 4)), 0, 1),
    ],
)
def test_disentanglement_and_completeness(matrix, disentangled, complete):
    assert disentanglement_of(matrix) == pytest.approx(disentangled, abs=1e-12)
    assert completeness_of(matrix) == pytest.approx(complete, abs=1e-12)


@pytest.mark.parametrize(
    ("matrix", "expected"),
    [
        (5 * IDENTITY, 1),
        (np.zeros((10, 10)), 0),
        (np.array([[1.0, 0], [0, 1], [0, 0]]), 2 / 3),
        (STACKED, 1),
        (STACKED.T, 1 - 1 / 9),
        (np.array([[0.3], [0.0]]), 0.5),
    ],
)
def test_modularity(matrix, expected):
    assert modularity_of(matrix).mean() == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("score", [disentanglement_of, completeness_of])
def test_a_stack_of_matrices_gives_the_scores_one_by_one(score):
    matrices = np.random.default_rng(0).random((3, 4, 5))
    np.testing.assert_allclose(score(matrices), [score(matrix) for matrix in matrices], rtol=1e-12)


def test_infomec_with_one_or_no_active_unit_is_defined():
    shares = np.array([[0.9, 0.0], [0.0, 0.0], [0.0, 0.0]])
    one, none = np.array([True, False, False]), np.zeros(3, bool)
    assert infom_of(shares, one) == 1
    # The first factor lies in one unit, the second nowhere.
    assert infoc_of(shares, one) == 0.5
    assert infom_of(shares, none) == 0
    assert infoc_of(shares, none) == 0
    assert infom_of(shares[:, :1], one) == 1


def test_information_gaps():
    matrix = np.array([[2.0, 0.5], [1.0, 0.0]])
    entropy_of_factors = np.array([2.0, 1.0])
    np.testing.assert_allclose(information_gap(matrix, entropy_of_factors), [0.5, 0.5])
    np.testing.assert_allclose(supervised_gap(matrix, entropy_of_factors), [0.5, 0.5])
    # H(z*) + H(y) - I - (I - I') = 3 + 2 - 2 - 1 and 3 + 1 - 0.5 - 0.5.
    joint = joint_entropy_gap(matrix, entropy_of_factors, np.array([3.0, 9.0]))
    np.testing.assert_allclose(joint, [2.0, 3.0])


def test_information_table_equals_scikit_learn():
    rng = np.random.default_rng(0)
    codes, levels = rng.integers(0, 6, (500, 3)), rng.integers(0, 4, 500)
    codes[:, 0] = levels
    information, code_entropy, factor_entropy = information_table(codes, 6, levels, 4)
    expected = [mutual_info_score(column, levels) for column in codes.T]
    np.testing.assert_allclose(information, expected, rtol=1e-12)
    np.testing.assert_allclose(code_entropy[1], entropy(np.bincount(codes[:, 1])), rtol=1e-12)
    np.testing.assert_allclose(factor_entropy, entropy(np.bincount(levels)), rtol=1e-12)


def test_area_under_roc_equals_scikit_learn_with_ties_and_weights():
    rng = np.random.default_rng(0)
    scores, positive = rng.integers(0, 9, 300).astype(float), rng.random(300) < 0.3
    weights = np.stack([np.ones(300), rng.integers(0, 3, 300)]).astype(float)
    expected = [roc_auc_score(positive, scores, sample_weight=row) for row in weights]
    np.testing.assert_allclose(area_under_roc(scores, positive, weights), expected, rtol=1e-12)


def test_r_squared_of_a_constant_target_is_zero():
    assert r_squared(np.ones(5), np.zeros(5), np.ones((1, 5))) == 0


def test_unfairness_of_counts():
    mean, worst = unfairness_of_counts([[0, 100], [100, 100]])
    assert mean == pytest.approx(2 / 9)
    assert worst == pytest.approx(1 / 3)
    # A group without rows says nothing.
    assert unfairness_of_counts([[5, 5], [0, 0]])[1] == 0


def test_matching_takes_the_best_one_to_one_assignment():
    correlation = np.array([[0.9, 0.8], [-0.8, 0.1], [0.0, 0.0]])
    value, partner = matched_mean(correlation)
    assert value == pytest.approx(0.8)
    np.testing.assert_array_equal(partner, [1, 0])
    # With fewer units than factors, the factors left over count zero.
    assert matched_mean(correlation[:1])[0] == pytest.approx(0.45)


def test_canonical_correlations_of_a_linear_mixture_are_one():
    rng = np.random.default_rng(0)
    numbers = rng.normal(size=(200, 3))
    _, _, found = canonical_map(numbers @ rng.normal(size=(3, 6)), numbers)
    np.testing.assert_allclose(found, np.ones(3), rtol=1e-9)


def test_explicitness_of_known_curves():
    capacities = [1, 10, 100]
    assert explicitness_of(capacities, np.array([0.2, 0.2, 0.2])) == 1
    assert explicitness_of(capacities, np.array([1.0, 0.5, 0.0])) == pytest.approx(0)
    assert explicitness_of(capacities, np.array([1.0, 1.0, 1.2])) == 0


def test_relative_strength():
    assert relative_strength(np.eye(4)) == 1
    assert relative_strength(np.zeros((3, 4))) == 0
    # Each row and column: 0.5^2 / 1.
    assert relative_strength(np.full((2, 2), 0.5)) == pytest.approx(0.25)
