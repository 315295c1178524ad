import numpy as np
import pytest
import tensorflow as tf

from iin_tf.models.unit_images import unit_images


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
