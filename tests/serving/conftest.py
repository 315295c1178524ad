"""A small network, its export, and what both are asked; a toy model beside it."""

import httpx2
import keras
import numpy as np
import pytest
import tensorflow as tf
import toy_model

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
def staged(network, tmp_path_factory):
    """An export with an autoencoder and a head, and the first stage of these."""
    models = iin_tf.models
    autoencoder = models.VariationalAutoencoder(12, channels=4, hidden=16, image_shape=(8, 8, 3))
    head = keras.Sequential([keras.Input((12,)), keras.layers.Dense(2)])
    stage = iin_tf.first_stages.KerasFirstStage(autoencoder, head=head)
    return iin_tf.export(network, tmp_path_factory.mktemp("staged"), first_stage=stage), stage


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


@pytest.fixture(scope="session")
def http(served):
    with httpx2.Client(base_url=f"http://127.0.0.1:{served.port}") as http:
        yield http


@pytest.fixture(scope="session")
def toy_http(tmp_path_factory):
    """Of a server of the toy model's versions 7 and 12, the latter with a label."""
    path = tmp_path_factory.mktemp("toys") / "toy"
    toy_model.write_versions(path, 7, 12)
    labels = {"toy": {"canary": 12}}
    with (
        Server({"toy": path}, port=0, versions=2, labels=labels) as server,
        httpx2.Client(base_url=f"http://127.0.0.1:{server.port}") as http,
    ):
        yield http
