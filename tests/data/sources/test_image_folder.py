"""A folder of pictures: labels from folders and tables, what is wrong with them, what is read."""

import numpy as np
import pandas
import pytest
from PIL import Image

from iin_tf.checks import InputError, MissingInput
from iin_tf.data import LazyRows, image_folder
from iin_tf.data.sources import image_folder as module


def save(path, grey=0, size=(6, 8), channels=3):
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.full((*size, channels), grey, np.uint8)
    Image.fromarray(pixels[..., 0] if channels == 1 else pixels).save(path)


@pytest.fixture
def folder(tmp_path):
    """Twelve pictures: three animals, the grey level is 10 times the number of the file."""
    for number in range(12):
        save(
            tmp_path / "pictures" / ("cat", "dog", "owl")[number % 3] / f"{number:03}.png",
            10 * number,
        )
    return tmp_path / "pictures"


def numbers(examples):
    return [int(name[-7:-4]) for name in examples.id]


def test_a_folder_a_class(folder):
    examples = image_folder(folder)
    assert examples.x.shape == (12, 6, 8, 3)
    np.testing.assert_array_equal(np.asarray(examples.x)[:, 0, 0, 0] // 10, numbers(examples))
    expected = [("cat", "dog", "owl")[number % 3] for number in numbers(examples)]
    assert examples.labels["class"].tolist() == expected
    assert examples.id[0] == "cat/000.png"
    assert len(set(examples.source)) == 12


@pytest.mark.parametrize("form", ["owl/{}.png", "owl/{}", "{}.png", "{}"])
def test_a_table_names_files_in_any_usual_form(folder, form):
    if "owl" in form:
        for file in folder.glob("*/*.png"):
            (folder / "owl").mkdir(exist_ok=True)
            file.rename(folder / "owl" / file.name)
    ids = [form.format(f"{number:03}") for number in range(11)]
    table = pandas.DataFrame({"id": ids, "brightness": np.arange(11) / 2})
    examples = image_folder(folder, labels=table)
    expected = [number / 2 if number < 11 else np.nan for number in numbers(examples)]
    np.testing.assert_array_equal(examples.labels["brightness"], expected)
    assert set(examples.labels) == {"class", "brightness"}


def test_a_table_may_say_class_source_and_split(folder):
    table = pandas.DataFrame(
        {
            "id": [f"{number:03}" for number in range(12)],
            "class": np.arange(12) % 2,
            "source": np.arange(12) // 2,
            "split": ["test" if number < 4 else "train" for number in range(12)],
        }
    )
    test = image_folder(folder, "test", table)
    assert sorted(numbers(test)) == [0, 1, 2, 3]
    np.testing.assert_array_equal(test.labels["class"], np.array(numbers(test)) % 2)
    np.testing.assert_array_equal(test.source, np.array(numbers(test)) // 2)


def test_drawn_splits_are_a_partition_by_seed(folder):
    parts = {split: image_folder(folder, split, test=0.25, seed=3) for split in ("train", "test")}
    assert len(parts["test"]) == 3
    assert sorted([*numbers(parts["train"]), *numbers(parts["test"])]) == [*range(12)]
    again = image_folder(folder, "test", test=0.25, seed=3)
    assert again.id.tolist() == parts["test"].id.tolist()


def test_folders_train_and_test_are_the_splits(folder, tmp_path):
    (tmp_path / "all").mkdir()
    folder.rename(tmp_path / "all" / "train")
    save(tmp_path / "all" / "test" / "cat" / "900.png")
    test = image_folder(tmp_path / "all", "test")
    assert test.id.tolist() == ["test/cat/900.png"]
    assert test.labels["class"].tolist() == ["cat"]
    assert len(image_folder(tmp_path / "all", "train")) == 12


def test_what_is_no_picture_is_left_alone(folder):
    (folder / "cat" / "Thumbs.db").write_bytes(b"x")
    save(folder / "cat" / "._000.png")
    save(folder / ".cache" / "000.png")
    assert len(image_folder(folder)) == 12


def test_damaged_pictures_are_named_and_left_out_by_consent(folder):
    (folder / "dog" / "004.png").write_bytes((folder / "dog" / "004.png").read_bytes()[:50])
    (folder / "owl" / "005.png").write_text("<html>")
    with pytest.raises(InputError, match=r"2 of 12 images .* first: dog/004.png \(.*owl/005.png"):
        image_folder(folder)
    table = pandas.DataFrame({"id": [f"{number:03}" for number in range(12)], "n": range(12)})
    with pytest.warns(UserWarning, match="2 of 12 images .* left out"):
        examples = image_folder(folder, labels=table, corrupt="skip")
    assert sorted(numbers(examples)) == [0, 1, 2, 3, 6, 7, 8, 9, 10, 11]
    np.testing.assert_array_equal(examples.labels["n"], numbers(examples))
    np.testing.assert_array_equal(examples.x[:][:, 0, 0, 0] // 10, numbers(examples))


def test_mixed_sizes_need_a_word(folder):
    save(folder / "cat" / "900.png", 200, size=(8, 6))
    message = r"sizes \(6, 8\) \(12, first cat/000.png\), \(8, 6\) \(1, first cat/900.png\); give"
    with pytest.raises(InputError, match=message):
        image_folder(folder)
    with pytest.raises(InputError, match=r"and size is \(6, 8\)"):
        image_folder(folder, size=(6, 8))
    examples = image_folder(folder, size=4, resize="crop")
    assert examples.x.shape == (13, 4, 4, 3)
    assert (examples.x[numbers(examples).index(900)] == 200).all()


def test_mixed_channels_need_a_number(folder):
    save(folder / "cat" / "900.png", channels=1)
    with pytest.raises(InputError, match=r"channels 3 \(12, .*\), 1 \(1, first cat/900.png\)"):
        image_folder(folder)
    assert image_folder(folder, channels=1).x.shape == (13, 6, 8, 1)
    save(folder / "cat" / "900.png", channels=4)
    with pytest.raises(InputError, match="give channels=3 or 1"):
        image_folder(folder)


@pytest.fixture
def opened(monkeypatch):
    """The names of the files that are opened, in their order."""
    read, names = module.read_picture, []

    def counted(path, form):
        names.append(path.name)
        return read(path, form)

    monkeypatch.setattr(module, "read_picture", counted)
    return names


def test_only_what_is_asked_for_is_opened(folder, opened):
    examples = image_folder(folder, memory=0)
    assert isinstance(examples.x, LazyRows)
    assert len(opened) == 12
    opened.clear()
    some = examples.select([7, 2, 3])
    assert opened == []
    assert some.x[1:].shape == (2, 6, 8, 3)
    assert sorted(opened) == sorted(name.split("/")[1] for name in some.id[1:])


def test_what_fits_into_memory_is_opened_once(folder, opened):
    examples = image_folder(folder, memory=5 * 6 * 8 * 3)
    opened.clear()
    np.asarray(examples.x)
    assert len(opened) == 7


def test_a_split_opens_its_own_pictures_alone(folder, opened):
    image_folder(folder, "test", test=0.25)
    assert len(opened) == 3


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"path": "nowhere"}, MissingInput, "there is no folder nowhere"),
        ({"path": "."}, MissingInput, "holds no images"),
        ({"split": "dev"}, InputError, "split is 'dev'"),
        ({"corrupt": "yes"}, InputError, "corrupt is 'yes'"),
        ({"memory": -1}, InputError, "memory is -1"),
        ({"labels": {"id": ["000", "77"], "a": [1, 2]}}, InputError, r"1 of 2 rows.*\['77'\]"),
        ({"labels": {"name": ["000"]}}, InputError, r"no column 'id' among \['name'\]"),
    ],
)
def test_what_cannot_be_used_is_said_on_one_line(
    folder, tmp_path, monkeypatch, arguments, error, message
):
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path / "empty")
    with pytest.raises(error, match=message) as caught:
        image_folder(**{"path": folder, **arguments})
    assert "\n" not in str(caught.value)


def test_pictures_without_a_class_need_a_table(folder):
    save(folder / "loose.png")
    with pytest.raises(InputError, match=r"outside of class folders, such as loose\.png"):
        image_folder(folder)
    examples = image_folder(folder, labels={"id": ["loose"], "n": [1]})
    assert set(examples.labels) == {"n"}
