"""Resampling, intervals and permutation nulls, once for all measures and audits.

A plan says what is drawn: rows, sources, members of pairs, halves, permutations.  A rule says
how replicates become an interval.  `resampled` and `subsampled` go through a plan with bounded
memory, `interval` applies a rule:

    values = resampled(means(scores), Bootstrap(n, 1000, 0))
    low, high = interval(values[0], values[1:], "percentile")

scipy.stats.bootstrap has neither sources nor two ways, and holds all draws in memory; tests
hold these plans against it where both apply.
"""

from iin_tf.statistics.intervals import RULES, interval
from iin_tf.statistics.nulls import null_bound, p_value
from iin_tf.statistics.plans import Bootstrap, HalfSamples, Permutations, Strata, TwoWay
from iin_tf.statistics.repeats import Summary, over_runs
from iin_tf.statistics.resampling import extrapolated, means, resampled, subsampled
from iin_tf.statistics.splits import folds, half_of_sources, split

__all__ = [
    "RULES",
    "Bootstrap",
    "HalfSamples",
    "Permutations",
    "Strata",
    "Summary",
    "TwoWay",
    "extrapolated",
    "folds",
    "half_of_sources",
    "interval",
    "means",
    "null_bound",
    "over_runs",
    "p_value",
    "resampled",
    "split",
    "subsampled",
]
