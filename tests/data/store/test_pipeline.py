"""The pipeline: shapes, a pure function of the step, and resuming at any step."""

import warnings

import numpy as np
import pytest
import tensorflow as tf

import iin_tf
from iin_tf.data import LatentStore, write_latents
from iin_tf.data.pairs.by_label import PairSampler
from iin_tf.data.pairs.continuous import ContinuousPairs
from iin_tf.data.pairs.groups import GroupSampler
from iin_tf.data.pairs.label_kernel import SquaredExponential
from iin_tf.data.store.pipeline import group_dataset, latent_dataset, pair_dataset

EXAMPLES, LATENT_SIZE = 40, 6


@pytest.fixture
def store(tmp_path):
    random = np.random.default_rng(0)
    # Almost no noise, and the first latent is the example's number: batches can be read back.
    mean = random.normal(size=(EXAMPLES, LATENT_SIZE))
    mean[:, 0] = np.arange(EXAMPLES)
    labels = {"digit": np.arange(EXAMPLES) % 4, "color": np.arange(EXAMPLES) % 5}
    write_latents(tmp_path / "s", mean, np.full_like(mean, -20), labels, np.arange(EXAMPLES))
    return LatentStore(tmp_path / "s")


@pytest.fixture
def sampler(store):
    return PairSampler(store.labels, ["digit", "color"], source=store.source, seed=3)


def numbers(z):
    return np.rint(z[:, 0]).astype(int)


def test_batches_are_the_samplers_pairs(store, sampler):
    dataset = pair_dataset(store, sampler, batch_size=8, start=5, steps=3, seed=1)
    (spec_a, spec_b), spec_shared = dataset.element_spec
    assert spec_a == spec_b == tf.TensorSpec([8, LATENT_SIZE], tf.float32)
    assert spec_shared == tf.TensorSpec([8, 3], tf.bool)
    assert int(dataset.cardinality()) == 3
    batches = list(dataset.as_numpy_iterator())
    assert len(batches) == 3
    for step, ((z_a, z_b), shared) in enumerate(batches, start=5):
        a, b, expected = sampler.draw(8, step)
        np.testing.assert_array_equal(numbers(z_a), a)
        np.testing.assert_array_equal(numbers(z_b), b)
        np.testing.assert_array_equal(shared, expected)
        z = store.sample(np.concatenate([a, b]), seed=1, step=step)
        np.testing.assert_array_equal(np.concatenate([z_a, z_b]), z)


def test_a_resumed_run_sees_what_an_undisturbed_run_sees(store, sampler):
    def collect(**kwargs):
        dataset = pair_dataset(
            store, sampler, batch_size=4, seed=2, marginal_fraction=0.5, **kwargs
        )
        return [tf.nest.flatten(batch) for batch in dataset.take(6).as_numpy_iterator()]

    whole, resumed = collect(steps=None), collect(start=2, steps=4)
    for left, right in zip(whole[2:], resumed, strict=True):
        for one, two in zip(left, right, strict=True):
            np.testing.assert_array_equal(one, two)


def test_an_endless_pipeline_says_so(store, sampler):
    dataset = pair_dataset(store, sampler, batch_size=4)
    assert int(dataset.cardinality()) == tf.data.INFINITE_CARDINALITY


def test_the_marginal_fraction_is_independent_pairs_of_the_whole_store(store):
    # Only eight examples have labels; the unrelated pairs still visit all forty.
    digit = np.where(np.arange(EXAMPLES) < 8, np.arange(EXAMPLES) % 2, -1)
    sampler = PairSampler({"digit": digit}, ["digit"])
    dataset = pair_dataset(store, sampler, 100, steps=40, marginal_fraction=0.75)
    seen = []
    for (z_a, z_b), shared in dataset.as_numpy_iterator():
        nothing = ~shared.any(axis=1)
        assert nothing.sum() == 75
        assert (numbers(z_a)[~nothing] < 8).all()
        seen.append(np.stack([numbers(z_a)[nothing], numbers(z_b)[nothing]]))
    a, b = np.concatenate(seen, axis=1)
    counts = np.bincount(np.concatenate([a, b]), minlength=EXAMPLES)
    # Five standard errors of a binomial count: 6,000 draws over 40 examples.
    assert (np.abs(counts - 150) < 5 * np.sqrt(150)).all()
    assert abs(np.corrcoef(a, b)[0, 1]) < 5 / np.sqrt(len(a))


def test_correlations_stay_numbers(store):
    values = {"angle": np.linspace(0, 1, EXAMPLES)}
    sampler = ContinuousPairs(values, ["angle"], kernels={"angle": SquaredExponential(0.2)})
    dataset = pair_dataset(store, sampler, 8, steps=1, marginal_fraction=0.25)
    assert dataset.element_spec[1] == tf.TensorSpec([8, 2], tf.float32)
    (z_a, _), shared = next(dataset.as_numpy_iterator())
    a, _, expected = sampler.draw(6, 0)
    np.testing.assert_array_equal(numbers(z_a)[:6], a)
    np.testing.assert_array_equal(shared[:6], expected)
    np.testing.assert_array_equal(shared[6:], 0)


