"""A decision that reads a block stops to discriminate once the block is the same for all."""

import numpy as np
import pytest

from iin_tf.audits import unfairness_of_fixing
from iin_tf.measures import unfairness_of_counts


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
    np.testing.assert_allclose(found.before["unfairness/mean"][0], by_hand[0])
    np.testing.assert_allclose(found.before["unfairness/maximum"][0], by_hand[1])
    # The decision is what `shape` says, which is independent of `shade`.
    assert found.after["accuracy"][0] == 1
    value, low, high = found.change["unfairness/mean"]
    assert low <= value <= high < 0
    # Half of |0.75 - 0.25|: the angle between shade and shade + shape is 45 degrees.
    np.testing.assert_allclose(found.before["unfairness/mean"][0], 0.25, atol=0.1)
    # Two groups of 200 of a fair decision: 1/4 |p - q| sqrt(2 / pi) at a spread of 0.05.
    assert found.after["unfairness/mean"][0] < 0.06
    assert found.chance["unfairness/mean"] == pytest.approx(0.02, abs=0.005)
    assert found.changed == np.mean(decision(z) != truth)


def test_fixing_what_is_not_read_changes_nothing(linear_network, z):
    decision = reads(linear_network, SHADE)
    sensitive = reads(linear_network, SHADE)(z).astype(int)
    found = unfairness_of_fixing(linear_network, z, decision, sensitive, "shape")
    assert found.changed == 0
    assert found.change["unfairness/mean"] == (0, 0, 0)
    # A decision that is the sensitive label: each half differs from everybody by about 1/2.
    assert found.before["unfairness/mean"][0] == pytest.approx(0.5, abs=0.01)
    assert "accuracy" not in found.before


def test_a_donor_gives_its_block_to_all(linear_network, z):
    decision = reads(linear_network, SHADE)
    sensitive = np.arange(len(z)) % 2
    donor = z[3]
    found = unfairness_of_fixing(linear_network, z, decision, sensitive, "shade", donor=donor)
    assert found.changed == np.mean(decision(z) != decision(donor[None])[0])
    # One decision for all is fair.
    assert found.after["unfairness/maximum"] == (0, 0, 0)
    assert found.protocol["value"] == "donor"


def test_the_table_has_a_row_for_each_measure(linear_network, z):
    found = unfairness_of_fixing(
        linear_network, z, reads(linear_network, SHADE), np.arange(len(z)) % 2, "shade"
    )
    lines = found.as_table().splitlines()
    assert lines[0] == "| measure | before | shade fixed | change (95 %) | chance |"
    assert len(lines) == 4


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"block": "size"}, "factor 'size' is unknown"),
        ({"sensitive": np.zeros(400, int)}, "'sensitive' has the one value 0"),
        ({"sensitive": np.arange(400) == 0}, "'sensitive' has one example only of value 1"),
        ({"sensitive": np.zeros(3, int)}, r"sensitive has shape \(3,\)"),
        ({"decision": lambda z: z[:, 0]}, "give one class a latent"),
        ({"donor": np.zeros((2, 6))}, "give one latent"),
        ({"truth": np.zeros(3, int)}, r"truth has shape \(3,\)"),
    ],
)
def test_bad_input_is_one_clear_line(linear_network, z, change, message):
    arguments = {
        "z": z,
        "decision": lambda z: z[:, 0] > 0,
        "sensitive": np.arange(400) % 2,
        "block": "shade",
    }
    with pytest.raises(ValueError, match=message):
        unfairness_of_fixing(linear_network, **(arguments | change))
