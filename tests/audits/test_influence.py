"""Shapley values of linear decisions and of products have closed forms."""

import numpy as np
import pytest

from iin_tf.audits import indirect_influence


@pytest.fixture(scope="module")
def z(linear_network):
    return linear_network.sample(50, seed=0).numpy()


@pytest.fixture(scope="module")
def z_tilde(linear_network, z):
    return linear_network.transform(z).numpy()


def test_a_linear_decision_gives_each_block_its_own_terms(linear_network, inverse_map, z, z_tilde):
    head = np.random.default_rng(1).normal(size=6)
    found = indirect_influence(linear_network, z, lambda z: z @ head, draws=200)
    through = head @ inverse_map
    for k, part in enumerate(linear_network.layout.slices.values()):
        exact = z_tilde[:, part] @ through[part]
        # Five standard errors: 150 values.
        assert np.all(np.abs(found.local[:, k] - exact) < 5 * found.local_error[:, k])
        # Errors of the examples are independent: 200 draws of 50 examples leave about 1 %.
        np.testing.assert_allclose(found.influence[k], np.sqrt(np.mean(exact**2)), rtol=0.05)
        low, high = found.interval[k]
        assert low < found.influence[k] < high


def test_a_decision_by_one_block_has_no_influence_of_others(linear_network, z, z_tilde):
    found = indirect_influence(
        linear_network, z, lambda z: linear_network.transform(z).numpy()[:, 5] > 0, draws=50
    )
    # Exactly: a yes or no does not see the rounding of the round trip.
    assert found.influence[0] == found.influence[1] == 0
    assert found.interval[1].tolist() == [0, 0]
    # A yes or no by a median: the change is half a unit to either side.  2,500 draws have a
    # standard error of 0.01; four of them.
    np.testing.assert_allclose(found.influence[2], 0.5, atol=0.04)
    assert found.baseline == pytest.approx(0.5, abs=0.04)


def test_a_product_is_shared_by_halves(linear_network, z, z_tilde):
    def product(z):
        z_tilde = linear_network.transform(z).numpy()
        return z_tilde[:, 3] * z_tilde[:, 5]

    found = indirect_influence(linear_network, z, product, draws=400)
    exact = z_tilde[:, 3] * z_tilde[:, 5] / 2
    for k in (1, 2):
        assert np.all(np.abs(found.local[:, k] - exact) < 5 * found.local_error[:, k])
    assert found.influence[0] < 1e-10


def test_values_and_baseline_sum_to_the_decision(linear_network, z):
    def decision(z):
        return np.tanh(z.sum(axis=1))

    found = indirect_influence(linear_network, z, decision, draws=300)
    # Per example the baseline is that of its own 300 draws, each within 1: 0.06 at one deviation.
    np.testing.assert_allclose(found.local.sum(axis=1) + found.baseline, decision(z), atol=0.25)
    # Over all examples the draws are the same, and the sum telescopes.
    np.testing.assert_allclose(
        found.local.sum(axis=1).mean() + found.baseline, decision(z).mean(), atol=1e-8
    )


def test_few_draws_do_not_add_their_error(linear_network, z):
    head = np.ones(6)
    many = indirect_influence(linear_network, z, lambda z: z @ head, draws=400)
    few = [indirect_influence(linear_network, z, lambda z: z @ head, 3, seed=s) for s in range(12)]
    # Uncorrected, three draws would add several times that to the squares.
    found = np.sqrt(np.mean([one.influence**2 for one in few], axis=0))
    np.testing.assert_allclose(found, many.influence, rtol=0.15)


def test_results_carry_interval_and_parts(linear_network, z):
    found = indirect_influence(linear_network, z, lambda z: z[:, 0], draws=3)
    shade = found.results()["influence/shade"]
    assert shade.value == found.influence[2]
    assert shade.interval == tuple(found.interval[2])
    np.testing.assert_array_equal(shade.parts["local"], found.local[:, 2])
    assert found.metrics()["influence_baseline"] == found.baseline


def test_views_of_one_source_are_drawn_together(linear_network, z):
    # Four equal views of each original widen nothing and narrow nothing, but for the draws' error.
    rows = np.repeat(np.arange(50), 4)
    once = indirect_influence(linear_network, z, lambda z: z[:, 0], draws=400)
    views = indirect_influence(linear_network, z[rows], lambda z: z[:, 0], 100, source=rows)
    apart = indirect_influence(linear_network, z[rows], lambda z: z[:, 0], 100)
    width, as_views, as_originals = (np.ptp(one.interval, axis=1) for one in (once, views, apart))
    # Quantiles of 1,000 resamples are good to about 10 % of the width.
    np.testing.assert_allclose(as_views, width, rtol=0.25)
    assert np.all(as_originals < 0.7 * width)


def test_the_table_has_a_row_for_each_block(linear_network, z):
    table = indirect_influence(linear_network, z, lambda z: z[:, 0], draws=3).markdown()
    assert table.splitlines()[0] == "| block | influence | 95 % interval |"
    assert len(table.splitlines()) == 5


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"draws": 1}, "draws is 1; give a whole number from 2"),
        ({"decision": lambda z: z[:, :2]}, "decision returned 2 outputs"),
        ({"decision": lambda z: z[:, 0].astype(int)}, "class numbers"),
        ({"z": np.zeros((1, 6))}, "z has 1 rows"),
        ({"level": 1.0}, "level is 1.0"),
    ],
)
def test_bad_input_is_one_clear_line(linear_network, z, change, message):
    with pytest.raises(ValueError, match=message):
        indirect_influence(
            linear_network, **({"z": z, "decision": lambda z: z[:, 0], "draws": 3} | change)
        )
