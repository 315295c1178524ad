"""Pairs of examples with similar values of a continuous factor."""

from collections.abc import Mapping, Sequence

import numpy as np

from iin_tf.checks import InputError, is_missing, number, whole
from iin_tf.data.labels import (
    check_factors,
    check_labels,
    check_source,
    continuous_numbers,
    cumulative_weights,
)
from iin_tf.data.pairs.label_kernel import SquaredExponential, check_kernels
from iin_tf.data.pairs.label_neighbors import near_partners
from iin_tf.data.stateless import MOST, Stream, check_seed, draw_by_weight, generator

_LOOKUPS = 1_000_000
_FEWEST, _MOST = 8, 64
# Correlations are float32; the first one below 1.
_ONE = np.nextafter(np.float32(1), np.float32(0))


class ContinuousPairs:
    """Pairs that share a continuous factor with the correlation cap * k(y_a, y_b).

    The first member is uniform over the examples whose label is known, the second one of its
    neighbours, which lie about a length scale away and stem from other sources; they are found
    when the sampler is made, and a draw only looks one up.  The correlation given is that of the
    labels of the pair drawn, whatever its distance.

    Args:
      labels: mapping name -> [n] or [n, channels] numbers, or a data frame; NaN, and a negative
        whole number, mean "unknown": such an example never takes part in a pair for that factor.
      factors: names in the order of the layout's blocks; block k + 1 is factors[k].
      kernels: mapping factor -> `SquaredExponential`; the factors that are drawn here.
      source: whole numbers or texts [n], the original that an example is a view of; the two
        members of a pair never stem from one.  By default every example is a thing of its own.
      cap: in (0, 1), the correlation of equal labels; at 1 the likelihood has no bound.
      partners: neighbours kept for each example and factor; by default 64, and fewer from
        16,000 examples on, down to 8, so that finding them takes seconds.
      weights: mapping factor -> positive number; by default all are drawn equally often.
      seed: partners and pairs are pure functions of it.

    Attributes:
      periods: dict name -> period, of the factors whose labels lie on a circle.

    Raises:
      InputError: labels that are not numbers, unknown names, fewer than two sources.
    """

    def __init__(
        self,
        labels: Mapping[str, object],
        factors: Sequence[str],
        *,
        kernels: Mapping[str, SquaredExponential],
        source: object = None,
        cap: float = 0.99,
        partners: int | None = None,
        weights: Mapping[str, float] | None = None,
        seed: int = 0,
    ):
        self.labels, self.examples = check_labels(labels)
        self.factors = check_factors(factors)
        self.source = check_source(source, self.examples)
        self.seed = check_seed(seed)
        kernels = check_kernels(kernels, set(self.factors) & set(self.labels))
        drawn = check_factors(kernels, argument="kernels")
        self._cumulative = cumulative_weights(weights, drawn)
        self._cap = number(cap, "cap", above=0, below=float(_ONE))
        if partners is None:
            partners = max(_FEWEST, min(_MOST, _LOOKUPS // self.examples))
        partners = whole(partners, "partners", least=1, most=MOST // self.examples)
        self.blocks = np.isin(["residual", *self.factors], drawn)
        self.periods = {name: kernels[name].period for name in drawn if kernels[name].period}
        values = {name: continuous_numbers(name, self.labels[name]) for name in drawn}
        self._block = np.array([self.factors.index(name) + 1 for name in drawn])
        embedded = [kernels[name].embed(values[name]) for name in drawn]
        width = max(points.shape[1] for points in embedded)
        self._points = np.stack([np.pad(e, [(0, 0), (0, width - e.shape[1])]) for e in embedded])
        self._find_partners(values, kernels, partners)

    def draw(self, count: int, step: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The pairs of one step.

        Returns:
          index_a int64 [count], index_b int64 [count], correlations float32 [count, K + 1], zero
          but for the factor drawn.
        """
        random = generator(self.seed, step, Stream.PAIRS)
        factor = draw_by_weight(random, count, self._cumulative)
        row = self._first_row[factor] + random.integers(self._row_count[factor])
        place = random.integers(self._partners.shape[1], size=count)
        index_a, index_b = self._example[row], self._partners[row, place].astype(np.int64)
        difference = self._points[factor, index_a] - self._points[factor, index_b]
        shared = np.zeros((count, len(self.factors) + 1), dtype=np.float32)
        correlation = self._cap * np.exp(-0.5 * (difference**2).sum(axis=1))
        shared[np.arange(count), self._block[factor]] = correlation
        return index_a, index_b, shared

    def _find_partners(self, values, kernels, count):
        random = generator(self.seed, 0, Stream.NEIGHBOURS)
        examples, partners = [], []
        for name, numbers in values.items():
            known = np.flatnonzero(~is_missing(numbers))
            source = self.source[known]
            if len(known) == 0 or (source == source[0]).all():
                raise InputError(
                    f"factors: no pair shares {name!r}, because its {len(known)} labelled examples "
                    "do not stem from two sources; label more examples or leave the factor out"
                )
            near = near_partners(numbers[known], kernels[name], source, count, random)
            examples.append(known)
            partners.append(known.astype(np.int32)[near])
        self._row_count = np.array([len(known) for known in examples])
        self._first_row = np.cumsum(self._row_count) - self._row_count
        self._example, self._partners = np.concatenate(examples), np.concatenate(partners)
