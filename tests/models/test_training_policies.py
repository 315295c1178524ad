"""Training compiled, eager, in several precisions: the same weights."""

import numpy as np
from small_training import assert_equal_weights, fit, make

from iin_tf import FusedAdam


def test_compiled_by_xla_it_trains_alike(data):
    plain, compiled = make(), make(jit_compile=True)
    for network in (plain, compiled):
        fit(network, *data)
    # XLA fuses and reorders float32 sums; four steps.
    assert_equal_weights(plain, compiled, rtol=1e-3, atol=1e-5)


def test_run_eagerly_it_trains_alike(data):
    plain, eager = make(), make()
    eager.compile("sgd", run_eagerly=True)
    for network in (plain, eager):
        fit(network, *data)
    assert_equal_weights(plain, eager, rtol=1e-4, atol=1e-6)


def test_several_steps_per_execution_train_alike(data):
    plain, several = make(), make()
    several.compile("sgd", steps_per_execution=2)
    for network in (plain, several):
        fit(network, *data)
    assert_equal_weights(plain, several, rtol=1e-5, atol=1e-6)


def test_mixed_bfloat16_trains_in_float32_weights(data):
    plain, mixed = make(FusedAdam(0.01)), make(FusedAdam(0.01), dtype="mixed_bfloat16")
    losses = [fit(network, *data, epochs=5)["loss"] for network in (plain, mixed)]
    assert {weight.dtype for weight in mixed.trainable_variables} == {"float32"}
    # bfloat16 has three digits; the losses are near 8.
    np.testing.assert_allclose(losses[1], losses[0], atol=0.2)
    # The products did run in bfloat16.
    assert np.abs(np.subtract(*losses)).max() > 1e-4


def test_float64_trains_in_float64(data):
    network = make(dtype="float64")
    fit(network, *data)
    assert {weight.dtype for weight in network.trainable_variables} == {"float64"}


def test_a_step_is_traced_once(data):
    network, traces = make(FusedAdam()), []
    step = network.train_step

    def counting(batch):
        traces.append(batch)
        return step(batch)

    network.train_step = counting
    fit(network, *data, epochs=2)
    assert len(traces) == 1
