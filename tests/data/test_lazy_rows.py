"""Rows that are read when they are asked for, and what chooses among them without reading."""

import numpy as np
import pytest
import tensorflow as tf

from iin_tf.checks import InputError
from iin_tf.data import Examples, LazyRows
from iin_tf.first_stages import map_batches, stack_batches

VALUES = np.arange(60, dtype=np.float32).reshape(10, 2, 3)


@pytest.fixture
def rows():
    """Lazy rows of VALUES, and the list of what was read."""
    read = []

    def from_disk(chosen):
        read.extend(chosen.tolist())
        return VALUES[chosen]

    return LazyRows(from_disk, VALUES.shape, VALUES.dtype), read


MASK = np.arange(10) % 3 == 0


@pytest.mark.parametrize("key", [3, -1, slice(2, 7, 2), [5, 1, 1], MASK, slice(4, 4)])
def test_a_key_gives_what_numpy_gives(rows, key):
    lazy, _ = rows
    np.testing.assert_array_equal(lazy[key], VALUES[key])
    assert lazy[key].dtype == VALUES.dtype


def test_choosing_reads_nothing_and_can_be_repeated(rows):
    lazy, read = rows
    chosen = lazy.select([7, 5, 3, 1]).select(slice(1, None)).select([True, False, True])
    assert read == []
    assert chosen.shape == (2, 2, 3)
    np.testing.assert_array_equal(chosen, VALUES[[5, 1]])
    assert read == [5, 1]
    with pytest.raises(IndexError):
        chosen[2]


def test_examples_of_lazy_rows_are_chosen_without_reading(rows):
    lazy, read = rows
    examples = Examples(lazy, {"half": np.arange(10) // 5}, np.arange(10)).select(MASK)
    assert read == []
    assert len(examples) == 4
    np.testing.assert_array_equal(examples.x[:2], VALUES[[0, 3]])
    assert read == [0, 3]


def test_batches_are_read_one_after_the_other(rows):
    lazy, read = rows
    batches = map_batches(lambda x: 2 * tf.reduce_sum(x, axis=(1, 2)), lazy, batch_size=4)
    next(batches)
    assert read == [0, 1, 2, 3]
    np.testing.assert_allclose(stack_batches(batches), 2 * VALUES[4:].sum((1, 2)))


def test_what_reads_nothing_is_refused():
    with pytest.raises(InputError, match="read is 3"):
        LazyRows(3, (2, 2), np.float32)
    with pytest.raises(InputError, match="number of rows is -1"):
        LazyRows(lambda rows: rows, (-1, 2), np.float32)
