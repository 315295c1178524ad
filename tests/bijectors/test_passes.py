"""One pass of the conditioner yields value and log-det, and no answer is a remembered one."""

import numpy as np
import pytest
import tensorflow as tf
import tensorflow_probability as tfp

from iin_tf.bijectors import Flow, conditioner

tfb, tfd = tfp.bijectors, tfp.distributions
SIZE, BLOCKS = 6, 2
COUPLINGS = 2 * BLOCKS


@pytest.fixture(params=[("permutation", "affine"), ("linear", "affine"), ("linear", "spline")])
def flow(request):
    mixing, coupling = request.param
    layer = Flow(SIZE, BLOCKS, 8, 0, mixing, seed=0, coupling=coupling)
    layer.build()
    return layer


@pytest.fixture
def passes(monkeypatch):
    """Counts the calls of any conditioner."""
    count, outputs = [0], conditioner.network_outputs

    def counting(x, networks):
        count[0] += 1
        return outputs(x, networks)

    monkeypatch.setattr(conditioner, "network_outputs", counting)
    return count


def normal(*shape, seed=0):
    return tf.constant(np.random.default_rng(seed).normal(size=shape), tf.float32)


def log_prob(bijector):
    return tfd.TransformedDistribution(
        tfd.MultivariateNormalDiag(tf.zeros(SIZE)), bijector
    ).log_prob


USES = {
    "log_prob through the inverse": log_prob,
    "log_prob through the forward map": lambda b: log_prob(tfb.Invert(b)),
    "log_prob through tfb.Chain": lambda b: log_prob(tfb.Chain([tfb.Shift(1.0), b])),
    "log_prob through tfb.Chain of tfb.Invert": lambda b: log_prob(
        tfb.Chain([tfb.Shift(1.0), tfb.Invert(b)])
    ),
    "forward, then its log-det": lambda b: (
        lambda x: (
            b.forward(x),
            b.forward_log_det_jacobian(x),
        )
    ),
    "inverse, then its log-det": lambda b: (
        lambda y: (
            b.inverse(y),
            b.inverse_log_det_jacobian(y),
        )
    ),
    "forward, then the log-det of the way back": lambda b: (
        lambda x: b.inverse_log_det_jacobian(b.forward(x))
    ),
}


@pytest.mark.parametrize("use", USES)
def test_one_pass_in_a_graph_gives_the_eager_answer(flow, passes, use):
    function, x = USES[use](flow.bijector), normal(4, SIZE)
    compiled = tf.nest.flatten(tf.function(function)(x))
    assert passes == [COUPLINGS]
    for in_graph, eager in zip(compiled, tf.nest.flatten(function(x)), strict=True):
        # float32, a few layers.
        np.testing.assert_allclose(in_graph, eager, rtol=1e-5, atol=1e-5)


def test_one_pass_when_called_for_both(flow, passes):
    flow.bijector.forward_and_log_det(normal(4, SIZE))
    assert passes == [COUPLINGS]


@pytest.mark.parametrize("wrap", [lambda b: b, tfb.Invert], ids=["plain", "inverted"])
def test_an_eager_call_reads_the_weights_of_now(flow, wrap):
    bijector, x = wrap(flow.bijector), normal(4, SIZE)
    methods = [
        bijector.forward,
        bijector.inverse,
        bijector.forward_log_det_jacobian,
        bijector.inverse_log_det_jacobian,
    ]
    before = [method(x) for method in methods]
    flow.actnorms.log_scale.assign_add(tf.ones_like(flow.actnorms.log_scale.value))
    fresh = wrap(flow.bijector)
    for old, method in zip(before, methods, strict=True):
        now = method(x)
        assert np.abs(now - old).min() > 1e-3
        np.testing.assert_array_equal(now, getattr(fresh, method.__name__)(tf.identity(x)))


def test_an_eager_call_is_not_answered_from_a_graph(flow):
    bijector, x = flow.bijector, normal(4, SIZE)
    compiled = tf.function(bijector.forward)
    compiled(x)
    flow.actnorms.shift.assign_add(tf.ones_like(flow.actnorms.shift.value))
    np.testing.assert_allclose(compiled(x), bijector.forward(x), rtol=1e-5, atol=1e-5)


def test_a_value_of_an_outer_graph_can_be_used_in_an_inner_one(flow):
    bijector = flow.bijector

    @tf.function
    def total(x):
        bijector.forward(x)
        # A remembered value of the loop's body would be out of reach after it, and vice versa.
        return tf.while_loop(
            lambda step, _: step < 3,
            lambda step, sum_: (step + 1, sum_ + bijector.forward_log_det_jacobian(x)),
            (0, tf.zeros(tf.shape(x)[0])),
        )[1] + bijector.forward_log_det_jacobian(x)

    x = normal(4, SIZE)
    expected = 4 * bijector.forward_log_det_jacobian(x)
    np.testing.assert_allclose(total(x), expected, rtol=1e-5, atol=1e-5)


def test_variables_are_visible_through_the_bijector(flow):
    trainable = {variable.ref() for variable in flow.bijector.trainable_variables}
    assert trainable == {weight.value.ref() for weight in flow.trainable_weights}
