"""Labels as they come out of tables: lists, columns of data frames, Python objects."""

import numpy as np
import pandas
import pytest

from iin_tf.checks import InputError, is_missing
from iin_tf.data.label_array import label_array


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([1, None, 3], np.array([1, -1, 3])),
        (["a", None, "b", float("nan")], np.array(["a", "", "b", ""])),
        ([0.5, None, 2], np.array([0.5, np.nan, 2])),
        ([True, None, False], np.array([1, -1, 0])),
        ([[0.5, 1.0], [None, 2.0]], np.array([[0.5, 1.0], [np.nan, np.nan]])),
        ([2**60, None, 2**60 + 1], np.array([2**60, -1, 2**60 + 1])),
        (["a", "b"], np.array(["a", "b"])),
        (["a", float("nan")], np.array(["a", ""])),
        ([1.5, -2, None], np.array([1.5, -2.0, np.nan])),
        ([-1, None], np.array([-1, -1])),
        ([True, False], np.array([True, False])),
    ],
)
def test_what_is_missing_takes_the_form_of_its_kind(values, expected):
    found = label_array(values, "labels")
    assert found.dtype.kind == expected.dtype.kind
    np.testing.assert_array_equal(found, expected)


def test_columns_of_data_frames_are_labels():
    frame = pandas.DataFrame({"a": ["x", None, "y"], "b": pandas.array([4, None, 5], "Int64")})
    np.testing.assert_array_equal(is_missing(label_array(frame["a"], "a")), [False, True, False])
    np.testing.assert_array_equal(label_array(frame["b"], "b"), [4, -1, 5])
    np.testing.assert_array_equal(label_array(frame["a"].astype("category"), "a"), ["x", "", "y"])


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([1, "a", None], "texts and whole numbers; give labels of one kind"),
        ([object(), 1], "other objects and whole numbers"),
        ([None, None], "no known label"),
        ([[1], [1, 2]], "holds other objects"),
        (np.array([1j]), "complex128; give whole numbers"),
        (3, "is 3; give whole"),
        (np.ma.masked_equal([1, 2], 2), "is a masked array"),
        (np.array([2**70, None]), "more than 64 bits"),
        ({"a": 1}, "is {'a': 1}; give whole"),
    ],
)
def test_anything_else_is_refused(values, message):
    with pytest.raises(InputError, match="(?s)" + message) as error:
        label_array(values, "labels['x']")
    assert "\n" not in str(error.value)
    assert "labels['x']" in str(error.value)
