import keras
import numpy as np
import pytest
import tensorflow as tf

import iin_tf
from iin_tf.checks import InputError
from iin_tf.first_stages import (
    ConstantDimensions,
    FunctionFirstStage,
    KerasFirstStage,
    representation_noise,
)


def representation():
    """5 dimensions, of which 1 (always 0) and 3 (always 0.1) are constant."""
    z = np.random.default_rng(0).normal(size=(50, 5)).astype(np.float32)
    z[:, 1], z[:, 3] = 0.0, 0.1
    return z


def test_constant_dimensions_are_found_left_out_and_put_back():
    z = representation()
    found = ConstantDimensions.find(z)
    assert found.values == {1: 0.0, 3: float(np.float32(0.1))}
    assert (found.size, found.kept_size) == (5, 3)
    kept = found.leave_out(z)
    np.testing.assert_array_equal(kept, z[:, [0, 2, 4]])
    np.testing.assert_array_equal(found.put_back(kept), z)


def test_tensors_and_arrays_agree_also_in_a_graph():
    z, found = representation(), ConstantDimensions.find(representation())
    for leave_out, put_back in (
        (found.leave_out, found.put_back),
        (tf.function(found.leave_out), tf.function(found.put_back)),
    ):
        kept = leave_out(tf.constant(z))
        np.testing.assert_array_equal(kept, found.leave_out(z))
        np.testing.assert_array_equal(put_back(kept), z)
    # Any axes before, any number of rows.
    np.testing.assert_array_equal(found.put_back(found.leave_out(z[None])), z[None])
    assert found.put_back(tf.zeros([0, 3])).shape == (0, 5)


@pytest.mark.parametrize("scale", [1e-30, 1e-6, 1.0, 1e30])
def test_what_is_constant_does_not_depend_on_the_unit(scale):
    found = ConstantDimensions.find(representation() * np.float32(scale))
    assert set(found.values) == {1, 3}


def test_rounding_and_dead_dimensions_are_constant_small_ones_are_not():
    random = np.random.default_rng(1)
    z = random.normal(size=(200, 4)) * [1.0, 1e-9, 1e-33, 0.0]
    z[:, 3] = 1000 + 1e-5 * random.normal(size=200)  # below the rounding of float32
    assert set(ConstantDimensions.find(z).values) == {2, 3}
    assert ConstantDimensions.find(z[:, :2]).values == {}


def test_nothing_constant_changes_nothing():
    z = representation()[:, [0, 2]]
    found = ConstantDimensions.find(z)
    np.testing.assert_array_equal(found.leave_out(z), z)
    np.testing.assert_array_equal(found.put_back(z), z)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: ConstantDimensions(2, {2: 0.0}), "dimension is 2; give a whole number from 0"),
        (lambda: ConstantDimensions(2, {0: np.nan}), r"values\[0\] is nan"),
        (lambda: ConstantDimensions(2, [0]), r"values is \[0\]; give a mapping"),
        (lambda: ConstantDimensions(0, {}), "size is 0"),
        (lambda: ConstantDimensions(1, {0: 0.0}), "all 1 dimensions are constant"),
        (lambda: ConstantDimensions.find(np.ones((5, 3))), "all 3 dimensions are constant"),
        (lambda: ConstantDimensions.find(np.ones((1, 3))), "z has 1 rows"),
        (lambda: ConstantDimensions.find(np.ones(3)), r"z has shape \(3,\)"),
        (lambda: ConstantDimensions.find(np.full((2, 2), np.inf)), "row 0 is not finite"),
    ],
)
def test_wrong_arguments_are_named(make, message):
    with pytest.raises(InputError, match=message):
        make()


def dead_encoder():
    """A ReLU layer of 6 units, of which 1 and 4 never fire."""
    encoder = keras.Sequential(
        [keras.Input((3,)), keras.layers.Dense(6, activation="relu", name="units")]
    )
    random = np.random.default_rng(2)
    kernel, bias = random.normal(size=(3, 6)), np.ones(6)
    kernel[:, [1, 4]], bias[[1, 4]] = 0, -1
    encoder.set_weights([kernel, bias])
    return encoder


@pytest.fixture
def x():
    return np.random.default_rng(3).normal(size=(40, 3)).astype(np.float32)


