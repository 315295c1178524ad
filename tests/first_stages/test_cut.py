"""A Keras model cut at a layer: what it computes is the whole model's, bit for bit."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from iin_tf.checks import InputError
from iin_tf.first_stages import KerasFirstStage
from iin_tf.first_stages.cut import layer_names


@pytest.fixture
def x():
    return np.random.default_rng(0).normal(size=(5, 8)).astype(np.float32)


def skipping():
    """Around a: a skip connection inside; around b: one from the input."""
    x = keras.Input((8,))
    a = layers.Dense(6, activation="relu", name="a")(x)
    b = layers.BatchNormalization(name="b")(layers.Dense(6, name="c")(a))
    total = layers.Add(name="total")([a, b])
    return keras.Model(x, layers.Dense(2, name="out")(layers.Dropout(0.5)(total, training=True)))


def plain():
    return keras.Sequential(
        [keras.Input((8,)), layers.Dense(4, name="a"), layers.ReLU(name="b"), layers.Dense(2)]
    )


def shared():
    """One layer, called twice behind `a`."""
    x = keras.Input((8,))
    a = layers.Dense(8, name="a")(x)
    twice = layers.Dense(8, name="twice")
    return keras.Model(x, twice(twice(a)) * 2.0)


def transfer(training=False):
    """A model with a skip connection that is a layer of another, as for transfer learning."""
    x = keras.Input((8,))
    inner = keras.Input((6,))
    wide = layers.Dense(5, activation="relu", name="wide")(inner)
    back = keras.Model(inner, layers.Concatenate(name="both")([wide, inner]), name="backbone")
    first = layers.Dense(6, name="first")(x)
    both = layers.Concatenate(name="outer")([back(first, training=training), first])
    return keras.Model(x, layers.Dense(3, name="out")(both))


def same(stage, model, x):
    """Whether cut and whole model agree bit for bit, on the eager path that both take."""
    expected = model(x, training=False)
    actual = stage.head(stage.represent(x), x)
    keras.tree.map_structure(np.testing.assert_array_equal, actual, expected)
    return actual


@pytest.mark.parametrize(
    ("make", "layer", "reads_input"),
    [
        (skipping, "a", False),
        (skipping, "c", True),
        (skipping, "b", True),
        (skipping, "total", False),
        (skipping, "out", False),
        (plain, "a", False),
        (plain, "b", False),
        (shared, "a", False),
        (transfer, "first", False),
        (transfer, "backbone", True),
        (transfer, "backbone/wide", True),
        (transfer, "outer", False),
    ],
)
def test_nothing_edited_the_cut_model_returns_what_the_whole_one_does(make, layer, reads_input, x):
    keras.utils.set_random_seed(0)
    model = make()
    stage = KerasFirstStage(model, layer=layer, noise=0.1)
    same(stage, model, x)
    z = stage.represent(x)
    if reads_input:
        with pytest.raises(InputError, match="x is None, but the rest of the model reads it"):
            stage.head(z)
    else:
        np.testing.assert_array_equal(stage.head(z), model(x, training=False))
    # And an edit arrives.
    assert np.abs(stage.head(z + 1, x) - model(x, training=False)).max() > 1e-4
    # Also in a graph, where sums may be rounded in another order.
    resumed = tf.function(lambda x: stage.head(stage.represent(x), x))(tf.constant(x))
    np.testing.assert_allclose(resumed, model(x, training=False), rtol=1e-5, atol=1e-6)


def test_an_edit_leaves_alone_what_bypasses_the_cut(x):
    """total = a + b(c(a)); with c set to 0, b is its moving statistics' answer to 0."""
    keras.utils.set_random_seed(0)
    model = skipping()
    stage = KerasFirstStage(model, layer="c", noise=0.1)
    by_hand = model.get_layer("a")(x) + model.get_layer("b")(tf.zeros([5, 6]), training=False)
    expected = model.get_layer("out")(by_hand)
    np.testing.assert_array_equal(stage.head(tf.zeros([5, 6]), x), expected)


