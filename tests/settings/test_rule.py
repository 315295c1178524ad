"""Suggested settings, on representations whose structure is known."""

import dataclasses

import numpy as np
import pytest
import tensorflow as tf

import iin_tf
from iin_tf.checks import InputError
from iin_tf.data import ArrayLatents, GroupSampler, PairSampler, group_dataset, pair_dataset
from iin_tf.first_stages.noise import representation_noise
from iin_tf.settings.chosen import AUTO_KEYS
from iin_tf.settings.spectrum import spectrum_of


def known(size=24, rows=4000, spread=1.0, seed=0):
    """Four speakers move three directions of a random rotation, two styles one; labels."""
    random = np.random.default_rng(seed)
    labels = {"speaker": random.integers(4, size=rows), "style": random.integers(2, size=rows)}
    z = random.normal(size=(rows, size))
    z[:, :3] += 6 * np.eye(4)[labels["speaker"]][:, :3]
    z[:, 3] += 6 * labels["style"]
    rotation = np.linalg.qr(random.normal(size=(size, size)))[0]
    return (spread * z @ rotation).astype(np.float32), labels


def test_the_spectrum_is_that_of_the_covariance():
    random = np.random.default_rng(0)
    z = random.normal(size=(100_000, 4)) * [1, 2, 3, 4]
    found = spectrum_of(z)
    # A standard deviation of 100,000 rows is off by 0.2 %; three times that.
    np.testing.assert_allclose(found.spreads, [4, 3, 2, 1], rtol=0.007)
    np.testing.assert_allclose(found.unit, np.sqrt(30 / 4), rtol=0.007)
    np.testing.assert_allclose(found.participation, 30**2 / (1 + 16 + 81 + 256), rtol=0.02)
    assert found.above(0.9) == 2  # 2.46 units


@pytest.mark.parametrize("spread", [1.0, 1e-3])
def test_settings_follow_the_data_whatever_their_unit(spread):
    z, labels = known(spread=spread)
    settings = iin_tf.suggest(z, labels)
    # Three directions and one: 3 + 2 + 2 and 1 + 1 + 2.
    assert settings.sizes == (13, 7, 4)
    assert (settings.noise_kind, settings.blocks, settings.mixing) == ("isotropic", 8, "linear")
    # Six standard deviations apart, classes stand a lot of noise.
    assert settings.noise >= 0.2
    assert iin_tf.suggest(z, labels) == settings
    for name in ("noise", "blocks", "steps"):
        assert settings.reasons[name] in str(settings)


def test_many_dimensions_take_a_small_flow():
    settings = iin_tf.suggest(*known(size=130, rows=1500))
    assert (settings.hidden, settings.kind, settings.members) == (128, "groups", 4)
    assert (settings.correlation, settings.batch_size) == (0.9, 256)
    assert settings.reason("pairs.kind") == settings.reason("pairs.members") != "given"
    pairs = iin_tf.suggest(*known(size=130, rows=1500), members=0)
    assert (pairs.kind, pairs.correlation, pairs.batch_size) == ("pairs", 0.975, 128)
    assert pairs.reasons["members"] == "given"


def test_groups_are_of_equal_labels():
    z, labels = known(size=130, rows=1500)
    loud = {**labels, "loud": np.random.default_rng(1).normal(size=1500)}
    pairs = PairSampler(labels, ["speaker", "style"])
    assert iin_tf.suggest(z, loud, pairs=pairs).kind == "pairs"
    assert iin_tf.suggest(z, pairs=pairs).kind == "pairs"
    assert iin_tf.suggest(z, loud, pairs=pairs, members=3).members == 3


def test_dimensions_of_units_of_their_own_take_noise_in_proportion():
    z, labels = known()
    settings = iin_tf.suggest(z * np.geomspace(1, 1e4, 24), labels)
    assert (settings.noise, settings.noise_kind) == (0.05, "proportional")


def test_a_representation_keeps_the_noise_that_it_brings():
    z, labels = known()
    settings = iin_tf.suggest(z, labels, log_variance=np.full(z.shape, -4.0))
    assert settings.noise is None
    assert not any(key.startswith("first_stage") for key in settings.as_config())


