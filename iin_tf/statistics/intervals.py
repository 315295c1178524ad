"""Intervals from replicates: three rules, each of which contains its own estimate.

They cover what the estimator gives at this number of rows.  Where it is biased at this
number, the value of the population may lie outside.
"""

import numpy as np
from scipy import stats

from iin_tf import checks

RULES = ("percentile", "centred", "student")


def interval(
    value: np.ndarray | float,
    replicates: np.ndarray,
    rule: str,
    level: float = 0.95,
    bounds: tuple[float, float] = (-np.inf, np.inf),
) -> tuple:
    """The interval of an estimate, or of each of an array of them.

    Rules:
      "percentile": the central `level` of the replicates, for estimates without bias.
      "centred": their spread about their own mean, laid around the estimate, for estimates
        with a bias, which replicates have twice.
      "student": value -+ t * standard deviation, for the few replicates that costly fits allow.

    Each is cut to `bounds`, then widened to contain the value where replicates are skewed.

    Args:
      value: the estimate, a number or [...].
      replicates: [R, ...], the estimate on each draw of a plan; R >= 2.
      rule: one of `RULES`.
      level: coverage, between 0 and 1.
      bounds: range that the interval is cut to, but never past the value.

    Returns:
      (low, high): floats for a number, arrays [...] otherwise.

    Raises:
      InputError: an unknown rule, a level outside (0, 1), fewer than two replicates.

    Source: Efron & Tibshirani 1993, chapters 12 (Student) and 13 (percentile); Politis, Romano
    & Wolf 1999, section 2.2 (centred).
    """
    rule, level = checks.choice(rule, "rule", RULES), checks.fraction(level, "level")
    value, replicates = np.asarray(value, np.float64), np.asarray(replicates, np.float64)
    checks.whole(len(replicates), "the number of replicates", 2)
    low, high = _ends(value, replicates, rule, level)
    low = np.minimum(np.maximum(low, bounds[0]), value)
    high = np.maximum(np.minimum(high, bounds[1]), value)
    return (low, high) if value.ndim else (float(low), float(high))


def _ends(value, replicates, rule, level):
    tails = [(1 - level) / 2, (1 + level) / 2]
    if rule == "percentile":
        return np.quantile(replicates, tails, axis=0)
    if rule == "centred":
        return np.quantile(replicates - replicates.mean(axis=0), tails, axis=0) + value
    half = replicates.std(axis=0, ddof=1) * stats.t.ppf(tails[1], len(replicates) - 1)
    return value - half, value + half
