"""What the network refuses, in which words."""

import numpy as np
import pytest
from small_network import LAYOUT, latents, make

from iin_tf import InterpretationNetwork


@pytest.fixture(scope="module")
def network():
    return make()


NAN = latents()
NAN[[2, 5], 3] = np.nan
Z = latents()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda net: net.transform(NAN), r"z: row 2 is not finite \(2 of 9 rows\)"),
        (lambda net: net.transform(np.where(np.isnan(NAN), np.inf, NAN)), "z: row 2"),
        (lambda net: net.invert(NAN), "z_tilde: row 2 is not finite"),
        (lambda net: net.swap(Z, NAN, "digit"), "donor: row 2 is not finite"),
        (lambda net: net.pair_log_prob(Z, NAN, [0] * 9), "z_b: row 2 is not finite"),
        (lambda net: net.transform(Z[0]), r"z has shape \(6,\); give rows of latents"),
        (lambda net: net.transform(Z[:, :4]), r"z has shape \(9, 4\).*sum to 6"),
        (lambda net: net.swap(Z, Z[:3], "digit"), "z has 9 rows and donor has 3"),
        (lambda net: net.interpolate(Z, Z[:3], "digit", 3), "z has 9 rows and donor has 3"),
        (lambda net: net.pair_log_prob(Z, Z[:3], [0] * 9), "z_a has 9 rows and z_b has 3"),
        (lambda net: net.swap(Z, Z, "shape"), "factor 'shape' is unknown; this layout has"),
        (lambda net: net.swap(Z, Z, ["digit", "digit"]), "factor 'digit' is given twice"),
        (
            lambda net: net.interpolate(Z, Z, "digit", 1),
            "steps is 1; give a whole number",
        ),
        (lambda net: net.interpolate(Z, Z, "digit", 2.0), r"steps is 2\.0; give a whole number"),
        (lambda net: net.interpolate(Z, Z, "digit", 2, path="arc"), "path is 'arc'; give one"),
        (lambda net: net.erase(Z, "digit", by="zero"), "by is 'zero'; give one of"),
        (lambda net: net.erase(Z, "digit", seed=[1, 2]), r"seed is \[1, 2\]; give a whole"),
        (lambda net: net.erase(Z, "shape"), "factor 'shape' is unknown"),
        (lambda net: net.swap(Z, Z, 3), "names is 3; give a name or several"),
        (lambda net: net.from_factors({"digit": Z}), r"parts has the blocks \['digit'\]"),
        (lambda net: net.from_factors({**net.factors(Z), "digit": Z[:2, :2]}), r"rows \(2,\)"),
        (lambda net: net.pair_log_prob(Z, Z, [3] * 9), "from -1 to 2, but it holds 3"),
        (lambda net: net.pair_log_prob(Z, Z, np.eye(9, 3)), r"in \[0, 1\), but it holds 1.0"),
        (lambda net: net.pair_log_prob(Z, Z, [0] * 8), r"shared has shape \(8,\), but.* 9 pairs"),
        (lambda net: net.pair_log_prob(Z, Z, np.ones((9, 2), bool)), "each of the 3 blocks"),
        (lambda net: net.pair_log_prob(Z, Z, LAYOUT.shared("digit")), r"shape \(3,\), but.* 9"),
        (lambda net: net.pair_log_prob(Z, Z, np.eye(9, 3, dtype=int)), r"shape \(9, 3\), but.* 9"),
        (lambda net: net.pair_log_prob(Z, Z, 1), r"shared has shape \(\), but there are 9 pairs"),
        (lambda net: net.pair_log_prob(Z, Z, ["digit"] * 9), "shared has dtype string"),
        (lambda net: net.adapt(Z[:0]), "z has no rows"),
        (lambda net: net.sample(1, seed=2**63), "seed is 9223372036854775808; give a whole"),
        (lambda net: net.sample(1, seed=1.5), r"seed is 1\.5; give a whole number"),
    ],
)
def test_wrong_input_is_named(network, call, message):
    with pytest.raises(ValueError, match=message) as error:
        call(network)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"coupling": "none"}, "coupling is 'none'"),
        ({"correlation": 1.0}, "correlation of 'residual' is 1.0; give a number in"),
        ({"correlation": 1 - 1e-9}, r"is 0\.999999999; give a number in \[0, 1\) as float32 has"),
        ({"correlation": {"digit": 1 - 1e-9, "color": 0.5}}, r"'digit' is 0\.999999999; give"),
        ({"correlation": -0.1}, "is -0.1; give a number in"),
        ({"correlation": float("nan")}, "is nan; give a number in"),
        ({"correlation": "high"}, "is 'high'; give a number in"),
        ({"correlation": None}, "is None; give a number in"),
        ({"correlation": {"digit": 0.5}}, r"correlation names \['digit', 'residual'\]; give"),
        ({"correlation": {"digit": 0.5, "color": 2}}, "correlation of 'color' is 2"),
        ({"mixing": "none"}, "mixing is 'none'"),
        ({"blocks": 0}, "blocks is 0"),
    ],
)
def test_wrong_arguments_are_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        InterpretationNetwork(**{"layout": LAYOUT, "hidden": 8, **arguments})
