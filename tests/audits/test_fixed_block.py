"""A decision that reads a block stops to discriminate once the block is the same for all."""

import numpy as np
import pytest
from scipy import stats

from iin_tf.audits import unfairness_of_fixing
from iin_tf.checks import InputError
from iin_tf.measures import unfairness_of_counts
from iin_tf.results import Results


@pytest.fixture(scope="module")
def z(linear_network):
    return linear_network.sample(400, seed=0).numpy()


def reads(network, weight):
    return lambda z: network.transform(z).numpy() @ weight > 0


SHADE = np.array([0, 0, 0, 0, 0, 1.0])
SHAPE = np.array([0, 0, 0, 1.0, 0, 0])


def test_fixing_what_is_read_removes_the_unfairness(linear_network, z):
    decision = reads(linear_network, SHADE + SHAPE)
    sensitive = reads(linear_network, SHADE)(z).astype(int)
    truth = reads(linear_network, SHAPE)(z)
    found = unfairness_of_fixing(linear_network, z, decision, sensitive, "shade", truth=truth)
    counts = np.stack([np.bincount(decision(z)[sensitive == s], minlength=2) for s in (0, 1)])
    by_hand = unfairness_of_counts(counts)
    np.testing.assert_allclose(found.before["unfairness_mean"][0], by_hand[0])
    np.testing.assert_allclose(found.before["unfairness_maximum"][0], by_hand[1])
    # The decision is what `shape` says, which is independent of `shade`.
    assert found.after["accuracy"][0] == 1
    value, low, high = found.change["unfairness_mean"]
    assert low <= value <= high < 0
    # Half of |0.75 - 0.25|: the angle between shade and shade + shape is 45 degrees.
    np.testing.assert_allclose(found.before["unfairness_mean"][0], 0.25, atol=0.1)
    # Two groups of 200 of a fair decision: 1/4 |p - q| sqrt(2 / pi) at a spread of 0.05.
    assert found.after["unfairness_mean"][0] < 0.06
    assert found.chance_after["unfairness_mean"] == pytest.approx(0.02, abs=0.005)
    assert found.changed == np.mean(decision(z) != truth)


def test_fixing_what_is_not_read_changes_nothing(linear_network, z):
    decision = reads(linear_network, SHADE)
    sensitive = reads(linear_network, SHADE)(z).astype(int)
    found = unfairness_of_fixing(linear_network, z, decision, sensitive, "shape")
    assert found.changed == 0
    assert found.change["unfairness_mean"] == (0, 0, 0)
    # A decision that is the sensitive label: each half differs from everybody by about 1/2.
    assert found.before["unfairness_mean"][0] == pytest.approx(0.5, abs=0.01)
    assert "accuracy" not in found.before


def fair(groups, decided):
    """Exact mean of both measures over all permutations of two groups, for yes and no."""
    sizes, positive, n = np.bincount(groups), int(decided.sum()), len(decided)
    inside = np.arange(n + 1)
    probability = stats.hypergeom(n, positive, sizes[0]).pmf(inside)
    # A group's total variation of a yes or no is how far its share of yes is from everybody's.
    away = np.abs(np.stack([inside / sizes[0], (positive - inside) / sizes[1]]) - positive / n)
    return probability @ (sizes @ away / n), probability @ away.max(axis=0)


def test_chance_is_that_of_the_decisions_beside_which_it_stands(linear_network, z):
    z, groups = z[:60], np.repeat([0, 1], [20, 40])

    def strict(z):
        # Before, a third is approved; with `shade` fixed at 0, one in fifteen.
        z_tilde = linear_network.transform(z).numpy()
        return z_tilde @ (3 * SHADE + SHAPE) > 1.5

    fixed = linear_network.transform(z).numpy()
    fixed[:, 5] = 0
    fixed = linear_network.invert(fixed).numpy()
    found = unfairness_of_fixing(linear_network, z, strict, groups, "shade", resamples=2000)
    before, after = fair(groups, strict(z)), fair(groups, strict(fixed))
    assert before[0] > 1.5 * after[0] > 0
    # 2,000 permutations of numbers that spread by about their mean of 0.05: 0.001; four of them.
    np.testing.assert_allclose([*found.chance_before.values()], before, atol=0.005)
    np.testing.assert_allclose([*found.chance_after.values()], after, atol=0.005)
    constant = unfairness_of_fixing(
        linear_network, z, reads(linear_network, SHADE), groups, "shade", donor=z[0]
    )
    assert constant.chance_after == {"unfairness_mean": 0, "unfairness_maximum": 0}
    assert constant.chance_before["unfairness_mean"] > 0.03


