"""Bijectors name a wrong argument, and show themselves in a few words."""

import numpy as np
import pytest
import tensorflow as tf

from iin_tf.bijectors import (
    ActNorm,
    AffineCoupling,
    Chain,
    LULinear,
    Permutation,
    PrincipalAxes,
    Trailing,
)
from iin_tf.checks import InputError

V, M = np.ones(3), np.eye(3)
WRONG = {
    "no numbers": (lambda: ActNorm("x", object()), "log_scale|shift"),
    "a matrix for a vector": (lambda: ActNorm(M, V), r"shift has shape \(3, 3\); give \[N\]"),
    "another length": (lambda: ActNorm(V, V[:2]), r"log_scale has shape \(2,\); give \[3\]"),
    "a repeated entry": (lambda: Permutation([0, 1, 1]), "each of 0 .. N-1 once"),
    "an entry out of range": (lambda: Permutation([1, 2, 3]), "each of 0 .. N-1 once"),
    "fractions": (lambda: Permutation([0.0, 1.0]), "permutation has dtype float32"),
    "no square": (lambda: LULinear(M[:2], V, V, [0, 1, 2]), r"triangles has shape \(2, 3\)"),
    "a short sign": (lambda: LULinear(M, V, V[:1], [0, 1, 2]), r"sign has shape \(1,\)"),
    "a short permutation": (lambda: LULinear(M, V, V, [0, 1]), r"permutation has shape \(2,\)"),
    "axes": (lambda: PrincipalAxes(V, V, V), r"axes has shape \(3,\); give \[3, 3\]"),
    "no function": (lambda: AffineCoupling(3), "conditioner is 3; give a function"),
    "no flag": (lambda: AffineCoupling(lambda x: x, flip=2), "flip is 2; give True or False"),
    "no size": (lambda: Trailing(ActNorm(V, V), 0), "size is 0; give a whole number"),
}


@pytest.mark.parametrize(("make", "message"), WRONG.values(), ids=WRONG)
def test_a_wrong_argument_is_named(make, message):
    with pytest.raises(InputError, match=message):
        make()


def test_arrays_are_taken_for_tensors():
    x = tf.constant([[1.0, 2.0, 3.0]], tf.float64)
    np.testing.assert_array_equal(ActNorm(V, np.zeros(3)).forward(x), x + 1)
    np.testing.assert_array_equal(Permutation([2, 0, 1]).forward(x), [[3, 1, 2]])


def test_the_repr_is_short():
    actnorm = ActNorm(V, V)
    assert repr(actnorm) == str(actnorm) == "ActNorm(N=3, float64)"
    assert repr(Permutation([1, 0])) == "Permutation(N=2, ?)"
    assert repr(Chain([actnorm], event_size=3, dtype=tf.float64)) == "Chain(N=3, float64)"


def test_equal_arguments_make_equal_bijectors():
    assert ActNorm(tf.constant(V), tf.constant(V)) == ActNorm(tf.constant(V), tf.constant(V))
    assert ActNorm(tf.constant(V), tf.constant(V)) != ActNorm(tf.constant(V), tf.constant(2 * V))
