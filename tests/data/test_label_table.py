"""Labels from tables: types, missing values, rows that join or do not."""

import datetime

import numpy as np
import pandas
import pytest
from pandas._libs.parsers import STR_NA_VALUES

from iin_tf.checks import InputError
from iin_tf.data.label_table import read_labels
from iin_tf.data.pairs.by_label import PairSampler
from iin_tf.data.tables import MISSING


def write(tmp_path, text):
    path = tmp_path / "labels.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_columns_become_labels_with_missing_values(tmp_path):
    text = "id,digit,score,writer\n0,3,0.5,ann\n1,,-1,\n\n2,3,,bo\n"
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


@pytest.mark.parametrize("head", ["ID,digit", "id;digit", "Id\tdigit", "id|digit", '"id",digit'])
def test_the_id_joins_whatever_its_capitals_and_the_separator(tmp_path, head):
    separator = next(mark for mark in ",;\t|" if mark in head)
    rows = "".join(f"{row}{separator}{digit}\n" for row, digit in ((2, 7), (0, 5), (1, 6)))
    labels = read_labels(write(tmp_path, f"{head}\n{rows}"), 3)
    assert labels["digit"].tolist() == [5, 6, 7]
    named = write(tmp_path, "picture,digit\n1,6\n0,5\n")
    assert read_labels(named, 2, id_column="picture")["digit"].tolist() == [5, 6]


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["01234", "1234"], np.array(["01234", "1234"])),
        (["1.5", "NA", "2.5"], np.array([1.5, np.nan, 2.5])),
        (["red", "NA", "None"], np.array(["red", "", ""])),
        (["12345678901234567890", "7"], np.array(["12345678901234567890", "7"])),
        ([str(2**60), str(2**60 + 1)], np.array([2**60, 2**60 + 1])),
        (["0", "-1", "n/a"], np.array([0, -1, -1])),
        (["-5", "3"], np.array([-5.0, 3.0])),
        (["1e3", "+.5", "7."], np.array([1000.0, 0.5, 7.0])),
        (["1_000", "2"], np.array(["1_000", "2"])),
        (["0x10", "2"], np.array(["0x10", "2"])),
        (["True", "False"], np.array(["True", "False"])),
        (["", "NaN"], np.array([-1, -1])),
        ([" 4 ", "5"], np.array([4, 5])),
    ],
)
def test_a_column_is_typed_by_the_stated_rule(tmp_path, cells, expected):
    text = "id,x\n" + "".join(f"{row},{cell}\n" for row, cell in enumerate(cells))
    found = read_labels(write(tmp_path, text), len(cells))["x"]
    assert found.dtype.kind == expected.dtype.kind
    np.testing.assert_array_equal(found, expected)


def test_what_is_missing_is_what_pandas_takes_for_missing():
    assert set(MISSING) == STR_NA_VALUES


def test_ids_stand_as_they_are(tmp_path):
    path = write(tmp_path, "id,digit\nNA,1\n007,2\n7,3\n")
    assert read_labels(path, ["7", "007", "NA"])["digit"].tolist() == [3, 2, 1]


def test_data_frames_and_parquet_bring_their_types(tmp_path):
    frame = pandas.DataFrame(
        {
            "who": ["ann", None, "bo"],
            "digit": pandas.array([3, None, 2**60 + 1], "Int64"),
            "seen": [True, False, True],
            "code": ["01", "1", "NA"],
            "shift": [-5, 0, 5],
            "kind": pandas.Categorical(["x", None, "x"]),
            "level": pandas.Categorical([3, None, 1]),
            "sure": pandas.array([True, None, False], "boolean"),
            "day": pandas.to_datetime(["2024-05-31", None, "2023-01-01"]),
            "time": pandas.to_datetime(["2024-05-31 12:30", None, "2023-01-01 00:00"]),
            "date": [datetime.date(2024, 5, 31), None, datetime.date(2023, 1, 1)],
            "z": [[0.5, 1.0], None, [2.0, 3.0]],
        },
        index=["c", "a", "b"],
    )
    frame.rename_axis("id").reset_index().to_parquet(tmp_path / "labels.parquet")
    for table in (frame, frame.rename_axis("ID").reset_index(), tmp_path / "labels.parquet"):
        labels = read_labels(table, ["a", "b", "c"])
        assert labels["who"].tolist() == ["", "bo", "ann"]
        assert labels["digit"].tolist() == [-1, 2**60 + 1, 3]
        assert labels["seen"].tolist() == [False, True, True]
        assert labels["code"].tolist() == ["1", "NA", "01"]
        assert labels["shift"].tolist() == [0.0, 5.0, -5.0]
        assert labels["kind"].tolist() == ["", "x", "x"]
        assert labels["level"].tolist() == [-1, 1, 3]
        assert labels["sure"].tolist() == [-1, 0, 1]
        for name in ("day", "date"):
            assert labels[name].tolist() == ["", "2023-01-01", "2024-05-31"]
        assert labels["time"].tolist() == ["", "2023-01-01T00:00:00", "2024-05-31T12:30:00"]
        np.testing.assert_array_equal(labels["z"], [[np.nan, np.nan], [2, 3], [0.5, 1]])


