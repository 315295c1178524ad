"""Two folders of pictures that are joined by name."""

import re

import numpy as np
import pandas
import pytest
from PIL import Image

from iin_tf.checks import InputError, MissingInput
from iin_tf.data import LazyRows, paired_folders
from iin_tf.data.sources import paired_folders as module

NAMES = [f"{('cat', 'dog')[number % 2]}/{number:02}" for number in range(20)]


def save(path, grey):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.full((4, 5), grey, np.uint8)).save(path)


@pytest.fixture
def folders(tmp_path):
    """Photographs of grey level 2 n, and sketches, of another suffix, of 2 n + 1."""
    for name in NAMES:
        number = int(name[-2:])
        save(tmp_path / "photos" / f"{name}.png", 2 * number)
        save(tmp_path / "sketches" / f"{name}.bmp", 2 * number + 1)
    return tmp_path / "photos", tmp_path / "sketches"


def test_pictures_of_one_name_are_views_of_one_original(folders):
    parts = [paired_folders(*folders, split, seed=1) for split in ("train", "test")]
    assert [len(part) for part in parts] == [32, 8]
    assert not set(parts[0].source) & set(parts[1].source)
    for part in parts:
        assert isinstance(part.x, LazyRows)
        second = part.labels["folder"]
        numbers = np.array([int(name[-2:]) for name in part.source])
        np.testing.assert_array_equal(part.x[:][:, 0, 0, 0], 2 * numbers + second)
        assert part.labels["class"].tolist() == [name[:3] for name in part.source]
        ends = np.where(second, "/b", "/a")
        assert part.id.tolist() == np.char.add(part.source, ends).tolist()
        np.testing.assert_array_equal(np.unique(part.source, return_counts=True)[1], 2)


def test_order_of_the_files_does_not_matter(folders):
    # Names with suffixes stand in another order than names without.
    for name, other, grey in (("a+b", "a+b.bmp", 200), ("a", "a.BMP", 210), ("a.b", "a.b.jpg", 9)):
        save(folders[0] / "cat" / f"{name}.png", grey)
        save(folders[1] / "cat" / other, grey)
    examples = paired_folders(*folders)
    for name, grey in (("cat/a+b", 200), ("cat/a", 210), ("cat/a.b", 9)):
        np.testing.assert_array_equal(examples.x[examples.source == name], grey)


def test_a_table_of_the_first_folders_names_labels_both(folders):
    table = pandas.DataFrame(
        {
            "id": [name[-2:] for name in NAMES[:-1]],
            "n": range(19),
            "split": ["test" if number < 6 else "train" for number in range(19)],
        }
    )
    test = paired_folders(*folders, "test", table)
    assert test.labels["n"].tolist() == [int(name[-2:]) for name in test.source]
    assert sorted(test.labels["n"].tolist()) == sorted([*range(6)] * 2)


def test_of_a_pair_with_a_damaged_picture_the_other_stays_by_consent(folders):
    (folders[1] / "dog" / "03.bmp").write_text("<html>")
    with pytest.raises(InputError, match=r"1 of 40 images .*, first: .*sketches/dog/03"):
        paired_folders(*folders)
    with pytest.warns(UserWarning, match="1 of 40 images"):
        examples = paired_folders(*folders, corrupt="skip")
    assert len(examples) == 39
    assert examples.id[examples.source == "dog/03"].tolist() == ["dog/03/a"]
    numbers = np.array([int(name[-2:]) for name in examples.source])
    expected = 2 * numbers + examples.labels["folder"]
    np.testing.assert_array_equal(examples.x[:][:, 0, 0, 0], expected)


def test_nothing_is_read_before_it_is_asked_for(folders, monkeypatch):
    examples, opened = paired_folders(*folders, memory=0), []
    read = module.read_picture
    monkeypatch.setattr(module, "read_picture", lambda *given: opened.append(1) or read(*given))
    some = examples.select(np.arange(35))
    assert not opened
    some.x[3:6]
    assert len(opened) == 3


def test_what_does_not_join_is_named(folders, tmp_path):
    (folders[1] / "cat" / "00.bmp").unlink()
    message = "19 names are in both folders, of 20 in the first and 19 in the second; first names"
    with pytest.raises(InputError, match=f"paired_path: {message} in one alone: .'cat/00'"):
        paired_folders(*folders)
    save(folders[1] / "cat" / "00.bmp", 1)
    save(folders[1] / "new.bmp", 1)
    with pytest.raises(InputError, match=re.escape("first names in one alone: ['new']")):
        paired_folders(*folders)
    (folders[1] / "new.bmp").unlink()
    save(folders[1] / "dog" / "01.png", 3)
    with pytest.raises(InputError, match=r"paired_path: 1 ids .* once, first \['dog/01'\], with"):
        paired_folders(*folders)
    with pytest.raises(MissingInput, match=r"^paired_path: there is no folder"):
        paired_folders(folders[0], tmp_path / "none")
