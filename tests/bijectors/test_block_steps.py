"""Another coupling and another mixing, written outside of the package and chosen by name."""

import numpy as np
import pytest
import tensorflow as tf

import iin_tf
from iin_tf import FactorLayout, InterpretationNetwork
from iin_tf.bijectors import (
    BlockSteps,
    Permutation,
    VectorBijector,
    block_steps,
    register_coupling,
    register_mixing,
)
from iin_tf.checks import InputError

LAYOUT = FactorLayout({"a": 2}, residual=3)


class Shear(VectorBijector):
    """`y = (a, b + tanh(W a))`, with a the first three dimensions."""

    def __init__(self, kernel):
        self.kernel = kernel
        super().__init__(5, parameters=dict(locals()), dtype=kernel.dtype, name="shear")

    def _moved(self, vectors, sign):
        a, b = tf.split(vectors, [3, 2], -1)
        moved = b + sign * tf.tanh(tf.tensordot(a, self.kernel, 1))
        return tf.concat([a, moved], -1), tf.zeros(tf.shape(vectors)[:-1], vectors.dtype)

    def _forward_and_log_det(self, x):
        return self._moved(x, 1)

    def _inverse_and_log_det(self, y):
        return self._moved(y, -1)


class ShearSteps(BlockSteps):
    """A shear in every block."""

    names = ("shear",)

    def build(self, add_weight, random):
        self.kernel = add_weight("shear_kernel", random.normal(size=(self.shape.blocks, 3, 2)))

    def unstack(self, dtype, product_dtype):
        return [[Shear(kernel)] for kernel in tf.unstack(self.kernel.value)]


class ReversalSteps(BlockSteps):
    """The dimensions in reverse, in every block."""

    names = ("reversal",)

    def build(self, add_weight, random):
        pass

    def unstack(self, dtype, product_dtype):
        order = tf.range(self.shape.latent_size - 1, -1, -1)
        return [[Permutation(order, dtype=dtype)] for _ in range(self.shape.blocks)]


@pytest.fixture(autouse=True)
def own_registries(monkeypatch):
    for registry in (block_steps.COUPLINGS, block_steps.MIXINGS):
        monkeypatch.setattr(registry, "_classes", dict(registry._classes))
    register_coupling("shear")(ShearSteps)
    register_mixing("reversal")(ReversalSteps)


def make():
    return InterpretationNetwork(
        LAYOUT, blocks=3, hidden=4, depth=0, seed=0, coupling="shear", mixing="reversal"
    )


def test_a_network_of_steps_from_outside_trains_inverts_and_loads(tmp_path):
    network, z = make(), np.random.default_rng(0).normal(size=(64, 5)).astype(np.float32) ** 3
    network.compile("adam")
    losses = network.fit(z, batch_size=64, epochs=30, verbose=0).history["loss"]
    assert losses[-1] < losses[0]
    assert [w.name for w in network.trainable_weights][-1] == "shear_kernel"
    # A few float32 operations on numbers up to 30.
    np.testing.assert_allclose(network.invert(network.transform(z)), z, atol=1e-4)
    network.save(tmp_path / "x.keras")
    np.testing.assert_array_equal(
        iin_tf.load(tmp_path / "x.keras").transform(z), network.transform(z)
    )


def test_its_steps_are_named_in_messages():
    assert make().flow.step_names[:4] == [
        "block 0, actnorm",
        "block 0, shear",
        "block 0, reversal",
        "block 1, actnorm",
    ]


def test_a_name_is_given_once():
    register_coupling("shear")(ShearSteps)
    with pytest.raises(InputError, match="coupling 'shear' is registered"):
        register_coupling("shear")(ReversalSteps)
    with pytest.raises(InputError, match="give a BlockSteps"):
        register_mixing("x")(Shear)


def test_an_unknown_name_lists_the_known_ones():
    with pytest.raises(InputError, match=r"coupling is 'x'; give one of \['affine', 'spline'"):
        InterpretationNetwork(LAYOUT, coupling="x")
