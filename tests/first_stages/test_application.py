"""Models of keras.applications by name."""

import keras
import numpy as np
import pytest

from iin_tf.checks import InputError
from iin_tf.first_stages.application import application_first_stage, application_names

SHAPE = (32, 32, 3)


@pytest.fixture(scope="module")
def images():
    return np.random.default_rng(0).integers(0, 256, (4, *SHAPE), np.uint8)


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    path = tmp_path_factory.mktemp("weights") / "mine.weights.h5"
    keras.utils.set_random_seed(1)
    model = keras.applications.MobileNet(SHAPE, weights=None, classes=3, classifier_activation=None)
    model.save_weights(path)
    return model, path


def test_an_application_is_prepared_as_it_was_trained_and_cut(weights, images):
    model, path = weights
    stage = application_first_stage(
        "MobileNet", path, SHAPE, layer="conv_pw_3_relu", pool="flatten", classes=3, noise=0.1
    )
    whole = model(keras.applications.mobilenet.preprocess_input(images.astype(np.float32)))
    np.testing.assert_array_equal(stage.head(stage.represent(stage._prepared(images))), whole)
    assert stage.value_range == (0, 6)


@pytest.mark.parametrize(
    ("name", "path", "settings", "message"),
    [
        ("MobilNet", "random", {}, r"application is 'MobilNet'; the nearest are \['MobileNet'"),
        ("MobileNet", "none.h5", {}, r"weights is 'none.h5', which is no file; .* or 'random'"),
        ("MobileNet", None, {"classes": 4}, r"not hold weights of MobileNet with 4 classes \("),
        ("MobileNet", "random", {"size": 8, "classes": 0}, r"not made for images of \(8, 8, 3\)"),
        ("MobileNet", "random", {"classes": 0}, r"\(None, 1, 1, 1024\) and pool is None"),
        ("MobileNet", "random", {"layer": "conv_pw_3_rel"}, r"nearest are \['conv_pw_3_relu'"),
    ],
)
def test_what_does_not_fit_is_named(weights, name, path, settings, message):
    with pytest.raises(InputError, match=message) as caught:
        application_first_stage(name, path or weights[1], SHAPE, noise=0.1, **settings)
    assert "\n" not in str(caught.value)


def test_every_application_says_how_its_images_are_prepared():
    import inspect

    assert {"ResNet50", "VGG16", "EfficientNetB0"} <= set(application_names())
    for name in application_names():
        module = inspect.getmodule(getattr(keras.applications, name))
        assert callable(module.preprocess_input)