def test_the_users_model_is_left_as_it_was(x):
    model = skipping()
    model.get_layer("a").trainable = False
    model.compile("sgd", "mse")
    model.fit(x, np.zeros((5, 2), np.float32), verbose=0)
    flags = [layer.trainable for layer in model.layers]
    calls = [len(layer._inbound_nodes) for layer in model.layers]
    weights, outputs = model.get_weights(), model(x, training=False).numpy()
    stage = KerasFirstStage(model, layer="c", noise=0.1)
    stage.adapt(x)
    stage.head(stage.encode(x)[0], x)
    assert not stage.trainable_variables
    assert [layer.trainable for layer in model.layers] == flags
    assert [len(layer._inbound_nodes) for layer in model.layers] == calls
    for one, other in zip(model.get_weights(), weights, strict=True):
        np.testing.assert_array_equal(one, other)
    np.testing.assert_array_equal(model(x, training=False), outputs)


def test_a_layer_that_another_model_uses_too_is_cut_in_the_right_one(x):
    """`layer.output` is that of the first call, which is another model's."""
    layer = layers.Dense(4, name="a")
    first = keras.Input((8,))
    keras.Model(first, layer(first))
    second = keras.Input((8,))
    model = keras.Model(second, layers.Dense(2)(layer(second)))
    same(KerasFirstStage(model, layer="a", noise=0.1), model, x)


def test_several_inputs_and_outputs_keep_their_structure(x):
    a, b = keras.Input((8,), name="a"), keras.Input((3,), name="b")
    middle = layers.Dense(4, name="middle")(layers.Concatenate()([a, b]))
    left = layers.Dense(2)(layers.Concatenate()([middle, b]))
    right = layers.Dense(1)(middle)
    given = {"a": x, "b": x[:, :3]}
    both = {"left": left, "right": right}
    for inputs, outputs, values in (
        ([a, b], [left, right], [given["a"], given["b"]]),
        ({"a": a, "b": b}, both, given),
    ):
        model = keras.Model(inputs, outputs)
        stage = KerasFirstStage(model, layer="middle", noise=0.1)
        same(stage, model, values)
        values = given if isinstance(values, dict) else tuple(values)
        stage.adapt(values, batch_size=2)
        assert stage.encode(values)[0].shape == (5, 4)
        with pytest.raises(InputError, match=r"x is .*; the model takes a .*'a', 'b'"):
            stage.encode(x)


def test_padding_stays_masked_behind_the_cut():
    """Without the mask, the mean would count the padding."""
    tokens = np.array([[3, 1, 2, 0, 0], [1, 0, 0, 0, 0], [2, 2, 2, 2, 2]])
    x = keras.Input((5,), dtype="int32")
    embedded = layers.Embedding(4, 3, mask_zero=True, name="embedded")(x)
    model = keras.Model(x, layers.Dense(2)(layers.GlobalAveragePooling1D()(embedded)))
    stage = KerasFirstStage(model, layer="embedded", pool="flatten", noise=0.1)
    same(stage, model, tokens)
    table = model.get_layer("embedded").get_weights()[0]
    mean = KerasFirstStage(model, layer="embedded", pool="mean", noise=0.1).represent(tokens)
    # By hand: the mean of the tokens that are no padding.
    np.testing.assert_allclose(mean[0], table[[3, 1, 2]].mean(0), rtol=1e-6)
    np.testing.assert_allclose(mean[1], table[1], rtol=1e-6)
    largest = KerasFirstStage(model, layer="embedded", pool="max", noise=0.1).represent(tokens)
    np.testing.assert_array_equal(largest[0], table[[3, 1, 2]].max(0))


def test_half_precision_layers_get_back_what_they_gave(x):
    model = keras.Sequential(
        [
            keras.Input((8,)),
            layers.Dense(4, name="a", dtype="mixed_bfloat16"),
            layers.Dense(2, dtype="mixed_bfloat16"),
        ]
    )
    stage = KerasFirstStage(model, layer="a", noise=0.1)
    assert stage.represent(x).dtype == tf.float32
    np.testing.assert_array_equal(
        tf.cast(stage.head(stage.represent(x)), tf.float32), tf.cast(model(x), tf.float32)
    )


def test_an_export_travels_with_its_layer(x, tmp_path):
    stage = KerasFirstStage(transfer(), layer="backbone/both", noise=0.1)
    stage.adapt(x)
    module = tf.Module()
    module.first_stage = stage
    spec = tf.TensorSpec([None, 8])
    encode = tf.function(lambda x: {"mean": stage.encode(x)[0]}, input_signature=[spec])
    tf.saved_model.save(module, str(tmp_path), signatures={"encode": encode})
    assert stage.input_spec == spec
    loaded = tf.saved_model.load(str(tmp_path)).signatures["encode"](tf.constant(x))
    np.testing.assert_allclose(loaded["mean"], stage.encode(x)[0], rtol=1e-5, atol=1e-6)


