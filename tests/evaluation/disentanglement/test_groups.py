"""Rows that are views of one original: originals are split, resampled and permuted."""

import numpy as np
import pytest

from iin_tf.evaluation.measures import Protocol, disentanglement
from iin_tf.evaluation.measures.intervals import bootstrap_weights, half_samples, permutation
from iin_tf.evaluation.measures.sample import Sample, check_factors
from iin_tf.evaluation.measures.study import Study

BLOCKS = {"residual": slice(0, 6), "digit": slice(6, 8)}
PROTOCOL = Protocol(resamples=40, refits=2, bins=8)
GROUPS = np.random.default_rng(0).permutation(np.repeat(np.arange(60), 4))


def views(seed=0, originals=60, views=4):
    """Codes [n, 8] whose views of one original are nearly equal and tell nothing of the digit."""
    rng = np.random.default_rng(seed)
    codes = np.repeat(rng.normal(size=(originals, 8)), views, axis=0)
    codes += 0.01 * rng.normal(size=codes.shape)
    digit = np.repeat(rng.permutation(originals) % 3, views)
    return codes, digit[:, None], np.repeat(np.arange(originals), views)


def leak(groups, seed=0, originals=60):
    codes, digit, source = views(seed, originals)
    settings = {"blocks": BLOCKS, "factor_names": ["digit"], "protocol": PROTOCOL}
    groups = source if groups else None
    return disentanglement(codes, digit, "leakage", groups=groups, **settings)["leakage/residual"]


def test_views_across_the_split_would_be_taken_for_leakage():
    # By rows, a test row's twin is in the train part: remembered originals look like a factor.
    assert leak(groups=False).value > 0.2
    assert leak(groups=True).value < 0.05


def test_the_null_keeps_views_together():
    # Nothing is told: about one p-value in ten is under 0.1; more than 5 of 20 has
    # probability 0.01.
    small = [leak(True, seed).parts["p_value"][0, 0] < 0.1 for seed in range(20)]
    assert sum(small) <= 5


def test_no_original_is_on_both_sides_of_the_split():
    codes, digit, source = views()
    study = Study(Sample(codes, check_factors(digit, 240), None, source), PROTOCOL, 0)
    train, test = study.split
    assert not set(source[train]) & set(source[test])
    assert len(train) + len(test) == 240


def test_originals_are_drawn_whole():
    rng = np.random.default_rng(0)
    for draw in half_samples(240, 5, rng, GROUPS):
        counts = np.bincount(GROUPS[draw], minlength=60)
        assert set(counts) == {0, 4}
        assert len(draw) == 120
    weights = bootstrap_weights(240, 5, rng, GROUPS)
    assert np.all(weights.sum(axis=1) == 240)
    for group in range(60):
        assert np.ptp(weights[:, group == GROUPS], axis=1).max() == 0


def test_a_permutation_moves_groups_to_groups_of_their_size():
    groups = np.repeat(np.arange(20), np.tile([1, 3], 10))
    order = permutation(40, np.random.default_rng(0), groups)
    assert sorted(order) == list(range(40))
    assert np.any(order != np.arange(40))
    for group in range(20):
        taken = groups[order[groups == group]]
        assert len(set(taken)) == 1
        assert taken[0] % 2 == group % 2


def test_every_measure_takes_groups():
    codes, digit, source = views()
    rng = np.random.default_rng(1)
    factors = np.hstack([digit, rng.integers(0, 2, (240, 1))])
    protocol = Protocol(resamples=20, refits=2, bins=8, estimator="hist_gradient_boosting")
    names = ["mig", "dci", "infomec", "irs", "tad", "gaussian", "mcc"]
    result = disentanglement(codes, factors, names, groups=source, protocol=protocol)
    for measure in result.values():
        assert np.isfinite([measure.value, *measure.interval]).all(), measure.name
        assert measure.protocol["groups"] == 60


@pytest.mark.parametrize(
    ("groups", "words"),
    [(np.zeros(240, int), "1 values"), (np.arange(9), "shape"), (np.zeros(240), "float64")],
)
def test_groups_that_fit_nothing(groups, words):
    codes, digit, _ = views()
    with pytest.raises(ValueError, match=words):
        disentanglement(codes, digit, "mig", groups=groups, protocol=PROTOCOL)


def test_the_penalty_is_not_chosen_by_remembered_originals():
    # Nothing is told: a penalty that suits new originals guesses about the mean.
    assert np.mean([leak(True, seed, originals=200).value for seed in range(5)]) > -0.1
