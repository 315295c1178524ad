"""Fréchet and kernel distance between two sets of features."""

import numpy as np
from scipy import linalg

from iin_tf import checks
from iin_tf.measures.protocol import libraries
from iin_tf.measures.result import Measure
from iin_tf.measures.sample import check_codes
from iin_tf.statistics import HalfSamples, interval

# Half-samples need two rows each, for a variance or a pair.
LEAST_ROWS = 4

HEUSEL = "Heusel et al. 2017, arXiv 1706.08500, equation 6"
BINKOWSKI = "Binkowski et al. 2018, arXiv 1801.01401, section 3 (cubic kernel, unbiased)"


def features_of(model, examples, batch=256):
    """Features [n, D] of any feature model: a function from examples to features, in batches."""
    parts = [
        np.asarray(model(examples[start : start + batch]), np.float64)
        for start in range(0, len(examples), batch)
    ]
    features = np.concatenate(parts)
    return features.reshape(len(features), -1)


def gaussian_frechet(mean_a, covariance_a, mean_b, covariance_b):
    """Squared Fréchet distance of two Gaussians (their squared 2-Wasserstein distance).

    |m_a - m_b|^2 + tr(C_a + C_b - 2 (C_a^1/2 C_b C_a^1/2)^1/2).

    Args:
      mean_a, mean_b: [D]; covariance_a, covariance_b: [D, D], symmetric, may be singular.

    Returns:
      float, in squared units of the features.  Heusel et al. 2017, equation 6.
    """
    values, vectors = linalg.eigh(covariance_a)
    root = (vectors * np.sqrt(np.maximum(values, 0))) @ vectors.T
    # Symmetric, so that eigenvalues are real: the root of C_a C_b itself gives complex noise
    # for singular covariances.
    cross = np.sqrt(np.maximum(linalg.eigvalsh(root @ covariance_b @ root), 0)).sum()
    spread = np.trace(covariance_a) + np.trace(covariance_b) - 2 * cross
    return float(max(np.sum(np.square(mean_a - mean_b)) + spread, 0.0))


def frechet_distance(features_a, features_b, seed=0, *, repeats=10, level=0.95):
    """Fréchet distance between two sets of features, as Gaussians.

    The plug-in value is biased upwards by about 1 / n; `parts["bias"]` estimates by how much
    (half-samples double it) and `parts["extrapolated"]` is the value without it.

    Args:
      features_a, features_b: [n_a, D], [n_b, D]; for two sets of one population of n, rows
        need not be aligned.
      seed: whole number, for the half-samples.
      repeats: half-samples behind the interval, at least 2.
      level: its coverage, between 0 and 1.

    Returns:
      `Measure` "frechet_distance".

    Raises:
      ValueError: for features that are not finite, unequal D, fewer than 4 rows, fewer than
        2 repeats, a level outside (0, 1).
    """
    first, second = _check(features_a, features_b, repeats, level)
    value = _frechet(first, second)
    halves = _halves(first, second, seed, repeats)
    replicates = np.array([_frechet(a, b) for a, b in halves])
    bias = float(replicates.mean() - value)
    ends = interval(value, replicates, "student", level, (0, np.inf))
    parts = {"bias": bias, "extrapolated": value - bias}
    record = _record(first, second, HEUSEL, seed, repeats, level)
    return Measure("frechet_distance", value, parts, ends, record)


def kernel_distance(features_a, features_b, seed=0, *, repeats=10, level=0.95, rows=5_000):
    """Kernel distance: unbiased squared maximum mean discrepancy with a cubic kernel.

    k(x, y) = (x . y / D + 1)^3; the mean of k over pairs within each set, without the pairs
    of a row with itself, minus twice the mean across.  Zero in expectation for equal
    distributions, so it can be negative.

    Args:
      features_a, features_b, seed, repeats, level: as in `frechet_distance`.
      rows: at most so many rows of each set, at least 4, drawn at random (memory grows with
        rows^2).

    Returns:
      `Measure` "kernel_distance".  Binkowski et al. 2018, section 3.

    Raises:
      ValueError: as `frechet_distance`, and for fewer than 4 `rows`.
    """
    first, second = _check(features_a, features_b, repeats, level)
    checks.whole(rows, "rows", LEAST_ROWS)
    rng = np.random.default_rng(seed)
    first = first[rng.permutation(len(first))[:rows]]
    second = second[rng.permutation(len(second))[:rows]]
    value = unbiased_discrepancy(first, second)
    halves = _halves(first, second, seed, repeats)
    replicates = [unbiased_discrepancy(a, b) for a, b in halves]
    ends = interval(value, replicates, "student", level)
    record = _record(first, second, BINKOWSKI, seed, repeats, level)
    return Measure("kernel_distance", value, {}, ends, record)


def unbiased_discrepancy(first, second):
    """Unbiased squared MMD of [n, D] and [m, D] with the cubic kernel, a float."""
    width = first.shape[1]
    within = []
    for rows in (first, second):
        kernel = (rows @ rows.T / width + 1) ** 3
        count = len(rows)
        within.append((kernel.sum() - np.trace(kernel)) / (count * (count - 1)))
    across = ((first @ second.T / width + 1) ** 3).mean()
    return float(sum(within) - 2 * across)


def _frechet(first, second):
    first_covariance = np.atleast_2d(np.cov(first, rowvar=False))
    second_covariance = np.atleast_2d(np.cov(second, rowvar=False))
    means = first.mean(axis=0), second.mean(axis=0)
    return gaussian_frechet(means[0], first_covariance, means[1], second_covariance)


def _halves(first, second, seed, repeats):
    rng = np.random.default_rng(seed)
    chosen = list(HalfSamples(len(first), repeats, rng).draws())
    other = list(HalfSamples(len(second), repeats, rng).draws())
    return [(first[a], second[b]) for a, b in zip(chosen, other, strict=True)]


def _check(features_a, features_b, repeats, level):
    first = check_codes(features_a, "features_a")
    second = check_codes(features_b, "features_b")
    if first.shape[1] != second.shape[1]:
        raise ValueError(
            f"features_a has {first.shape[1]} columns, features_b {second.shape[1]}: "
            "use one feature model for both"
        )
    if min(len(first), len(second)) < LEAST_ROWS:
        raise ValueError(
            f"features have {len(first)} and {len(second)} rows: give at least {LEAST_ROWS} of each"
        )
    checks.whole(repeats, "repeats", 2)
    checks.fraction(level, "level")
    return first, second


def _record(first, second, source, seed, repeats, level):
    return {
        "source": source,
        "rows": [len(first), len(second)],
        "features": first.shape[1],
        "seed": seed,
        "repeats": repeats,
        "level": level,
        "interval": "Student t over half-samples without replacement",
        "libraries": libraries(),
    }
