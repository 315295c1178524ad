"""One evaluation under way: the sample, the protocol, the seed, and what measures share."""

import functools
import zlib
from collections.abc import Callable, Sequence

import numpy as np

from iin_tf.measures.block_information import read_out_information
from iin_tf.measures.importance import (
    block_importance,
    code_importance,
    fit_factors,
)
from iin_tf.measures.information import histogram_information
from iin_tf.measures.protocol import libraries
from iin_tf.measures.result import Measure
from iin_tf.statistics import Bootstrap, HalfSamples, interval, resampled, split

# How intervals were made, as protocols say it.
HELD_OUT = "resampled test rows, the fit kept, centred"
HALVES = "half-samples without replacement, centred"


class Study:
    """What every measure gets: it computes shared parts once and seeds each by its name.

    Args:
      sample: a `Sample`.
      protocol: a `Protocol`.
      seed: whole number; a measure's draws depend on it and on the measure's name only,
        so asking for fewer measures changes none of the others.
      own: {factor name: its block's name or None}, for blocks.
    """

    def __init__(self, sample, protocol, seed, own=None):
        self.sample = sample
        self.protocol = protocol
        self.seed = seed
        self.own = own or {}

    def seed_of(self, name):
        """The seed of the draws of `name`, for a plan."""
        return [self.seed, zlib.crc32(name.encode())]

    def rng(self, name):
        """A fresh generator for the draws of `name`."""
        return np.random.default_rng(self.seed_of(name))

    def integer_seed(self, name):
        """A seed for scikit-learn estimators of `name`."""
        return int(self.rng(name).integers(2**31))

    @functools.cached_property
    def rows(self):
        """At most `protocol.train` rows, for estimates that hold nothing out, sorted."""
        count = min(self.sample.rows, self.protocol.train)
        return np.sort(self.rng("rows").choice(self.sample.rows, count, replace=False))

    @functools.cached_property
    def split(self):
        """(train rows, test rows); every value of every factor occurs in the train rows."""
        settings, rows = self.protocol, self.sample.rows
        share = min(1.0, rows / (settings.train + settings.test))
        test_count = max(1, int(settings.test * share))
        train_count = min(settings.train, rows - test_count)
        order = self.rng("split").permutation(rows)
        train, rest = split(order, train_count, self.sample.groups)
        return complete_train(self.sample.factors, train, rest, test_count, self.sample.groups)

    @functools.cached_property
    def bootstrap(self):
        """The plan that draws test rows, or their sources."""
        test = self.split[1]
        source = self.sample.groups_of(test)
        return Bootstrap(len(test), self.protocol.resamples, self.seed_of("weights"), source)

    def halves(self, name, rows, resamples=None):
        """The plan that draws half of `rows`, or of their sources; its draws index `rows`.

        Args:
          name: seeds the draws.
          rows: row numbers, [m].
          resamples: number of draws; None for the protocol's resamples.
        """
        count = self.protocol.resamples if resamples is None else resamples
        return HalfSamples(len(rows), count, self.seed_of(name), self.sample.groups_of(rows))

    def on_test_rows(self, scorers):
        """Scores of kept predictions on the test rows, and on each resample of them.

        Args:
          scorers: sequence, or nested sequences [...], of functions of weights [r, test] to
            scores [r]; a prediction is made once, and only weighed here.

        Returns:
          [1 + R, ...], the estimate first.
        """
        shape, flat = _flattened(scorers)
        values = resampled(
            lambda weights: np.stack([score(weights) for score in flat], axis=1), self.bootstrap
        )
        return values.reshape(len(values), *shape)

    @functools.cached_property
    def information(self):
        """Information of every unit about every factor, with its replicates."""
        if self.sample.blocks is None:
            return histogram_information(self)
        return read_out_information(self, self.sample.units)

    @functools.cached_property
    def fits(self):
        """The protocol's estimator fitted to every factor on all codes."""
        return fit_factors(self)

    @functools.cached_property
    def importance(self):
        """Importance of every unit for every factor, with the fits' held-out scores."""
        return code_importance(self) if self.sample.blocks is None else block_importance(self)

    def measure(self, name, value, parts, source, interval, how, **details):
        """A `Measure` with the protocol written out."""
        settings = self.protocol
        return Measure(
            name=name,
            value=float(value),
            parts=parts,
            interval=interval,
            protocol={
                "source": source,
                "rows": self.sample.rows,
                "seed": self.seed,
                "level": settings.level,
                "interval": how,
                "units": self.sample.unit_names,
                "blocks": self.sample.blocks is not None,
                "groups": _count(self.sample.groups),
                "factors": [factor.name for factor in self.sample.factors],
                "continuous": [factor.name for factor in self.sample.factors if factor.continuous],
                **details,
                "libraries": libraries(),
            },
        )

    def resampled(self, name, values, parts, source, how, bounds=(-np.inf, np.inf), **details):
        """A measure from [1 + R] values: the estimate, then its replicates."""
        ends = interval(values[0], values[1:], "centred", self.protocol.level, bounds)
        details = {"resamples": len(values) - 1, **details}
        return self.measure(name, values[0], parts, source, ends, how, **details)

    def refitted(self, name, value, replicates, parts, source, bounds, **details):
        """A measure whose replicates are fits on half-samples; none when refits = 0."""
        if len(replicates) == 0:
            ends, how = None, "none: protocol.refits is 0"
        else:
            ends = interval(value, replicates, "student", self.protocol.level, bounds)
            how = "Student t over half-samples, fitted anew"
        details = {"refits": len(replicates), **details}
        return self.measure(name, value, parts, source, ends, how, **details)

    def held_out(self, name, values, parts, source, bounds=(-np.inf, np.inf), **details):
        """A measure of test rows from [1 + R] values, as `on_test_rows` gives them."""
        train, test = (len(rows) for rows in self.split)
        details = {"train": train, "test": test, **details}
        return self.resampled(name, values, parts, source, HELD_OUT, bounds, **details)


def _count(groups):
    return None if groups is None else len(np.unique(groups))


def _flattened(scorers: Sequence | Callable) -> tuple[tuple, list]:
    """The shape of nested sequences of functions, and the functions in order."""
    if callable(scorers):
        return (), [scorers]
    parts = [_flattened(part) for part in scorers]
    return (len(parts), *parts[0][0]), [one for _, flat in parts for one in flat]


def complete_train(factors, train, rest, test_count, groups=None):
    """Moves one row of each value that the train rows miss from the rest to the train rows.

    Args:
      factors: tuple of `Factor`.
      train: row numbers for training.
      rest: the other row numbers; the first `test_count` that stay become the test rows.
      test_count: how many test rows to take.
      groups: ids of what rows are views of, [n]; a moved row takes its group along.

    Returns:
      (train, test).

    Raises:
      ValueError: when no row is left for testing.
    """
    for factor in factors:
        if factor.continuous:
            continue
        missing = np.setdiff1d(np.arange(factor.count), factor.levels[train])
        for level in missing:
            # The group that moved for another value may have brought this one along.
            if np.any(factor.levels[train] == level):
                continue
            found = rest[factor.levels[rest] == level][:1]
            moved = rest == found if groups is None else groups[rest] == groups[found]
            train = np.concatenate([train, rest[moved]])
            rest = rest[~moved]
    if len(rest) == 0:
        raise ValueError(
            f"training needs all {len(train)} rows to meet every value of the factors: no test row "
            "is left; give more rows (of other groups) or declare factors continuous"
        )
    return train, rest[:test_count]