def test_a_first_stage_leaves_dead_units_out_and_puts_them_back(x):
    encoder = dead_encoder()
    decoder = keras.Sequential([keras.Input((6,)), keras.layers.Dense(2)])
    head = keras.Sequential([keras.Input((6,)), keras.layers.Dense(3)])
    stage = KerasFirstStage(encoder, decoder, head, noise=0.1, drop="constant")
    for ask in (lambda: stage.latent_size, lambda: stage.encode(x), lambda: stage.decode(x)):
        with pytest.raises(InputError, match=r"drop is 'constant': call adapt\(x\) once"):
            ask()
    stage.adapt(x, batch_size=16)
    assert stage.latent_size == 4
    assert set(stage.constant.values) == {1, 4}
    mean, log_variance = stage.encode(x)
    whole = encoder(x).numpy()
    np.testing.assert_array_equal(mean, whole[:, [0, 2, 3, 5]])
    np.testing.assert_allclose(log_variance[0], representation_noise(mean, 0.1), rtol=1e-5)
    np.testing.assert_array_equal(stage.decode(mean), decoder(whole))
    np.testing.assert_array_equal(stage.head(mean), head(whole))


def test_they_can_be_given(x):
    given = ConstantDimensions(6, {1: 0.0, 4: 0.0})
    stage = KerasFirstStage(dead_encoder(), noise=0.1, drop=given)
    assert stage.latent_size == 4
    stage.adapt(x)
    assert stage.encode(x)[0].shape == (40, 4)
    with pytest.raises(InputError, match=r"drop is of 6 dimensions, but .* has 5"):
        FunctionFirstStage(lambda x: x, latent_size=5, noise=0.1, drop=given)
    with pytest.raises(InputError, match="drop is 'dead'; give None, 'constant' or a Constant"):
        KerasFirstStage(dead_encoder(), noise=0.1, drop="dead")


def test_a_model_with_its_own_variance_leaves_them_out_too(x):
    def encode(x):
        return np.stack([x[:, 0], np.ones(len(x))], 1), np.stack([x[:, 1], x[:, 2]], 1)

    stage = FunctionFirstStage(encode, latent_size=2, drop="constant")
    stage.adapt(x)
    mean, log_variance = stage.encode(x)
    np.testing.assert_array_equal(mean, x[:, :1])
    np.testing.assert_array_equal(log_variance, x[:, 1:2])


def test_both_messages_name_the_one_way_and_it_works(x):
    stage = KerasFirstStage(dead_encoder(), noise=0.1)
    with pytest.raises(InputError, match=r"dimension 1 is constant \(0; 2 of 6.*drop='constant'"):
        stage.adapt(x)
    z = dead_encoder()(x).numpy()
    layout = iin_tf.FactorLayout({"a": 2}, residual=4)
    network = iin_tf.InterpretationNetwork(layout, blocks=1, hidden=4, depth=0, seed=0)
    with pytest.raises(InputError, match=r"dimension 1 is constant \(0; 2 of 6.*drop='constant'"):
        network.adapt(z)
    stage = KerasFirstStage(dead_encoder(), noise=0.1, drop="constant")
    stage.adapt(x)
    layout = iin_tf.FactorLayout({"a": 2}, residual=stage.latent_size - 2)
    network = iin_tf.InterpretationNetwork(layout, blocks=1, hidden=4, depth=0, seed=0)
    network.adapt(stage.encode(x)[0])
    assert np.isfinite(network.transform(stage.encode(x)[0])).all()


def test_an_export_puts_them_back(x, tmp_path):
    decoder = keras.Sequential([keras.Input((6,)), keras.layers.Dense(6, use_bias=False)])
    decoder.set_weights([np.eye(6)])
    stage = KerasFirstStage(dead_encoder(), decoder, noise=0.1, drop="constant")
    stage.adapt(x)
    layout = iin_tf.FactorLayout({"a": 2}, residual=2)
    network = iin_tf.InterpretationNetwork(layout, blocks=1, hidden=4, depth=0, seed=0)
    model = tf.saved_model.load(str(iin_tf.export(network, tmp_path, first_stage=stage)))
    z = model.signatures["encode"](x=tf.constant(x))["mean"]
    assert z.shape == (40, 4)
    # The identity as decoder: what comes out is the representation itself.
    whole = model.signatures["decode"](z=z)["x"]
    np.testing.assert_allclose(whole, dead_encoder()(x), rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(whole[:, 1], np.zeros(40))