def test_files_of_other_systems_are_read(tmp_path):
    # As a German spreadsheet writes it: a byte order mark, semicolons, line ends of Windows.
    path = tmp_path / "labels.csv"
    path.write_bytes('\ufeffid;Größe;Wort\r\nä1;1.5;früh\r\nß;;"a; b"\r\n'.encode())
    labels = read_labels(path, ["ß", "ä1"])
    np.testing.assert_array_equal(labels["Größe"], [np.nan, 1.5])
    assert labels["Wort"].tolist() == ["a; b", "früh"]
    path.write_bytes("id;Wort\r\n1;früh\r\n".encode("latin-1"))
    with pytest.raises(InputError, match="save it as UTF-8"):
        read_labels(path, 2)


def test_a_column_of_several_kinds_is_named(tmp_path):
    frame = pandas.DataFrame({"id": [0, 1], "mixed": [1, "a"]})
    with pytest.raises(InputError, match=r"columns \['id', 'mixed'\].* for column mixed"):
        read_labels(frame, 2)


@pytest.mark.parametrize(
    ("text", "ids", "vectors", "message"),
    [
        ("digit,x\n1,2\n", 1, None, r"no column 'id' among \['digit', 'x'\]"),
        ("id digit\n1 2\n", 3, None, "'id digit' holds no separator"),
        ("id;digit,x\n1;2,3\n", 3, None, r"holds \[',', ';'\]; separate its columns by one"),
        ("id,Id,ID\n1,2,3\n", 3, None, None),
        ("Id,ID,x\n1,2,3\n", 3, None, "no column 'id'"),
        ("id,digit\n9,1\nx,2\n9,3\n0,1\n", 3, None, r"1 of 4 rows join .*: \['9', 'x'\]"),
        (
            "id,digit\n1,1\n1,2\n",
            3,
            None,
            r"column 'id': 1 ids occur .*, first \['1'\]",
        ),
        ("id,digit\n1,1\n,2\n", 3, None, "column 'id' is empty in row 2"),
        ("id,digit\na,1\n", ["a", "a"], None, r"ids: 1 ids occur more than once, first \['a'\]"),
        ("id,digit,digit\n1,2,3\n", 1, None, "names a column twice"),
        ("id,digit\n", 1, None, "no rows"),
        ("", 1, None, "no separator"),
        ("a,b\n1,2\n1\n", 2, None, "Row #3: Expected 2 columns, got 1"),
        ("a,b\n1,2\n1,2,3\n", 2, None, "Row #3: Expected 2 columns, got 3"),
        ("id;x\n0;1,5\n", 1, None, "column 'x' has decimal commas, first '1,5'"),
        ("id;x\n0;2\n1;-1,5\n", 2, None, "column 'x' has decimal commas, first '-1,5'"),
        ("id,r,g\n0,1,red\n", 1, {"color": ["r", "g"]}, "column of text"),
        ("id,r,g\n0,1,2\n", 1, {"color": ["r", "b"]}, r"vectors\['color'\] names 'b'"),
        ("id,r,g\n0,1,2\n", 1, {"g": ["r"]}, "vectors names 'g'"),
        ("id,r\n0,1\n", 1.5, None, "ids is 1.5"),
        ("id,r\n0,1\n", 0, None, "ids is 0"),
        ("id,r\n0,1\n", None, None, "ids is None"),
    ],
)
def test_bad_input_is_named(tmp_path, text, ids, vectors, message):
    if message is None:
        assert set(read_labels(write(tmp_path, text), ids, vectors)) == {"Id", "ID"}
        return
    with pytest.raises(InputError, match=message) as caught:
        read_labels(write(tmp_path, text), ids, vectors)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_no_table_is_named(tmp_path):
    with pytest.raises(InputError, match=r"missing.csv' cannot be read"):
        read_labels(tmp_path / "missing.csv", 3)
    (tmp_path / "image.csv").write_bytes(b"\x89PNG\xff\xfe")
    with pytest.raises(InputError, match=r"image.csv cannot be read"):
        read_labels(tmp_path / "image.csv", 3)
    (tmp_path / "cut.parquet").write_bytes(b"PAR1 and no more")
    with pytest.raises(InputError, match=r"cut.parquet cannot be read as Parquet"):
        read_labels(tmp_path / "cut.parquet", 3)
    with pytest.raises(InputError, match=r"table is 3; give the path of a CSV"):
        read_labels(3, 3)
    with pytest.raises(InputError, match=r"column 'when' is duration"):
        read_labels(pandas.DataFrame({"when": [pandas.Timedelta(0)]}), 1)
    with pytest.raises(InputError, match=r"column x"):
        read_labels(pandas.DataFrame({"x": [1, "a"]}), 2)
