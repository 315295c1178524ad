"""What every model of images refuses, before or while it trains."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from iin_tf.checks import InputError
from iin_tf.models.autoencoder import VariationalAutoencoder
from iin_tf.models.classifier import ConvClassifier
from iin_tf.models.group_autoencoder import GroupAutoencoder
from iin_tf.models.judges import categorical_judge, continuous_judge

SHAPE = (8, 8, 3)
LABELS = np.arange(8) % 3
MODELS = {
    "autoencoder": lambda: VariationalAutoencoder(6, channels=4, hidden=8, image_shape=SHAPE),
    "group": lambda: GroupAutoencoder(6, channels=4, hidden=8, image_shape=SHAPE),
    "classifier": lambda: ConvClassifier(3, 5, channels=4, image_shape=SHAPE),
    "categorical": lambda: categorical_judge(SHAPE, 3),
    "continuous": lambda: continuous_judge(SHAPE, 1),
}
LOSSES = {
    "classifier": keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    "categorical": keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    "continuous": "mse",
}


@pytest.fixture(params=MODELS)
def model(request):
    model = MODELS[request.param]()
    loss = LOSSES.get(request.param)
    model.compile("sgd", **({"loss": loss} if loss else {}))
    return model


def grey_levels():
    return np.random.default_rng(0).integers(0, 256, (8, *SHAPE)).astype(np.float32)


def test_floats_beyond_one_are_refused_before_the_first_step(model):
    before = model.get_weights()
    with pytest.raises(InputError, match=r"images: values reach from 0 to 255; .* as uint8"):
        model.fit(grey_levels(), LABELS, verbose=0)
    given = grey_levels() / 255, LABELS
    with pytest.raises(InputError, match="validation images: values"):
        model.fit(*given, validation_data=(grey_levels(), LABELS), verbose=0)
    with pytest.raises(InputError, match="images has shape"):
        model.fit(np.zeros((8, 4, 4, 3)), LABELS, verbose=0)
    for one, other in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(one, other)


# XLA drops the assertions of what it compiles.
@pytest.mark.parametrize("jit_compile", [False, True])
def test_a_data_set_of_them_ends_the_training(jit_compile):
    model = MODELS["autoencoder"]()
    model.compile("sgd", jit_compile=jit_compile)
    before = model.get_weights()
    batches = tf.data.Dataset.from_tensor_slices(grey_levels()).batch(4)
    said = "^values of a batch reach from 0 to 255; images of floats must be fractions"
    with pytest.raises(InputError, match=said):
        model.fit(batches, shuffle=False, verbose=0)
    for one, other in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(one, other)


def test_both_forms_of_the_same_images_train_alike(model):
    start, ends = model.get_weights(), []
    for images in (grey_levels().astype(np.uint8), grey_levels() / 255):
        model.set_weights(start)
        model.optimizer.iterations.assign(0)
        model.fit(images, LABELS, shuffle=False, verbose=0)
        ends.append(model.get_weights())
    for one, other in zip(*ends, strict=True):
        # One rounding of the division, through one step.
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-5)


def test_prediction_refuses_them_too(model):
    for call in (model.predict, lambda x, verbose: model.evaluate(x, LABELS, verbose=verbose)):
        with pytest.raises(InputError, match="images of floats must be fractions"):
            call(grey_levels(), verbose=0)


def test_no_images_are_no_error(model):
    outputs = tf.nest.flatten(model(np.zeros((0, *SHAPE), np.uint8)))
    assert all(output.shape[0] == 0 for output in outputs)
