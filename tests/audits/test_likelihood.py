"""Likelihoods of stored pairs, by what the pairs share."""

import numpy as np
import pytest

from iin_tf import FactorLayout, InterpretationNetwork
from iin_tf.audits.likelihood import pair_nll

LAYOUT = FactorLayout({"shape": 2, "angle": 2}, residual=2)


@pytest.fixture(scope="module")
def network():
    return InterpretationNetwork(LAYOUT, blocks=1, hidden=8, depth=0, seed=0)


def pairs_of(*shared):
    random = np.random.default_rng(0)
    rows = np.array(shared)
    z = random.normal(size=(2, len(rows), 6)).astype("float32")
    return z[0], z[1], rows


def test_means_are_by_kind_and_over_kinds(network):
    z_a, z_b, shared = pairs_of(
        [0, 0.9, 0], [0, 0.4, 0], [0, 0, 0.7], [0.9, 0.9, 0], [0, 0, 0], [0, 0, 0.2]
    )
    halves = [((z_a[rows], z_b[rows]), shared[rows]) for rows in (slice(0, 2), slice(2, 6))]
    mean, by_kind = pair_nll(network, halves)
    each = -network.pair_log_prob(z_a, z_b, shared).numpy()
    expected = {
        (): each[4],
        ("angle",): each[[2, 5]].mean(),
        ("shape",): each[:2].mean(),
        ("residual", "shape"): each[3],
    }
    # float32 log-densities of about 20 nats, in batches of another size.
    assert by_kind == pytest.approx(expected, rel=1e-5)
    assert mean == pytest.approx(np.mean(list(expected.values())), rel=1e-5)


def test_a_factor_without_pairs_is_named(network):
    z_a, z_b, shared = pairs_of([False, True, False])
    with pytest.raises(ValueError, match="none that shares \\['angle'\\]"):
        pair_nll(network, [((z_a, z_b), shared)], LAYOUT.factor_names)
