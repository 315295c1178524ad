"""Every form of `shared`, and what is none."""

import numpy as np
import pytest
import tensorflow as tf

from iin_tf.distributions.shared import block_correlation

OWN = tf.constant([0.5, 0.6, 0.7])
FORMS = {
    "int": (np.array([1, -1, 0, 2]), [[0, 0.6, 0], [0, 0, 0], [0.5, 0, 0], [0, 0, 0.7]]),
    "int32 row": (np.int32(2), [0, 0, 0.7]),
    "uint8": (np.array([2, 0], np.uint8), [[0, 0, 0.7], [0.5, 0, 0]]),
    "bool": (np.array([[True, False, True], [False] * 3]), [[0.5, 0, 0.7], [0, 0, 0]]),
    "bool row": (np.array([False, True, True]), [0, 0.6, 0.7]),
    "float": (np.array([[0.1, 0.0, 0.999]]), [[0.1, 0, 0.999]]),
    "float16 row": (np.array([0.25, 0, 0.5], np.float16), [0.25, 0, 0.5]),
    "list": ([0, 1], [[0.5, 0, 0], [0, 0.6, 0]]),
    "no pair": (np.zeros((0, 3), bool), np.zeros((0, 3))),
    "no pair, int": (np.zeros(0, int), np.zeros((0, 3))),
    "more dimensions": (np.zeros((2, 4), int), np.tile([0.5, 0, 0], (2, 4, 1))),
}


@pytest.mark.parametrize("form", FORMS)
def test_forms(form):
    shared, expected = FORMS[form]
    rho = block_correlation(shared, OWN)
    assert rho.dtype == OWN.dtype
    assert rho.shape == np.shape(expected)
    # float32
    np.testing.assert_allclose(rho, expected, rtol=1e-6)
    np.testing.assert_array_equal(block_correlation(tf.constant(shared), OWN), rho)
    in_graph = tf.function(lambda shared: block_correlation(shared, OWN))(tf.constant(shared))
    np.testing.assert_array_equal(in_graph, rho)


WRONG_VALUES = {
    "below": (np.array([0, -2]), "block numbers from -1 to 2, but it holds -2"),
    "above": (np.array([3]), "block numbers from -1 to 2, but it holds 3"),
    "one": (np.array([[0.0, 1.0, 0.5]]), r"correlations in \[0, 1\), but it holds 1.0"),
    # float64's largest number below 1 is 1 in float32.
    "rounded to one": (np.array([1 - 1e-12, 0, 0]), r"correlations in \[0, 1\), but it holds 1.0"),
    "negative": (np.array([-0.1, 0, 0]), r"correlations in \[0, 1\), but it holds -0.1"),
    "nan": (np.array([np.nan, 0, 0]), r"correlations in \[0, 1\), but it holds nan"),
    "infinite": (np.array([np.inf, 0, 0]), r"correlations in \[0, 1\), but it holds inf"),
}


@pytest.mark.parametrize("case", WRONG_VALUES)
def test_wrong_values_are_named(case):
    shared, message = WRONG_VALUES[case]
    with pytest.raises(ValueError, match=message):
        block_correlation(shared, OWN)
    compiled = tf.function(lambda shared: block_correlation(shared, OWN))
    with pytest.raises(tf.errors.InvalidArgumentError, match="shared must hold"):
        compiled(tf.constant(shared))


@pytest.mark.parametrize(
    ("shared", "message"),
    [
        (np.zeros((4, 2), bool), r"shared has dtype bool and shape \(4, 2\).*each of the 3 blocks"),
        (np.zeros((4, 4)), r"shared has dtype float64 and shape \(4, 4\)"),
        (np.True_, r"shared has dtype bool and shape \(\)"),
        (np.array(["digit"] * 3), "shared has dtype .*; give int, bool or float"),
        (np.zeros((4, 3), complex), "shared has dtype complex128; give int, bool or float"),
        (None, "shared has dtype .*; give int, bool or float"),
    ],
)
def test_wrong_kinds_are_named(shared, message):
    with pytest.raises(ValueError, match=message):
        block_correlation(shared, OWN)


def test_a_learned_correlation_has_a_gradient():
    with tf.GradientTape() as tape:
        tape.watch(OWN)
        total = tf.reduce_sum(block_correlation(np.array([1, 1, 2]), OWN))
    np.testing.assert_array_equal(tape.gradient(total, OWN), [0, 2, 1])
