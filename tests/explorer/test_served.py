"""An export explored from its address alone: what is shown is what the network here says."""

import shutil

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

import iin_tf
from iin_tf.checks import InputError
from iin_tf.explorer import Change, View, open_served
from iin_tf.explorer.served import RemoteModel
from iin_tf.explorer.visit import Visit
from iin_tf.first_stages import FirstStage
from iin_tf.serving import Client, Server, ServerError

pytest.importorskip("httpx2")
pytest.importorskip("starlette")
# JSON carries float32 to the digit; the order of sums in a graph may be another.
CLOSE = {"rtol": 1e-4, "atol": 1e-4}
FACTS = {"held_out": {"leakage/digit/digit": 0.9, "leakage/digit/angle": 0.1}}


class Stage(FirstStage):
    """Pictures of 4 x 4, whose first eight numbers are the representation."""

    has_decoder = has_head = head_needs_input = True
    input_spec = tf.TensorSpec([None, 4, 4, 3], tf.float32)
    input_range = (0.0, 1.0)

    def __init__(self):
        super().__init__(8)

    def represent(self, x):
        mean = tf.reshape(x, [-1, 48])[:, :8]
        return mean, tf.zeros_like(mean)

    def generate(self, z):
        return tf.reshape(tf.tile(tf.sigmoid(z), [1, 6]), [-1, 4, 4, 3])

    def respond(self, z, x=None):
        return {"score": z[:, :2], "light": x[:, 0, 0, :1]}


@pytest.fixture(scope="module")
def exports(network, tmp_path_factory):
    """The network with a first stage, and without one."""
    folder = tmp_path_factory.mktemp("models")
    iin_tf.export(network, folder / "bare", facts=FACTS)
    iin_tf.export(network, folder / "staged", Stage())
    return folder


@pytest.fixture(scope="module")
def served(exports):
    with Server({one.name: one for one in exports.iterdir()}, port=0) as server:
        yield f"http://127.0.0.1:{server.port}/v1/models"


@pytest.fixture(scope="module")
def pictured(served):
    return open_served(f"{served}/staged")


def test_examples_are_draws_and_an_exchange_is_the_networks_own(pictured, network):
    assert pictured.layout == network.layout
    ids, z = pictured.gallery.ids, pictured.gallery.z
    assert ids[:2] == ["draw 0", "draw 1"]
    with Client(address(pictured)) as client:
        np.testing.assert_array_equal(z, client.sample(len(z)))
    shown = pictured.show(View("draw 3", "draw 8", {"digit": Change(towards=1.0)}))
    swapped = network.swap(z[3:4], z[8:9], ["digit"]).numpy()
    np.testing.assert_allclose(shown.z, swapped[0], **CLOSE)
    expected = np.round(255 * Stage().generate(swapped).numpy()[0])
    # A grey level: rounding of float32 on the way.
    assert np.abs(shown.picture.astype(float) - expected).max() <= 1
    assert shown.log_prob == pytest.approx(network.log_prob(swapped).numpy()[0], abs=1e-3)


def address(explorer):
    """As it stands in the lines that are copied: of one version."""
    url = explorer.code(View("draw 0")).partition("open_served('")[2].partition("'")[0]
    assert url.endswith("/versions/1")
    return url


def test_what_blocks_read_comes_from_the_description(served, pictured):
    bare = open_served(f"{served}/bare")
    assert bare.reads["digit"] == "digit: 90% of its variance; angle: 10% of its variance"
    assert set(pictured.reads.values()) == {""}
    assert (bare.model.takes, bare.model.has_decoder, bare.model.has_head) == (None, False, False)
    stage = Visit(bare).stage(View("draw 0", "draw 1", {"digit": Change(towards=1.0)}), {})
    assert "draws of the network" in stage


def test_an_image_of_ones_own_goes_to_the_server(pictured, images, tmp_path):
    Image.fromarray(images[0]).save(tmp_path / "own.png")
    own = pictured.read(str(tmp_path / "own.png"))
    np.testing.assert_allclose(own.z, images[0].reshape(-1)[:8] / 255, atol=1e-6)
    np.testing.assert_array_equal(own.picture, images[0])


class Described:
    """A client of an export with inputs of another kind."""

    layout, signatures = None, ()

    def __init__(self, **told):
        told = {"shape": [None, 4, 4, 3], "dtype": "float32", "range": None, **told}
        self.description = {"first_stage": {"input": told}}


def test_grey_levels_are_brought_to_the_range_that_the_export_tells():
    levels = np.array([[[0, 51, 255]]], np.uint8)
    for ends, expected in (([0, 1], [0, 0.2, 1]), ([-1, 1], [-1, -0.6, 1]), ([0, 255], levels)):
        x = RemoteModel(Described(range=ends)).input_of(levels)
        assert x.dtype == np.float32
        np.testing.assert_allclose(x, np.reshape(expected, (1, 1, 3)), rtol=1e-6)
    assert RemoteModel(Described(dtype="uint8")).input_of(levels) is levels
    with pytest.raises(InputError, match="does not say in which range"):
        RemoteModel(Described()).input_of(levels)


@pytest.mark.parametrize(
    ("told", "takes"),
    [
        ({}, "images"),
        ({"shape": [None], "dtype": "string"}, "texts"),
        ({"shape": [None, None, None, 3]}, None),
        ({"shape": [None, 8]}, None),
        ({"dtype": "int32"}, None),
    ],
)
def test_what_an_export_takes_of_ones_own_follows_its_input(told, takes):
    assert RemoteModel(Described(**told)).takes == takes


def test_a_head_that_reads_inputs_answers_for_inputs_alone(pictured, images, tmp_path):
    assert pictured.head(View("draw 0"), pictured.gallery.z[0]) == {}
    Image.fromarray(images[0]).save(tmp_path / "own.png")
    own = {"own.png": pictured.read(str(tmp_path / "own.png"))}
    z = pictured.gallery.z[5]
    told = pictured.head(View("own.png"), z, own)
    np.testing.assert_allclose(told["score"], [own["own.png"].z[:2], z[:2]], rtol=1e-6)
    np.testing.assert_allclose(told["light"], 2 * [[images[0, 0, 0, 0] / 255]], rtol=1e-6)


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("http://127.0.0.1:9/v1/models/m", "url is 'http.*no connection to"),
        ("127.0.0.1:8501", "url is '127.0.0.1:8501'; give http"),
        ("{served}/none", "url is '.*none'.*HTTP 404"),
    ],
)
def test_an_address_that_cannot_be_used_is_said_on_one_line(served, url, message):
    with pytest.raises(InputError, match=message) as caught:
        open_served(url.format(served=served))
    assert "\n" not in str(caught.value)


def test_a_version_that_is_gone_is_said_and_not_exchanged_for_another(exports, tmp_path):
    shutil.copytree(exports / "bare" / "1", tmp_path / "m" / "1")
    with Server({"m": tmp_path / "m"}, port=0, poll=0.05) as server:
        explorer = open_served(f"http://127.0.0.1:{server.port}/v1/models/m")
        shutil.copytree(exports / "bare" / "1", tmp_path / "copied")
        (tmp_path / "copied").rename(tmp_path / "m" / "2")
        with Client(f"http://127.0.0.1:{server.port}/v1/models/m") as newest:
            while newest.version == 1:
                newest.refresh()
        with pytest.raises(ServerError, match="404"):
            explorer.show(View("draw 0"))
