"""Rows of every kind of file: read when they are used, with what the file says of each of them."""

import h5py
import numpy as np
import pandas
import pyarrow as pa
import pyarrow.parquet
import pytest

from iin_tf.checks import InputError
from iin_tf.data import LazyRows, array_examples, read_rows, write_latents
from iin_tf.data.sources import parquet_rows

COUNT = 50
X = np.random.default_rng(0).normal(size=(COUNT, 3)).astype(np.float32)
IDS = np.array([f"{row:03}" for row in range(COUNT)])
SPEAKER = np.arange(COUNT) % 4
NAME = np.array(["ö", "b", ""])[np.arange(COUNT) % 3]
PITCH = np.where(np.arange(COUNT) % 5 == 0, np.nan, np.arange(COUNT) / 2)
COLUMNS = {"id": IDS, "speaker": SPEAKER, "name": NAME, "pitch": PITCH}


def written(kind, folder):
    path = folder / f"rows.{kind}"
    match kind:
        case "npz":
            np.savez(path, x=X, image=np.zeros((COUNT, 4, 4)), mean=X.mean(0), **COLUMNS)
        case "h5":
            with h5py.File(path, "w") as file:
                file["x"] = X
                file["image"] = np.zeros((COUNT, 17))
                for name, values in COLUMNS.items():
                    file[name] = values.tolist() if values.dtype.kind == "U" else values
        case "parquet":
            frame = pandas.DataFrame({"x": [row.tolist() for row in X], **COLUMNS})
            table = pa.Table.from_pandas(frame)
            kinds = table.schema.set(0, pa.field("x", pa.list_(pa.float32())))
            pa.parquet.write_table(table.cast(kinds), path, row_group_size=17)
        case "store":
            labels = {name: COLUMNS[name] for name in ("speaker", "name", "pitch")}
            write_latents(path, X, np.zeros_like(X), labels, np.arange(COUNT), id=IDS)
    return path


@pytest.fixture(params=["npz", "h5", "parquet", "store"])
def path(request, tmp_path, monkeypatch):
    # Several reads to a file.
    monkeypatch.setattr(parquet_rows, "_VALUES", 3 * 5)
    return written(request.param, tmp_path)


def test_rows_and_columns_are_those_that_were_written(path):
    rows, columns = read_rows(path)
    assert rows.shape == (COUNT, 3)
    assert set(columns) - {"source"} == set(COLUMNS)
    for name, values in COLUMNS.items():
        np.testing.assert_array_equal(columns[name], values)
    # Exactly: every format keeps float32.
    np.testing.assert_array_equal(np.asarray(rows), X)


@pytest.mark.parametrize(
    "index",
    [
        3,
        -1,
        slice(10, 30),
        slice(None, None, 7),
        np.arange(COUNT) % 3 == 0,
        np.array([40, 2, 2, 17, -3]),
        np.zeros(0, int),
    ],
    ids=str,
)
def test_indices_give_what_an_array_gives(path, index):
    rows = read_rows(path)[0]
    np.testing.assert_array_equal(rows[index], X[index])
    # What lies behind is read again.
    np.testing.assert_array_equal(rows[:2], X[:2])
    chosen = np.flatnonzero(np.arange(COUNT) % 2)[::-1]
    selected = rows.select(chosen).select(slice(3, 20))
    np.testing.assert_array_equal(np.asarray(selected), X[chosen][3:20])


def test_labels_of_the_same_file_need_no_table(path):
    parts = [array_examples(path, None, split, test=0.2) for split in ("train", "test")]
    assert [len(part) for part in parts] == [40, 10]
    for part in parts:
        rows = part.id.astype(int)
        np.testing.assert_array_equal(part.labels["speaker"], SPEAKER[rows])
        np.testing.assert_array_equal(part.labels["name"], NAME[rows])
        np.testing.assert_array_equal(part.labels["pitch"], PITCH[rows])
        assert isinstance(part.x, LazyRows)
        np.testing.assert_array_equal(part.x[:], X[rows])


def parquet(column, folder):
    pa.parquet.write_table(pa.table({"x": column}), folder / "z.parquet")
    return folder / "z.parquet"


@pytest.mark.parametrize(
    ("column", "message"),
    [
        (pa.array([[1.0, 2.0], [1.0]]), "has 1 values in row 1, and 2 in the first"),
        (pa.array([[1.0, None], [1.0, 2.0]]), "1 empty values in rows 0 to 1"),
        (pa.array(["a", "b"]), "is string; give lists of numbers"),
        (pa.array([], pa.list_(pa.float32())), "has no rows"),
    ],
)
def test_columns_that_hold_no_rows_are_named(column, message, tmp_path):
    with pytest.raises(InputError, match=message):
        read_rows(parquet(column, tmp_path))[0][:]


def test_columns_of_lists_of_one_length_are_read(tmp_path):
    column = pa.array(X.tolist(), pa.list_(pa.float64(), 3))
    np.testing.assert_array_equal(read_rows(parquet(column, tmp_path))[0][5:9], X[5:9])


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("npz", r"has no array 'z', but \[.*'x'.*\]; name one"),
        ("h5", r"no rows 'z'; give key, one of \['id', 'image', 'name', 'pitch', 'speaker', 'x'\]"),
        ("parquet", "has no column 'z'; give key, one of"),
    ],
)
def test_a_key_that_is_not_there_is_named_with_what_is(name, message, tmp_path):
    with pytest.raises(InputError, match=message):
        read_rows(written(name, tmp_path), "z")


def test_a_label_in_both_places_is_refused(tmp_path):
    table = pandas.DataFrame({"id": IDS, "speaker": SPEAKER})
    with pytest.raises(InputError, match=r"the columns \['speaker'\] are in the file of rows too"):
        array_examples(written("h5", tmp_path), table, "train")
