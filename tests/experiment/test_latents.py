"""Stored vectors and a table of labels: the whole job from the command line, no Python written."""

import csv
import json
import re
from pathlib import Path

import h5py
import numpy as np
import pandas
import pytest
from by_hand import latents_config
from processes import run_program

import iin_tf
from iin_tf.checks import InputError
from iin_tf.experiment import run_stages

ROOT = Path(__file__).parents[2]
ROWS, FACTORS = 600, ("speaker", "style")
QUICK = {
    "training.steps": 200,
    "training.steps_per_epoch": 100,
    "training.learning_rate": 0.005,
    "network.blocks": 2,
    "network.hidden": 32,
    "evaluation.resamples": 20,
    "evaluation.response_draws": 4,
    "evaluation.measures": ("mig",),
    "sizes.fixed": (3, 3),
}


def representation(folder):
    """A representation in which two factors and a rest are mixed, dimension 5 dead; its labels."""
    random = np.random.default_rng(0)
    labels = {"speaker": random.integers(4, size=ROWS), "style": random.integers(3, size=ROWS)}
    centres = random.normal(size=(4, 3)), random.normal(size=(3, 3))
    parts = [2 * centre[values] for centre, values in zip(centres, labels.values(), strict=True)]
    rest = random.normal(size=(ROWS, 8))
    rest[:, :6] *= 0.3
    rest[:, :6] += np.concatenate(parts, axis=1)
    z = rest @ np.linalg.qr(random.normal(size=(8, 8)))[0] + 1
    z = np.insert(z, 5, 0.25, axis=1).astype(np.float32)
    ids = np.array([f"{row:04}" for row in range(ROWS)])
    frame = pandas.DataFrame({"id": ids, **labels, "source": np.arange(ROWS) // 2})
    return z, ids, frame


def write(kind, folder):
    """Files of rows and labels in one format; returns their paths."""
    z, ids, frame = representation(folder)
    match kind:
        case "npy":
            np.save(folder / "z.npy", z)
            # No ids in the file: row numbers; some labels are not known.
            frame = frame.assign(id=np.arange(ROWS)).astype({"style": "Int64"})
            frame.loc[:29, "style"] = pandas.NA
            frame.to_csv(folder / "labels.csv", index=False)
            return folder / "z.npy", folder / "labels.csv"
        case "parquet":
            pandas.DataFrame({"id": ids, "x": z.tolist()}).to_parquet(folder / "z.parquet")
            # Classes may be texts.
            frame["style"] = np.array(["calm", "loud", "sad"])[frame["style"]]
            frame.to_parquet(folder / "labels.parquet")
            return folder / "z.parquet", folder / "labels.parquet"
        case "h5":
            with h5py.File(folder / "z.h5", "w") as file:
                file["x"], file["id"] = z, ids.tolist()
            frame.to_csv(folder / "labels.csv", index=False)
            return folder / "z.h5", folder / "labels.csv"


def config_of(folder, path, labels, factors=FACTORS, **changes):
    config = latents_config()
    config.data.update(path=str(path), labels=str(labels), factors=factors)
    config.export.directory = str(folder / "saved_models")
    config.update_from_flattened_dict({**QUICK, **changes})
    return config


def command(folder, path, labels, program="iin_run", **changes):
    """`config_of` on the command line."""
    keys = {"data.path": path, "data.labels": labels, "data.factors": FACTORS, **changes}
    flags = [f"--config.{key}={value}" for key, value in keys.items()]
    config = ROOT / "configs" / "latents.py"
    return run_program(program, f"--config={config}", "--workdir=run", *flags, folder=folder)


def test_vectors_and_a_table_give_everything_from_the_command_line(tmp_path):
    result = command(tmp_path, *write("npy", tmp_path), **QUICK)
    assert result.returncode == 0, result.stderr[-2000:]
    check_results(tmp_path)
    # All else follows the data.
    chosen = json.loads((tmp_path / "run/settings.json").read_text())["values"]
    assert {"first_stage.noise", "network.mixing"} <= chosen.keys()
    assert not chosen.keys() & QUICK.keys()
    # What a linear model reads nearly always, and what 200 steps find of it.
    metrics = json.loads((tmp_path / "run/evaluation/metrics.json").read_text())
    for factor in FACTORS:
        assert metrics[f"probe/{factor}"] > 0.8
        assert metrics[f"swap/{factor}/{factor}/donor"] > metrics[f"swap/residual/{factor}/donor"]
        # Readers of the raw rows agree with the probes: other rows, within three standard errors.
        raw = metrics[f"strongest_raw/{factor}/accuracy"]
        assert abs(raw - metrics[f"probe/{factor}"]) < 0.1
        error = metrics[f"verification/{factor}/same/error"]
        assert error < metrics[f"verification/{factor}/raw cosine/error"] < 0.6
        # Mended on examples that were held out from training, it costs no more than a guess.
        assert metrics[f"verification/{factor}/calibrated_cost"] < 1.05
        own = metrics[f"strongest/{factor}/{factor}/accuracy"]
        assert own > metrics[f"strongest/{factor}/{factor}/accuracy/null"]
    # A probe of the first factor responds to its block most.
    shares = {block: metrics[f"response/{block}/share"] for block in ("residual", *FACTORS)}
    assert max(shares, key=shares.get) == "speaker"
    # Rows have no picture: their neighbours stand in a table, by id and labels.
    page = (tmp_path / "run/evaluation/report.html").read_text()
    assert "Nearest neighbours in style" in page
    assert re.search(r"\d+ \(speaker \d, style \d\)", page)


@pytest.mark.parametrize(("kind", "batches"), [("parquet", "pairs"), ("h5", "groups")])
def test_other_formats_and_batches_of_groups_give_the_same(kind, batches, tmp_path):
    changes = {"pairs.kind": batches}
    run_stages(config_of(tmp_path, *write(kind, tmp_path), **changes), tmp_path / "run")
    check_results(tmp_path)


def check_results(folder):
    import tensorflow as tf

    workdir = folder / "run"
    assert not (workdir / "first_stage.keras").exists()
    assert iin_tf.load(workdir / "iin.keras").layout.sizes == (2, 3, 3)
    assert (workdir / "evaluation/report.html").is_file()
    assert (workdir / "evaluation/metrics.json").is_file()
    model = tf.saved_model.load(str(folder / "saved_models/latents/1"))
    z = representation(folder)[0][:4]
    mean = model.signatures["encode"](x=tf.constant(z))["mean"]
    assert mean.shape == (4, 8)
    # The dead dimension is put back.
    np.testing.assert_array_equal(model.signatures["decode"](z=mean)["x"], z)


def test_splits_are_drawn_by_source_and_written_down(tmp_path):
    run_stages(config_of(tmp_path, *write("h5", tmp_path)), tmp_path / "run", ["encode"])
    with open(tmp_path / "run/splits.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert sorted(row["id"] for row in rows) == [f"{row:04}" for row in range(ROWS)]
    sources = {
        split: {row["source"] for row in rows if row["split"] == split}
        for split in ("train", "validation", "test")
    }
    # A fifth of 300 sources is the test split; 7 % of the others are held out from the flow.
    assert {name: len(found) for name, found in sources.items()} == {
        "train": 223,
        "validation": 17,
        "test": 60,
    }
    assert len(set.union(*sources.values())) == 300


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"path": "none.npy"}, "data.path is 'none.npy'; give the file of the rows"),
        ({"labels": "none.csv"}, "data.labels is 'none.csv', which is no file"),
        ({"factors": ()}, "data.factors is (); name those of the table's columns that are factors"),
        ({"labels": ""}, "names ['speaker', 'style'], but labels are []"),
        ({"factors": ("speaker", "stile")}, "names ['stile'], but labels are ['speaker', 'style']"),
        ({"data.key": "y"}, "has no rows 'y'; give key, one of ['id', 'x']"),
        ({"first_stage.kind": "autoencoder"}, "'autoencoder', which learns from images"),
        ({"sizes.fixed": (5, 5)}, "sums to 10; the representation has 8"),
        ({"network.front": 9}, "network.front is 9; the representation has 8"),
        ({"sizes.compare": True}, "sizes.compare is True, but first_stage.kind"),
    ],
)
def test_what_does_not_fit_is_said_before_any_work(change, message, tmp_path):
    files = dict(zip(("path", "labels"), write("h5", tmp_path), strict=True))
    with pytest.raises(InputError) as caught:
        run_stages(config_of(tmp_path, **files | change), tmp_path / "run")
    assert message in str(caught.value)
    assert not (tmp_path / "run/latents").exists()


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("name,speaker\n0000,1\n", "no column 'id' among ['name', 'speaker']"),
        (
            "id,speaker,style\na,1,1\nb,1,1\nc,1,1\nd,2,2\n",
            "0 of 4 rows join the 600 examples; first ids that do not: ['a', 'b', 'c']",
        ),
        (
            "id,speaker,style\n0000,1,1\n0001,1,1\nc,1,1\n",
            "2 of 3 rows join the 600 examples; first ids that do not: ['c']",
        ),
    ],
)
def test_a_table_that_does_not_join_is_told_with_its_ids(table, message, tmp_path):
    path, labels = write("h5", tmp_path)
    labels.write_text(table)
    with pytest.raises(InputError) as caught:
        run_stages(config_of(tmp_path, path, labels), tmp_path / "run")
    assert message in str(caught.value)


