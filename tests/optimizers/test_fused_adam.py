"""FusedAdam is Keras's Adam and AdamW, within rounding."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from iin_tf import FusedAdam

STEPS = 20
# The kernel forms 1 - beta_2 in float32, Keras in float64: 1 - 0.999 is off by 5e-5, its root,
# which an update is divided by, by 2.5e-5.  The moves of twenty steps are at most 20 * 0.1.
TOLERANCE = {"rtol": 0, "atol": 2.5e-5 * STEPS * 0.1}
SHAPES = [(3, 4), (5,), ()]
SETTINGS = {
    "plain": {},
    "published": {"learning_rate": 0.1, "beta_1": 0.5, "beta_2": 0.9},
    "epsilon": {"epsilon": 1e-2},
    "clipnorm": {"clipnorm": 0.1},
    "global_clipnorm": {"global_clipnorm": 0.1},
    "clipvalue": {"clipvalue": 0.05},
    "weight decay": {"weight_decay": 0.1},
    "schedule": {"learning_rate": lambda: keras.optimizers.schedules.PolynomialDecay(0.1, 15)},
    "everything": {
        "learning_rate": lambda: keras.optimizers.schedules.ExponentialDecay(0.1, 5, 0.5),
        "beta_1": 0.7,
        "clipnorm": 0.3,
        "weight_decay": 0.02,
    },
    "moving average": {"use_ema": True, "ema_momentum": 0.5, "ema_overwrite_frequency": 7},
    "accumulation": {"gradient_accumulation_steps": 3},
    "loss scale": {"loss_scale_factor": 8.0},
}


def variables(dtype="float32"):
    random = np.random.default_rng(0)
    return [keras.Variable(random.normal(size=shape), dtype=dtype) for shape in SHAPES]


def gradients(step, dtype="float32"):
    random = np.random.default_rng(1 + step)
    return [tf.constant(random.normal(size=shape), dtype) for shape in SHAPES]


def run(optimizer, steps=range(STEPS), dtype="float32", weights=None):
    weights = variables(dtype) if weights is None else weights

    @tf.function
    def apply(gradients):
        optimizer.apply(gradients, weights)

    optimizer.build(weights)
    for step in steps:
        apply(gradients(step, dtype))
    return weights


def assert_equal(a, b, **tolerance):
    for one, other in zip(a, b, strict=True):
        np.testing.assert_allclose(one, other, **tolerance)


@pytest.mark.parametrize("name", SETTINGS)
def test_it_is_keras_adam(name):
    def settings():
        return {k: v() if callable(v) else v for k, v in SETTINGS[name].items()}

    assert_equal(
        run(FusedAdam(**settings())),
        run(keras.optimizers.Adam(**settings())),
        **TOLERANCE,
    )


def test_with_weight_decay_it_is_adamw():
    assert_equal(
        run(FusedAdam(0.01, weight_decay=0.1)),
        run(keras.optimizers.AdamW(0.01, weight_decay=0.1)),
        **TOLERANCE,
    )


def test_what_is_excluded_does_not_decay():
    results = []
    for kind in (FusedAdam, keras.optimizers.AdamW):
        optimizer, weights = kind(0.01, weight_decay=0.5), variables()
        optimizer.exclude_from_weight_decay(var_list=weights[1:2])
        results.append(run(optimizer, weights=weights))
    assert_equal(*results, **TOLERANCE)


def adam_by_hand(rate, beta_1, beta_2, epsilon):
    weights = [weight.numpy() for weight in variables("float64")]
    m, v = ([np.zeros(shape) for shape in SHAPES] for _ in range(2))
    for step in range(STEPS):
        for i, gradient in enumerate(gradients(step, "float64")):
            m[i] += (1 - beta_1) * (gradient - m[i])
            v[i] += (1 - beta_2) * (gradient**2 - v[i])
            alpha = rate * np.sqrt(1 - beta_2 ** (step + 1)) / (1 - beta_1 ** (step + 1))
            weights[i] -= alpha * m[i] / (np.sqrt(v[i]) + epsilon)
    return weights


def test_in_float64_it_is_adam_by_hand():
    # Keras's Adam takes the betas through float32, and is off by 1e-5.
    optimizer = FusedAdam(0.125, beta_1=0.9, beta_2=0.999, epsilon=1e-7)
    expected = adam_by_hand(0.125, 0.9, 0.999, 1e-7)
    assert_equal(run(optimizer, dtype="float64"), expected, rtol=1e-10)


def test_it_works_without_a_graph():
    optimizer, weights = FusedAdam(0.01), variables()
    for step in range(3):
        optimizer.apply(gradients(step), weights)
    assert_equal(weights, run(FusedAdam(0.01), range(3)), rtol=1e-6)


def test_the_config_makes_an_equal_optimizer():
    optimizer = FusedAdam(0.01, beta_1=0.5, weight_decay=0.1, clipnorm=0.1)
    again = FusedAdam.from_config(optimizer.get_config())
    assert_equal(run(again), run(optimizer), rtol=0)


def test_saved_and_restored_it_goes_on(tmp_path):
    halves, weights = FusedAdam(0.1, weight_decay=0.1), variables()
    run(halves, range(10), weights=weights)
    store = {}
    halves.save_own_variables(store)
    restored = FusedAdam.from_config(halves.get_config())
    restored.build(weights)
    restored.load_own_variables(store)
    run(restored, range(10, STEPS), weights=weights)
    assert int(restored.iterations) == STEPS
    assert_equal(weights, run(FusedAdam(0.1, weight_decay=0.1)), rtol=0)


def test_its_update_is_one_operation_a_variable():
    optimizer, weights = FusedAdam(0.1), variables()
    optimizer.build(weights)
    graph = (
        tf.function(lambda g: optimizer.apply(g, weights)).get_concrete_function(gradients(0)).graph
    )
    kinds = [operation.type for operation in graph.get_operations()]
    assert kinds.count("ResourceApplyAdam") == len(weights)
    # A dozen for each is what Keras's Adam puts there.
    assert len(kinds) < 25 * len(weights)


def test_amsgrad_is_refused():
    with pytest.raises(ValueError, match=r"amsgrad is True; use keras.optimizers.Adam"):
        FusedAdam(amsgrad=True)
