"""A small network that is compiled, and how it is fitted: what training is tested on."""

import numpy as np

from iin_tf import FactorLayout, InterpretationNetwork

LAYOUT = FactorLayout({"digit": 2, "color": 1}, residual=3)
N, PAIRS = LAYOUT.latent_size, 64


def make(optimizer="sgd", layout=LAYOUT, jit_compile=False, **kwargs):
    network = InterpretationNetwork(
        layout, **{"blocks": 1, "hidden": 16, "depth": 0, "seed": 0, **kwargs}
    )
    network.compile(optimizer, jit_compile=jit_compile)
    return network


def fit(network, x, shared=None, **kwargs):
    kwargs = {"batch_size": 16, "shuffle": False, "verbose": 0, **kwargs}
    return network.fit(x, shared, **kwargs).history


def weights(network):
    return [weight.numpy() for weight in network.trainable_variables]


def assert_equal_weights(a, b, **tolerance):
    for one, other in zip(weights(a), weights(b), strict=True):
        np.testing.assert_allclose(one, other, **tolerance)
