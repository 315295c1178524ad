"""Pictures of one's own through a run: right images, whole outputs, bad input on one line."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import iin_tf
from iin_tf import FactorLayout, files
from iin_tf.data import colored_digits
from iin_tf.experiment import default_config
from iin_tf.experiment.edit_inputs import Edit
from iin_tf.experiment.editing import edit_images
from iin_tf.experiment.recorded import recorded_config
from iin_tf.experiment.stages.registry import flat_config
from iin_tf.experiment.workdir import Workdir
from iin_tf.models import VariationalAutoencoder
from iin_tf.models.loading import load_model
from iin_tf.reporting.edited import edit_files

ROOT = Path(__file__).parents[2]
FACTORS = {"digit": 2, "color": 3}


def finish(path, **first_stage):
    """Records in the workdir `path` that a run is done."""
    config = default_config()
    config.first_stage.update(latent_size=8, **first_stage)
    config.data.test_views = 1
    layout = FactorLayout(FACTORS, residual=3)
    place = Workdir(path)
    place.make()
    files.write_json(place.factor_sizes, {"used": layout.get_config()})
    place.mark("train", flat_config(config, "train"))
    return place, layout


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """An untrained run: what is decoded is meaningless, and right or wrong all the same."""
    place, layout = finish(tmp_path_factory.mktemp("run") / "run")
    autoencoder = VariationalAutoencoder(latent_size=8, channels=2, hidden=8, seed=0)
    images = colored_digits("test", views=1).x[:64]
    autoencoder.encode(images)
    autoencoder.decode(np.zeros((1, 8), np.float32))
    autoencoder.save(place.first_stage)
    network = iin_tf.InterpretationNetwork(layout, blocks=2, hidden=8, seed=0)
    network.adapt(np.asarray(autoencoder.encode(images)[0]))
    network.save(place.network)
    return place.path


@pytest.fixture
def pictures(tmp_path, monkeypatch):
    """Three image files in a folder of images, and what they hold."""
    monkeypatch.chdir(tmp_path)
    images = colored_digits("test", views=1).x[:3]
    Path("in").mkdir()
    for number, image in enumerate(images):
        Image.fromarray(image).save(f"in/{number}.png")
    return images


def edit(**changes):
    asked = {"image": "in/0.png", "donor": "in/1.png", "factors": ["digit"], "output": "out"}
    return Edit(**{**asked, **changes})


def by_hand(run, image, donor, factors):
    """The edited image by the models themselves, uint8."""
    autoencoder = load_model(run / "first_stage.keras")
    network = iin_tf.load(run / "iin.keras")
    z, other = (np.asarray(autoencoder.encode(one[None])[0]) for one in (image, donor))
    decoded = np.asarray(autoencoder.decode(network.swap(z, other, factors)))
    return np.round(np.clip(decoded[0], 0, 1) * 255)


def state(path):
    return {one: one.stat().st_mtime_ns for one in (path, *path.rglob("*"))}


def test_the_image_has_the_donors_factor_and_nothing_else_is_touched(run, pictures):
    before = state(run) | state(Path("in"))
    written = edit_images(run, edit(steps=4))
    assert [path.name for path in written] == list(edit_files("0"))
    assert sorted(Path("out").iterdir()) == sorted(written)
    found = np.asarray(Image.open("out/0.png"), np.float64)
    # Rounding of float32 through the network, and then to grey levels.
    assert np.abs(found - by_hand(run, pictures[0], pictures[1], ["digit"])).max() <= 1
    assert Image.open("out/0_strip.png").size == (4 * 128 + 3 * 4, 128)
    assert state(run) | state(Path("in")) == before


def test_a_folder_goes_in_and_a_folder_comes_out(run, pictures):
    written = edit_images(run, edit(image="in", donor="in/2.png", factors=["color", "digit"]))
    assert [path.name for path in written] == [file for k in "012" for file in edit_files(k)]
    for number, image in enumerate(pictures):
        found = np.asarray(Image.open(f"out/{number}.png"), np.float64)
        expected = by_hand(run, image, pictures[2], ["digit", "color"])
        assert np.abs(found - expected).max() <= 1


def test_ids_of_the_data_set_are_images_too(run, pictures):
    edit_images(run, edit(image="0", donor="1"))
    edit_images(run, edit(output="of_files"))
    for file in edit_files("0"):
        assert (Path("out") / file).read_bytes() == (Path("of_files") / file).read_bytes()


def test_other_sizes_are_refused_and_brought_by_a_word(run, pictures):
    Image.fromarray(pictures[0]).resize((64, 64), Image.Resampling.NEAREST).save("large.png")
    with pytest.raises(ValueError, match=r"large.png is 64 x 64, and the model takes 32 x 32"):
        edit_images(run, edit(image="large.png"))
    assert not Path("out").exists()
    edit_images(run, edit(image="large.png", resize="stretch"))
    assert Image.open("out/large.png").size == (32, 32)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"factors": ["size"]},
            r"factor is 'size'; the network .* has \['residual', 'digit",
        ),
        ({"image": "none.png"}, "image is 'none.png', which is no file, and no id of the test"),
        ({"image": "notes.png"}, "notes.png cannot be read"),
        ({"donor": "in"}, "donor is 'in', which is no file"),
        ({"image": "empty"}, "a folder without images"),
        (
            {"output": "full"},
            "output is 'full', which is there; give another folder",
        ),
        ({"output": "notes.png"}, "'notes.png' is a file; give a folder"),
        ({"output": ".", "overwrite": True}, "which holds 'in/0.png': it would be replaced"),
        ({"steps": 1}, "steps is 1"),
        ({"image": "twice"}, "a.png and a.jpg would both be|a.jpg and a.png would both be"),
    ],
)
def test_bad_input_is_named_and_nothing_is_written(run, pictures, changes, message):
    Path("notes.png").write_text("no image")
    for folder in ("empty", "full", "twice"):
        Path(folder).mkdir()
    Path("full/mine.txt").write_text("mine")
    for suffix in ("png", "jpg"):
        Image.fromarray(pictures[0]).save(f"twice/a.{suffix}")
    before = state(Path())
    with pytest.raises(ValueError, match=message):
        edit_images(run, edit(**changes))
    assert state(Path()) == before


def test_a_damaged_image_in_a_folder_stops_all_before_the_first(run, pictures):
    Path("in/9.png").write_bytes(Path("in/0.png").read_bytes()[:200])
    with pytest.raises(ValueError, match=r"in/9.png cannot be read"):
        edit_images(run, edit(image="in"))
    assert not Path("out").exists()


@pytest.mark.parametrize("kind", ["classifier", "none"])
def test_a_run_without_decoder_says_so(tmp_path, pictures, kind):
    place, _ = finish(tmp_path / "other", kind=kind)
    with pytest.raises(ValueError, match=f"first_stage.kind is '{kind}', which has no decoder"):
        edit_images(place.path, edit())


def test_what_is_no_finished_run_is_refused(tmp_path, pictures):
    with pytest.raises(ValueError, match=r"stage 'train' is not done in .*none"):
        edit_images(tmp_path / "none", edit())
    assert not (tmp_path / "none").exists()


def test_a_workdir_knows_its_config(run):
    config = recorded_config(Workdir(run))
    assert config.first_stage.latent_size == 8
    assert config.data.factors == ("digit", "color")
    assert flat_config(config, "train") == Workdir(run).done()["train"]


def test_the_program_writes_all_and_exits_2_on_one_line(run, pictures):
    def program(*flags):
        return subprocess.run(
            [sys.executable, ROOT / "bin/iin_edit", f"--workdir={run}", "--image=in/0.png", *flags],
            capture_output=True,
            text=True,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )

    result = program("--donor=in/1.png", "--factor=digit,color", "--steps=3")
    assert result.returncode == 0, result.stderr
    assert "[iin] edited/0_strip.png" in result.stdout
    shutil.rmtree("edited")
    result = program("--donor=in/1.png", "--factor=hue")
    assert result.returncode == 2
    assert result.stderr.startswith("error: factor is 'hue'; the network of")
    assert result.stderr.count("\n") == 1
