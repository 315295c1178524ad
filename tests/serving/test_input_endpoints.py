"""Endpoints from inputs, through a frozen model and the network, and back."""

import numpy as np
import pytest
import tensorflow as tf

import iin_tf
from iin_tf.checks import InputError
from iin_tf.first_stages import FirstStage
from iin_tf.serving import Client, Server

# As in test_endpoints: float32 rounding.
CLOSE = {"rtol": 1e-5, "atol": 2e-5}
NAMES = ["residual", "eye color", "digit"]


class Stage(FirstStage):
    """2 x 6 fractions, spread out to 12 numbers; its head sums them, and reads x beside."""

    input_spec = tf.TensorSpec([None, 2, 6], tf.float32)
    input_range = (0.0, 1.0)
    has_decoder = has_head = head_needs_input = True

    def __init__(self):
        super().__init__(12)

    def represent(self, x):
        mean = 4 * tf.reshape(x, [-1, 12]) - 2
        return mean, tf.zeros_like(mean)

    def generate(self, z):
        return tf.reshape(z + 2, [-1, 2, 6]) / 4

    def respond(self, z, x=None):
        return tf.stack([z[:, 0], tf.reduce_sum(z, 1) + x[:, 0, 0], tf.ones_like(z[:, 0])], 1)


@pytest.fixture(scope="module")
def stage():
    return Stage()


@pytest.fixture(scope="module")
def exported(network, stage, tmp_path_factory):
    return iin_tf.export(network, tmp_path_factory.mktemp("stages") / "staged", first_stage=stage)


@pytest.fixture(scope="module")
def model(exported):
    return tf.saved_model.load(str(exported))


@pytest.fixture(scope="module")
def x():
    return np.random.default_rng(4).random((16, 2, 6), np.float32)


@pytest.mark.parametrize("rows", [0, 1, 3])
def test_edits_of_inputs_are_the_networks_between_encoder_and_decoder(
    model, network, stage, x, rows
):
    given, donor = x[:rows], x[8 : 8 + rows]
    z, z_donor = stage.encode(given)[0], stage.encode(donor)[0]
    blocks = np.tile([False, True, False], (rows, 1))
    ask = model.signatures
    parts = ask["factors_of_input"](x=given)
    for name, part in network.factors(z).items():
        np.testing.assert_allclose(parts[name], part, **CLOSE)
    swapped = ask["swap_inputs"](x=given, donor=donor, blocks=blocks)["x_new"]
    np.testing.assert_allclose(
        swapped, stage.decode(network.swap(z, z_donor, "eye color")), **CLOSE
    )
    t = np.full(rows, 0.25, np.float32)
    moved = ask["interpolate_inputs"](x=given, donor=donor, blocks=blocks, t=t)["x_new"]
    way = network.interpolate(z, z_donor, "eye color", steps=5)[:, 1]
    np.testing.assert_allclose(moved, stage.decode(way), **CLOSE)
    outputs = ask["head"](z=z, x=given)["output"]
    np.testing.assert_allclose(outputs, stage.head(z, given), **CLOSE)


def test_erased_inputs_are_the_networks_row_by_row(model, network, stage, x):
    blocks = np.array([[False, True, False], [True, False, True]])
    seeds = tf.constant([5, -1], tf.int64)
    erased = model.signatures["erase_inputs"](x=x[:2], blocks=blocks, seed=seeds)["x_new"]
    z = stage.encode(x[:2])[0]
    for row, names in enumerate((["eye color"], ["residual", "digit"])):
        expected = network.erase(z[row : row + 1], names, seed=int(seeds[row]))
        np.testing.assert_allclose(erased[row : row + 1], stage.decode(expected), **CLOSE)


def test_a_response_is_the_spread_over_draws_of_the_block(model, network, stage, x):
    rows, block = x[:3], np.tile([False, False, True], (3, 1))
    seeds = tf.constant([1, 2, 3], tf.int64)
    found = model.signatures["response"](x=rows, blocks=block, seed=seeds)["deviation"].numpy()
    assert found.shape == (3, 3)
    z = stage.encode(rows)[0]
    for row in range(3):
        many = tf.repeat(z[row : row + 1], 20_000, axis=0)
        drawn = network.erase(many, "digit", seed=7)
        expected = stage.head(drawn, tf.repeat(rows[row : row + 1], 20_000, 0)).numpy().std(0)
        # 100 draws know a standard deviation within 1 / sqrt(2 * 99) = 7 %; four of them.
        np.testing.assert_allclose(found[row], expected, rtol=0.28, atol=1e-6)
    assert (found[:, 2] == 0).all()
    nothing = np.zeros((3, 3), bool)
    held = model.signatures["response"](x=rows, blocks=nothing, seed=seeds)["deviation"]
    # 100 equal numbers, but for their rounding.
    np.testing.assert_allclose(held, 0, atol=1e-5)
    # A row knows nothing of its neighbours.
    alone = model.signatures["response"](x=rows[1:2], blocks=block[1:2], seed=seeds[1:2])
    np.testing.assert_allclose(alone["deviation"], found[1:2], rtol=1e-4, atol=1e-5)
    none = model.signatures["response"](x=rows[:0], blocks=block[:0], seed=seeds[:0])
    assert none["deviation"].shape == (0, 3)


