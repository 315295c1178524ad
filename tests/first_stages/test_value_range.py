import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from iin_tf.checks import InputError
from iin_tf.first_stages import FunctionFirstStage, KerasFirstStage


def model(*added):
    return keras.Sequential([keras.Input((6, 6, 1)), *added, layers.Flatten(), layers.Dense(2)])


@pytest.mark.parametrize(
    ("added", "expected"),
    [
        ([layers.Dense(3, activation="relu")], (0, np.inf)),
        ([layers.Dense(3, activation="tanh")], (-1, 1)),
        ([layers.Dense(3, activation="relu"), layers.GlobalAveragePooling2D()], (0, np.inf)),
        ([layers.Activation("relu6"), layers.Dropout(0.1), layers.Flatten()], (0, 6)),
        ([layers.ReLU(max_value=2.0)], (0, 2)),
        ([layers.ReLU(negative_slope=0.1)], (-np.inf, np.inf)),
        ([keras.Sequential([layers.Dense(3, activation="sigmoid")])], (0, 1)),
        ([layers.Dense(3)], None),
        ([layers.Dense(3, activation="relu"), layers.BatchNormalization()], None),
        ([layers.Flatten()], None),
    ],
)
def test_the_activation_tells_the_range(added, expected):
    cut = added[-1].name
    pool = None if isinstance(added[-1], layers.Flatten | layers.GlobalAveragePooling2D) else "mean"
    stage = KerasFirstStage(model(*added), layer=cut, pool=pool, noise=0.1)
    assert stage.value_range == expected


def relu_stage(**given):
    network = keras.Sequential(
        [keras.Input((3,)), layers.Dense(4, activation="relu", name="a"), layers.Dense(2)]
    )
    return network, KerasFirstStage(network, layer="a", noise=0.1, **given)


Z = np.array([[0, 1, -2, 3], [-1e-6, 0, 1, 1], [-1, -1, -1, 5]], np.float32)


def test_values_outside_are_counted_but_not_rounding():
    _, stage = relu_stage()
    np.testing.assert_array_equal(stage.count_outside(Z), [1, 0, 3])
    anything = FunctionFirstStage(lambda x: x, latent_size=4, noise=0.1)
    np.testing.assert_array_equal(anything.count_outside(Z), [0, 0, 0])
    given = FunctionFirstStage(lambda x: x, latent_size=4, noise=0.1, value_range=(None, 2))
    np.testing.assert_array_equal(given.count_outside(Z), [1, 0, 1])


def test_they_reach_the_rest_of_the_model_clipped_only_if_asked():
    network, stage = relu_stage()
    rest = network.layers[1]
    np.testing.assert_array_equal(stage.head(Z), rest(Z))
    network, stage = relu_stage(clip=True)
    np.testing.assert_array_equal(stage.head(Z), network.layers[1](np.maximum(Z, 0)))
    # What the model makes itself is left as it is.
    x = np.random.default_rng(0).normal(size=(5, 3)).astype(np.float32)
    np.testing.assert_array_equal(stage.head(stage.represent(x)), network(x))
    decoder = FunctionFirstStage(
        lambda x: x, lambda z: z, latent_size=4, noise=0.1, clip=True, value_range=(0, 2)
    )
    np.testing.assert_array_equal(decoder.decode(tf.constant(Z)), np.clip(Z, 0, 2))


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"clip": True}, r"clip is True, but .* not known; give value_range"),
        ({"clip": 1}, "clip is 1; give True or False"),
        ({"value_range": (1, 0)}, r"value_range is \(1, 0\); give the least and the largest"),
        ({"value_range": 3}, r"value_range is 3; give \(least, largest\)"),
        ({"value_range": ("a", None)}, "value_range is 'a'"),
    ],
)
def test_wrong_arguments_are_named(given, message):
    with pytest.raises(InputError, match=message):
        FunctionFirstStage(lambda x: x, latent_size=4, noise=0.1, **given)
