"""Laws that every bijector keeps, in float64."""

import itertools

import numpy as np
import pytest
import tensorflow as tf
import tensorflow_probability as tfp

from iin_tf.bijectors import (
    ActNorm,
    AffineCoupling,
    Chain,
    Conditioner,
    Flow,
    LULinear,
    Network,
    Permutation,
    PrincipalAxes,
    SplineConditioner,
    SplineCoupling,
    Trailing,
)

tfb, tfd = tfp.bijectors, tfp.distributions
SIZE = 6
# Products of a dozen float64 numbers of order 1 to 10.
TOLERANCE = {"rtol": 1e-10, "atol": 1e-10}


def normal(*shape, seed=0):
    return tf.constant(np.random.default_rng(seed).normal(size=shape))


def mlp(seed, hidden, outputs=1):
    widths = (SIZE // 2, hidden, hidden, outputs * SIZE // 2)
    layers = list(itertools.pairwise(widths))
    return Network(
        tuple(normal(*layer, seed=seed + i) for i, layer in enumerate(layers)),
        tuple(normal(layer[1], seed=seed + 10 + i) for i, layer in enumerate(layers)),
    )


def conditioner(seed=0, hidden=5):
    return Conditioner(mlp(seed, hidden), mlp(seed + 20, hidden))


def spline_coupling(flip=False):
    # Some of the values lie beyond the splines' ends.
    return SplineCoupling(SplineConditioner(mlp(0, 5, outputs=11), bins=4), 1.5, flip=flip)


def flow(mixing, blocks=2, depth=1, size=SIZE, **choices):
    layer = Flow(size, blocks, 16, depth, mixing, seed=1, dtype="float64", **choices)
    layer.build()
    # Without a start from data every ActNorm would be the identity, and so are splines.
    layer.adapt(3 * normal(50, size, seed=2) + 1)
    for weight in layer.trainable_weights:
        weight.assign(weight + 0.1 * normal(*weight.shape, seed=3))
    return layer.bijector


def lu_linear():
    lower_upper, permutation = tf.linalg.lu(normal(SIZE, SIZE, seed=3))
    diagonal = tf.linalg.diag_part(lower_upper)
    return LULinear(lower_upper, tf.math.log(abs(diagonal)), tf.sign(diagonal), permutation)


def principal_axes():
    rotation, _ = tf.linalg.qr(normal(SIZE, SIZE, seed=5))
    return PrincipalAxes(normal(SIZE), rotation, normal(SIZE, seed=6))


CONSTRUCTORS = {
    "actnorm": lambda: ActNorm(normal(SIZE), normal(SIZE, seed=1)),
    "coupling": lambda: AffineCoupling(conditioner()),
    "flipped coupling": lambda: AffineCoupling(conditioner(), flip=True),
    "spline coupling": spline_coupling,
    "flipped spline coupling": lambda: spline_coupling(flip=True),
    "permutation": lambda: Permutation(tf.constant([3, 0, 5, 1, 2, 4])),
    "lu_linear": lu_linear,
    "principal axes": principal_axes,
    "trailing": lambda: Trailing(ActNorm(normal(4), normal(4, seed=1)), 4),
    "chain": lambda: Chain([AffineCoupling(conditioner()), lu_linear()]),
    "flow with permutations": lambda: flow("permutation"),
    "flow with linear maps": lambda: flow("linear"),
    "flow of one block": lambda: flow("linear", blocks=1, depth=0),
    "flow of splines": lambda: flow("linear", coupling="spline"),
    "flow behind a white front": lambda: flow("linear", front="whiten"),
    "flow of leading components": lambda: flow("permutation", size=7, front=4),
    "flow of odd size": lambda: flow("permutation", size=7),
    "flow of splines of odd size": lambda: flow("permutation", size=3, coupling="spline"),
}


@pytest.fixture(params=CONSTRUCTORS)
def bijector(request):
    return CONSTRUCTORS[request.param]()


@pytest.fixture
def x(bijector):
    return normal(7, bijector.event_size or SIZE, seed=4)


def test_inverse_undoes_forward(bijector, x):
    # identity: TFP's cache would remember x, and accept a wrong inverse.
    np.testing.assert_allclose(bijector.inverse(tf.identity(bijector.forward(x))), x, **TOLERANCE)
    np.testing.assert_allclose(bijector.forward(tf.identity(bijector.inverse(x))), x, **TOLERANCE)


def test_log_det_is_that_of_the_jacobian(bijector, x):
    for direction, log_det in (
        (bijector.forward, bijector.forward_log_det_jacobian),
        (bijector.inverse, bijector.inverse_log_det_jacobian),
    ):
        with tf.GradientTape(persistent=True) as tape:
            tape.watch(x)
            y = direction(x)
        jacobian = tape.batch_jacobian(y, x, experimental_use_pfor=False)
        expected = np.linalg.slogdet(jacobian)[1]
        np.testing.assert_allclose(log_det(tf.identity(x)), expected, **TOLERANCE)
        assert np.abs(expected).max() > 0.1 or isinstance(bijector, Permutation)


def test_forward_log_det_is_minus_the_inverse_log_det(bijector, x):
    y = tf.identity(bijector.forward(x))
    np.testing.assert_allclose(
        bijector.forward_log_det_jacobian(tf.identity(x)),
        -bijector.inverse_log_det_jacobian(y),
        **TOLERANCE,
    )


def test_value_and_log_det_come_together(bijector, x):
    for both, value, log_det in (
        (
            bijector.forward_and_log_det,
            bijector.forward,
            bijector.forward_log_det_jacobian,
        ),
        (
            bijector.inverse_and_log_det,
            bijector.inverse,
            bijector.inverse_log_det_jacobian,
        ),
    ):
        y, log_dets = both(x)
        assert log_dets.shape == [7]
        np.testing.assert_array_equal(y, value(tf.identity(x)))
        np.testing.assert_array_equal(log_dets, log_det(tf.identity(x)))


def test_a_row_does_not_depend_on_its_batch(bijector, x):
    whole, log_dets = bijector.forward_and_log_det(x)
    for rows in (slice(0, 1), slice(2, 5)):
        part, part_log_dets = bijector.forward_and_log_det(x[rows])
        # Products of another shape may be summed in another order.
        np.testing.assert_allclose(part, whole[rows], rtol=1e-13, atol=1e-13)
        np.testing.assert_allclose(part_log_dets, log_dets[rows], rtol=1e-13, atol=1e-13)


@pytest.mark.parametrize("batch", [(), (0,), (2, 3), (2, 0, 3)])
def test_any_leading_batch_dimensions(bijector, batch):
    size = bijector.event_size or SIZE
    x = normal(*batch, size, seed=5)
    y, log_det = bijector.forward_and_log_det(x)
    assert y.shape == x.shape
    assert log_det.shape == batch
    back, inverse_log_det = bijector.inverse_and_log_det(y)
    np.testing.assert_allclose(back, x, **TOLERANCE)
    np.testing.assert_allclose(inverse_log_det, -log_det, **TOLERANCE)
    flat, flat_log_det = bijector.forward_and_log_det(tf.reshape(x, [-1, size]))
    np.testing.assert_allclose(tf.reshape(y, [-1, size]), flat, **TOLERANCE)
    np.testing.assert_allclose(tf.reshape(log_det, [-1]), flat_log_det, **TOLERANCE)


def test_graph_and_eager_agree(bijector, x):
    shape = tf.TensorSpec([None, x.shape[-1]], tf.float64)
    for method in (
        bijector.forward,
        bijector.inverse,
        bijector.forward_log_det_jacobian,
        bijector.inverse_log_det_jacobian,
    ):
        compiled = tf.function(method, input_signature=[shape])
        np.testing.assert_allclose(compiled(x), method(x), **TOLERANCE)


def test_gradients_of_the_input_agree_with_differences(bijector, x):
    def total(x):
        y, log_det = bijector.forward_and_log_det(x)
        return tf.reduce_sum(tf.sin(y)) + tf.reduce_sum(log_det)

    _, gradient = tfp.math.value_and_gradient(total, x)
    step = 1e-6
    direction = normal(*x.shape, seed=6)
    difference = (total(x + step * direction) - total(x - step * direction)) / (2 * step)
    # Central differences err by step^2, and by rounding / step = 1e-10.
    np.testing.assert_allclose(tf.reduce_sum(gradient * direction), difference, rtol=1e-6)