@pytest.mark.parametrize("name", ["x", "donor"])
@pytest.mark.parametrize("endpoint", ["swap_inputs", "interpolate_inputs", "response", "encode"])
def test_grey_levels_are_refused_by_name(model, x, endpoint, name):
    specs = model.signatures[endpoint].structured_input_signature[1]
    if name not in specs:
        return
    given = {
        "x": x[:1],
        "donor": x[1:2],
        "blocks": np.ones((1, 3), bool),
        "seed": np.zeros(1, np.int64),
        "t": np.zeros(1, np.float32),
    }
    given[name] = 255 * given[name]
    with pytest.raises(tf.errors.InvalidArgumentError, match=f"{name} leaves its range; give 0"):
        model.signatures[endpoint](**{key: tf.constant(given[key]) for key in specs})


def test_a_stage_without_parts_has_no_endpoints_of_them(network, tmp_path):
    class Bare(Stage):
        has_decoder = has_head = False

    signatures = tf.saved_model.load(
        str(iin_tf.export(network, tmp_path, first_stage=Bare()))
    ).signatures
    assert {"encode", "factors_of_input"} <= set(signatures)
    assert not {"decode", "swap_inputs", "head", "response"} & set(signatures)


def test_several_outputs_of_a_head_have_names(network, tmp_path):
    class Two(Stage):
        head_needs_input = False

        def respond(self, z, x=None):
            return {"score": z[:, :2], "label": tf.argmax(z, 1)}

    model = tf.saved_model.load(str(iin_tf.export(network, tmp_path, first_stage=Two())))
    assert set(model.signatures["head"].structured_outputs) == {"output_score", "output_label"}
    # Classes have no spread.
    assert set(model.signatures["response"].structured_outputs) == {"deviation_score"}


@pytest.mark.parametrize("form", ["http", "grpc"])
def test_a_client_edits_inputs(exported, network, stage, x, form):
    with Server({"staged": exported.parent}, port=0, grpc_port=0) as server:
        port = server.port if form == "http" else server.grpc_port
        with Client(f"{form}://127.0.0.1:{port}/v1/models/staged", batch_size=4) as client:
            z = stage.encode(x)[0]
            mean, log_variance = client.encode(x)
            np.testing.assert_allclose(mean, z, **CLOSE)
            assert (log_variance == 0).all()
            np.testing.assert_allclose(client.decode(mean), x, **CLOSE)
            np.testing.assert_allclose(client.head(mean, x), stage.head(z, x), **CLOSE)
            parts = client.factors_of_input(x)
            assert [*parts] == NAMES
            np.testing.assert_allclose(parts["digit"], network.factors(z)["digit"], **CLOSE)
            swapped = stage.decode(network.swap(z, z[::-1], "digit"))
            np.testing.assert_allclose(client.swap_inputs(x, x[::-1], "digit"), swapped, **CLOSE)
            way = client.interpolate_inputs(x, x[::-1], "digit", steps=3)
            assert way.shape == (16, 3, 2, 6)
            np.testing.assert_allclose(way[:, 0], x, **CLOSE)
            np.testing.assert_allclose(way[:, 2], swapped, **CLOSE)
            erased = client.erase_inputs(x, "digit", seed=3)
            one = stage.decode(network.erase(z[4:5], "digit", seed=7))
            np.testing.assert_allclose(erased[4:5], one, **CLOSE)
            assert client.response(x, "digit").shape == (16, 3)
            with pytest.raises(InputError, match=r"x has shape \[16, 12\]; give float32 \[B, 2, 6"):
                client.encode(x.reshape(16, 12))
            with pytest.raises(iin_tf.serving.ServerError, match="x leaves its range; give 0 to 1"):
                client.encode(255 * x)
