import numpy as np
import pytest
import tensorflow as tf

from iin_tf.checks import InputError
from iin_tf.data import LazyRows
from iin_tf.models.judges import (
    CategoricalJudge,
    ContinuousJudge,
    categorical_judge,
    continuous_judge,
    train_judge,
)

SHAPE = (16, 16, 3)


def shapes_and_colors(count, seed):
    """Bars, upright (0) or lying (1), anywhere, of random colours."""
    rng = np.random.default_rng(seed)
    shape = rng.integers(0, 2, count)
    color = rng.uniform(0.1, 1.0, (count, 3)).astype(np.float32)
    images = np.zeros((count, *SHAPE), np.float32)
    for image, lying, tint in zip(images, shape, color, strict=True):
        row, column = rng.integers(1, 8, 2)
        image[row : row + (2 if lying else 8), column : column + (8 if lying else 2)] = tint
    return np.rint(images * 255).astype(np.uint8), shape, color


@pytest.fixture(scope="module")
def examples():
    return shapes_and_colors(1000, 0)


@pytest.fixture(scope="module")
def held_out():
    return shapes_and_colors(200, 1)


@pytest.fixture(scope="module")
def shape_judge(examples):
    return train_judge(examples[0], examples[1], steps=80, batch_size=32)


@pytest.fixture(scope="module")
def color_judge(examples):
    return train_judge(examples[0], examples[2], steps=250, batch_size=32)


def test_categorical_judge_reads_classes(shape_judge, held_out):
    images, shape, _ = held_out
    assert isinstance(shape_judge, CategoricalJudge)
    reading = shape_judge.read(images, batch_size=64)
    assert reading.dtype == np.int64
    assert reading.shape == (200,)
    # Two bars cannot be confused; most of 200 are read right after so few steps.
    assert np.mean(reading == shape) > 0.95
    assert shape_judge.accuracy(images, shape) == np.mean(reading == shape)


def test_categorical_judge_reads_dark_images_as_bright_ones(shape_judge, held_out):
    images, shape, _ = held_out
    dark = (images / 255.0 * 0.15).astype(np.float32)
    assert shape_judge.accuracy(dark, shape) > 0.95


def test_continuous_judge_reads_values(color_judge, held_out):
    images, _, color = held_out
    assert isinstance(color_judge, ContinuousJudge)
    reading = color_judge.read(images, batch_size=64)
    assert reading.dtype == np.float32
    assert reading.shape == (200, 3)
    np.testing.assert_allclose(
        color_judge.error(images, color), np.abs(reading - color).mean(), rtol=1e-5
    )
    # Unrelated colours of this range differ by 0.3.
    assert color_judge.error(images, color) < 0.06


def test_grey_levels_and_unit_floats_read_the_same(color_judge, held_out):
    images = held_out[0]
    unit = (images / 255.0).astype(np.float32)
    np.testing.assert_allclose(color_judge.read(images), color_judge.read(unit), atol=1e-5)


def test_one_continuous_value_may_be_a_plain_vector(examples):
    images, _, color = examples
    judge = train_judge(images, color[:, 0], steps=2, batch_size=8)
    assert judge.read(images[:5]).shape == (5, 1)
    expected = np.abs(judge.read(images[:5])[:, 0] - color[:5, 0]).mean()
    np.testing.assert_allclose(judge.error(images[:5], color[:5, 0]), expected, rtol=1e-5)


@pytest.mark.parametrize("make", [categorical_judge, continuous_judge])
def test_every_weight_has_a_gradient(make, examples):
    judge = make(SHAPE, 3)
    for weight in judge.weights:
        # The path that starts silent has no gradient before its last layer has moved.
        weight.assign(weight + 0.01)
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(tf.square(judge(examples[0][:8], training=True) - 1.0))
    gradients = tape.gradient(loss, judge.trainable_variables)
    for gradient, variable in zip(gradients, judge.trainable_variables, strict=True):
        assert gradient is not None, variable.path
        if "bias" not in variable.path:  # a bias of all attention maps shifts nothing
            assert np.abs(gradient).max() > 0, variable.path


def test_a_seed_fixes_the_judge(examples):
    images, shape, _ = examples
    first, second, other = (
        train_judge(images, shape, steps=3, batch_size=16, seed=seed).get_weights()
        for seed in (4, 4, 5)
    )
    for a, b in zip(first, second, strict=True):
        np.testing.assert_array_equal(a, b)
    assert not np.array_equal(first[0], other[0])


def test_wrong_arguments_are_named(examples):
    images, shape, _ = examples
    with pytest.raises(ValueError, match="images has 1000 rows and labels has 7"):
        train_judge(images, shape[:7])
    with pytest.raises(ValueError, match=r"images has shape \(0, 16, 16, 3\)"):
        train_judge(images[:0], shape[:0])
    with pytest.raises(ValueError, match="labels: 1 of 1000 are missing, the first in row 0"):
        train_judge(images, np.where(np.arange(1000) == 0, -1, shape))
    with pytest.raises(ValueError, match="labels: 1000 of 1000 are missing"):
        train_judge(images, np.full(1000, np.nan))
    with pytest.raises(ValueError, match=r"labels has shape \(1000, 1\); give classes"):
        train_judge(images, shape[:, None])
    with pytest.raises(ValueError, match=r"labels is a ndarray of shape .* complex128"):
        train_judge(images, shape.astype(complex))
    with pytest.raises(ValueError, match="images: values reach from"):
        train_judge(images.astype(float), shape)
    with pytest.raises(ValueError, match="batch_size is 1001; give a whole number from 1 to 1000"):
        train_judge(images, shape, batch_size=1001)
    with pytest.raises(ValueError, match="steps is 0"):
        train_judge(images, shape, steps=0)
    with pytest.raises(ValueError, match="learning_rate is nan"):
        train_judge(images, shape, learning_rate=float("nan"))


def test_classes_may_be_texts_or_bools_and_images_lazy():
    images, shape, _ = shapes_and_colors(128, 0)
    names = np.array(["upright", "lying"])[shape]
    lazy = LazyRows(lambda rows: images[rows], images.shape, images.dtype)
    settings = {"steps": 10, "batch_size": 32}
    # "lying" comes first among the names; of bools, False does.
    codes = train_judge(images, 1 - shape, **settings).read(images)
    assert len(set(codes)) == 2
    expected = np.array(["lying", "upright"])[codes]
    np.testing.assert_array_equal(train_judge(lazy, names, **settings).read(lazy), expected)
    of_bools = train_judge(images, shape == 0, **settings)
    np.testing.assert_array_equal(of_bools.read(images), codes == 1)
    with pytest.raises(InputError, match="1 of 128 are missing, the first in row 0"):
        train_judge(images, ["", *names[1:]])
