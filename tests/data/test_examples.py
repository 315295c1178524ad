import numpy as np
import pandas as pd
import pytest

from iin_tf.checks import InputError
from iin_tf.data import Examples


def examples(n=4, **changes):
    fields = {
        "x": np.arange(n * 12, dtype=np.uint8).reshape(n, 2, 2, 3),
        "labels": {"digit": np.arange(n), "color": np.zeros((n, 3), np.float32)},
        "source": np.arange(n) * 10,
    }
    return Examples(**{**fields, **changes})


@pytest.mark.parametrize("rows", [[2, 0], slice(1, 3), np.array([True, False, False, True])])
def test_selecting_rows_takes_them_everywhere(rows):
    whole, part = examples(), examples().select(rows)
    np.testing.assert_array_equal(part.x, whole.x[rows])
    np.testing.assert_array_equal(part.labels["digit"] * 10, part.source)
    np.testing.assert_array_equal(part.id, np.arange(4)[rows])
    assert len(part) == len(part.source) == 2


def test_an_example_is_anything_with_a_row(tmp_path):
    texts = examples(x=["a", "b", "c", "d"], id=["01", "1", "001", "2"]).select([1, 3])
    assert texts.x.tolist() == ["b", "d"]
    assert texts.id.tolist() == ["1", "2"]
    np.save(tmp_path / "x.npy", np.arange(8.0).reshape(4, 2))
    on_disk = np.load(tmp_path / "x.npy", mmap_mode="r")
    assert examples(x=on_disk).x is on_disk


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"x": 3}, "x is 3; give one row for each"),
        ({"source": np.arange(3)}, "source has 3 rows and x has 4"),
        (
            {"source": np.arange(4.0)},
            "source has shape .* and dtype float64; give one whole",
        ),
        ({"labels": {"digit": np.arange(5)}}, r"labels\['digit'\] has 5 rows and x has 4"),
        ({"labels": {"digit": 1}}, r"labels\['digit'\] is 1; give whole"),
        ({"labels": {"digit": np.zeros((4, 1, 1))}}, r"has shape \(4, 1, 1\); give \[n\] or"),
        ({"id": ["a", "b", "c", "a"]}, r"id: 1 ids occur more than once, first \['a'\]"),
    ],
)
def test_wrong_arrays_are_named(changes, message):
    with pytest.raises(InputError, match=message):
        examples(**changes)


def test_a_data_frame_is_its_rows():
    frame = pd.DataFrame({"a": [1.0, 2.0], "b": [3.0, 4.0]})
    examples = Examples(frame, {"kind": [0, 1]}, [0, 1])
    np.testing.assert_array_equal(examples.x, [[1, 3], [2, 4]])
