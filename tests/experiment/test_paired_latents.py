"""Stored vectors whose pairs come from two files or a table, and what is said of pairs at first."""

import json
import re
from pathlib import Path

import numpy as np
import pandas
import pytest
from by_hand import latents_config

import iin_tf
from iin_tf.checks import InputError
from iin_tf.experiment import run_stages
from iin_tf.experiment.experiment import Experiment
from iin_tf.experiment.workdir import Workdir

ROOT = Path(__file__).parents[2]
THINGS = 300
QUICK = {
    "training.steps": 60,
    "training.steps_per_epoch": 30,
    "network.blocks": 2,
    "network.hidden": 16,
    "evaluation.response_draws": 4,
    "evaluation.pairs": 1000,
    "sizes.fixed": (3,),
}


def config_of(folder, **changes):
    config = latents_config()
    config.export.directory = str(folder / "saved_models")
    config.update_from_flattened_dict({**QUICK, "data.factors": ("thing",), **changes})
    return config


def two_files(folder):
    """Two representations of each thing: three dimensions in common, three of their own."""
    random = np.random.default_rng(0)
    thing = random.normal(size=(THINGS, 3))
    mixing = np.linalg.qr(random.normal(size=(6, 6)))[0]
    paths = []
    for name in ("photos", "sketches"):
        own = random.normal(size=(THINGS, 3))
        rows = np.concatenate([thing + 0.1 * random.normal(size=thing.shape), own], axis=1)
        np.savez(folder / f"{name}.npz", x=(rows @ mixing).astype(np.float32), id=names())
        paths.append(str(folder / f"{name}.npz"))
    return {"data.path": paths[0], "data.paired_path": paths[1], "pairs.views_share": ("thing",)}


def names():
    return np.array([f"{thing:03}" for thing in range(THINGS)])


def test_two_files_joined_by_id_are_pairs(tmp_path):
    run_stages(config_of(tmp_path, **two_files(tmp_path)), tmp_path / "run")
    network = iin_tf.load(tmp_path / "run/iin.keras")
    assert network.layout.names == ("residual", "thing")
    metrics = json.loads((tmp_path / "run/evaluation/metrics.json").read_text())
    # Nobody gave a label: the pairs alone say whether the block was found.
    assert metrics["correlation/thing"] > 0.5
    assert metrics["pairs/thing/originals"] == 223
    assert np.isfinite(metrics["pair_nll/test/thing"])
    splits = pandas.read_csv(tmp_path / "run/splits.csv", dtype=str)
    assert (splits.groupby("source")["split"].nunique() == 1).all()
    assert (
        splits.groupby("source")["id"].apply(sorted).str.join(",")
        == [f"{name}/a,{name}/b" for name in names()]
    ).all()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"pairs.views_share": ()},
            "say that views of one original share them (pairs.views_share)",
        ),
        ({"pairs.views_share": ("other",)}, "pairs.views_share names ['other']; give some of"),
        ({"data.paired_path": "none.npy"}, "data.paired_path is 'none.npy'; give the file"),
        ({"data.paired_path": ""}, "but no original has two views; give a column source"),
    ],
)
def test_what_does_not_pair_is_said_before_any_work(change, message, tmp_path):
    config = config_of(tmp_path, **two_files(tmp_path) | change)
    with pytest.raises(InputError, match=re.escape(message)):
        run_stages(config, tmp_path / "run")
    assert not (tmp_path / "run/latents").exists()


def table_of_pairs(folder, pairs=THINGS):
    """A file of rows of two views of each thing, and pairs of them, by two columns of ids."""
    x = np.random.default_rng(0).normal(size=(2 * THINGS, 6)).astype(np.float32)
    np.save(folder / "x.npy", x)
    labels = pandas.DataFrame({"id": range(2 * THINGS), "source": np.arange(2 * THINGS) % THINGS})
    labels.to_csv(folder / "labels.csv", index=False)
    table = pandas.DataFrame({"id_a": range(THINGS), "id_b": range(THINGS, 2 * THINGS)})
    table[:pairs].to_csv(folder / "pairs.csv", index=False)
    files = {"data.path": "x.npy", "data.labels": "labels.csv", "pairs.table": "pairs.csv"}
    return {key: str(folder / name) for key, name in files.items()}


def test_a_table_of_two_columns_of_ids_serves_every_split(tmp_path):
    config = config_of(tmp_path, **table_of_pairs(tmp_path))
    run_stages(config, tmp_path / "run", ["encode"])
    experiment = Experiment(config, Workdir(tmp_path / "run"), "none")
    for split, pairs in (("train", 223), ("validation", 17), ("test", 60)):
        sampler, ids = experiment.sampler(split, 0), experiment.store(split).id
        assert len(sampler) == pairs
        a, b, shared = sampler.draw(100, 0)
        np.testing.assert_array_equal(ids[a] + THINGS, ids[b])
        assert shared.tolist() == [[False, True]] * 100


def test_held_out_examples_without_pairs_are_named_with_their_split(tmp_path):
    config = config_of(tmp_path, **table_of_pairs(tmp_path, pairs=1))
    with pytest.raises(
        InputError, match=r"among the \d+ examples of .*: pairs.table: each pair of it"
    ):
        run_stages(config, tmp_path / "run")
    files = two_files(tmp_path)
    labels = pandas.DataFrame({"id": names(), "kind": np.arange(THINGS) // 2})
    labels.to_csv(tmp_path / "kinds.csv", index=False)
    change = {"data.labels": str(tmp_path / "kinds.csv"), "data.factors": ("kind",)}
    change |= {"data.path": files["data.path"], "data.validation": 0.02}
    message = "among the 5 examples of data.validation=0.02: factors: no pair shares 'kind'"
    with pytest.raises(InputError, match=message):
        run_stages(config_of(tmp_path, **change), tmp_path / "run")


def test_what_may_spoil_the_pairs_is_said_before_training(tmp_path, capsys):
    files = two_files(tmp_path)
    kind = np.where(np.arange(THINGS) % 20, "a", "b")
    labels = pandas.DataFrame({"id": names(), "kind": kind, "name": np.char.upper(kind)})
    labels.to_csv(tmp_path / "kinds.csv", index=False)
    config = config_of(
        tmp_path,
        **{"data.path": files["data.path"], "data.labels": str(tmp_path / "kinds.csv")},
        **{"data.factors": ("kind", "name"), "sizes.fixed": (2, 2), "evaluation.donors": 1},
    )
    run_stages(config, tmp_path / "run", ["encode", "sizes"])
    said = [line for line in capsys.readouterr().out.splitlines() if "warning" in line]
    assert len(said) == len(set(said)) == 4
    assert "[iin] warning: 'kind' tells 'name': pairs that share the one" in said[0]
    assert any("of the pairs that share 'kind' have the value 'a'" in line for line in said)
    kept = json.loads((tmp_path / "run/factor_sizes.json").read_text())["pairs"]["warnings"]
    assert [f"[iin] warning: {line}" for line in kept] == said
