"""Laws over random sizes and extreme values, as hypothesis finds them: finite, or a clear error."""

import contextlib
import csv
import math

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from iin_tf import FactorLayout, algebra
from iin_tf.bijectors.actnorm import ActNorm, actnorm_start
from iin_tf.bijectors.permutation import Permutation
from iin_tf.checks import InputError
from iin_tf.data import PairSampler, read_labels
from iin_tf.statistics.intervals import RULES, interval
from iin_tf.statistics.plans import Bootstrap
from iin_tf.statistics.resampling import means, resampled
from iin_tf.statistics.splits import split

# The same cases at every run, and no time limit on a busy machine.
LAW = settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
EXTREMES = (0.0, -0.0, 1e-30, -1e-30, 1e30, -1e30, 1e-40, 5e-324, 1.0, 3.0)
SIZES = st.lists(st.integers(1, 9), min_size=0, max_size=5)
NUMBERS = st.sampled_from(EXTREMES) | st.floats(-1e30, 1e30)


def layout_of(sizes, residual):
    return FactorLayout({f"f{number}": size for number, size in enumerate(sizes)}, residual)


def rows(count, columns, elements=NUMBERS, dtype=np.float64):
    return arrays(dtype, (count, columns), elements=elements)


@LAW
@given(st.data(), SIZES, st.integers(1, 9), st.integers(0, 4))
def test_what_is_split_is_merged_to_the_same(data, sizes, residual, count):
    layout = layout_of(sizes, residual)
    z_tilde = data.draw(rows(count, layout.latent_size))
    parts = layout.split(z_tilde)
    assert [part.shape[1] for part in parts.values()] == [residual, *sizes]
    np.testing.assert_array_equal(layout.merge(parts), z_tilde)


@LAW
@given(st.data(), SIZES, st.integers(1, 9), st.integers(1, 4))
def test_an_exchange_moves_its_blocks_and_no_others(data, sizes, residual, count):
    layout = layout_of(sizes, residual)
    own, donor = (data.draw(rows(count, layout.latent_size)) for _ in range(2))
    chosen = data.draw(st.sets(st.sampled_from(layout.names), min_size=1))
    found = layout.split(algebra.exchange(layout, own, donor, sorted(chosen)))
    for name, part in found.items():
        wanted = (donor if name in chosen else own)[:, layout.slices[name]]
        np.testing.assert_array_equal(part, wanted)
    # Back again with the recipient's own blocks.
    again = algebra.exchange(layout, layout.merge(found), own, sorted(chosen))
    np.testing.assert_array_equal(again, own)


@LAW
@given(st.data(), st.integers(1, 60), st.booleans())
def test_a_split_takes_every_row_once_and_tears_no_source_apart(data, count, with_source):
    order = np.array(data.draw(st.permutations(range(count))))
    first = data.draw(st.integers(0, count))
    source = np.array(data.draw(st.lists(st.integers(0, 6), min_size=count, max_size=count)))
    one, rest = split(order, first, source if with_source else None)
    assert sorted([*one, *rest]) == list(range(count))
    if with_source:
        assert not set(source[one]) & set(source[rest])


@LAW
@given(st.lists(st.integers(-1, 3), min_size=2, max_size=30), st.integers(0, 5))
def test_members_of_a_pair_are_two_and_share_a_known_label(labels, seed):
    labels = np.array(labels)
    known, counts = np.unique(labels[labels >= 0], return_counts=True)
    if not (counts > 1).any():
        with pytest.raises(InputError):
            PairSampler({"digit": labels}, ["digit"], seed=seed)
        return
    one, other, shared = PairSampler({"digit": labels}, ["digit"], seed=seed).draw(20, step=3)
    assert (labels[one] == labels[other]).all()
    assert np.isin(labels[one], known[counts > 1]).all()
    assert (one != other).all()
    assert len(shared) == 20


@LAW
@given(st.lists(st.integers(0, 10**9) | st.just(-1), min_size=1, max_size=20), st.randoms())
def test_labels_come_back_from_a_table_in_any_order(tmp_path_factory, labels, random):
    path = tmp_path_factory.mktemp("table") / "labels.csv"
    lines = [[row, "" if label < 0 else label] for row, label in enumerate(labels)]
    random.shuffle(lines)
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([["id", "digit"], *lines])
    found = read_labels(path, len(labels))["digit"]
    if found.dtype.kind == "U":
        # Nothing is known: there is no type to tell.
        assert max(labels) == -1
    else:
        np.testing.assert_array_equal(found, labels)


@LAW
@given(arrays(np.float64, st.integers(2, 40), elements=NUMBERS), st.sampled_from(RULES))
def test_an_interval_of_extreme_numbers_is_finite_and_in_order(values, rule):
    plan = Bootstrap(len(values), 50, seed=0)
    replicates = resampled(means(values[:, None]), plan)[:, 0]
    low, high = interval(values.mean(), replicates, rule)
    assert math.isfinite(low)
    assert math.isfinite(high)
    assert low <= high
    # A mean lies among its values; sums of 40 round.
    slack = 1e-12 * np.abs(values).max()
    if rule == "percentile":
        assert values.min() - slack <= low
        assert high <= values.max() + slack


@LAW
@given(st.data(), st.integers(2, 6), st.integers(2, 20))
def test_actnorm_starts_on_any_rows_or_says_which_dimension_is_constant(data, size, count):
    # Differences of numbers near 1e30 overflow no float64, and their squares no variance.
    z = tf.constant(data.draw(rows(count, size, NUMBERS)))
    spread = np.ptp(z.numpy(), axis=0)
    if (spread < 2 * count * np.finfo(np.float64).tiny).any():
        # So near to the least number that either may come.
        with contextlib.suppress(InputError):
            actnorm_start(z)
        return
    mean, log_deviation = actnorm_start(z)
    step = ActNorm(-mean, -log_deviation)
    y = step.forward(z).numpy()
    assert np.isfinite(y).all()
    # What stands near the mean of far larger numbers keeps their last digits alone.
    scale = np.abs(z.numpy()).max(0)
    back = step.inverse(tf.identity(y)).numpy()
    assert (np.abs(back - z.numpy()) <= 1e-12 * scale).all()


@LAW
@given(st.data(), st.integers(1, 8))
def test_a_permutation_comes_back_to_the_bit(data, size):
    step = Permutation(tf.constant(data.draw(st.permutations(range(size))), tf.int32), tf.float64)
    z = data.draw(rows(3, size))
    back = step.inverse(tf.identity(step.forward(tf.constant(z)))).numpy()
    np.testing.assert_array_equal(back, z)
