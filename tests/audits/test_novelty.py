"""p-values of the model's own samples are uniform; AUROC of shifted normals is known."""

import numpy as np
import pytest
from scipy import stats
from sklearn.metrics import roc_auc_score

from iin_tf.audits import novelty_detection, novelty_scores
from iin_tf.audits.auroc import Ranks

SHIFT = 2.0


@pytest.fixture(scope="module")
def known(linear_network):
    return linear_network.sample(1000, seed=0).numpy()


@pytest.fixture(scope="module")
def novel(linear_network):
    z_tilde = linear_network.transform(linear_network.sample(800, seed=1)).numpy()
    z_tilde[:, 5] += SHIFT
    return linear_network.invert(z_tilde).numpy()


def test_p_values_of_samples_are_uniform(linear_network, known):
    scores = novelty_scores(linear_network, known)
    assert scores.blocks == ("residual", "shape", "shade", "all blocks")
    for column in scores.p_values.T:
        assert stats.kstest(column, "uniform").pvalue > 1e-3
    # One row by hand.
    z_tilde = linear_network.transform(known[:1]).numpy()[0]
    assert scores.p_values[0, 1] == pytest.approx(stats.chi2.sf(z_tilde[3:5] @ z_tilde[3:5], 2))
    np.testing.assert_allclose(scores.log_prob, linear_network.log_prob(known))


def test_auroc_of_a_shifted_block(linear_network, known, novel):
    found = novelty_detection(linear_network, known, novel)
    expected = {"residual": 0.5, "shape": 0.5}
    for name, degrees in (("shade", 1), ("all blocks", 6)):
        expected[name] = stats.ncx2.expect(
            lambda x, df=degrees: stats.chi2.cdf(x, df), (degrees, SHIFT**2)
        )
    # The flow is linear: its volume is the same everywhere, and density is length.
    expected["log_prob"] = expected["all blocks"]
    assert found.scores == tuple(expected)
    # Standard error of an AUROC of 1,000 against 800: at most 0.014; three of them.
    np.testing.assert_allclose(found.auroc, list(expected.values()), atol=0.042)
    width = found.interval[:, 1] - found.interval[:, 0]
    assert np.all((width > 0.02) & (width < 0.06))
    assert np.all((found.interval[:, 0] < found.auroc) & (found.auroc < found.interval[:, 1]))
    # Binomial(1000, 0.05): a standard error of 0.007.
    np.testing.assert_allclose(found.false_alarms, 0.05, atol=0.025)
    limit = stats.chi2.isf(0.05, 1)
    np.testing.assert_allclose(found.detected[2], stats.ncx2.sf(limit, 1, SHIFT**2), atol=0.06)


def test_auroc_agrees_with_scikit_learn_under_ties_and_weights():
    random = np.random.default_rng(0)
    known, novel = random.integers(5, size=50), random.integers(1, 6, size=40)
    weights = random.integers(3, size=(4, 90)).astype(float)
    found = Ranks(known, novel).auroc(weights)
    truth = np.repeat([0, 1], [50, 40])
    for value, weight in zip(found, weights, strict=True):
        by_sklearn = roc_auc_score(truth, np.concatenate([known, novel]), sample_weight=weight)
        assert value == pytest.approx(by_sklearn)


def test_results_carry_intervals(linear_network, known, novel):
    found = novelty_detection(linear_network, known, novel)
    shade = found.results()["novelty/shade/auroc"]
    assert (shade.value, *shade.interval) == (found.auroc[2], *found.interval[2])
    assert found.metrics()["novelty/all blocks/detected"] == found.detected[3]
    assert len(found.results().of("novelty/{score}/false_alarms")) == 4


def test_views_of_one_source_are_drawn_together(linear_network, known, novel):
    known, novel, rows = known[:150], novel[:150], np.repeat(np.arange(150), 3)
    once = novelty_detection(linear_network, known, novel)
    views = novelty_detection(
        linear_network, known[rows], novel[rows], known_source=rows, novel_source=rows
    )
    np.testing.assert_allclose(views.auroc, once.auroc, rtol=1e-12)
    np.testing.assert_allclose(views.interval, once.interval, rtol=1e-12)


def test_the_table_has_a_row_for_each_score(linear_network, known, novel):
    lines = novelty_detection(linear_network, known, novel, alpha=0.01).markdown().splitlines()
    assert lines[0] == "| score | AUROC | 95 % interval | known, p <= 0.01 | novel, p <= 0.01 |"
    assert len(lines) == 7
    assert lines[-1].startswith("| log_prob |")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"known": np.zeros((1, 6))}, "known has 1 rows; give at least 2 examples"),
        ({"novel": np.zeros((0, 6))}, "novel has 0 rows"),
        ({"novel": np.zeros((3, 4))}, "give 6 columns"),
        ({"novel": np.full((3, 6), np.nan)}, "row 0 is not finite"),
        ({"alpha": 0}, "alpha is 0; give a number between 0 and 1"),
    ],
)
def test_bad_input_is_one_clear_line(linear_network, known, change, message):
    with pytest.raises(ValueError, match=message):
        novelty_detection(linear_network, **({"known": known, "novel": known} | change))
