"""One result of several runs that differ in their seed: mean, spread, interval."""

import dataclasses
from collections.abc import Sequence

import numpy as np
from scipy import stats

from iin_tf import checks
from iin_tf.checks import InputError


@dataclasses.dataclass(frozen=True)
class Summary:
    """A result over R runs.

    Attributes:
      values: of each run, R numbers.
      mean: of the values; an int where all are the same one.
      spread: standard deviation over the runs (R - 1 in the denominator), None for one run.
      interval: (low, high) of the mean, or None where nothing says how sure it is.
    """

    values: tuple[float, ...]
    mean: float
    spread: float | None
    interval: tuple[float, float] | None

    def is_apart(self, other: "Summary | None") -> bool:
        """Whether both have intervals, and these do not overlap."""
        if other is None or self.interval is None or other.interval is None:
            return False
        (low, high), (other_low, other_high) = self.interval, other.interval
        return high < other_low or other_high < low


def over_runs(
    values: Sequence[float],
    intervals: Sequence[tuple[float, float] | None],
    level: float = 0.95,
    bounds: tuple[float, float] = (-np.inf, np.inf),
) -> Summary:
    """Mean, spread and interval of one result over runs of several seeds.

    One run keeps its own interval.  That of several has two parts, added as independent errors,
    in squares: the seeds' (Student's t on the runs' values, for the mean over all seeds), and the
    mean distance from a value to the ends of its own interval.  The latter is not divided by the
    number of runs: all were measured on the same held-out examples.

    Args:
      values: of each run, at least one.
      intervals: (low, high) of each run, or None.
      level: of the intervals that were given, and of the result.
      bounds: the least and the largest value that there can be, at which the interval ends.

    Raises:
      InputError: no values, or another number of intervals.
    """
    count = len(values)
    level = checks.fraction(level, "level")
    if not count or len(intervals) != count:
        raise InputError(
            f"there are {count} values and {len(intervals)} intervals; give one interval or None "
            "for each of one value or more"
        )
    if count == 1:
        return Summary(tuple(values), values[0], None, intervals[0])
    numbers = np.asarray(values, np.float64)
    same = isinstance(values[0], int) and bool((numbers == numbers[0]).all())
    mean, spread = values[0] if same else float(numbers.mean()), float(numbers.std(ddof=1))
    by_seed = stats.t.ppf((1 + level) / 2, count - 1) * spread / np.sqrt(count)
    known = [one for one in intervals if one is not None]
    below, above = 0.0, 0.0
    if len(known) == count:
        below, above = np.abs(np.asarray(known) - numbers[:, None]).mean(axis=0)
    ends = mean - np.hypot(by_seed, below), mean + np.hypot(by_seed, above)
    low, high = (float(end) for end in np.clip(ends, *bounds))
    return Summary(tuple(values), mean, spread, (low, high))
