"""The whole job on the smallest config, as a user runs it."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import yaml
from processes import run_program

import iin_tf
from iin_tf.checks import InputError
from iin_tf.experiment import exported, load_config
from iin_tf.experiment.config import default_config
from iin_tf.experiment.experiment import Experiment
from iin_tf.experiment.stages import baselines, train
from iin_tf.experiment.workdir import Workdir

ROOT = Path(__file__).parents[2]
BLOCKS = ("residual", "digit", "color")


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A directory in which `iin_run` has run the smoke config once."""
    directory = tmp_path_factory.mktemp("experiment")
    result = run(directory)
    assert result.returncode == 0, result.stderr[-2000:]
    return directory


def run(directory, *flags, program="iin_run"):
    config = ROOT / "configs" / "smoke.py"
    return run_program(program, f"--config={config}", "--workdir=run", *flags, folder=directory)


def test_the_workdir_holds_what_is_promised(finished):
    workdir = finished / "run"
    for name in ("config.json", "first_stage.keras", "factor_sizes.json", "iin.keras"):
        assert (workdir / name).is_file(), name
    for name in ("latents/train/mean.npy", "latents/test/mean.npy", "checkpoints/current.json"):
        assert (workdir / name).is_file(), name
    assert not (workdir / "parts").exists()
    assert list((workdir / "tensorboard").rglob("events*"))
    assert (workdir / "tensorboard/evaluation/projector_config.pbtxt").is_file()
    pictures = {path.name for path in (workdir / "evaluation").glob("*.png")}
    kinds = ("swap", "interpolation", "neighbors", "walk")
    expected = {f"{kind}_{block}.png" for kind in kinds for block in BLOCKS}
    once = {"samples", "factor_sizes", "leakage", "maps", "responses", "training"}
    assert pictures == expected | {f"{name}.png" for name in once}
    assert (workdir / "evaluation/disentanglement.md").is_file()
    assert (workdir / "evaluation/report.html").read_text().count("data:image/png") == 18


def test_metrics_are_flat_numbers_with_the_promised_keys(finished):
    metrics = json.loads((finished / "run/evaluation/metrics.json").read_text())
    assert all(isinstance(value, (int, float)) for value in metrics.values())
    for block in BLOCKS:
        for suffix in ("", "/low", "/high"):
            for role in ("donor", "recipient"):
                assert f"swap/{block}/digit/{role}{suffix}" in metrics
                assert f"swap/{block}/color/{role}_error{suffix}" in metrics
        assert 0 <= metrics[f"response/{block}/low"] <= metrics[f"response/{block}/high"]
        for factor in ("digit", "color"):
            assert f"leakage/{block}/{factor}" in metrics
        assert 0 <= metrics[f"retrieval/{block}/digit/precision"] <= 1
        assert 0 <= metrics[f"strongest/{block}/digit/accuracy"] <= 1
        assert metrics[f"strongest/{block}/color/r2"] <= 1
        assert 0 <= metrics[f"swap/{block}/unlikely"] <= 1
        assert 0 <= metrics[f"response/{block}/changed"] <= 1
        assert f"retrieval/{block}/color/difference/null" in metrics
    for suffix in ("", "/low", "/high"):
        assert f"disentanglement/mig{suffix}" in metrics
    for name in ("nll/train", "nll/test", "pair_nll/test", "round_trip/max_error"):
        assert name in metrics
    assert metrics["round_trip/max_error"] < 1e-4
    assert sum(metrics[f"sizes/autoencoder/{block}"] for block in BLOCKS) == 64


def test_the_export_is_the_first_version_with_the_first_stage(finished):
    import tensorflow as tf

    model = tf.saved_model.load(str(finished / "saved_models/smoke/1"))
    assert {"transform", "invert", "swap", "encode", "decode"} <= set(model.signatures)


def test_the_export_says_what_was_measured(finished):
    described = json.loads(
        (finished / "saved_models/smoke/1/assets.extra/description.json").read_text()
    )
    metrics = json.loads((finished / "run/evaluation/metrics.json").read_text())
    assert described["held_out"] == metrics
    assert set(described["read_outs"]) == {"digit", "color"}
    assert len(described["config_digest"]) == 64
    stage = described["first_stage"]
    assert stage["input"] == {"shape": [None, 32, 32, 3], "dtype": "float32", "range": [0.0, 1.0]}
    assert {"swap_inputs", "erase_inputs", "factors_of_input"} <= set(described["endpoints"])


def test_the_export_answers_as_the_network_and_goes_to_a_hub(finished, monkeypatch, capsys):
    monkeypatch.chdir(finished)
    config = load_config(str(ROOT / "configs" / "smoke.py"))
    exported.verify_export(config, "run")
    assert "[iin] verified: swap_inputs, largest error" in capsys.readouterr().out
    exported.write_hub_folder(config, "run", "hub")
    hub = finished / "hub"
    assert iin_tf.load(hub / "iin.keras").layout.names == BLOCKS
    assert (hub / "saved_model/saved_model.pb").is_file()
    _, header, text = (hub / "README.md").read_text().split("---\n", 2)
    card = yaml.safe_load(header)
    assert card["library_name"] == "iin_tf"
    (index,) = card["model-index"]
    metrics = json.loads((hub / "metrics.json").read_text())
    listed = index["results"][0]["metrics"]
    assert {one["type"]: one["value"] for one in listed}.items() <= metrics.items()
    assert {"swap/digit/digit/donor", "nll/test"} <= {one["type"] for one in listed}
    assert "| digit |" in text
    exported.write_hub_folder(config, "run", "hub")
    with pytest.raises(InputError, match="holds other things"):
        exported.write_hub_folder(config, "run", "run/evaluation")