def test_rows_that_are_not_finite_are_one_line_on_the_command_line(tmp_path):
    path, labels = write("npy", tmp_path)
    z = np.load(path)
    z[7, 2] = np.nan
    np.save(path, z)
    result = command(tmp_path, path, labels)
    assert result.returncode == 2
    # TensorFlow says its own where it is loaded.
    line = result.stderr.splitlines()[-1]
    assert line.startswith(f"error: data.path {path}: the row of id 7 is not finite (1 of")


def test_values_that_never_repeat_need_a_length_scale(tmp_path):
    path, labels = write("npy", tmp_path)
    frame = pandas.read_csv(labels).assign(pitch=np.linspace(100.0, 200.0, ROWS))
    frame.to_csv(labels, index=False)
    factors = ("speaker", "pitch")
    # Half of the deviation of some numbers that are uniform over 100: about 14.
    message = r"'pitch' has \d+ values that are all different.*length_scales = \{'pitch': 1\d\}"
    with pytest.raises(InputError, match=message):
        run_stages(config_of(tmp_path, path, labels, factors), tmp_path / "run", ["encode"])
    config = config_of(tmp_path, path, labels, factors)
    config.pairs.length_scales = {"pitch": 14.0}
    config.pairs.kind, config.pairs.cap = "groups", 0.95
    config.training.update(steps=20, steps_per_epoch=10)
    run_stages(config, tmp_path / "run", ["encode", "sizes", "train"])
    rho = iin_tf.load(tmp_path / "run/iin.keras").correlation
    given = config.network.correlation
    np.testing.assert_allclose(rho[1:], [given, 0.95], rtol=1e-6)


def test_there_is_no_model_to_train(tmp_path, capsys):
    run_stages(config_of(tmp_path, *write("npy", tmp_path)), tmp_path / "run", ["pretrain"])
    assert "pretrain: nothing to do for this config" in capsys.readouterr().out
