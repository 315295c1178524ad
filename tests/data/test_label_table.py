"""Labels from CSV: types, missing values, rows that do not match."""

import numpy as np
import pytest

from iin_tf.data.label_table import read_labels
from iin_tf.data.pairs.by_label import PairSampler


def write(tmp_path, text):
    path = tmp_path / "labels.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_columns_become_labels_with_missing_values(tmp_path):
    text = "digit,score,writer\n3,0.5,ann\n,-1,\n\n3,,bo\n"
    labels = read_labels(write(tmp_path, text), 3)
    np.testing.assert_array_equal(labels["digit"], [3, -1, 3])
    assert labels["digit"].dtype == np.int64
    np.testing.assert_array_equal(labels["score"], [0.5, -1, np.nan])
    assert labels["writer"].tolist() == ["ann", "", "bo"]
    assert set(PairSampler(labels, ["digit"]).draw(20, 0)[0]) == {0, 2}


def test_rows_find_their_examples_by_id_and_the_rest_is_unlabelled(tmp_path):
    path = write(tmp_path, "\ufeffid, digit,r,g\nc.png,1,0.5,1\na.png,2,0,\n")
    labels = read_labels(path, ["a.png", "b.png", "c.png"], vectors={"color": ["r", "g"]})
    assert set(labels) == {"digit", "color"}
    assert labels["digit"].tolist() == [2, -1, 1]
    np.testing.assert_array_equal(labels["color"], [[0, np.nan], [np.nan, np.nan], [0.5, 1]])
    by_row = read_labels(write(tmp_path, "id,digit\n3,7\n"), 5)
    assert by_row["digit"].tolist() == [-1, -1, -1, 7, -1]


@pytest.mark.parametrize(
    ("text", "ids", "vectors", "message"),
    [
        ("digit\n1\n2\n", 3, None, "the table has 2 rows, but there are 3 examples"),
        ("id,digit\n9,1\nx,2\n9,3\n", 3, None, r"2 unknown ids, first \['9', 'x'\]"),
        ("id,digit\n1,1\n1,2\n", 3, None, "names an example twice"),
        ("id,digit\na,1\n", ["a", "a"], None, "ids name an example twice"),
        ("digit,digit\n1,2\n", 1, None, "names a column twice"),
        ("digit\n", 0, None, "no rows"),
        ("", 0, None, "no rows"),
        ("a,b\n1,2\n1\n", 2, None, "line 3 has 1 cells"),
        ("r,g\n1,red\n", 1, {"color": ["r", "g"]}, "column of text"),
        ("r,g\n1,2\n", 1, {"color": ["r", "b"]}, r"vectors\['color'\] names \['b'\]"),
        ("r,g\n1,2\n", 1, {"g": ["r"]}, "vectors names 'g'"),
        ("r\n1\n", 1.5, None, "ids is 1.5"),
    ],
)
def test_bad_input_is_named(tmp_path, text, ids, vectors, message):
    with pytest.raises(ValueError, match=message) as caught:
        read_labels(write(tmp_path, text), ids, vectors)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_no_table_is_named(tmp_path):
    with pytest.raises(ValueError, match=r"missing.csv' cannot be read"):
        read_labels(tmp_path / "missing.csv", 3)
    (tmp_path / "image.csv").write_bytes(b"\x89PNG\xff\xfe")
    with pytest.raises(ValueError, match=r"image.csv' cannot be read"):
        read_labels(tmp_path / "image.csv", 3)
