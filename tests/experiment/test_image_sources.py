"""Images on disk that a config names: what is loaded, and what is said before any work."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from processes import run_program

from iin_tf.checks import InputError
from iin_tf.data import LazyRows
from iin_tf.experiment import run_stages, sources
from iin_tf.experiment.config import default_config

ROOT = Path(__file__).parents[2]


def config_of(**changes):
    config = default_config()
    config.data.update(changes)
    return config


@pytest.fixture
def folder(tmp_path):
    """Forty pictures of 12 x 10 in two classes."""
    for number in range(40):
        path = tmp_path / "pictures" / ("dark", "light")[number % 2] / f"{number:02}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        grey = np.full((12, 10, 3), 100 * (number % 2) + number, np.uint8)
        Image.fromarray(grey).save(path)
    return tmp_path / "pictures"


def test_a_folder_becomes_examples_of_the_form_that_the_config_says(folder):
    form = {"size": (6, 8), "resize": "fit", "channels": 1}
    config = config_of(source="images", path=str(folder), factors=("class",), **form)
    sources.check_source(config)
    train, test = (sources.load_examples(config, split) for split in ("train", "test"))
    assert train.x.shape == (32, 6, 8, 1)
    assert test.x.shape == (8, 6, 8, 1)
    assert not set(train.id) & set(test.id)
    for name, kind in zip(test.id, test.labels["class"], strict=True):
        assert name.startswith(kind)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"path": ""}, "data.path is empty"),
        ({"path": "nowhere"}, "there is no folder nowhere"),
        ({"resize": "crop"}, "resize is 'crop', but size is None"),
    ],
)
def test_what_a_folder_cannot_give_is_said_early(folder, changes, message):
    with pytest.raises(InputError, match=message):
        sources.check_source(config_of(**{"source": "images", "path": str(folder), **changes}))


def test_a_data_set_that_is_not_there_is_answered_with_the_recipe(tmp_path):
    config = config_of(source="tfds", name="celeb_a", data_dir=str(tmp_path))
    with pytest.raises(InputError, match=r"celeb_a is not prepared in .*tfds\.load\('celeb_a'"):
        sources.check_source(config)
    with pytest.raises(InputError, match=r"data\.name is empty"):
        sources.check_source(config_of(source="tfds"))


def test_inputs_of_a_model_come_from_arrays(tmp_path):
    grey = np.random.default_rng(0).integers(256, size=(20, 6, 8)).astype(np.uint8)
    np.savez(tmp_path / "x.npz", x=grey, tone=np.arange(20) % 2, id=np.arange(20) + 100)
    config = config_of(source="arrays", path=str(tmp_path / "x.npz"), factors=("tone",))
    sources.check_source(config)
    train = sources.load_examples(config, "train")
    # Where a model is trained here, grey images get their one channel.
    assert isinstance(train.x, LazyRows)
    np.testing.assert_array_equal(train.x[:][..., 0], grey[train.id - 100])
    config.first_stage.kind = "python"
    assert sources.load_examples(config, "train").x.shape == (16, 6, 8)


def test_a_program_ends_with_one_line_and_exit_code_2(folder, tmp_path):
    Image.new("RGB", (30, 30)).save(folder / "dark" / "99.png")
    ended = run_program(
        "iin_run",
        f"--config={ROOT / 'configs' / 'images.py'}",
        f"--config.data.path={folder}",
        "--config.data.size=None",
        "--config.data.resize=refuse",
        f"--workdir={tmp_path / 'run'}",
    )
    assert ended.returncode == 2, ended.stderr[-2000:]
    line = ended.stderr.strip().splitlines()[-1]
    assert "images have sizes (12, 10)" in line
    assert "resize='crop'" in line
    assert not (tmp_path / "run" / "first_stage.keras").exists()


@pytest.mark.parametrize(("split", "count"), [("train", 30), ("test", 10)])
def test_one_class_is_said_before_a_first_stage_begins(tmp_path, split, count):
    for number in range(40):
        part = "test" if number < 10 else "train"
        name = "dark" if part == split else ("dark", "light")[number % 2]
        path = tmp_path / "pictures" / part / name / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.full((8, 8), number, np.uint8)).save(path)
    config = config_of(source="images", path=str(tmp_path / "pictures"), factors=("class",))
    message = f"'class' has one value among the {count} examples of the {split}.* label, 'dark'"
    with pytest.raises(InputError, match=message):
        run_stages(config, tmp_path / "run", ["pretrain"])
    assert not (tmp_path / "run/first_stage.keras").exists()
