"""One evaluation under way: the sample, the protocol, the seed, and what measures share."""

import functools
import zlib
from collections.abc import Sequence
from typing import Any

import numpy as np

from iin_tf.measures.block_information import read_out_information
from iin_tf.measures.importance import (
    Fits,
    Importance,
    block_importance,
    code_importance,
    fit_factors,
)
from iin_tf.measures.information import Information, histogram_information
from iin_tf.measures.protocol import Protocol, libraries
from iin_tf.measures.sample import Sample
from iin_tf.measures.scores import weighed
from iin_tf.measures.train_rows import complete_train
from iin_tf.results import Result
from iin_tf.results.measure_kinds import measure_kind
from iin_tf.statistics import Bootstrap, HalfSamples, extrapolated, interval, resampled, split

FREE = (-np.inf, np.inf)
# How intervals were made, and what they cover, as protocols say it.
HELD_OUT = "resampled test rows, the fit kept, centred"
HALVES = "half-samples without replacement, centred"
REFITTED = "Student t over half-samples, fitted anew"
COVERS = "what the estimator gives at this number of rows; the population's value may lie outside"


class Study:
    """What every measure gets: it computes shared parts once and seeds each by its name.

    Args:
      sample: a `Sample`.
      protocol: a `Protocol`.
      seed: whole number; a measure's draws depend on it and on the measure's name only,
        so asking for fewer measures changes none of the others.
      own: {factor name: its block's name or None}, for blocks.
    """

    def __init__(
        self,
        sample: Sample,
        protocol: Protocol,
        seed: int,
        own: dict[str, str | None] | None = None,
    ):
        self.sample = sample
        self.protocol = protocol
        self.seed = seed
        self.own = own or {}

    def seed_of(self, name: str) -> list[int]:
        """The seed of the draws of `name`, for a plan."""
        return [self.seed, zlib.crc32(name.encode())]

    def rng(self, name: str) -> np.random.Generator:
        """A fresh generator for the draws of `name`."""
        return np.random.default_rng(self.seed_of(name))

    def integer_seed(self, name: str) -> int:
        """A seed for scikit-learn estimators of `name`."""
        return int(self.rng(name).integers(2**31))

    @functools.cached_property
    def rows(self) -> np.ndarray:
        """At most `protocol.train` rows, for estimates that hold nothing out, sorted."""
        count = min(self.sample.rows, self.protocol.train)
        return np.sort(self.rng("rows").choice(self.sample.rows, count, replace=False))

    @functools.cached_property
    def split(self) -> tuple[np.ndarray, np.ndarray]:
        """(train rows, test rows); every value of every factor occurs in the train rows."""
        settings, rows = self.protocol, self.sample.rows
        share = min(1.0, rows / (settings.train + settings.test))
        test_count = max(1, int(settings.test * share))
        train_count = min(settings.train, rows - test_count)
        order = self.rng("split").permutation(rows)
        train, rest = split(order, train_count, self.sample.source)
        return complete_train(self.sample.factors, train, rest, test_count, self.sample.source)

    @functools.cached_property
    def bootstrap(self) -> Bootstrap:
        """The plan that draws test rows, or their sources."""
        test = self.split[1]
        source = self.sample.source_of(test)
        return Bootstrap(len(test), self.protocol.resamples, self.seed_of("weights"), source)

    def halves(self, name: str, rows: np.ndarray, resamples: int | None = None) -> HalfSamples:
        """The plan that draws half of `rows`, or of their sources; its draws index `rows`.

        Args:
          name: seeds the draws.
          rows: row numbers, [m].
          resamples: number of draws; None for the protocol's resamples.
        """
        count = self.protocol.resamples if resamples is None else resamples
        return HalfSamples(len(rows), count, self.seed_of(name), self.sample.source_of(rows))

    def on_test_rows(self, scorers: Sequence) -> np.ndarray:
        """Scores of kept predictions on the test rows, and on each resample of them.

        Args:
          scorers: sequence, or nested sequences [...], of functions of weights [r, test] to
            scores [r]; a prediction is made once, and only weighed here.

        Returns:
          [1 + R, ...], the estimate first.
        """
        return resampled(lambda weights: weighed(scorers, weights), self.bootstrap)

    @functools.cached_property
    def information(self) -> Information:
        """Information of every unit about every factor, with its replicates."""
        if self.sample.blocks is None:
            return histogram_information(self)
        return read_out_information(self, self.sample.units)

    @functools.cached_property
    def fits(self) -> Fits:
        """The protocol's estimator fitted to every factor on all codes."""
        return fit_factors(self)

    @functools.cached_property
    def importance(self) -> Importance:
        """Importance of every unit for every factor, with the fits' held-out scores."""
        return code_importance(self) if self.sample.blocks is None else block_importance(self)

    def measure(
        self,
        name: str,
        value: float,
        parts: dict,
        reference: str,
        ends: tuple[float, float] | None,
        how: str,
        fields: dict | None = None,
        **details: Any,
    ) -> Result:
        """A result with the protocol written out.

        Args:
          name: pattern of its kind, which is declared as "disentanglement/NAME".
          value: the estimate.
          parts: arrays and numbers it was made of.
          reference: the publication that it stems from.
          ends: (low, high), or None where `how` says why there are none.
          how: how the interval was made.
          fields: the pattern's fields.
          details: more for the protocol.
        """
        record = self._record(reference, how) | details
        if ends is not None:
            record["covers"] = COVERS
        kind = measure_kind(name)
        return Result(kind, fields or {}, float(value), ends, parts=parts, protocol=record)

    def resampled(
        self,
        name: str,
        values: np.ndarray,
        parts: dict,
        reference: str,
        how: str,
        bounds: tuple = FREE,
        **details: Any,
    ) -> Result:
        """A measure from [1 + R] values: the estimate, then its replicates."""
        ends = interval(values[0], values[1:], "centred", self.protocol.level, bounds)
        details = {"resamples": len(values) - 1, **details}
        return self.measure(name, values[0], parts, reference, ends, how, **details)

    def halved(
        self,
        name: str,
        values: np.ndarray,
        parts: dict,
        reference: str,
        bounds: tuple = FREE,
        **details: Any,
    ) -> Result:
        """A plug-in measure from [1 + R] values of half-samples.

        Its part "extrapolated" is the value without a bias of order 1 / rows.
        """
        parts = {**parts, "extrapolated": float(extrapolated(values))}
        return self.resampled(name, values, parts, reference, HALVES, bounds, **details)

    def held_out(
        self,
        name: str,
        values: np.ndarray,
        parts: dict,
        reference: str,
        bounds: tuple = FREE,
        **details: Any,
    ) -> Result:
        """A measure of test rows from [1 + R] values, as `on_test_rows` gives them."""
        train, test = (len(rows) for rows in self.split)
        details = {"train": train, "test": test, **details}
        return self.resampled(name, values, parts, reference, HELD_OUT, bounds, **details)

    def refitted(
        self,
        name: str,
        values: np.ndarray,
        parts: dict,
        reference: str,
        bounds: tuple = FREE,
        **details: Any,
    ) -> Result:
        """A measure from [1 + R] values, replicates fitted anew on half-samples, R from 0."""
        ends, how = None, "none: protocol.refits is 0"
        if len(values) > 1:
            ends = interval(values[0], values[1:], "student", self.protocol.level, bounds)
            how = REFITTED
        details = {"refits": len(values) - 1, **details}
        return self.measure(name, values[0], parts, reference, ends, how, **details)

    def of_information(
        self, name: str, values: np.ndarray, parts: dict, reference: str, found: Information
    ) -> Result:
        """A measure in [0, 1] from [1 + R] values that were made of `found`."""
        make = {"halves": self.halved, "held_out": self.held_out, "refits": self.refitted}
        return make[found.replicates](name, values, parts, reference, (0, 1), **found.details)

    def _record(self, reference: str, how: str) -> dict:
        sample = self.sample
        return {
            "source": reference,
            "rows": sample.rows,
            "rows_left_out": sample.left_out,
            "unknown_labels": sample.unknown,
            "originals": None if sample.source is None else len(np.unique(sample.source)),
            "seed": self.seed,
            "level": self.protocol.level,
            "interval": how,
            "units": sample.unit_names,
            "blocks": sample.blocks is not None,
            "factors": [factor.name for factor in sample.factors],
            "continuous": [factor.name for factor in sample.factors if factor.continuous],
            "libraries": libraries(),
        }
