"""What a small read-out finds of a continuous factor in each block, on held-out examples."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike
from sklearn.kernel_ridge import KernelRidge
from sklearn.metrics import pairwise_distances
from sklearn.model_selection import GridSearchCV, GroupKFold
from threadpoolctl import threadpool_limits

from iin_tf import checks
from iin_tf.audits.inputs import check_mapping, known_together, read_labels, source_codes
from iin_tf.audits.outputs import chunks
from iin_tf.checks import InputError
from iin_tf.measures.scores import r_squared
from iin_tf.results import Result, Results
from iin_tf.statistics import Bootstrap, half_of_sources, interval, resampled

# More rows than these make a kernel regression slow, and hardly better.
_MOST_ROWS = 2000
_RESAMPLES = 1000
_PENALTIES = (1e-3, 1e-2, 1e-1, 1.0)
# Squares of the median distance over that of the kernel's length scale.
_SHARPNESS = (0.1, 0.5, 2.0)


def readout_metrics(
    parts: Mapping[str, ArrayLike],
    targets: Mapping[str, ArrayLike],
    source: ArrayLike | None,
    seed: int = 0,
) -> Results:
    """R^2 of each factor, read from each block by a Gaussian kernel's ridge regression.

    It is fitted on half of the original examples, its penalty and length scale chosen by
    cross-validation among them, and scored on the other half.  Rotating a block or scaling it as
    a whole changes nothing.  Examples whose target is unknown (NaN) are left out for that factor.

    Args:
      parts: mapping block -> [n, N_k], held-out.
      targets: mapping factor -> float [n] or [n, T], such as an angle's cosine and sine.
      source: whole numbers or texts [n], the original behind each example; None where every
        example is an original.
      seed: of the halves and the resamples.

    Returns:
      `Results`: `readout/BLOCK/FACTOR/r2`, 1 - squared error / squared deviation, each summed
      over the T targets; below zero it is worse than no guess at all.  The 95 % interval
      resamples the scored originals, the fit kept.

    Raises:
      InputError: blocks that are not finite, targets that are no floats or of another length, or
        fewer than 12 sources with a known target.
    """
    checks.whole(seed, "seed", 0)
    parts = _blocks(parts)
    rows = len(next(iter(parts.values())))
    targets = read_labels(targets, rows, "targets")
    for target in targets:
        if not target.continuous:
            raise InputError(f"targets[{target.name!r}] is {target.given.dtype}; give floats")
    source = source_codes(source, rows)
    groups = known_together(targets)
    for known, together in groups:
        if len(np.unique(source[known])) < 12:
            raise InputError(
                f"targets[{together[0].name!r}] is known for {len(np.unique(source[known]))} "
                "sources; give at least 12"
            )
    scores: dict[tuple[str, str], tuple] = {}
    for known, together in groups:
        some = {name: values[known] for name, values in parts.items()}
        values = {target.name: target.values[known] for target in together}
        scores |= _scores(some, values, source[known], seed)
    return Results(
        Result("readout/{block}/{factor}/r2", {"block": b, "factor": t.name}, *scores[b, t.name])
        for b in parts
        for t in targets
    )


def _blocks(parts: Mapping[str, ArrayLike]) -> dict:
    parts = check_mapping(parts, "parts", "from a block to its values [n, N_k]")
    arrays = {}
    for name, values in parts.items():
        array = checks.real_array(values, f"parts[{name!r}]")
        checks.check_matrix(array, f"parts[{name!r}]")
        checks.check_finite_rows(array, f"parts[{name!r}]")
        arrays[name] = array.astype(np.float64)
        first = next(iter(arrays))
        checks.check_same_length(array, arrays[first], (f"parts[{name!r}]", f"parts[{first!r}]"))
    return arrays


def _scores(parts: dict, targets: dict, source: np.ndarray, seed: int) -> dict:
    """(block, factor) -> R^2 and its interval, all scored on the same draws."""
    random = np.random.default_rng(seed)
    side = half_of_sources(source, random)
    fitted, scored = np.flatnonzero(side), np.flatnonzero(~side)
    fitted = random.permutation(fitted)[:_MOST_ROWS]
    plan = Bootstrap(len(scored), _RESAMPLES, random, source[scored])
    read = {}
    for block, codes in parts.items():
        codes = _scaled(codes, fitted)
        for factor, target in targets.items():
            target = target - target[fitted].mean(axis=0)
            model = _fit(codes[fitted], target[fitted], source[fitted])
            predicted = [model.predict(rows) for rows in chunks(codes[scored])]
            read[block, factor] = target[scored], np.concatenate(predicted)

    def score(weights: np.ndarray) -> np.ndarray:
        return np.stack([r_squared(*pair, weights) for pair in read.values()], axis=1)

    drawn = resampled(score, plan)
    low, high = interval(drawn[0], drawn[1:], "percentile")
    return {pair: (drawn[0, k], (low[k], high[k])) for k, pair in enumerate(read)}


def _scaled(codes: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Codes centred, with a median distance of 1 between `rows`."""
    codes = codes - codes[rows].mean(axis=0)
    some = codes[rows[:500]]
    distance = np.median(pairwise_distances(some)[np.triu_indices(len(some), 1)])
    return codes / distance if distance > 0 else codes


def _fit(codes: np.ndarray, target: np.ndarray, source: np.ndarray) -> GridSearchCV:
    grid = {"alpha": _PENALTIES, "gamma": _SHARPNESS}
    search = GridSearchCV(KernelRidge(kernel="rbf"), grid, cv=GroupKFold(3))
    with threadpool_limits(limits=1):
        return search.fit(codes, target, groups=source)