def test_what_is_done_is_skipped_and_says_so(finished):
    result = run(finished)
    assert result.returncode == 0
    assert result.stdout.count("done before, skipped") == 6


def test_baselines_take_the_finished_run_as_it_is(finished):
    result = run(finished, program="iin_baselines")
    assert result.returncode == 0, result.stderr[-2000:]
    # What they need: neither the evaluation nor the export.
    assert result.stdout.count("done before, skipped") == 4
    metrics = json.loads((finished / "run/baselines/metrics.json").read_text())
    models = ["interpretation network", "linear network", "raw latents", "beta-VAE", "Ada-GVAE"]
    assert list(metrics) == models
    for found in metrics.values():
        assert {"disentanglement/mig", "leakage/residual/digit", "leakage/color/color"} <= set(
            found
        )
    # One linear map, fitted to the end, beats a flow of four steps.
    nll = [metrics[name]["pair_nll/test"] for name in models[:2]]
    assert nll[1] < nll[0]
    table = (finished / "run/baselines/baselines.md").read_text()
    assert [line.split(" | ")[0] for line in table.splitlines()[2:]] == [f"| {m}" for m in models]
    assert (finished / "run/baselines/baselines.png").is_file()


def test_the_seed_of_the_config_reaches_the_pairs_of_every_model(finished, monkeypatch):
    drawn = {}

    def note(name):
        def learn(*arguments, **_):
            drawn.setdefault(name, []).append(arguments)
            raise StopIteration

        return learn

    monkeypatch.setattr(baselines, "pair_moments", note("linear network"))
    monkeypatch.setattr(baselines.pretraining, "train_group_autoencoder", note("Ada-GVAE"))
    network = iin_tf.load(finished / "run/iin.keras")
    for seed in (0, 1):
        config = default_config()
        config.seed, config.baselines.pairs = seed, 1000
        experiment = Experiment(config, Workdir(finished / "run"), "none")
        with pytest.raises(StopIteration):
            baselines._linear_network(experiment, network, finished)
        with pytest.raises(StopIteration):
            baselines._autoencoders(experiment)["Ada-GVAE"](checkpoints=None)
    (z_a, *_), (other, *_) = drawn["linear network"]
    assert np.abs(z_a - other).max() > 0.1
    first, second = (sampler for _, sampler, *_ in drawn["Ada-GVAE"])
    assert (first.draw(100, 0)[0] != second.draw(100, 0)[0]).any()


def test_a_share_of_the_training_batches_shares_nothing(finished):
    config = default_config()
    config.pairs.marginal_fraction = 0.25
    experiment = Experiment(config, Workdir(finished / "run"), "none")
    training = train._training_batches(experiment, start=0)
    validation = train._batches(experiment, "validation")
    unrelated = [
        int((~next(iter(batches))[1].numpy().any(axis=1)).sum())
        for batches in (training, validation)
    ]
    assert unrelated == [config.training.batch_size // 4, 0]


def test_a_changed_config_is_refused_with_its_keys(finished):
    result = run(finished, "--config.network.hidden=8", "--config.data.views=4")
    assert result.returncode == 2
    # The first stage that would be stale; the network's keys belong to a later one.
    assert "stage 'pretrain'" in result.stderr
    assert "data.views" in result.stderr
    result = run(finished, "--config.network.hidden=8")
    assert "stage 'train'" in result.stderr
    assert "network.hidden" in result.stderr
    assert "--overwrite" in result.stderr


def test_a_training_done_again_starts_from_nothing(finished, tmp_path):
    directory = tmp_path / "copy"
    shutil.copytree(finished, directory)
    flags = ("--config.network.hidden=8", "--overwrite")
    result = run(directory, *flags, program="iin_train")
    assert result.returncode == 0, result.stderr[-2000:]
    # Of the checkpoints of another width it would have said that they are of another model.
    comparison = run_program("iin_compare", directory / "run", finished / "run", folder=tmp_path)
    assert comparison.returncode == 2
    assert "stage 'evaluate' is not done" in comparison.stderr


@pytest.mark.slow
def test_every_stage_runs_on_two_devices(tmp_path):
    # TensorFlow has no flag for logical devices: a sitecustomize makes two of one CPU.
    (tmp_path / "sitecustomize.py").write_text(
        "import tensorflow as tf\n"
        "cpu = tf.config.list_physical_devices('CPU')[0]\n"
        "two = [tf.config.LogicalDeviceConfiguration()] * 2\n"
        "tf.config.set_logical_device_configuration(cpu, two)\n"
    )
    config = ROOT / "configs" / "smoke.py"
    result = subprocess.run(
        [
            sys.executable,
            ROOT / "bin/iin_run",
            f"--config={config}",
            "--workdir=run",
            "--strategy=mirrored",
        ],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"},
    )
    assert result.returncode == 0, result.stderr[-2000:]
    assert (tmp_path / "run/evaluation/report.html").is_file()
