"""Pairs of an experiment: every kind that a config can ask for, and what it must refuse."""

import numpy as np
import pytest

from iin_tf.checks import InputError
from iin_tf.data import LatentStore, PairSampler, PairTable, write_latents
from iin_tf.experiment.config import default_config
from iin_tf.experiment.pairs import pair_sampler

NONE = np.array([], int)


def config_of(factors=("angle", "shape"), network=None, **pairs):
    config = default_config()
    config.data.factors = factors
    config.network.update(network or {})
    for key, value in pairs.items():
        config.pairs[key] = value
    return config


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """Sixty examples, of which two each are views of one original with another angle."""
    random = np.random.default_rng(0)
    labels = {
        "angle": random.uniform(0, 360, 60),
        "shape": np.repeat(random.integers(3, size=30), 2),
    }
    mean = random.normal(size=(60, 4))
    directory = tmp_path_factory.mktemp("latents")
    source = np.repeat(np.arange(30), 2)
    write_latents(directory, mean, np.zeros((60, 4)), labels, source, id=np.arange(100, 160))
    return LatentStore(directory)


def test_equal_labels_alone_are_a_plain_sampler(store):
    assert isinstance(pair_sampler(config_of(("shape",)), store, 0, NONE), PairSampler)


def test_angle_shape_and_views_are_mixed_by_their_weights(store):
    config = config_of(
        length_scales={"angle": 30.0},
        periods={"angle": 360.0},
        weights={"views": 2.0},
        views_residual=0.2,
    )
    config.data.views_change = "angle"
    sampler = pair_sampler(config, store, 0, NONE)
    a, b, shared = sampler.draw(400, step=0)
    kinds, counts = np.unique(shared > 0, axis=0, return_counts=True)
    assert dict(zip(map(tuple, kinds.tolist()), counts.tolist(), strict=True)) == {
        (False, False, True): 100,
        (False, True, False): 100,
        (True, False, True): 200,
    }
    angles, views = shared[:, 1] > 0, shared[:, 0] > 0
    assert np.unique(shared[views, 0]).tolist() == [np.float32(0.2)]
    gap = np.radians(store.labels["angle"][a] - store.labels["angle"][b])[angles]
    expected = 0.99 * np.exp((np.cos(gap) - 1) / np.radians(30) ** 2)
    np.testing.assert_allclose(shared[angles, 1], expected, rtol=1e-5)
    assert (store.source[a] == store.source[b]).tolist() == views.tolist()
    # What only says "shared" takes the network's own correlation.
    assert np.unique(shared[~angles][:, 2]).tolist() == [np.float32(config.network.correlation)]


def test_correlations_by_factor_reach_the_mixed_pairs(store):
    config = config_of(
        network={"correlation": {"angle": 0.9, "shape": 0.8}},
        length_scales={"angle": 30.0},
        periods={"angle": 360.0},
    )
    _, _, shared = pair_sampler(config, store, 0, NONE).draw(100, step=0)
    assert np.unique(shared[:, 2]).tolist() == [0, np.float32(0.8)]


def test_a_table_lists_pairs_by_the_rows_of_the_training_images(store, tmp_path):
    path = tmp_path / "pairs.csv"
    path.write_text("id_a,id_b,factor\n100,103,taste\n110,7,taste\n101,159,taste\n")
    config = config_of(("taste",), table=str(path))
    sampler = pair_sampler(config, store, 0, np.array([7]))
    assert isinstance(sampler, PairTable)
    a, b, _ = sampler.draw(50, step=0)
    assert set(zip(a.tolist(), b.tolist(), strict=True)) == {(0, 3), (1, 59)}
    # Test data take no part in it, and have no such label.
    with pytest.raises(InputError, match="none of \\['taste'\\] has labels"):
        pair_sampler(config, store, 0)


def test_labels_from_a_table_may_be_missing(store, tmp_path):
    path = tmp_path / "labels.csv"
    path.write_text("id,shape\n100,1\n104,1\n103,2\n159,2\n106,\n7,1\n")
    config = config_of(("shape",), labels=str(path))
    a, b, _ = pair_sampler(config, store, 0, np.array([7])).draw(50, step=0)
    assert {frozenset(pair) for pair in zip(a.tolist(), b.tolist(), strict=True)} == {
        frozenset({0, 4}),
        frozenset({3, 59}),
    }


def test_a_factor_without_labels_is_refused(store):
    with pytest.raises(InputError, match=r"data.factors names \['taste'\]"):
        pair_sampler(config_of(("taste", "shape")), store, 0, NONE)
