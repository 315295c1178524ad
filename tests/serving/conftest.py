"""A small network, its export, and what both are asked."""

import numpy as np
import pytest
import tensorflow as tf

import iin_tf


@pytest.fixture(scope="session")
def latents():
    return np.random.default_rng(0).normal(1.0, 2.0, (64, 12)).astype(np.float32)


@pytest.fixture(scope="session")
def network(latents):
    layout = iin_tf.FactorLayout({"eye color": 3, "digit": 4}, residual=5)
    network = iin_tf.InterpretationNetwork(layout, blocks=3, hidden=16, depth=1, seed=0)
    network.adapt(latents)
    return network


@pytest.fixture(scope="session")
def version(network, tmp_path_factory):
    return iin_tf.export(network, tmp_path_factory.mktemp("models") / "small")


@pytest.fixture(scope="session")
def endpoints(version):
    model = tf.saved_model.load(str(version))
    # The signatures alone do not keep the variables alive.
    yield model.signatures
    del model
