"""Stages in shards: put together they are the whole, and what is missing or foreign is named."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from iin_tf.checks import InputError
from iin_tf.experiment import automatic, encoding, run_stages
from iin_tf.experiment.shard import Shard, parse_shard
from iin_tf.experiment.shards import run_shard
from iin_tf.experiment.workdir import StaleStage
from iin_tf.locks import one_of_many, only_writer

ROOT = Path(__file__).parents[2]
ALL = tuple(Shard(index, 3) for index in range(3))


@pytest.fixture(scope="module")
def config(two_factors_config):
    config = two_factors_config.copy_and_resolve_references()
    # The noise is chosen from the data: every shard must find the same.
    config.auto = ("first_stage.noise",)
    return config


@pytest.fixture
def encoded(monkeypatch):
    """The batches that have been encoded, of parts of 512 rows; a number in `stop` ends it."""
    monkeypatch.setattr(encoding, "_VALUES", 512 * 24)
    real, seen = encoding.encode_in_batches, Seen()

    def counted(first_stage, x, batch_size):
        if len(seen) == seen.stop:
            raise KeyboardInterrupt
        seen.append(len(x))
        return real(first_stage, x, batch_size)

    monkeypatch.setattr(encoding, "encode_in_batches", counted)
    return seen


class Seen(list):
    stop = None


def contents(directory):
    """Name -> bytes of all that encoding leaves."""
    paths = [
        *directory.rglob("latents/**/*"),
        directory / "splits.csv",
        directory / "settings.json",
    ]
    return {str(path.relative_to(directory)): path.read_bytes() for path in paths if path.is_file()}


def shard_config(config, **first_stage):
    config = config.copy_and_resolve_references()
    config.auto = ()
    config.first_stage.update(first_stage)
    return config


def test_put_together_they_are_the_whole(config, encoded, tmp_path, capsys):
    run_stages(config, tmp_path / "whole", ["encode"])
    rows = sorted(encoded)
    assert len(rows) > len(ALL)
    encoded.clear()
    for shard in (ALL[2], ALL[0], ALL[1], ALL[0]):
        run_shard(config, tmp_path / "parts", "encode", shard)
    # Every part once; nothing the second time.
    assert sorted(encoded) == rows
    assert "[iin] encode 0/3: done before, skipped\n" in capsys.readouterr().out
    for _ in range(2):
        run_stages(config, tmp_path / "parts", ["encode"], merge=True)
    assert sorted(encoded) == rows
    whole = contents(tmp_path / "whole")
    assert len(whole) > 12
    assert contents(tmp_path / "parts") == whole
    assert not (tmp_path / "parts/shards").exists()
    assert not (tmp_path / "parts/parts").exists()


def test_missing_shards_are_named_and_a_stopped_one_is_missing(config, encoded, tmp_path):
    config = shard_config(config)
    with pytest.raises(InputError, match=r"no shards of stage 'encode'; run each with --shard=i/n"):
        run_stages(config, tmp_path, ["encode"], merge=True)
    run_shard(config, tmp_path, "encode", ALL[1])
    once = len(encoded)
    encoded.stop = len(encoded) + 1
    with pytest.raises(KeyboardInterrupt):
        run_shard(config, tmp_path, "encode", ALL[0])
    encoded.stop = None
    # Another number of shards was begun with, and given up.
    run_shard(config, tmp_path, "encode", Shard(0, 5))
    with pytest.raises(InputError, match=r"shards 0/3, 2/3 of stage 'encode' are not done in "):
        run_stages(config, tmp_path, ["encode"], merge=True)
    before = len(encoded)
    run_shard(config, tmp_path, "encode", ALL[0])
    # The part that was whole is kept.
    assert len(encoded) - before == once - 1
    run_shard(config, tmp_path, "encode", ALL[2])
    run_stages(config, tmp_path, ["encode"], merge=True)


def test_a_shard_of_another_config_is_refused_by_name(config, encoded, tmp_path):
    one, other = shard_config(config), shard_config(config, noise=0.25)
    for shard in ALL:
        run_shard(other if shard.index == 1 else one, tmp_path, "encode", shard)
    said = r"shard 1/3: stage 'encode' in .*1_of_3 was done .* first_stage\.noise"
    with pytest.raises(StaleStage, match=said):
        run_stages(one, tmp_path, ["encode"], merge=True)
    with pytest.raises(
        StaleStage, match=r"1_of_3 was done .* first_stage\.noise: give --overwrite"
    ):
        run_shard(one, tmp_path, "encode", ALL[1])
    run_shard(one, tmp_path, "encode", ALL[1], overwrite=True)
    run_stages(one, tmp_path, ["encode"], merge=True)
    run_stages(one, tmp_path / "whole", ["encode"])
    assert contents(tmp_path / "whole").items() <= contents(tmp_path).items()


def chosen_nowhere(monkeypatch):
    def refuse(*_, **__):
        raise AssertionError("settings were chosen anew")

    monkeypatch.setattr(automatic, "suggest", refuse)


def test_the_merge_has_the_settings_that_the_shards_chose(config, encoded, tmp_path, monkeypatch):
    for shard in ALL:
        run_shard(config, tmp_path, "encode", shard)
    chosen = (tmp_path / "shards/encode/2_of_3/settings.json").read_bytes()
    assert "first_stage.noise" in json.loads(chosen)["values"]
    # As where the machine that merges is of another kind.
    chosen_nowhere(monkeypatch)
    run_stages(config, tmp_path, ["encode"], merge=True)
    assert (tmp_path / "settings.json").read_bytes() == chosen


def test_shards_that_chose_differently_are_not_put_together(config, encoded, tmp_path):
    for shard in ALL:
        run_shard(config, tmp_path, "encode", shard)
    path = tmp_path / "shards/encode/1_of_3/settings.json"
    kept = json.loads(path.read_text())
    noise = kept["values"]["first_stage.noise"]
    # A file of its own: it shares its content with the one beside the parts.
    path.unlink()
    path.write_text(json.dumps({**kept, "values": {"first_stage.noise": 2 * noise}}))
    said = (
        "shards 0/3 and 1/3 of stage 'encode' chose different settings: first_stage.noise is "
        rf"{noise} and {2 * noise}; remove .*shards/encode and do all again"
    )
    with pytest.raises(StaleStage, match=said):
        run_stages(config, tmp_path, ["encode"], merge=True)
    assert not (tmp_path / "latents").exists()


def test_what_was_interrupted_goes_on_with_the_settings_it_chose(
    config, encoded, tmp_path, monkeypatch
):
    run_stages(config, tmp_path / "whole", ["encode"])
    encoded.stop = len(encoded) + 2
    with pytest.raises(KeyboardInterrupt):
        run_stages(config, tmp_path / "run", ["encode"])
    encoded.stop = None
    chosen_nowhere(monkeypatch)
    run_stages(config, tmp_path / "run", ["encode"])
    assert contents(tmp_path / "run") == contents(tmp_path / "whole")


def test_shards_share_a_workdir_and_nobody_else_writes_there(config, encoded, tmp_path):
    config = shard_config(config)
    with one_of_many(tmp_path):
        run_shard(config, tmp_path, "encode", ALL[0])
        with pytest.raises(InputError, match="is being written by"):
            run_stages(config, tmp_path, ["encode"], merge=True)
    with only_writer(tmp_path), pytest.raises(InputError, match="is being written by"):
        run_shard(config, tmp_path, "encode", ALL[1])
    with (
        only_writer(tmp_path / "shards/encode/0_of_3"),
        pytest.raises(InputError, match=r"0_of_3.* is being written by"),
    ):
        run_shard(config, tmp_path, "encode", ALL[0])


def test_what_a_shard_needs_must_be_done(config, tmp_path):
    with pytest.raises(InputError, match="stage 'encode' is not done in"):
        run_shard(config, tmp_path, "evaluate", ALL[0])
    with pytest.raises(InputError, match="stage 'train' has no shards; run it whole"):
        run_shard(config, tmp_path, "train", ALL[0])


@pytest.mark.parametrize("text", ["4/4", "0/0", "1", "-1/2", "a/b", "0/4/5", ""])
def test_a_shard_that_is_none_is_refused(text):
    with pytest.raises(InputError, match=r"shard is .*; give i/n with i from 0 to n - 1"):
        parse_shard(text)
    assert parse_shard("3/4") == Shard(3, 4)


def program(name, directory, *flags):
    config = ROOT / "configs" / "smoke.py"
    result = subprocess.run(
        [sys.executable, ROOT / "bin" / name, f"--config={config}", "--workdir=run", *flags],
        capture_output=True,
        text=True,
        cwd=directory,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert result.returncode == 0, result.stderr[-2000:]


@pytest.mark.slow
def test_evaluation_and_baselines_in_shards_find_what_the_whole_finds(tmp_path):
    for directory in ("whole", "parts"):
        (tmp_path / directory).mkdir()
        for name in ("train_first_stage", "encode", "estimate_sizes", "train"):
            program(f"iin_{name}", tmp_path / directory)
    for name in ("iin_evaluate", "iin_baselines"):
        program(name, tmp_path / "whole")
        for index in range(3):
            program(name, tmp_path / "parts", f"--shard={index}/3")
        program(name, tmp_path / "parts", "--merge")
    found = []
    for directory in ("whole", "parts"):
        run = tmp_path / directory / "run"
        assert not (run / "shards").exists()
        numbers = [json.loads((run / part / "metrics.json").read_text()) for part in STAGES]
        # The likelihood of a checkpoint and the time of day stand in the report alone.
        files = {
            str(path.relative_to(run)): path.read_bytes()
            for part in STAGES
            for path in (run / part).iterdir()
            if path.suffix in (".json", ".md", ".png", ".npz")
        }
        models = {path.name for path in (run / "baselines").glob("*.keras")}
        assert models == {"beta-VAE.keras", "Ada-GVAE.keras"}
        found.append((numbers, files))
    assert found[0][0] == found[1][0]
    assert found[0][1].keys() == found[1][1].keys()
    differ = [name for name, one in found[0][1].items() if found[1][1][name] != one]
    assert differ == []


STAGES = ("evaluation", "baselines")


@pytest.mark.slow
def test_ray_carries_the_shards(tmp_path):
    pytest.importorskip("ray", reason="pip install ray")
    for directory in ("whole", "parts"):
        (tmp_path / directory).mkdir()
        program("iin_train_first_stage", tmp_path / directory)
    program("iin_encode", tmp_path / "whole")
    config, run = str(ROOT / "configs/smoke.py"), str(tmp_path / "parts/run")
    path = f"{ROOT / 'bin'}:{Path(sys.executable).parent}:{os.environ['PATH']}"
    subprocess.run(
        [sys.executable, ROOT / "examples/ray_shards.py", config, run, "3"],
        env={**os.environ, "PYTHONPATH": str(ROOT), "PATH": path},
        check=True,
    )
    whole = contents(tmp_path / "whole/run")
    assert len(whole) > 12
    assert contents(tmp_path / "parts/run") == whole
