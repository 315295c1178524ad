import numpy as np
import pytest
import tensorflow as tf

from iin_tf.checks import InputError
from iin_tf.models.unit_images import check_images, unit_images


@pytest.mark.parametrize("dtype", [np.uint8, np.int32, np.int64])
def test_whole_numbers_are_grey_levels(dtype):
    images = unit_images(np.array([0, 51, 255], dtype))
    assert images.dtype == tf.float32
    np.testing.assert_allclose(images, [0.0, 0.2, 1.0], rtol=1e-6)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_floats_stay_as_they_are(dtype):
    images = unit_images(np.array([0.0, 0.25, 1.0], dtype))
    assert images.dtype == tf.float32
    np.testing.assert_array_equal(images, [0.0, 0.25, 1.0])


@pytest.mark.parametrize(
    ("images", "message"),
    [
        (np.array([0.5, 255.0]), r"reach from 0\.5 to 255; images of floats.*give 0 to 1"),
        (np.array([-0.1, 0.5], np.float16), "images of floats must be fractions"),
        (np.array([0.5, np.nan], np.float32), "reach from nan to nan"),
        (np.array([0, 256]), "reach from 0 to 256; images of whole numbers must be grey levels"),
        (np.array([-1, 255], np.int16), "give 0 to 255"),
        (np.array(["a"]), "images has dtype string; give uint8, or floats"),
        (np.array([1j]), "images has dtype complex128"),
    ],
)
def test_other_values_are_refused(images, message):
    with pytest.raises(InputError, match=message):
        unit_images(images)


def test_a_graph_refuses_them_as_it_runs():
    compiled = tf.function(lambda images: unit_images(images, "x"))
    np.testing.assert_array_equal(compiled(tf.constant([0.0, 1.0])), [0, 1])
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"x of floats .*give 0 to 1"):
        compiled(tf.constant([0.0, 255.0]))
    with pytest.raises(tf.errors.InvalidArgumentError, match="x of whole numbers"):
        compiled(tf.constant([0, 256]))


def test_rounding_is_no_mistake():
    # Resizing overshoots a little.
    np.testing.assert_allclose(unit_images(np.float32([-0.004, 1.004])), [-0.004, 1.004])


def test_no_images_have_no_range():
    assert unit_images(np.zeros((0, 8, 8, 3))).shape == (0, 8, 8, 3)


def test_arrays_are_checked_with_their_shape():
    check_images(np.zeros((3, 8, 8, 1), np.uint8), "images", (8, 8, 1))
    check_images(np.zeros((0, 8, 8, 1)), "images", (8, 8, 1))
    with pytest.raises(InputError, match=r"validation images has shape \(3, 8, 8, 1\); give"):
        check_images(np.zeros((3, 8, 8, 1), np.uint8), "validation images", (8, 8, 3))
    with pytest.raises(InputError, match="images: values reach from 0 to 7"):
        check_images(tf.constant([[0.0], [7.0]]), "images", (1,))
