"""The algebra of factors on arrays, on tensors and in graphs."""

import subprocess
import sys

import numpy as np
import pytest
import scipy.stats
import tensorflow as tf

from iin_tf import FactorLayout, algebra
from iin_tf.checks import InputError

LAYOUT = FactorLayout({"digit": 2, "color": 1}, residual=3)
N = LAYOUT.latent_size
# One rounding or two of numbers of order 1.
FLOAT64 = {"rtol": 1e-14, "atol": 1e-14}


def rows(count=5, seed=0):
    return np.random.default_rng(seed).normal(size=(count, N))


# Names, one mask for all rows, and one for each row.
FACTORS = {
    "name": "digit",
    "names": ["residual", "color"],
    "none": [],
    "mask": np.array([False, True, True]),
    "mask per row": np.random.default_rng(3).random((5, 3)) < 0.5,
}


def by_hand(factors):
    """Bool [5, N], by the slices."""
    mask = np.zeros((5, N), bool)
    for row in range(5):
        for block, (name, part) in enumerate(LAYOUT.slices.items()):
            if isinstance(factors, np.ndarray):
                mask[row, part] = np.broadcast_to(factors, (5, 3))[row, block]
            else:
                mask[row, part] = name in ([factors] if isinstance(factors, str) else factors)
    return mask


@pytest.mark.parametrize("factors", FACTORS.values(), ids=FACTORS)
def test_columns_are_those_of_the_slices(factors):
    found = algebra.columns(LAYOUT, factors)
    np.testing.assert_array_equal(np.broadcast_to(found, (5, N)), by_hand(factors))


def operations(factors):
    """Each operation on (z_tilde, donor), and what it should give; None where it is random."""
    t = np.array([0.0, 0.25, 0.5, 1.0, 0.1])
    z_tilde, donor, mask = rows(), rows(seed=1), by_hand(factors)
    line = z_tilde + t[:, None] * (donor - z_tilde)
    return {
        "exchange": (
            lambda a, b: algebra.exchange(LAYOUT, a, b, factors),
            np.where(mask, donor, z_tilde),
        ),
        "mean": (
            lambda a, b: algebra.erase(LAYOUT, a, factors, by="mean"),
            np.where(mask, 0, z_tilde),
        ),
        "sample": (lambda a, b: algebra.erase(LAYOUT, a, factors, seed=4), None),
        "line": (
            lambda a, b: algebra.interpolate(LAYOUT, a, b, factors, t),
            np.where(mask, line, z_tilde),
        ),
        "sphere": (
            lambda a, b: algebra.interpolate(LAYOUT, a, b, factors, t, "sphere"),
            np.where(mask, great_circle(z_tilde, donor, t), z_tilde),
        ),
    }


def great_circle(a, b, t):
    """SLERP of each block by its textbook formula, the norm in proportion."""
    result = np.empty_like(a)
    for part in LAYOUT.slices.values():
        for row in range(len(a)):
            x, y = a[row, part], b[row, part]
            radius = (1 - t[row]) * np.linalg.norm(x) + t[row] * np.linalg.norm(y)
            u, v = x / np.linalg.norm(x), y / np.linalg.norm(y)
            angle = np.arccos(np.clip(u @ v, -1, 1))
            if len(x) == 1:
                # Two points are no circle.
                result[row, part] = (1 - t[row]) * x + t[row] * y
                continue
            weights = np.sin((1 - t[row]) * angle), np.sin(t[row] * angle)
            result[row, part] = radius * (weights[0] * u + weights[1] * v) / np.sin(angle)
    return result


@pytest.mark.parametrize("name", ["exchange", "mean", "sample", "line", "sphere"])
@pytest.mark.parametrize("factors", FACTORS.values(), ids=FACTORS)
def test_arrays_tensors_and_graphs_agree_with_the_rule(factors, name):
    function, expected = operations(factors)[name]
    z_tilde, donor, mask = rows(), rows(seed=1), by_hand(factors)
    array = function(z_tilde, donor)
    eager = function(tf.constant(z_tilde), tf.constant(donor))
    traced = tf.function(function, input_signature=[tf.TensorSpec([None, N], tf.float64)] * 2)(
        z_tilde, donor
    )
    assert type(array) is np.ndarray
    assert tf.is_tensor(eager)
    # A graph may add up in another order.
    np.testing.assert_allclose(eager, traced, **FLOAT64)
    for found in (array, eager.numpy()):
        assert found.dtype == np.float64
        np.testing.assert_array_equal(found[~mask], z_tilde[~mask])
        if expected is None:
            # A draw meets no number again.
            assert not np.isin(found[mask], z_tilde).any()
        else:
            # The arc cosine of the oracle loses half of the digits near 1 and -1.
            np.testing.assert_allclose(
                found, expected, **FLOAT64 if name != "sphere" else {"rtol": 1e-8}
            )


def test_erased_blocks_are_standard_normal_and_fixed_by_the_seed():
    many = rows(20000)
    for z_tilde in (many, tf.constant(many)):
        found = np.asarray(algebra.erase(LAYOUT, z_tilde, ["digit", "color"], seed=1))[:, 3:]
        assert scipy.stats.kstest(found.ravel(), "norm").pvalue > 1e-3
        # The correlation of 20,000 independent pairs deviates by 0.007.
        assert np.abs(np.corrcoef(found.T, many[:, 3:].T) - np.eye(6)).max() < 0.035
        again, other = (algebra.erase(LAYOUT, z_tilde, ["digit", "color"], seed=s) for s in (1, 2))
        np.testing.assert_array_equal(np.asarray(again)[:, 3:], found)
        assert np.all(np.asarray(other)[:, 3:] != found)


