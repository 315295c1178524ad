"""What several tests of models share."""

import numpy as np
import pytest

from iin_tf import FactorLayout

LAYOUT = FactorLayout({"digit": 2, "color": 1}, residual=3)
N, PAIRS = LAYOUT.latent_size, 64


@pytest.fixture(scope="module")
def data():
    """Pairs that share one block each: a rotation of factorised Gaussians."""
    random = np.random.default_rng(0)
    shared = random.integers(-1, 3, PAIRS)
    rho = np.repeat(np.eye(4, 3)[shared] * 0.9, LAYOUT.sizes, axis=1)
    a, noise = random.normal(size=(2, PAIRS, N))
    b = rho * a + np.sqrt(1 - rho**2) * noise
    rotation = np.linalg.qr(random.normal(size=(N, N)))[0] * 3
    return (
        ((a @ rotation + 1).astype("float32"), (b @ rotation + 1).astype("float32")),
        shared,
    )
