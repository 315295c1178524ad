"""A network whose flow is linear, so that what audits estimate has a closed form."""

import numpy as np
import pytest

from iin_tf import FactorLayout, InterpretationNetwork


@pytest.fixture(scope="session")
def linear_network():
    """T(z) = M z: couplings that do nothing, between rotations and scales."""
    layout = FactorLayout({"shape": 2, "shade": 1}, residual=3)
    network = InterpretationNetwork(
        layout, blocks=2, hidden=4, depth=0, mixing="linear", seed=0, dtype="float64"
    )
    for weight in (network.flow.couplings.kernels[-1], network.flow.couplings.biases[-1]):
        weight.assign(np.zeros(weight.shape))
    network.flow.actnorms.log_scale.assign(np.random.default_rng(0).normal(size=(2, 6)) / 3)
    return network


@pytest.fixture(scope="session")
def inverse_map(linear_network):
    """A [6, 6], z = A z_tilde."""
    return linear_network.invert(np.eye(6)).numpy().T


@pytest.fixture(scope="module")
def examples():
    """Codes whose block `digit` lies in ten narrow heaps, and `shade` is the shade."""
    random = np.random.default_rng(0)
    digit = random.integers(10, size=1500)
    angle = 2 * np.pi * digit / 10
    heap = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    shade = random.random(1500)
    codes = np.concatenate(
        [
            random.normal(size=(1500, 2)),
            heap + 0.01 * random.normal(size=(1500, 2)),
            shade[:, None],
        ],
        axis=1,
    )
    return codes, {"digit": digit, "shade": shade}
