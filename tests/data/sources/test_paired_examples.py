"""Two files whose rows show the same things: joined by id, split together."""

import h5py
import numpy as np
import pandas
import pytest

from iin_tf.checks import InputError
from iin_tf.data import TransformationPairs, paired_examples

X = np.random.default_rng(0).normal(size=(40, 3)).astype(np.float32)
IDS = np.array([f"{row:03}" for row in range(40)])


def files(folder, ids=IDS, width=3):
    """Photographs X, and sketches 10 X in another order."""
    np.savez(folder / "photos.npz", x=X, id=IDS)
    with h5py.File(folder / "sketches.h5", "w") as file:
        file["x"], file["id"] = 10 * X[::-1, :width], ids[::-1].tolist()
    return folder / "photos.npz", folder / "sketches.h5"


def test_rows_of_one_id_are_views_of_one_original(tmp_path):
    table = pandas.DataFrame({"id": IDS[5:], "kind": (np.arange(40) % 3)[5:]})
    parts = [paired_examples(*files(tmp_path), table, split) for split in ("train", "test")]
    assert [len(part) for part in parts] == [64, 16]
    assert not set(parts[0].source) & set(parts[1].source)
    for part in parts:
        item = part.source.astype(int)
        np.testing.assert_array_equal(item[: len(item) // 2], item[len(item) // 2 :])
        np.testing.assert_array_equal(part.labels["file"], np.repeat([0, 1], len(item) // 2))
        np.testing.assert_array_equal(part.labels["kind"], np.where(item < 5, -1, item % 3))
        # Exactly: ten times a float32 is one.
        scale = np.where(part.labels["file"], np.float32(10), np.float32(1))
        np.testing.assert_array_equal(part.x[:], scale[:, None] * X[item])
        assert part.id.tolist() == [
            f"{name}/{'ab'[file]}"
            for name, file in zip(part.source, part.labels["file"], strict=True)
        ]
        chosen = part.select(np.flatnonzero(part.labels["file"])[::-1])
        np.testing.assert_array_equal(chosen.x[:2], 10 * X[chosen.source.astype(int)[:2]])


def test_their_pairs_are_the_two_rows_of_an_id(tmp_path):
    train = paired_examples(*files(tmp_path), None, "train")
    made_by = np.where(train.labels["file"], "sketch", "")
    sampler = TransformationPairs(
        made_by, ["thing"], source=train.source, keeps={"sketch": "thing"}
    )
    a, b, shared = sampler.draw(200, step=0)
    assert (train.source[a] == train.source[b]).all()
    assert (train.labels["file"][a] != train.labels["file"][b]).all()
    assert shared.tolist() == [[False, True]] * 200


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"ids": np.char.add("p", IDS)},
            r"0 ids are in both files, of 40 .* alone: \['000', '001'",
        ),
        ({"ids": np.array(["new", *IDS[1:]])}, r"39 ids are in both .* in one alone: \['000'\]"),
        ({"width": 2}, r"rows are \[2\], those of path \[3\]"),
    ],
)
def test_what_does_not_join_is_named(change, message, tmp_path):
    with pytest.raises(InputError, match=message):
        paired_examples(*files(tmp_path, **change), None, "train")
