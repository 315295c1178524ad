"""Models of one's own in a config: a Keras file, an application, a SavedModel."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from iin_tf.checks import InputError
from iin_tf.experiment import default_config, run_stages
from iin_tf.experiment.checks import check_config
from iin_tf.experiment.given_models import application, keras_stage, saved_model

IMAGES = np.random.default_rng(0).integers(0, 256, (6, 32, 32, 3), np.uint8)
ROWS = np.random.default_rng(1).normal(size=(6, 8)).astype(np.float32)


def config_of(**settings):
    config = default_config()
    config.sizes.compare = False
    config.first_stage.update(settings)
    return config


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Paths of models by name."""
    folder = tmp_path_factory.mktemp("models")
    keras.utils.set_random_seed(0)
    image, row = keras.Input((16, 16, 3), name="image"), keras.Input((8,), name="row")
    conv = keras.layers.Conv2D(4, 3, activation="relu", name="conv")(image)
    logits = keras.layers.Dense(3, name="logits")(keras.layers.GlobalMaxPooling2D()(conv))
    models = {
        "pixels": keras.Model(image, logits),
        "two_inputs": keras.Model([image, row], keras.layers.Concatenate()([logits, row])),
        "two_outputs": keras.Model(row, [keras.layers.Dense(2, name=name)(row) for name in "ab"]),
    }
    paths = {name: str(folder / f"{name}.keras") for name in models}
    for name, model in models.items():
        model.save(paths[name])
    models["pixels"].export(folder / "saved", verbose=False)
    paths["saved"] = str(folder / "saved")
    return paths


def test_a_keras_file_is_cut_and_gets_the_images_it_was_trained_on(files):
    settings = config_of(
        kind="keras", path=files["pixels"], layer="conv", pool="mean", image_size=16, pixels="0..1"
    ).first_stage
    stage = keras_stage(settings, IMAGES, 0)
    z = stage.represent(stage._prepared(IMAGES))
    small = tf.image.resize(IMAGES, (16, 16), antialias=True) / 255
    conv = keras.saving.load_model(files["pixels"]).get_layer("conv")
    # A mean of 196 floats below 1.
    np.testing.assert_allclose(z, tf.reduce_mean(conv(small), axis=(1, 2)), atol=1e-5)


def test_a_saved_model_is_what_its_keras_model_is(files):
    settings = config_of(
        kind="saved_model", path=files["saved"], encode="serve", image_size=16, pixels="-1..1"
    ).first_stage
    stage = saved_model(settings, IMAGES, 0)
    small = tf.image.resize(IMAGES, (16, 16), antialias=True) / 127.5 - 1
    logits = keras.saving.load_model(files["pixels"])(small)
    # The same graph, compiled once more.
    np.testing.assert_allclose(stage.represent(stage._prepared(IMAGES)), logits, atol=1e-5)


def test_random_weights_are_the_seeds():
    settings = config_of(
        kind="application",
        application="MobileNet",
        path="random",
        layer="conv_pw_1_relu",
        pool="mean",
    ).first_stage
    first, again, other = (
        application(settings, IMAGES, seed).represent(IMAGES.astype(np.float32)).numpy()
        for seed in (0, 0, 1)
    )
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize(
    ("make", "x", "settings", "message"),
    [
        (keras_stage, IMAGES, {"path": "pixels"}, r"data are \[None, 32, 32, 3\].*image_size"),
        (keras_stage, ROWS, {"path": "pixels"}, r"data are \[None, 8\], but the model takes \["),
        (keras_stage, ROWS, {"path": "two_inputs"}, r"of the inputs \['image', 'row'\]; .*python"),
        (keras_stage, ROWS, {"path": "two_outputs"}, r"of 2 outputs .*give first_stage.layer"),
        (keras_stage, ROWS, {"path": "two_outputs", "pixels": "0..1"}, "pixels is '0..1', but"),
        (saved_model, ROWS, {"path": "saved"}, r"'serve' \(.* -> .*one that takes one tensor"),
        (saved_model, ROWS, {"path": "saved", "encode": "serve"}, r"data are \[None, 8\], but"),
        (application, ROWS, {"path": "random"}, r"takes images.*the data are float32 \[6, 8\]"),
    ],
)
def test_what_does_not_fit_is_said_in_one_line(files, make, x, settings, message):
    settings = {**settings, "path": files.get(settings["path"], settings["path"])}
    with pytest.raises(InputError, match=message) as caught:
        make(config_of(**settings).first_stage, x, 0)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"kind": "keras"}, "first_stage.path is '', which is no file; give the .keras file"),
        ({"kind": "application", "path": "random"}, "first_stage.application is empty"),
        ({"kind": "application", "application": "VGG16"}, "path is '', .* weights of VGG16"),
        ({"kind": "saved_model", "path": "/"}, "path is '/', which holds no saved_model.pb"),
        (
            {"layer": "conv"},
            r"layer is 'conv', which kind 'autoencoder' does not read; .*\['keras'",
        ),
        ({"kind": "none", "pool": 0}, "first_stage.pool is 0, which kind 'none' does not read"),
        ({"pool": "sum"}, r"first_stage.pool is 'sum'; give one of"),
        ({"value_range": (2, 1)}, r"first_stage.value_range is \(2, 1\); give the least"),
        ({"pixels": "0..2"}, "first_stage.pixels is '0..2'"),
    ],
)
def test_keys_are_checked_before_anything_begins(settings, message):
    with pytest.raises(InputError, match=message):
        check_config(config_of(**settings))


def test_clip_needs_a_range_that_a_saved_model_does_not_tell(files):
    settings = {"kind": "saved_model", "path": files["saved"], "clip": True}
    with pytest.raises(InputError, match="clip is True, but a SavedModel does not tell"):
        check_config(config_of(**settings))
    check_config(config_of(**settings, value_range=(0, None)))


def test_a_run_of_a_layer_of_a_classifier(tmp_path, files):
    config = config_of(
        kind="keras", path=files["pixels"], layer="con", pool="flatten", image_size=16
    )
    config.data.views, config.data.test_views = 1, 1
    with pytest.raises(InputError, match=r"layer is 'con', .* the nearest are \['conv'"):
        run_stages(config, str(tmp_path / "wrong"), ["encode"])
    config.first_stage.layer, config.first_stage.pool = "conv", "mean"
    run_stages(config, str(tmp_path / "run"), ["encode"])
    assert (tmp_path / "run/latents/test").is_dir()
