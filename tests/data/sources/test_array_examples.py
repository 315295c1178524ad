"""One's own rows with a table of labels: every format, splits by source, what does not fit."""

import h5py
import numpy as np
import pandas
import pytest

from iin_tf.checks import InputError
from iin_tf.data import array_examples, write_latents

X = np.random.default_rng(0).normal(size=(20, 3))
IDS = np.array([f"{row:03}" for row in range(20)])
TABLE = pandas.DataFrame(
    {
        "id": IDS[::-1],
        "speaker": (np.arange(20) % 4)[::-1],
        "source": [f"take {row // 2}" for row in range(20)][::-1],
    }
)


def written(kind, folder):
    match kind:
        case "npz":
            np.savez(folder / "rows.npz", x=X, id=IDS)
        case "h5":
            with h5py.File(folder / "rows.h5", "w") as file:
                file["x"] = X
                file["id"] = IDS.tolist()
        case "parquet":
            frame = pandas.DataFrame({"id": IDS, "x": X.tolist()})
            frame.to_parquet(folder / "rows.parquet")
        case "store":
            write_latents(folder / "rows.store", X, np.zeros_like(X), {}, np.arange(20), id=IDS)
    return folder / f"rows.{kind}"


@pytest.mark.parametrize("kind", ["npz", "h5", "parquet", "store"])
def test_every_format_joins_its_labels_by_id(tmp_path, kind):
    path = written(kind, tmp_path)
    parts = [array_examples(path, TABLE, split, test=0.3, seed=1) for split in ("train", "test")]
    for part in parts:
        rows = part.id.astype(int)
        # A store keeps float32.
        np.testing.assert_array_equal(np.asarray(part.x, np.float32), X[rows].astype(np.float32))
        np.testing.assert_array_equal(part.labels["speaker"], rows % 4)
        assert part.source.tolist() == [f"take {row // 2}" for row in rows]
        assert set(part.labels) == {"speaker"}
    assert sorted([*parts[0].id, *parts[1].id]) == IDS.tolist()
    assert len(np.unique(parts[1].source)) == 3
    assert not set(parts[0].source) & set(parts[1].source)


def test_rows_without_ids_are_numbered_and_a_column_may_give_the_split(tmp_path):
    np.save(tmp_path / "rows.npy", X)
    table = tmp_path / "labels.csv"
    table.write_text("id;y;split\n4;7;test\n0;5;train\n1;;train\n")
    train, test = (array_examples(tmp_path / "rows.npy", table, part) for part in ("train", "test"))
    assert (train.id.tolist(), test.id.tolist()) == ([0, 1], [4])
    assert train.labels["y"].tolist() == [5, -1]
    np.testing.assert_array_equal(np.asarray(test.x), X[4:5])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"split": "dev"}, "split is 'dev'"),
        ({"test": 0.01}, "is 0 of 10 sources"),
        ({"key": "y"}, r"has no array 'y', but \['x', 'id'\]; name one"),
        ({"path": "rows.txt"}, "give .npy, .npz"),
        ({"labels": TABLE.assign(split="held out")}, r"column 'split' holds \['held out'\]"),
        ({"labels": TABLE.assign(id=np.arange(20))}, "0 of 20 rows join the 20 examples"),
    ],
)
def test_bad_input_is_named(tmp_path, change, message):
    arguments = {"path": written("npz", tmp_path), "labels": TABLE, "split": "test"} | change
    with pytest.raises(InputError, match=message):
        array_examples(**arguments)
