"""A small network, adapted to latents: what its directions, edits and densities are tested on."""

import numpy as np

from iin_tf import FactorLayout, InterpretationNetwork

LAYOUT = FactorLayout({"digit": 2, "color": 1}, residual=3)
N = LAYOUT.latent_size


def latents(count=9, seed=0):
    return np.random.default_rng(seed).normal(size=(count, N)) * 3 + 1


def make(layout=LAYOUT, **kwargs):
    network = InterpretationNetwork(
        layout, **{"blocks": 2, "hidden": 16, "depth": 1, "seed": 0, **kwargs}
    )
    # Without a start from data every ActNorm would be the identity.
    network.adapt(latents(100, seed=1)[:, : layout.latent_size])
    return network
