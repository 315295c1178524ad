import keras
import numpy as np
import pytest

from iin_tf.checks import InputError
from iin_tf.first_stages import KerasFirstStage
from iin_tf.first_stages.positions import Positions

OUTPUT = np.random.default_rng(0).normal(size=(3, 2, 4, 5)).astype(np.float32)


def positions(pool):
    return Positions((None, 2, 4, 5), pool, "conv")


@pytest.mark.parametrize(
    ("pool", "expected"),
    [
        ("mean", OUTPUT.mean((1, 2))),
        ("max", OUTPUT.max((1, 2))),
        ("flatten", OUTPUT.reshape(3, -1)),
        (6, OUTPUT[:, 1, 2]),
    ],
)
def test_what_is_taken_is_what_numpy_takes(pool, expected):
    pooled = positions(pool).pooled(OUTPUT)
    assert positions(pool).size == expected.shape[1]
    # The mean is summed in another order.
    np.testing.assert_allclose(pooled, expected, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("pool", ["flatten", 0, 6, 7])
def test_the_way_back_is_exact(pool):
    way = positions(pool)
    z = way.pooled(OUTPUT)
    np.testing.assert_array_equal(way.restore(z, OUTPUT), OUTPUT)
    edited = way.restore(z + 1, OUTPUT).numpy()
    np.testing.assert_array_equal(way.pooled(edited), z + 1)
    assert (edited != OUTPUT).sum() == z.shape[0] * z.shape[1]


def test_masked_positions_are_left_out_also_where_none_is_left():
    mask = np.array([[True, False], [False, False], [True, True]])
    mean, largest = (positions(pool).pooled(OUTPUT, mask=np_mask(mask)) for pool in ("mean", "max"))
    np.testing.assert_allclose(mean[0], OUTPUT[0, 0].mean(0), rtol=1e-5)
    np.testing.assert_array_equal(largest[0], OUTPUT[0, 0].max(0))
    np.testing.assert_array_equal(largest[2], OUTPUT[2].max((0, 1)))
    np.testing.assert_array_equal([mean[1], largest[1]], np.zeros((2, 5)))


def np_mask(mask):
    return keras.ops.convert_to_tensor(mask)


def convolution(size=6):
    x = keras.Input((size, size, 1))
    y = keras.layers.Conv2D(2, 3, activation="relu", name="conv")(x)
    y = keras.layers.GlobalAveragePooling2D(name="pool")(y)
    return keras.Model(x, keras.layers.Dense(3)(y))


def test_without_an_exact_way_back_there_is_no_head():
    stage = KerasFirstStage(convolution(), layer="conv", pool="mean", noise=0.1)
    assert not stage.has_head
    x = np.ones((2, 6, 6, 1), np.float32)
    with pytest.raises(InputError, match=r"pool is 'mean', of which \(4, 4, 2\) cannot be made"):
        stage.head(stage.represent(x))


@pytest.mark.parametrize("pool", ["flatten", 5])
def test_with_one_it_ends_where_the_model_does(pool):
    model = convolution()
    stage = KerasFirstStage(model, layer="conv", pool=pool, noise=0.1)
    x = np.random.default_rng(1).normal(size=(3, 6, 6, 1)).astype(np.float32)
    np.testing.assert_array_equal(stage.head(stage.represent(x), x), model(x))


@pytest.mark.parametrize(
    ("size", "layer", "pool", "message"),
    [
        (6, "conv", None, r"'conv' has shape \(None, 4, 4, 2\) and pool is None; give pool: 'mean"),
        (6, "conv", "sum", r"pool is 'sum'; give one of \['mean', 'max', 'flatten', 'positions'\]"),
        (6, "conv", 16, "pool is 16; give a whole number from 0 to 15"),
        (6, "conv", 1.0, r"pool is 1\.0; give a whole number"),
        (6, "conv", True, "pool is True; give a whole number"),
        (6, "pool", "mean", r"pool is 'mean', but .* has shape \(None, 2\); leave pool out"),
        (None, "conv", "flatten", r"\(None, None, None, 2\); give a model of fixed sizes"),
    ],
)
def test_choices_that_do_not_fit_are_named(size, layer, pool, message):
    with pytest.raises(InputError, match=message):
        KerasFirstStage(convolution(size), layer=layer, pool=pool, noise=0.1)


def padded():
    """Token 0 is padding; behind the embedding, the mask decides what is averaged."""
    x = keras.Input((4,), dtype="int32")
    embedded = keras.layers.Embedding(5, 3, mask_zero=True, name="embedded")(x)
    mixed = keras.layers.Dense(3, activation="tanh", name="mixed")(embedded)
    return keras.Model(x, keras.layers.Dense(2)(keras.layers.GlobalAveragePooling1D()(mixed)))


TOKENS = np.array([[3, 1, 0, 0], [2, 4, 4, 1], [1, 0, 0, 0]])


def test_every_position_is_an_example_of_its_own_and_padding_is_none():
    model = padded()
    stage = KerasFirstStage(model, layer="embedded", pool="positions", noise=0.1)
    stage.adapt(TOKENS, batch_size=2)
    z, log_variance = stage.encode(TOKENS)
    table = model.get_layer("embedded").get_weights()[0]
    np.testing.assert_array_equal(z, table[[3, 1, 2, 4, 4, 1, 1]])
    assert log_variance.shape == (7, 3)
    expected = [[0, 0], [0, 1], [1, 0], [1, 1], [1, 2], [1, 3], [2, 0]]
    np.testing.assert_array_equal(stage.places(TOKENS), expected)
    np.testing.assert_array_equal(stage.places(TOKENS, batch_size=2), expected)
    np.testing.assert_array_equal(stage.head(z, TOKENS), model(TOKENS))
    # One token for another: as if it had been read.
    edited = z.numpy()
    edited[1] = table[4]
    read = np.array([[3, 4, 0, 0], [2, 4, 4, 1], [1, 0, 0, 0]])
    np.testing.assert_array_equal(stage.head(edited, TOKENS), model(read))
    with pytest.raises(InputError, match="export the network alone"):
        _ = stage.input_spec


def test_pixels_are_positions_too():
    model = convolution()
    stage = KerasFirstStage(model, layer="conv", pool="positions", noise=0.1)
    x = np.random.default_rng(1).normal(size=(3, 6, 6, 1)).astype(np.float32)
    z = stage.represent(x)
    assert z.shape == (48, 2)
    np.testing.assert_array_equal(stage.places(x)[17], [1, 1])
    np.testing.assert_array_equal(stage.head(z, x), model(x))
    whole = KerasFirstStage(model, layer="conv", pool="flatten", noise=0.1)
    with pytest.raises(InputError, match=r"pool is not 'positions', .*; leave places out"):
        whole.places(x)