def test_unknown_labels_are_left_out(linear_network, z):
    decision = reads(linear_network, SHADE + SHAPE)
    sensitive = reads(linear_network, SHADE)(z).astype(int)
    truth = reads(linear_network, SHAPE)(z).astype(int)
    known = np.arange(len(z)) % 4 != 0
    some = np.where(known, sensitive, -1)
    found = unfairness_of_fixing(linear_network, z, decision, some, "shade", truth=truth)
    alone = unfairness_of_fixing(
        linear_network, z[known], decision, sensitive[known], "shade", truth=truth[known]
    )
    assert (found.before, found.after) == (alone.before, alone.after)
    assert (found.chance_before, found.chance_after) == (alone.chance_before, alone.chance_after)
    assert (found.protocol["examples"], found.protocol["unknown"]) == (300, 100)
    half = np.where(np.arange(len(z)) % 2, truth, -1)
    found = unfairness_of_fixing(linear_network, z, decision, sensitive, "shade", truth=half)
    by_hand = np.mean((decision(z) == truth)[1::2])
    assert found.before["accuracy"][0] == pytest.approx(by_hand)


def test_views_of_one_source_are_drawn_together(linear_network, z):
    decision = reads(linear_network, SHADE + SHAPE)
    sensitive = reads(linear_network, SHADE)(z[:100]).astype(int)
    once = unfairness_of_fixing(linear_network, z[:100], decision, sensitive, "shade")
    rows = np.repeat(np.arange(100), 3)
    views = unfairness_of_fixing(
        linear_network, z[rows], decision, sensitive[rows], "shade", source=rows
    )
    # Three equal views of each original say no more than one: equal values, equal draws.
    for name in ("unfairness_mean", "unfairness_maximum"):
        np.testing.assert_allclose(views.before[name], once.before[name], rtol=1e-12)
        np.testing.assert_allclose(views.change[name], once.change[name], rtol=1e-12)
    np.testing.assert_allclose(
        [*views.chance_before.values()], [*once.chance_before.values()], rtol=1e-12
    )


def test_a_donor_gives_its_block_to_all(linear_network, z):
    decision = reads(linear_network, SHADE)
    sensitive = np.arange(len(z)) % 2
    donor = z[3]
    found = unfairness_of_fixing(linear_network, z, decision, sensitive, "shade", donor=donor)
    assert found.changed == np.mean(decision(z) != decision(donor[None])[0])
    # One decision for all is fair.
    assert found.after["unfairness_maximum"] == (0, 0, 0)
    assert found.protocol["value"] == "donor"


def test_results_carry_interval_chance_and_protocol(linear_network, z):
    decision, sensitive = reads(linear_network, SHADE), np.arange(len(z)) % 2
    found = unfairness_of_fixing(linear_network, z, decision, sensitive, "shade", truth=sensitive)
    before = found.results()["fixed/shade/unfairness_mean/before"]
    assert (before.value, *before.interval) == found.before["unfairness_mean"]
    assert before.null == found.chance_before["unfairness_mean"]
    after = found.results()["fixed/shade/unfairness_maximum/after"]
    assert after.null == found.chance_after["unfairness_maximum"]
    assert found.metrics()["fixed/shade/accuracy/change/low"] == found.change["accuracy"][1]
    assert (
        found.as_dict()["fixed/shade/changed"]["protocol"]["resampled"] == "sources of the examples"
    )
    assert Results.from_metrics(found.metrics()).metrics() == found.metrics()
    assert set(found.as_frame()["name"]) == set(found.results())


def test_the_table_has_a_row_for_each_measure(linear_network, z):
    found = unfairness_of_fixing(
        linear_network, z, reads(linear_network, SHADE), np.arange(len(z)) % 2, "shade"
    )
    lines = found.markdown().splitlines()
    assert lines[0] == "| measure | before | chance | shade fixed | chance | change (95 %) |"
    assert len(lines) == 4


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"block": "size"}, "block is 'size'; give one of"),
        ({"sensitive": np.zeros(400, int)}, "sensitive has the one value 0"),
        ({"sensitive": np.arange(400) == 0}, "sensitive has one example only of value True"),
        ({"sensitive": np.zeros(3, int)}, r"sensitive has shape \(3,\)"),
        ({"decision": lambda z: z[:, 0]}, "give one class a latent"),
        ({"donor": np.zeros((2, 6))}, "give one latent"),
        ({"truth": np.zeros(3, int)}, r"truth has shape \(3,\)"),
        ({"truth": np.where(np.arange(400) < 5, 1, -1)}, "truth is known for 5 examples"),
        ({"truth": np.full(400, "yes")}, "give whole numbers or bools"),
    ],
)
def test_bad_input_is_one_clear_line(linear_network, z, change, message):
    arguments = {
        "z": z,
        "decision": lambda z: z[:, 0] > 0,
        "sensitive": np.arange(400) % 2,
        "block": "shade",
    }
    with pytest.raises(InputError, match=message):
        unfairness_of_fixing(linear_network, **(arguments | change))
