import numpy as np
import pytest

from iin_tf.data.examples import LabelledImages


def examples(n=4, **changes):
    fields = {
        "images": np.arange(n * 12, dtype=np.uint8).reshape(n, 2, 2, 3),
        "labels": {"digit": np.arange(n), "color": np.zeros((n, 3), np.float32)},
        "source": np.arange(n) * 10,
    }
    return LabelledImages(**{**fields, **changes})


@pytest.mark.parametrize("rows", [[2, 0], slice(1, 3), np.array([True, False, False, True])])
def test_selecting_rows_takes_them_everywhere(rows):
    whole, part = examples(), examples().select(rows)
    np.testing.assert_array_equal(part.images, whole.images[rows])
    np.testing.assert_array_equal(part.labels["digit"] * 10, part.source)
    assert len(part) == len(part.source) == 2


def test_wrong_arrays_are_named():
    with pytest.raises(ValueError, match=r"images is float64 \[4, 2, 2, 3\]"):
        examples(images=np.zeros((4, 2, 2, 3)))
    with pytest.raises(ValueError, match="source has 3 rows for 4 images"):
        examples(source=np.arange(3))
    with pytest.raises(ValueError, match="digit has 5 rows for 4 images"):
        examples(labels={"digit": np.arange(5)})
