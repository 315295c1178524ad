import numpy as np
import pytest

from iin_tf.data.store.random_rows import RandomRows


@pytest.fixture
def values(tmp_path):
    """An array over several pages, rows of 1.2 kB that straddle them, and its file."""
    values = np.random.default_rng(0).normal(size=(40, 150))
    np.save(tmp_path / "values.npy", values)
    return values, tmp_path / "values.npy"


@pytest.mark.parametrize(
    "indices",
    [np.arange(40), np.array([39, 0, 7, 7]), [3, 1], -np.arange(1, 5), 5, np.array([], int)],
    ids=str,
)
def test_rows_are_the_arrays(values, indices):
    array, path = values
    np.testing.assert_array_equal(RandomRows(path)[indices], array[indices])


def test_what_is_no_row_is_refused_as_by_the_array(values):
    with pytest.raises(IndexError, match="out of bounds"):
        RandomRows(values[1])[[3, 40]]
