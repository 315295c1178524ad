"""Groups of an experiment: what a config asks for, and what it must refuse."""

import numpy as np
import pytest

from iin_tf.checks import InputError
from iin_tf.data import GroupSampler, LatentStore, write_latents
from iin_tf.experiment.config import default_config
from iin_tf.experiment.groups import check_group_keys, group_sampler, network_settings

NONE = np.array([], int)


def config_of(factors=("angle", "shape"), **pairs):
    config = default_config()
    config.data.factors = factors
    for key, value in pairs.items():
        config.pairs[key] = value
    return config


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    random = np.random.default_rng(0)
    labels = {"angle": random.uniform(0, 360, 60), "shape": random.integers(3, size=60)}
    directory = tmp_path_factory.mktemp("latents")
    mean, rows = random.normal(size=(60, 4)), np.arange(60)
    write_latents(directory, mean, np.zeros((60, 4)), labels, rows, id=rows + 100)
    return LatentStore(directory)


def test_groups_are_of_the_training_labels(store, tmp_path):
    path = tmp_path / "labels.csv"
    path.write_text("id,shape\n100,1\n104,1\n103,2\n159,2\n106,\n7,1\n")
    config = config_of(("shape",), kind="groups", members=2, labels=str(path))
    check_group_keys(config)
    sampler = group_sampler(config, store, 0, np.array([7]))
    assert isinstance(sampler, GroupSampler)
    assert sampler.members == 2
    index, codes = sampler.draw(40, step=0)
    assert set(index.tolist()) == {0, 3, 4, 59}
    assert codes.shape == (40, 1)


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"views_share": ("shape",)}, "pairs.kind is 'groups', but pairs.views_share"),
        ({"weights": {"views": 2.0}}, r"'groups', but pairs.weights\['views'\] is 2.0"),
        ({"table": "pairs.csv"}, "pairs.kind is 'groups', but pairs.table is 'pairs.csv'"),
    ],
)
def test_keys_of_pairs_alone_are_refused_for_groups(keys, message):
    with pytest.raises(InputError, match=message):
        check_group_keys(config_of(kind="groups", **keys))


def test_groups_need_factors():
    with pytest.raises(InputError, match=r"data\.factors is empty"):
        check_group_keys(config_of((), kind="groups"))


def test_values_that_never_repeat_make_no_groups(store):
    with pytest.raises(InputError, match="'angle' has 60 values that are all different"):
        group_sampler(config_of(("angle",), kind="groups"), store, 0, NONE)


def test_a_continuous_factor_has_groups_by_its_kernel_and_the_cap(store):
    scales, periods = {"angle": 30.0}, {"angle": 360.0}
    config = config_of(kind="groups", length_scales=scales, periods=periods, members=3, cap=0.98)
    check_group_keys(config)
    index, found = group_sampler(config, store, 0, NONE).draw(30, step=0)
    angle = store.labels["angle"][index] * (np.pi / 180)
    # A circle of 360 degrees, in units of 30 of them; its centre is moved to the mean.
    on_circle = np.stack([np.cos(angle), np.sin(angle)], axis=1) * 360 / (2 * np.pi * 30)
    known = np.isfinite(found["angle"]).all(axis=1)
    found = found["angle"][known, :2] - found["angle"][known, :2].mean(axis=0)
    np.testing.assert_allclose(found, on_circle[known] - on_circle[known].mean(axis=0), atol=1e-5)
    assert network_settings(config)["correlation"] == {"angle": 0.98, "shape": 0.99}
    config.pairs.kind = "pairs"
    assert network_settings(config)["correlation"] == 0.99
