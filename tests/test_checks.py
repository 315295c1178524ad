import numpy as np
import pytest
import tensorflow as tf

from iin_tf import checks
from iin_tf.checks import InputError, arrays, check_finite_rows


def test_a_graph_raises_the_same_type():
    @tf.function
    def traced(x):
        return checks.whole(1.5, "steps") + x

    with pytest.raises(checks.InputError, match=r"steps is 1\.5; give a whole number"):
        traced(tf.constant(1))


def test_rows_that_are_not_finite_are_found_in_any_part(monkeypatch):
    monkeypatch.setattr(arrays, "_VALUES", 12)
    z = np.ones((25, 3), np.float32)
    check_finite_rows(z, "z")
    z[17, 2], z[24, 0] = np.nan, np.inf
    with pytest.raises(InputError, match=r"z: row 17 is not finite \(2 of 25 rows\)"):
        check_finite_rows(z, "z")
    # A row of more values than are looked at together.
    wide = np.ones((3, 20), np.float32)
    wide[1, 19] = np.nan
    with pytest.raises(InputError, match=r"z: row 1 is not finite \(1 of 3 rows\)"):
        check_finite_rows(wide, "z")


@pytest.mark.parametrize("shape", [(0,), (0, 3), (3, 0)])
def test_an_empty_array_is_refused_and_an_empty_tensor_is_a_batch(shape):
    with pytest.raises(InputError, match=r"z has shape \(.*0.*\); give at least one row and one"):
        check_finite_rows(np.zeros(shape), "z")
    check_finite_rows(tf.zeros((0, 3)), "z")


@pytest.mark.parametrize(
    ("label", "text"),
    [
        (np.array([0.00015097856521606445, 1.0, 2 / 3]), "[0.000151, 1.0, 0.667]"),
        (np.str_("a b"), "a b"),
        (np.int64(12345678), "12345678"),
        (2021.0, "2021.0"),
        (np.float32(0.1), "0.1"),
        (np.bool_(True), "True"),
    ],
)
def test_labels_in_messages_are_short(label, text):
    assert checks.label_text(label) == text
