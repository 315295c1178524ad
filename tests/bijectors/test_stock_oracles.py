"""Every bijector equals TFP's own on shared weights, in float64."""

import numpy as np
import pytest
import tensorflow as tf
import tensorflow_probability as tfp

from iin_tf.bijectors import ActNorm, AffineCoupling, Flow, LULinear, Permutation

tfb = tfp.bijectors
SIZE = 6


def stock(step):
    """The chain of TFP's bijectors that does what `step` does, with its weights."""
    match step:
        case ActNorm():
            return tfb.Chain([tfb.Scale(log_scale=step.log_scale), tfb.Shift(step.shift)])
        case AffineCoupling():

            def shift_and_log_scale(fixed, units):
                log_scale, shift = step.conditioner(fixed)
                assert units == SIZE // 2
                return shift, log_scale

            return tfb.RealNVP(
                fraction_masked=-0.5 if step.flip else 0.5,
                shift_and_log_scale_fn=shift_and_log_scale,
            )
        case Permutation():
            return tfb.Permute(step.permutation)
        case LULinear():
            return tfb.ScaleMatvecLU(step.lower_upper, step.permutation)
        case _:
            raise TypeError(f"no oracle for {step}")


@pytest.fixture(params=["permutation", "linear"])
def flow(request):
    layer = Flow(SIZE, 2, 16, 1, request.param, seed=0, dtype="float64")
    layer.build()
    random = np.random.default_rng(1)
    for weight in layer.trainable_weights:
        weight.assign(weight + 0.3 * random.normal(size=weight.shape))
    return layer


def assert_equal_bijectors(ours, oracle):
    x = tf.constant(np.random.default_rng(2).normal(size=(5, SIZE)))
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
        assert_equal_bijectors(step, stock(step))


def test_flow_equals_the_stock_chain(flow):
    # tfb.Chain applies its last bijector first.
    assert_equal_bijectors(
        flow.bijector, tfb.Chain([stock(step) for step in reversed(flow.bijector.steps)])
    )
