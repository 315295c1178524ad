"""Every bijector equals TFP's own on shared weights, in float64."""

import itertools

import numpy as np
import pytest
import scipy.special
import tensorflow as tf
import tensorflow_probability as tfp

from iin_tf.bijectors import (
    ActNorm,
    AffineCoupling,
    Flow,
    LULinear,
    Permutation,
    SplineCoupling,
)

tfb = tfp.bijectors


def stock_spline(bends, bound):
    def sizes(logits):
        logits = np.asarray(logits)
        return (
            2 * bound * (1e-3 + (1 - 1e-3 * logits.shape[-1]) * scipy.special.softmax(logits, -1))
        )

    # log1p(exp(start)) is 1 - 1e-3: of slopes that start at 1.
    slopes = 1e-3 + np.log1p(np.exp(np.asarray(bends.slopes) + np.log(np.expm1(1 - 1e-3))))
    return tfb.RationalQuadraticSpline(sizes(bends.widths), sizes(bends.heights), slopes, -bound)


def stock(step, size):
    """The chain of TFP's bijectors that does what `step` does on [..., size], with its weights."""
    match step:
        case ActNorm():
            return tfb.Chain([tfb.Scale(log_scale=step.log_scale), tfb.Shift(step.shift)])
        case AffineCoupling():

            def shift_and_log_scale(fixed, units):
                log_scale, shift = step.conditioner(fixed)
                assert units == log_scale.shape[-1]
                return shift, log_scale

            return tfb.RealNVP(
                num_masked=-(size // 2) if step.flip else size // 2,
                shift_and_log_scale_fn=shift_and_log_scale,
            )
        case SplineCoupling():
            return tfb.RealNVP(
                num_masked=-(size // 2) if step.flip else size // 2,
                bijector_fn=lambda fixed, units: stock_spline(step.conditioner(fixed), step.bound),
            )
        case Permutation():
            return tfb.Permute(step.permutation)
        case LULinear():
            return tfb.ScaleMatvecLU(step.lower_upper, step.permutation)
        case _:
            raise TypeError(f"no oracle for {step}")


@pytest.fixture(
    params=itertools.product((6, 7), ("permutation", "linear"), ("affine", "spline")), ids=str
)
def flow(request):
    size, mixing, coupling = request.param
    layer = Flow(size, 2, 16, 1, mixing, seed=0, coupling=coupling, dtype="float64")
    layer.build()
    random = np.random.default_rng(1)
    for weight in layer.trainable_weights:
        weight.assign(weight + 0.3 * random.normal(size=weight.shape))
    return layer


def assert_equal_bijectors(ours, oracle, size):
    x = tf.constant(2 * np.random.default_rng(2).normal(size=(5, size)))
    # The same numbers in float64, rounded in another order.
    tolerance = {"rtol": 1e-11, "atol": 1e-11}
    for name in ("forward", "inverse"):
        np.testing.assert_allclose(getattr(ours, name)(x), getattr(oracle, name)(x), **tolerance)
        log_det = f"{name}_log_det_jacobian"
        # TFP's constant log-dets have no batch.
        expected = getattr(oracle, log_det)(x, event_ndims=1) + tf.zeros(len(x), x.dtype)
        np.testing.assert_allclose(getattr(ours, log_det)(x), expected, **tolerance)


def test_steps_equal_stock_bijectors(flow):
    for step in flow.bijector.steps:
        assert_equal_bijectors(step, stock(step, flow.latent_size), flow.latent_size)


def test_flow_equals_the_stock_chain(flow):
    # tfb.Chain applies its last bijector first.
    size = flow.latent_size
    steps = [stock(step, size) for step in reversed(flow.bijector.steps)]
    assert_equal_bijectors(flow.bijector, tfb.Chain(steps), size)