def test_classes_of_few_rows_are_not_read():
    z, labels = known()
    word = np.arange(4000) // 4
    settings = iin_tf.suggest(z, {**labels, "word": word})
    assert "word" not in settings.reasons["noise"]
    assert iin_tf.suggest(z, {"word": word}).noise == 0.1


def test_pairs_may_stand_in_for_labels():
    z, labels = known()
    settings = iin_tf.suggest(z, pairs=PairSampler(labels, ["style"]))
    assert settings.layout.factor_names == ("style",)
    assert settings.sizes == (20, 4)


def test_everything_can_be_overridden_and_goes_into_a_config():
    settings = dataclasses.replace(iin_tf.suggest(*known()), hidden=7)
    config = settings.as_config()
    assert config["network.hidden"] == 7
    assert config["sizes.fixed"] == (13, 7, 4)
    assert set(config) == set(AUTO_KEYS) - {"pairs.members"}
    assert config["pairs.kind"] == "pairs"
    of_groups = iin_tf.suggest(*known(), members=3).as_config(["pairs.members"])
    assert of_groups == {"pairs.members": 3}
    assert settings.as_config(["training.steps"]) == {"training.steps": settings.steps}
    with pytest.raises(InputError, match="key is 'seed'; give one of"):
        settings.as_config(["seed"])


def test_a_network_trains_as_suggested():
    z, labels = known()
    settings = dataclasses.replace(iin_tf.suggest(z, labels), blocks=2, hidden=16, steps=20)
    network = settings.network(seed=0)
    batches = settings.batches(z, labels)
    history = network.fit(batches, steps_per_epoch=10, epochs=2, verbose=0)
    first, last = history.history["loss"]
    assert last < first


@pytest.mark.parametrize("members", [0, 3])
def test_batches_are_pairs_or_groups_with_the_noise(members):
    z, labels = known(rows=200)
    settings = iin_tf.suggest(z, labels, members=members)
    source, names = np.arange(200) // 2, ["speaker", "style"]
    store = ArrayLatents(z, representation_noise(z, settings.noise, settings.noise_kind))
    if members:
        sampler = GroupSampler(labels, names, source=source, members=members, seed=5)
        expected = group_dataset(store, sampler, 256, seed=5)
    else:
        sampler = PairSampler(labels, names, source=source, seed=5)
        expected = pair_dataset(store, sampler, 128, seed=5)
    expected = next(expected.as_numpy_iterator())
    for found in (
        settings.batches(z, labels, source=source, seed=5),
        settings.batches(z, sampler, seed=5),
    ):
        found = next(found.as_numpy_iterator())
        tf.nest.map_structure(np.testing.assert_array_equal, found, expected)
    other = dataclasses.replace(settings, members=0 if members else 3)
    with pytest.raises(InputError, match=f"the settings are for {other.kind}"):
        other.batches(z, sampler)
    with pytest.raises(InputError, match="source goes with labels"):
        settings.batches(z, sampler, source=source)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda z, y: {"z": z[:, 0]}, "z has shape"),
        (lambda z, y: {"labels": None}, "labels is None, and pairs too"),
        (lambda z, y: {"members": 1}, "members is 1; give 0 for pairs"),
        (lambda z, y: {"members": -1}, "members is -1"),
        (lambda z, y: {"labels": {"a": 0 * y["style"]}}, r"labels\['a'\] has one value, 0"),
        (lambda z, y: {"labels": {"a": np.arange(len(z))}}, "a value of its own for each of 4000"),
        (lambda z, y: {"z": np.insert(z, 2, 1.0, axis=1)}, "dimension 2 is constant"),
        (
            lambda z, y: {"log_variance": np.full(z.shape, 5.0)},
            "0 directions above its noise, too few for 2 factors",
        ),
    ],
)
def test_wrong_input_is_named(change, message):
    z, labels = known()
    with pytest.raises(InputError, match=message):
        iin_tf.suggest(**{"z": z, "labels": labels, **change(z, labels)})
