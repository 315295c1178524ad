"""Fréchet and kernel distance between two sets of features."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy import linalg

from iin_tf import checks
from iin_tf.checks import InputError
from iin_tf.measures.inputs import check_codes
from iin_tf.measures.protocol import libraries
from iin_tf.measures.study import COVERS
from iin_tf.results import Result
from iin_tf.statistics import HalfSamples, interval

# Half-samples need two rows each, for a variance or a pair.
LEAST_ROWS = 4
MOST_REPEATS = 10_000

HEUSEL = "Heusel et al. 2017, arXiv 1706.08500, equation 6"
BINKOWSKI = "Binkowski et al. 2018, arXiv 1801.01401, section 3 (cubic kernel, unbiased)"


def features_of(model: Callable, examples: Any, batch: int = 256) -> np.ndarray:
    """Features of any feature model.

    Args:
      model: function from examples [b, ...] to features [b, ...].
      examples: [n, ...], n at least 1.
      batch: examples given to it at once.

    Returns:
      [n, D] float64.

    Raises:
      InputError: a model that cannot be called, no examples, or features that are no numbers.
    """
    batch = checks.whole(batch, "batch", 1)
    if not callable(model):
        raise InputError(f"model is {checks.shown(model)}; give a function of examples")
    is_list = isinstance(examples, list | tuple)
    shape = (len(examples),) if is_list else getattr(examples, "shape", ())
    if not shape or not shape[0]:
        raise InputError(f"examples is {checks.shown(examples)}; give an array of at least one")
    parts = [
        checks.real_array(model(examples[start : start + batch]), "model(...)").astype(np.float64)
        for start in range(0, shape[0], batch)
    ]
    if any(part.ndim == 0 for part in parts):
        raise InputError("model(...) gave one number for several examples; give features [b, ...]")
    features = np.concatenate(parts)
    return features.reshape(len(features), -1)


def gaussian_frechet(
    mean_a: ArrayLike, covariance_a: ArrayLike, mean_b: ArrayLike, covariance_b: ArrayLike
) -> float:
    """Squared Fréchet distance of two Gaussians (their squared 2-Wasserstein distance).

    |m_a - m_b|^2 + tr(C_a + C_b - 2 (C_a^1/2 C_b C_a^1/2)^1/2).

    Args:
      mean_a: [D], of the first.
      covariance_a: [D, D], of the first, symmetric; it may be singular.
      mean_b: [D], of the second.
      covariance_b: [D, D], of the second, alike.

    Returns:
      float, in squared units of the features.

    Raises:
      InputError: other shapes, or numbers that are not finite.

    Source: Heusel et al. 2017, equation 6.
    """
    means = [checks.real_array(mean, "a mean") for mean in (mean_a, mean_b)]
    covariances = [checks.real_array(c, "a covariance") for c in (covariance_a, covariance_b)]
    size = means[0].size
    if any(mean.shape != (size,) for mean in means) or any(
        covariance.shape != (size, size) for covariance in covariances
    ):
        raise InputError(
            f"means have shapes {[m.shape for m in means]} and covariances "
            f"{[c.shape for c in covariances]}; give [D] and [D, D]"
        )
    if not all(np.isfinite(array).all() for array in (*means, *covariances)):
        raise InputError("means and covariances are not finite; drop the rows that make them so")
    return _gaussian_frechet(*means, *covariances)


def _gaussian_frechet(mean_a, mean_b, covariance_a, covariance_b):
    values, vectors = linalg.eigh(covariance_a)
    root = (vectors * np.sqrt(np.maximum(values, 0))) @ vectors.T
    # Symmetric, so that eigenvalues are real: the root of C_a C_b itself gives complex noise
    # for singular covariances.
    cross = np.sqrt(np.maximum(linalg.eigvalsh(root @ covariance_b @ root), 0)).sum()
    spread = np.trace(covariance_a) + np.trace(covariance_b) - 2 * cross
    return float(max(np.sum(np.square(mean_a - mean_b)) + spread, 0.0))


def frechet_distance(
    features_a: ArrayLike,
    features_b: ArrayLike,
    seed: int = 0,
    *,
    repeats: int = 10,
    level: float = 0.95,
) -> Result:
    """Fréchet distance between two sets of features, as Gaussians.

    The plug-in value is biased upwards by about 1 / n; `parts["bias"]` estimates by how much
    (half-samples double it) and `parts["extrapolated"]` is the value without it.

    Args:
      features_a: [n_a, D].
      features_b: [n_b, D]; rows need not be aligned with those of the other set.
      seed: whole number, for the half-samples.
      repeats: half-samples behind the interval, at least 2.
      level: its coverage, between 0 and 1.

    Returns:
      `Result` "frechet_distance", in squared units of the features.

    Raises:
      InputError: features that are not finite, unequal D, fewer than 4 rows, fewer than 2 repeats,
        a level outside (0, 1).

    Source: Heusel et al. 2017, equation 6; Chong & Forsyth 2020, arXiv 1911.07023, for the bias.
    """
    first, second = _check(features_a, features_b, seed, repeats, level)
    value = _frechet(first, second)
    halves = _halves(first, second, seed, repeats)
    replicates = np.array([_frechet(a, b) for a, b in halves])
    bias = float(replicates.mean() - value)
    ends = interval(value, replicates, "student", level, (0, np.inf))
    parts = {"bias": bias, "extrapolated": value - bias}
    record = _record(first, second, HEUSEL, seed, repeats, level)
    return Result("frechet_distance", {}, value, ends, parts=parts, protocol=record)


def kernel_distance(
    features_a: ArrayLike,
    features_b: ArrayLike,
    seed: int = 0,
    *,
    repeats: int = 10,
    level: float = 0.95,
    rows: int = 5_000,
) -> Result:
    """Kernel distance: unbiased squared maximum mean discrepancy with a cubic kernel.

    k(x, y) = (x . y / D + 1)^3; the mean of k over pairs within each set, without the pairs
    of a row with itself, minus twice the mean across.  Zero in expectation for equal
    distributions, so it can be negative.

    Args:
      features_a: as in `frechet_distance`.
      features_b: as in `frechet_distance`.
      rows: at most so many rows of each set, at least 4, drawn at random (memory grows with
        rows^2).
      seed: as in `frechet_distance`.
      repeats: as in `frechet_distance`.
      level: as in `frechet_distance`.

    Returns:
      `Result` "kernel_distance".

    Raises:
      InputError: as `frechet_distance`, and fewer than 4 `rows`.

    Source: Binkowski et al. 2018, section 3.
    """
    first, second = _check(features_a, features_b, seed, repeats, level)
    checks.whole(rows, "rows", LEAST_ROWS)
    rng = np.random.default_rng(seed)
    first = first[rng.permutation(len(first))[:rows]]
    second = second[rng.permutation(len(second))[:rows]]
    value = unbiased_discrepancy(first, second)
    halves = _halves(first, second, seed, repeats)
    replicates = np.array([unbiased_discrepancy(a, b) for a, b in halves])
    ends = interval(value, replicates, "student", level)
    record = _record(first, second, BINKOWSKI, seed, repeats, level)
    return Result("kernel_distance", {}, value, ends, protocol=record)


def unbiased_discrepancy(first: np.ndarray, second: np.ndarray) -> float:
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
    return _gaussian_frechet(*means, first_covariance, second_covariance)


def _halves(first, second, seed, repeats):
    rng = np.random.default_rng(seed)
    chosen = list(HalfSamples(len(first), repeats, rng).draws())
    other = list(HalfSamples(len(second), repeats, rng).draws())
    return [(first[a], second[b]) for a, b in zip(chosen, other, strict=True)]


def _check(features_a, features_b, seed, repeats, level):
    first = check_codes(features_a, "features_a")
    second = check_codes(features_b, "features_b")
    if first.shape[1] != second.shape[1]:
        raise InputError(
            f"features_a has {first.shape[1]} columns, features_b {second.shape[1]}; "
            "use one feature model for both"
        )
    if min(len(first), len(second)) < LEAST_ROWS:
        raise InputError(
            f"features have {len(first)} and {len(second)} rows; give at least {LEAST_ROWS} of each"
        )
    checks.whole(seed, "seed", 0)
    checks.whole(repeats, "repeats", 2, MOST_REPEATS)
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
        "covers": COVERS,
        "libraries": libraries(),
    }
