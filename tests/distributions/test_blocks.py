"""Numbers per block and per dimension."""

import numpy as np
import pytest

from iin_tf.distributions import blocks

SIZES = (3, 1, 2)


def test_per_dimension_repeats_each_block():
    values = np.arange(6.0).reshape(2, 3)
    np.testing.assert_array_equal(
        blocks.per_dimension(values, SIZES), np.repeat(values, SIZES, axis=-1)
    )


def test_per_block_sum_is_the_transpose_of_per_dimension():
    random = np.random.default_rng(0)
    z, values = random.normal(size=(4, 6)), random.normal(size=(4, 3))
    np.testing.assert_allclose(
        np.sum(blocks.per_block_sum(z, SIZES) * values, -1),
        np.sum(z * blocks.per_dimension(values, SIZES), -1),
        rtol=1e-12,
    )


def test_block_index():
    np.testing.assert_array_equal(blocks.block_index(SIZES), [0, 0, 0, 1, 2, 2])


@pytest.mark.parametrize("sizes", [(), (2, 0)])
def test_wrong_sizes_are_named(sizes):
    with pytest.raises(ValueError, match="block_sizes"):
        blocks.check_block_sizes(sizes)
