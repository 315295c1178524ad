"""A tiny explorer whose every number can be worked out by hand."""

import numpy as np
import pytest

import iin_tf
from iin_tf import FactorLayout
from iin_tf.explorer.directions import Circle, Directions
from iin_tf.explorer.explorer import Explorer
from iin_tf.explorer.gallery import Gallery
from iin_tf.explorer.models import LocalModel
from iin_tf.first_stages import FunctionFirstStage

LAYOUT = FactorLayout({"digit": 2, "angle": 3}, residual=3)
SIDE, SIZE, ROWS = 4, LAYOUT.latent_size, 40
PIXELS = np.random.default_rng(1).normal(size=(SIZE, SIDE * SIDE * 3)).astype(np.float32)


def decode(z):
    """Images in (0, 1) [B, 4, 4, 3]."""
    return (1 / (1 + np.exp(-np.asarray(z) @ PIXELS / 8))).reshape(-1, SIDE, SIDE, 3)


def encode(x):
    """The eight first grey levels, as numbers about 0."""
    return (np.asarray(x, np.float32).reshape(len(x), -1)[:, :SIZE] - 128) / 64


def head(z):
    return np.asarray(z)[:, :3] * 2


@pytest.fixture(scope="session")
def decoded():
    """What the tiny first stage decodes by."""
    return decode


@pytest.fixture(scope="session")
def images():
    return np.random.default_rng(2).integers(0, 256, (ROWS, SIDE, SIDE, 3), np.uint8)


@pytest.fixture(scope="session")
def network(images):
    made = iin_tf.InterpretationNetwork(LAYOUT, blocks=2, hidden=8, seed=0)
    made.adapt(encode(images))
    return made


@pytest.fixture(scope="session")
def labels():
    random = np.random.default_rng(3)
    return {
        "digit": random.integers(0, 4, ROWS),
        "angle": random.uniform(0, 360, ROWS).astype(np.float32),
    }


def explorer_of(model, images, labels, **more):
    """An explorer of a model, from what the images are encoded to."""
    z = encode(images)
    codes, log_prob = model.transform(z), model.log_prob(z)
    ids = [f"e{row}" for row in range(len(z))]
    gallery = Gallery(LAYOUT, ids, z, codes, log_prob, labels, images, periods={"angle": 360})
    circle = Circle.fit(codes[:, LAYOUT.slices["angle"]], labels["angle"], 360)
    return Explorer(model, gallery, Directions(LAYOUT, codes, {"angle": circle}), **more)


@pytest.fixture(scope="session")
def explorer(network, images, labels):
    stage = FunctionFirstStage(encode, decode=decode, head=head, latent_size=SIZE, noise=0.1)
    stage.adapt(images)
    return explorer_of(LocalModel(network, stage, images), images, labels)


@pytest.fixture(scope="session")
def bare(network, images, labels):
    """The same without a first stage."""
    return explorer_of(LocalModel(network, None), images, labels)