def test_a_generator_draws_the_erased_columns_alone():
    z_tilde, random = rows(), np.random.default_rng(7)
    found = algebra.erase(LAYOUT, z_tilde, "digit", seed=random)
    expected = np.random.default_rng(7)
    np.testing.assert_array_equal(found[:, 3:5], expected.standard_normal((5, 2)))
    assert random.random() == expected.random()


def test_the_sphere_keeps_the_norm_typical_and_the_line_does_not():
    wide = FactorLayout({"voice": 40}, residual=2)
    a, b = np.random.default_rng(0).normal(size=(2, 2000, 42))
    middle = {
        path: algebra.interpolate(wide, a, b, "voice", np.full(2000, 0.5), path)[:, 2:]
        for path in ("line", "sphere")
    }
    norms = {path: np.linalg.norm(points, axis=1).mean() for path, points in middle.items()}
    typical = scipy.stats.chi(40).mean()
    # Half way the line has the variance 1/2; 2,000 norms leave 0.016 of error.
    assert norms["line"] == pytest.approx(typical / np.sqrt(2), abs=0.06)
    assert norms["sphere"] == pytest.approx(typical, abs=0.06)


@pytest.mark.parametrize("as_type", [np.asarray, tf.constant], ids=["array", "tensor"])
@pytest.mark.parametrize(
    ("start", "end", "middle"),
    [
        ([1.0, 2.0], [1.0, 2.0], [1.0, 2.0]),
        ([1.0, 2.0], [-1.0, -2.0], [0.0, 0.0]),
        ([0.0, 0.0], [2.0, 4.0], [1.0, 2.0]),
        ([0.0, 0.0], [0.0, 0.0], [0.0, 0.0]),
        ([3.0, 0.0], [0.0, 3.0], [3 / np.sqrt(2), 3 / np.sqrt(2)]),
        ([1.0, 0.0], [0.0, 3.0], [2 / np.sqrt(2), 2 / np.sqrt(2)]),
        ([1.0, 0.0], [1.0, 1e-9], [1.0, 5e-10]),
    ],
)
def test_the_sphere_where_directions_are_equal_opposite_or_missing(as_type, start, end, middle):
    a, b = (as_type(np.array([[9.0, 9.0, 9.0, *block, 5.0]])) for block in (start, end))
    found = algebra.interpolate(LAYOUT, a, b, "digit", as_type(np.array([0.5])), "sphere")
    np.testing.assert_allclose(found, [[9.0, 9.0, 9.0, *middle, 5.0]], **FLOAT64)


@pytest.mark.parametrize("as_type", [np.asarray, tf.constant], ids=["array", "tensor"])
def test_walks_move_their_blocks_only_and_stay_standard_normal(as_type):
    starts = rows(4000)
    path = np.asarray(algebra.walk(LAYOUT, as_type(starts), "digit", 6, correlation=0.5, seed=1))
    assert path.shape == (4000, 6, N)
    np.testing.assert_array_equal(path[:, 0], starts)
    still = [0, 1, 2, 5]
    np.testing.assert_array_equal(path[..., still], np.repeat(starts[:, None, still], 6, axis=1))
    # 8,000 numbers: the deviation's standard error is 0.008, the correlation's 0.011.
    assert np.std(path[:, -1, 3:5]) == pytest.approx(1, abs=0.03)
    steps = [np.corrcoef(starts[:, 3:5].ravel(), path[:, k, 3:5].ravel())[0, 1] for k in (1, 2, 5)]
    np.testing.assert_allclose(steps, [0.5, 0.25, 0.5**5], atol=0.045)


def test_arrays_need_no_tensorflow():
    code = (
        "import sys, numpy as np\n"
        "from iin_tf import FactorLayout, algebra\n"
        "layout = FactorLayout({'a': 1}, residual=1)\n"
        "z = np.ones((2, 2))\n"
        "algebra.erase(layout, algebra.exchange(layout, z, z, 'a'), 'a')\n"
        "algebra.interpolate(layout, z, z, 'a', np.ones(2), 'sphere')\n"
        "algebra.walk(layout, z, 'a', 3)\n"
        "assert 'tensorflow' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


Z = rows()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: algebra.columns(LAYOUT, "shape"), "factor 'shape' is unknown"),
        (lambda: algebra.columns(LAYOUT, np.ones(4, bool)), r"factors has shape \(4,\)"),
        (lambda: algebra.columns(LAYOUT, tf.ones([5, 2], bool)), r"factors has shape \(5, 2\)"),
        (lambda: algebra.columns(LAYOUT, True), r"factors has shape \(\)"),
        (lambda: algebra.columns(LAYOUT, 3), "names is 3; give a name or several"),
        (lambda: algebra.erase(LAYOUT, Z, "digit", by="zero"), "by is 'zero'; give one of"),
        (lambda: algebra.erase(LAYOUT, Z, "digit", seed=1.5), "seed is 1.5; give a whole"),
        (lambda: algebra.erase(LAYOUT, tf.constant(Z), "digit", seed="x"), "seed is 'x'"),
        (lambda: algebra.interpolate(LAYOUT, Z, Z, "digit", Z[:, 0], "arc"), "path is 'arc'"),
        (lambda: algebra.walk(LAYOUT, Z, "digit", 0), "steps is 0; give a whole number"),
        (lambda: algebra.walk(LAYOUT, Z, "digit", 2, 1.0), "correlation is 1.0; give a number"),
    ],
)
def test_wrong_input_is_named(call, message):
    with pytest.raises(InputError, match=message) as error:
        call()
    assert "\n" not in str(error.value)