def test_marginal_fraction_at_its_ends(store, sampler):
    for fraction, expected in ((0.0, 0), (1.0, 8)):
        dataset = pair_dataset(store, sampler, 8, steps=1, marginal_fraction=fraction)
        _, shared = next(dataset.as_numpy_iterator())
        assert (~shared.any(axis=1)).sum() == expected


def test_batches_are_the_samplers_groups_and_resume(store):
    sampler = GroupSampler(store.labels, ["digit", "color"], source=store.source, seed=3)

    def batches(**span):
        data = group_dataset(store, sampler, 10, seed=1, marginal_fraction=0.2, **span)
        assert data.element_spec == (
            tf.TensorSpec([10, LATENT_SIZE], tf.float32),
            tf.TensorSpec([10, 2], tf.int32),
        )
        return list(data.take(4).as_numpy_iterator())

    whole, resumed = batches(), batches(start=2, steps=2)
    for step, (z, labels) in enumerate(whole):
        index, expected = sampler.draw(8, step)
        np.testing.assert_array_equal(numbers(z)[:8], index)
        np.testing.assert_array_equal(labels[:8], expected)
        # The fifth that is of the whole store has no labels.
        assert (labels[8:] == -1).all()
        if step >= 2:
            for one, other in zip((z, labels), resumed[step - 2], strict=True):
                np.testing.assert_array_equal(one, other)


def test_every_pass_visits_each_latent_once_in_its_own_order(store):
    dataset = latent_dataset(store, batch_size=16, steps=10, seed=4)
    assert dataset.element_spec == tf.TensorSpec([16, LATENT_SIZE], tf.float32)
    order = np.concatenate([numbers(z) for z in dataset.as_numpy_iterator()])
    passes = order.reshape(4, EXAMPLES)
    for one_pass in passes:
        assert sorted(one_pass) == list(range(EXAMPLES))
    assert len({tuple(one_pass) for one_pass in passes}) == 4
    resumed = latent_dataset(store, batch_size=16, start=7, steps=3, seed=4)
    again = np.concatenate([numbers(z) for z in resumed.as_numpy_iterator()])
    np.testing.assert_array_equal(again, order[7 * 16 :])
    other = latent_dataset(store, batch_size=16, steps=10, seed=5)
    assert (np.concatenate([numbers(z) for z in other.as_numpy_iterator()]) != order).any()


def test_every_use_has_a_fresh_posterior_sample(tmp_path):
    mean = np.arange(4.0).reshape(2, 2)
    write_latents(tmp_path / "s", mean, np.zeros_like(mean), {}, [0, 1])
    batches = list(latent_dataset(LatentStore(tmp_path / "s"), 2, steps=50).as_numpy_iterator())
    assert len(np.unique(np.concatenate(batches)[:, 0])) == 100


def test_background_threads_of_tf_data_are_off(store, sampler):
    for dataset in (pair_dataset(store, sampler, 4), latent_dataset(store, 4)):
        options = dataset.options()
        assert options.autotune.enabled is False
        policy = options.experimental_distribute.auto_shard_policy
        # By their data: of a batch every worker takes its own rows.
        assert policy == tf.data.experimental.AutoShardPolicy.DATA


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"batch_size": 0}, "batch_size is 0"),
        ({"marginal_fraction": 1.5}, "marginal_fraction is 1.5"),
        ({"start": -1}, "start is -1"),
        ({"steps": -3}, "steps is -3"),
        ({"seed": -1}, "seed is -1"),
        ({"sampler": PairSampler({"digit": [0, 0]}, ["digit"])}, "2 examples, but store holds 40"),
    ],
)
def test_bad_input_is_named(store, sampler, change, message):
    arguments = {"store": store, "sampler": sampler, "batch_size": 4} | change
    with pytest.raises(ValueError, match=message):
        pair_dataset(**arguments)


def test_the_documented_data_sets_train_without_a_warning(store, sampler):
    layout = iin_tf.FactorLayout({"digit": 1, "color": 1}, residual=store.latent_size - 2)
    network = iin_tf.InterpretationNetwork(layout, blocks=1, hidden=4, depth=1)
    network.compile(optimizer="sgd")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        groups = GroupSampler(store.labels, ["digit", "color"])
        for dataset in (
            pair_dataset(store, sampler, 8),
            group_dataset(store, groups, 8),
            latent_dataset(store, 8),
        ):
            network.fit(dataset, steps_per_epoch=1, verbose=0)
