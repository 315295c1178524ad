"""What a small read-out finds of a continuous factor in each block, on held-out examples."""

import numpy as np
from sklearn.kernel_ridge import KernelRidge
from sklearn.metrics import pairwise_distances
from sklearn.model_selection import GridSearchCV, GroupKFold
from threadpoolctl import threadpool_limits

from iin_tf.measures.scores import r_squared
from iin_tf.results import Result, Results
from iin_tf.statistics.bootstrap import percentile_interval

# More rows than these make a kernel regression slow, and hardly better.
_MOST_ROWS = 2000
_RESAMPLES = 1000
_PENALTIES = (1e-3, 1e-2, 1e-1, 1.0)
# Squares of the median distance over that of the kernel's length scale.
_SHARPNESS = (0.1, 0.5, 2.0)


def readout_metrics(parts, targets, source, seed):
    """R^2 of each factor, read from each block by a Gaussian kernel's ridge regression.

    It is fitted on half of the original examples, its penalty and length scale chosen by
    cross-validation among them, and scored on the other half.  Rotating a block or scaling it as
    a whole changes nothing.

    Args:
      parts: mapping block -> [n, N_k], held-out.
      targets: mapping factor -> float [n] or [n, T], such as an angle's cosine and sine.
      source: int [n], the original behind each example.
      seed: of the halves and the resamples.

    Returns:
      `Results`: `readout/BLOCK/FACTOR/r2`, 1 - squared error / squared deviation, each summed
      over the T targets; below zero it is worse than no guess at all.  The 95 % interval
      resamples the scored originals, the fit kept.
    """
    random = np.random.default_rng(seed)
    originals, source = np.unique(source, return_inverse=True)
    side = random.permutation(len(originals)) < len(originals) / 2
    fitted, scored = np.flatnonzero(side[source]), np.flatnonzero(~side[source])
    fitted = random.permutation(fitted)[:_MOST_ROWS]
    weights = _weights(source[scored], random)
    found = []
    for block, codes in parts.items():
        codes = _scaled(np.asarray(codes, np.float64), fitted)
        for factor, values in targets.items():
            target = np.asarray(values, np.float64).reshape(len(values), -1)
            target = target - target[fitted].mean(axis=0)
            model = _fit(codes[fitted], target[fitted], source[fitted])
            value, *resampled = r_squared(target[scored], model.predict(codes[scored]), weights)
            ends = percentile_interval(resampled)
            fields = {"block": block, "factor": factor}
            found.append(Result("readout/{block}/{factor}/r2", fields, value, ends))
    return Results(found)


def _weights(source, random):
    """How often each row counts: once, and then in each resample of the originals."""
    originals, source = np.unique(source, return_inverse=True)
    share = np.full(len(originals), 1 / len(originals))
    counts = random.multinomial(len(originals), share, size=_RESAMPLES)
    return np.concatenate([np.ones((1, len(source))), counts[:, source]])


def _scaled(codes, rows):
    """Codes centred, with a median distance of 1 between `rows`."""
    codes = codes - codes[rows].mean(axis=0)
    some = codes[rows[:500]]
    distance = np.median(pairwise_distances(some)[np.triu_indices(len(some), 1)])
    return codes / distance if distance > 0 else codes


def _fit(codes, target, source):
    grid = {"alpha": _PENALTIES, "gamma": _SHARPNESS}
    search = GridSearchCV(KernelRidge(kernel="rbf"), grid, cv=GroupKFold(3))
    with threadpool_limits(limits=1):
        return search.fit(codes, target, groups=source)