def test_names_in_order():
    assert layer_names(plain())[:2] == ["a", "b"]
    assert layer_names(transfer())[:4] == ["first", "backbone", "backbone/wide", "backbone/both"]


def lstm():
    x = keras.Input((4, 8))
    return keras.Model(x, layers.LSTM(3, return_state=True, name="lstm")(x)[0])


def tokens():
    x = keras.Input((8,))
    places = layers.Discretization(bin_boundaries=[0.0, 1.0], name="places")(x)
    return keras.Model(x, layers.Embedding(4, 3)(places))


class Opaque(keras.Model):
    def call(self, x):
        return x


class Doubled(keras.Model):
    """Functional, but it computes something else."""

    def call(self, x, training=None):
        return 2 * super().call(x, training=training)


def doubled():
    x = keras.Input((8,))
    return Doubled(x, layers.Dense(2, name="a")(x))


@pytest.mark.parametrize(
    ("make", "layer", "message"),
    [
        (skipping, "totl", r"layer is 'totl', which is not in functional.*nearest are \['total'"),
        (transfer, "wide", r"layer is 'wide', .* the nearest are \['backbone/wide'\]"),
        (transfer, "backbone/wid", r"nearest are \['backbone/wide'\]"),
        (transfer, "first/wide", r"nearest are \['backbone/wide'\]"),
        (skipping, "?", r"it has 6, such as \['a', 'c', 'b'\] and \["),
        (skipping, 3, r"layer is 3, which is not in"),
        (shared, "twice", "calls 'twice' 2 times; cut at a layer that is called once"),
        (lstm, "lstm", "'lstm', which has 3 outputs; cut at a layer with one"),
        (tokens, "places", "'places', whose output is int.*; cut where it is float"),
        (Opaque, "a", "is a Opaque without a graph of layers"),
        (doubled, "a", "is a Doubled without a graph of layers"),
        (lambda: keras.Sequential([layers.Dense(2)]), "a", "or one not built yet"),
    ],
)
def test_where_it_cannot_be_cut_is_said_in_one_line(make, layer, message):
    with pytest.raises(InputError, match=message) as caught:
        KerasFirstStage(make(), layer=layer, noise=0.1)
    assert "\n" not in str(caught.value)


def test_wrong_combinations_are_named():
    with pytest.raises(InputError, match=r"pool is 'mean', but .* \(None, \d+\); leave pool out"):
        KerasFirstStage(plain(), pool="mean")
    with pytest.raises(InputError, match=r"pool is 'mean', but opaque .* give layer too"):
        KerasFirstStage(Opaque(name="opaque"), pool="mean")
    with pytest.raises(InputError, match="head is given with layer"):
        KerasFirstStage(plain(), head=plain(), layer="a")
    with pytest.raises(InputError, match="latent_size is 3, but 'a' gives 4"):
        KerasFirstStage(plain(), layer="a", latent_size=3)


def test_arrays_that_do_not_fit_are_named(x):
    stage = KerasFirstStage(plain(), layer="a", noise=0.1)
    with pytest.raises(InputError, match=r"z has shape \(5, 8\); give \[B, 4\]"):
        stage.head(x)
    with pytest.raises(InputError, match=r"x has shape \(5, 3\), but the model takes \(None, 8\)"):
        stage.represent(x[:, :3])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "layer", "pool"),
    [
        ("MobileNetV3Small", "expanded_conv_2_depthwise_bn", "flatten"),
        ("ResNet50V2", "conv3_block2_2_conv", 0),
    ],
)
def test_a_model_of_keras_applications_is_cut_inside_a_residual_block(name, layer, pool):
    keras.utils.set_random_seed(0)
    build = getattr(keras.applications, name)
    model = build(input_shape=(32, 32, 3), weights=None, classes=5)
    x = np.random.default_rng(0).uniform(0, 255, (3, 32, 32, 3)).astype(np.float32)
    stage = KerasFirstStage(model, layer=layer, pool=pool, noise=0.1)
    before = same(stage, model, x)
    z = stage.represent(x)
    after = stage.head(tf.roll(z, 1, axis=0) + 1.0, x)
    assert after.shape == (3, 5)
    assert np.abs(after - before).max() > 0
    with pytest.raises(InputError, match="x is None"):
        stage.head(z)
