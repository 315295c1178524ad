"""Training takes the same course whatever the units, the origin and the order of the rows."""

import keras
import numpy as np
import pytest
import tensorflow as tf

import iin_tf
from iin_tf import FactorLayout, InterpretationNetwork
from iin_tf.models import start_data
from iin_tf.optimizers import FusedAdam

LAYOUT = FactorLayout({"a": 2, "b": 2}, residual=2)
N, PAIRS = 6, 256
MIXED = np.array([1e-6, 1, 1e3, 1e-3, 1e6, 10])
SCALES = {
    "1e-6": np.full(N, 1e-6),
    "one small dimension": np.array([1, 1, 1e-6, 1, 1, 1]),
    "mixed": MIXED,
}


def pairs():
    """Pairs that share factor a, of a representation that no affine map makes normal."""
    random = np.random.default_rng(0)
    mixing = random.normal(size=(N, N))
    codes = random.normal(size=(2, PAIRS, N))
    codes[1, :, 2:4] = codes[0, :, 2:4]
    return np.sinh(codes) @ mixing / 4, np.ones(PAIRS, int)


def train(z, shared, scale=1.0, offset=0.0, dtype="float64", steps=20):
    """A network after `steps` steps, and the loss of each in the units of the unscaled z."""
    members = [np.asarray(scale * member + offset, dtype) for member in z]
    network = InterpretationNetwork(LAYOUT, blocks=2, hidden=16, depth=0, seed=0, dtype=dtype)
    # A smaller epsilon would enlarge what rounding leaves of a gradient that is zero.
    network.compile(FusedAdam(0.01, epsilon=1e-3))
    # Keras rounds arrays to float32, but not data sets.
    dataset = tf.data.Dataset.from_tensors((tuple(members), shared))
    history = network.fit(dataset, epochs=steps, verbose=0)
    # p(scale z) = p(z) / prod(scale), once a member.
    constant = 2 * np.sum(np.log(scale * np.ones(N)))
    return network, np.array(history.history["loss"]) - constant


@pytest.fixture(scope="module")
def data():
    return pairs()


@pytest.fixture(scope="module", params=["float32", "float64"])
def unscaled(request, data):
    return request.param, *train(*data, dtype=request.param)


@pytest.mark.parametrize("scale", SCALES)
def test_the_scale_of_a_dimension_changes_nothing(data, unscaled, scale):
    dtype, network, losses = unscaled
    scaled, scaled_losses = train(*data, SCALES[scale], dtype=dtype)
    # Keras averages losses in float32, here up to 160 with the constant.
    np.testing.assert_allclose(scaled_losses, losses, rtol=0, atol=2e-4)
    assert losses[-1] < losses[0] - 1
    # Twenty steps of 0.01 enlarge the rounding of z.
    atol = {"float32": 1e-3, "float64": 1e-10}[dtype]
    for one, other in zip(scaled.trainable_weights, network.trainable_weights, strict=True):
        np.testing.assert_allclose(one, other, rtol=0, atol=atol)


def test_the_origin_of_a_dimension_changes_nothing(data, unscaled):
    dtype, network, losses = unscaled
    moved, moved_losses = train(*data, MIXED, 100 * MIXED, dtype=dtype)
    # At 100 standard deviations from zero two digits of z are lost.
    np.testing.assert_allclose(moved_losses, losses, rtol=0, atol=2e-3)
    atol = {"float32": 1e-2, "float64": 1e-9}[dtype]
    for one, other in zip(moved.trainable_weights, network.trainable_weights, strict=True):
        np.testing.assert_allclose(one, other, rtol=0, atol=atol)


@pytest.mark.parametrize("scale", [1e-30, 1e30])
def test_scales_at_the_ends_of_float32(data, scale):
    _, losses = train(*data, dtype="float32", steps=3)
    network, scaled = train(*data, scale, dtype="float32", steps=3)
    # The constant alone is 829 nats: seven digits of it.
    np.testing.assert_allclose(scaled, losses, rtol=0, atol=1e-3)
    z = np.float32(scale * data[0][0])
    np.testing.assert_allclose(network.invert(network.transform(z)) / scale, data[0][0], atol=1e-4)


def test_the_scale_is_kept_on_saving(data, tmp_path):
    network, _ = train(*data, MIXED)
    network.save(tmp_path / "x.keras")
    loaded = iin_tf.load(tmp_path / "x.keras")
    z = MIXED * data[0][0]
    np.testing.assert_array_equal(loaded.transform(z), network.transform(z))
    np.testing.assert_array_equal(loaded.log_prob(z), network.log_prob(z))


# The rows that ActNorm starts from


ROWS = 1024


def sorted_by_class():
    """5,000 rows: the first 4,000 have zero in dimension 0, and the last 1,000 another mean."""
    z = np.random.default_rng(0).normal(size=(5000, N)).astype(np.float32)
    z[:4000, 0] = 0
    z[4000:] += 10
    return z


@pytest.mark.parametrize("form", [np.asarray, tf.constant])
def test_arrays_that_are_sorted_start_from_rows_of_every_kind(form):
    z = sorted_by_class()
    network = InterpretationNetwork(LAYOUT, blocks=1, hidden=8, depth=0, seed=0)
    network.compile(keras.optimizers.SGD(0.0))
    network.fit(form(z), batch_size=1000, verbose=0)
    first = network.bijector.steps[0].forward(z).numpy()
    # The mean of 1,024 of 5,000 rows errs by 1 / sqrt(1,024) = 0.03 of a deviation.
    np.testing.assert_allclose(first.mean(0), 0, atol=0.15)
    np.testing.assert_allclose(first.std(0), 1, atol=0.15)


def test_sorted_members_of_pairs_both_start_from_rows_of_every_kind():
    z = sorted_by_class()
    rows = start_data.start_rows((z, z + 5), 0, ROWS)
    assert rows.shape == (ROWS, N)
    half = ROWS // 2
    for member, mean in ((rows[:half], z.mean(0)), (rows[half:], z.mean(0) + 5)):
        # Deviations are near 4; a mean of 512 rows errs by a 22nd of it.
        np.testing.assert_allclose(member.mean(0), mean, atol=0.8)


def test_the_seed_fixes_the_rows_that_are_drawn():
    z = sorted_by_class()
    first, again, other = (start_data.start_rows(z, seed, ROWS) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert np.any(first != other)
    assert len(np.unique(first, axis=0)) == ROWS


def test_few_rows_are_taken_whole_and_in_order():
    z = sorted_by_class()[:100]
    np.testing.assert_array_equal(start_data.start_rows(z, 0, ROWS), z)


def test_a_data_set_starts_from_its_first_rows_and_says_so_when_they_are_constant():
    z = sorted_by_class()
    network = InterpretationNetwork(LAYOUT, blocks=1, hidden=8, depth=0, seed=0)
    network.compile(keras.optimizers.SGD(0.0))
    dataset = tf.data.Dataset.from_tensor_slices(z).batch(500)
    with pytest.raises(ValueError, match=r"dimension 0 is constant.*rows of every kind"):
        network.fit(dataset, verbose=0)
    network.adapt(z)
    network.fit(dataset, verbose=0)
