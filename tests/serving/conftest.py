"""A small network, its export, and what both are asked."""

import numpy as np
import pytest
import tensorflow as tf

import iin_tf
from iin_tf.serving import Client, Server


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


@pytest.fixture(scope="session")
def served(version):
    """A server of the export, by REST and gRPC."""
    models = {"small": version.parent}
    with Server(models, port=0, grpc_port=0, labels={"small": {"stable": 1}}) as server:
        yield server


@pytest.fixture(scope="session")
def rest_url(served):
    return f"http://127.0.0.1:{served.port}/v1/models/small"


@pytest.fixture(scope="session")
def grpc_url(served):
    return f"grpc://127.0.0.1:{served.grpc_port}/v1/models/small"


@pytest.fixture(params=["rest", "grpc"])
def client(request):
    with Client(request.getfixturevalue(f"{request.param}_url")) as client:
        yield client
