"""A finished run is opened with what it knows."""

import numpy as np
import pytest
from PIL import Image

import iin_tf
from iin_tf import FactorLayout, files
from iin_tf.checks import InputError
from iin_tf.data import colored_digits, write_latents
from iin_tf.experiment import default_config
from iin_tf.experiment.recorded import recorded_config
from iin_tf.experiment.stages.registry import flat_config
from iin_tf.experiment.workdir import Workdir
from iin_tf.explorer import Change, View, open_workdir
from iin_tf.explorer.reads import blocks_read
from iin_tf.models import VariationalAutoencoder
from iin_tf.results import Results

LAYOUT = FactorLayout({"digit": 2, "color": 3}, residual=3)


def finish(path, examples, z, **first_stage):
    """Records in the workdir `path` that a run is done, with these held-out examples."""
    config = default_config()
    config.first_stage.update(latent_size=8, **first_stage)
    config.data.update(test_views=2, factors=("digit", "color"))
    place = Workdir(path)
    place.make()
    files.write_json(place.factor_sizes, {"used": LAYOUT.get_config()})
    place.mark("train", flat_config(config, "train"))
    network = iin_tf.InterpretationNetwork(LAYOUT, blocks=2, hidden=8, seed=0)
    network.adapt(z)
    network.save(place.network)
    for split in ("train", "test"):
        write_latents(
            place.latents / split,
            z,
            np.full_like(z, -4),
            examples.labels,
            examples.source,
            id=examples.id,
        )
    return place.path


@pytest.fixture(scope="module")
def examples():
    return colored_digits("test", views=2)


@pytest.fixture(scope="module")
def run(tmp_path_factory, examples):
    """An untrained run: what is decoded is meaningless, and right or wrong all the same."""
    autoencoder = VariationalAutoencoder(latent_size=8, channels=2, hidden=8, seed=0)
    z = np.concatenate([np.asarray(autoencoder.encode(x)[0]) for x in np.split(examples.x, 4)])
    autoencoder.decode(z[:1])
    path = finish(tmp_path_factory.mktemp("run") / "run", examples, z)
    autoencoder.save(path / "first_stage.keras")
    return path


@pytest.fixture(scope="module")
def stored(tmp_path_factory, examples):
    z = np.random.default_rng(0).normal(size=(len(examples), 8)).astype(np.float32)
    # A representation that tells the digit.
    z[:, 0] += 4 * examples.labels["digit"]
    return finish(tmp_path_factory.mktemp("run") / "stored", examples, z, kind="none")


def test_one_view_of_each_original_with_its_input_and_labels(run, examples):
    explorer = open_workdir(run)
    gallery = explorer.gallery
    assert len(gallery) == len(np.unique(examples.source))
    row = gallery.known_row("4")
    (at,) = np.flatnonzero(examples.id == 4)
    np.testing.assert_array_equal(explorer.input_of("4"), examples.x[at])
    assert gallery.labels["digit"][row] == examples.labels["digit"][at]
    assert explorer.show(View("4")).picture.shape == (32, 32, 3)


def test_the_copied_lines_run_as_they_stand(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    explorer = open_workdir(run)
    view = View("0", "4", {"digit": Change(towards=1.0)})
    exec(explorer.code(view), {})
    saved = np.asarray(Image.open("picture.png"))
    np.testing.assert_array_equal(saved, explorer.show(view).picture)


def test_stored_representations_are_read_by_probes(stored, examples):
    explorer = open_workdir(stored)
    assert explorer.model.takes is None
    shown = explorer.show(View("0"))
    assert shown.picture is None
    assert set(shown.readouts) == {"digit", "color"}
    read = np.array([one["digit"] for one in explorer.readouts(explorer.gallery.z)])
    # Four standard deviations lie between one digit and the next.
    assert np.mean(read == explorer.gallery.labels["digit"]) > 0.9


def test_a_config_file_is_named_in_the_copied_lines(stored, tmp_path):
    path = tmp_path / "own.py"
    path.write_text(
        "from iin_tf.experiment import default_config\n\n\ndef get_config():\n"
        "    config = default_config()\n    config.first_stage.kind = 'none'\n    return config\n"
    )
    lines = open_workdir(stored, path).code(View("0"))
    assert f"open_workdir({str(stored)!r}, {str(path)!r}).show(View(example='0'))" in lines


def test_data_that_have_changed_are_refused(run, tmp_path):
    config = recorded_config(Workdir(run))
    config.data.test_views = 1
    with pytest.raises(InputError, match="test examples that are not the"):
        open_workdir(run, config)


def test_a_run_that_is_not_finished_is_said(tmp_path):
    with pytest.raises(InputError, match="stage 'train' is not done"):
        open_workdir(tmp_path)


def test_what_a_block_reads_is_told_strongest_first():
    assert set(blocks_read(Results(), LAYOUT).values()) == {""}
    metrics = {
        "strongest/digit/digit/accuracy": 0.991,
        "strongest/digit/digit/accuracy/null": 0.129,
        "leakage/digit/color": -0.01,
        "leakage/color/color": 0.99,
    }
    assert blocks_read(Results.from_metrics(metrics), LAYOUT) == {
        "residual": "",
        "digit": "digit: right for 99%, by chance 13%; color: 0% of its variance",
        "color": "color: 99% of its variance",
    }
