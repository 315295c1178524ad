"""An experiment on several seeds: what each does, and what is done once."""

import json
import os
from pathlib import Path

import numpy as np
import pytest

import iin_tf
from iin_tf.experiment import default_config, repeat, run_stages
from iin_tf.experiment.config_file import load_config
from iin_tf.experiment.experiment import pair_seed, training_seed
from iin_tf.experiment.stages.registry import closure, flat_config
from iin_tf.experiment.workdir import Workdir

ROOT = Path(__file__).parents[2]
SHARED = ("pretrain", "encode", "sizes")


def config_with(seed, training=None):
    config = default_config()
    config.seed, config.training.seed = seed, training
    return config


def test_training_has_the_seed_of_the_run_unless_it_has_its_own():
    assert training_seed(config_with(3)) == 3
    assert training_seed(config_with(3, 5)) == 5
    # The first of several seeds is the run without: same pairs, same noise.
    assert pair_seed(config_with(3, 3)) == pair_seed(config_with(3)) == 6
    seeds = [pair_seed(config_with(0, seed), held) for seed in range(5) for held in (False, True)]
    assert len(set(seeds)) == 10


def test_a_seed_of_training_changes_training_and_what_builds_on_it():
    plain, own = config_with(0), config_with(0, 1)
    changed = {name for name in closure("evaluate", "export", "few_labels", "baselines")
               if flat_config(plain, name) != flat_config(own, name)}  # fmt: skip
    assert changed == {"train", "evaluate", "export", "baselines"}
    # A workdir of one seed knows nothing of the key.
    assert "training.seed" not in flat_config(plain, "train")
    assert flat_config(own, "train")["training.seed"] == 1


@pytest.fixture
def ran(monkeypatch):
    """The (training seed, workdir, stages) of every run; each leaves the shared stages done."""
    found = []

    def run(config, directory, stages=None, strategy="none", overwrite=False):
        found.append((config.training.seed, os.path.basename(directory), stages))
        place = Workdir(directory)
        place.make()
        for name in SHARED:
            if not place.is_done(name, flat_config(config, name)):
                (place.path / "latents").mkdir()
                (place.path / "latents/mean.npy").write_text("rows")
                for file in ("first_stage.keras", "splits.csv", "factor_sizes.json"):
                    (place.path / file).write_text(f"{file} of {directory}")
                for shared in SHARED:
                    place.mark(shared, flat_config(config, shared))

    monkeypatch.setattr(repeat, "run_stages", run)
    return found


def test_what_does_not_depend_on_the_seed_is_taken_over(ran, tmp_path):
    repeat.run_seeds(config_with(4), tmp_path, 3)
    stages = ["pretrain", "encode", "sizes", "train", "evaluate"]
    assert ran == [(4, "seed_4", None), (5, "seed_5", stages), (6, "seed_6", stages)]
    for name in ("first_stage.keras", "latents/mean.npy", "splits.csv", "factor_sizes.json"):
        first, other = tmp_path / "seed_4" / name, tmp_path / "seed_6" / name
        assert other.read_bytes() == first.read_bytes()
        assert os.path.samefile(other, first)
    records = [json.loads((tmp_path / f"seed_{seed}/config.json").read_text()) for seed in (4, 6)]
    assert records[0] == records[1]
    # Again: nothing is taken over twice.
    before = (tmp_path / "seed_6/config.json").stat().st_mtime_ns
    repeat.run_seeds(config_with(4), tmp_path, 3)
    assert (tmp_path / "seed_6/config.json").stat().st_mtime_ns == before


def test_another_config_is_refused_and_overwritten_where_asked(ran, tmp_path):
    config = config_with(0)
    repeat.run_seeds(config, tmp_path, 2)
    other = config_with(0)
    other.data.validation = 0.2
    # The first workdir is another one: the second is told apart by its record alone.
    (tmp_path / "seed_0").rename(tmp_path / "away")
    with pytest.raises(ValueError, match=r"seed_1 was done with other values of data.validation"):
        repeat.run_seeds(other, tmp_path, 2)
    repeat.run_seeds(other, tmp_path, 2, overwrite=True)
    assert Workdir(tmp_path / "seed_1").done()["encode"]["data.validation"] == 0.2


@pytest.mark.parametrize("seeds", [0, -1, 1.5])
def test_fewer_than_one_seed_is_refused(seeds, tmp_path):
    with pytest.raises(ValueError, match=r"seeds is .*give a whole number of at least 1"):
        repeat.run_seeds(config_with(0), tmp_path / "none", seeds)
    assert not (tmp_path / "none").exists()


@pytest.mark.slow
def test_seeds_of_a_whole_run_differ_and_the_first_is_the_run_without(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    config = load_config(str(ROOT / "configs/smoke.py"))
    repeat.run_seeds(config, "seeds", 2)
    run_stages(config, "plain", ["pretrain", "encode", "sizes", "train"])
    z = np.random.default_rng(0).normal(size=(4, config.first_stage.latent_size))
    plain, first, second = (
        iin_tf.load(f"{path}/iin.keras").transform(z).numpy()
        for path in ("plain", "seeds/seed_0", "seeds/seed_1")
    )
    np.testing.assert_array_equal(first, plain)
    assert not np.allclose(first, second, atol=1e-2)
    assert os.path.samefile("seeds/seed_0/first_stage.keras", "seeds/seed_1/first_stage.keras")
    assert len(list((tmp_path / config.export.directory).glob("*/*"))) == 1
