"""Resampling plans: what each draw takes, in chunks of bounded memory.

`Bootstrap`, `Strata` and `TwoWay` give weights, how often each row is taken; `HalfSamples` and
`Permutations` give row numbers.  A plan with a whole number, or a list of them, as its seed
can be gone through again and gives the same draws; a generator is used up, as by NumPy.
"""

import dataclasses
from collections.abc import Iterator, Sequence

import numpy as np

# Numbers in one chunk of weights: 32 MB of float64.
CHUNK = 1 << 22
# What `numpy.random.default_rng` takes.
Seed = int | Sequence[int] | np.random.Generator


@dataclasses.dataclass(frozen=True)
class Bootstrap:
    """Rows, or sources with all of their rows, drawn with replacement.

    Args:
      rows: number of rows n.
      resamples: number of draws.
      seed: as `numpy.random.default_rng` takes it.
      source: the original behind each row, [n]; None where every row is an original.

    Source: Efron & Tibshirani 1993, "An Introduction to the Bootstrap", chapters 6 and 8.
    """

    rows: int
    resamples: int
    seed: Seed
    source: np.ndarray | None = None

    def chunks(self, width: int = 0) -> Iterator[np.ndarray]:
        """Yields weights [draws, n] float64, `resamples` draws in all.

        Args:
          width: numbers a draw that memory has to hold, where these are more than n.
        """
        count, places = _sources(self.rows, self.source)
        share, random = np.full(count, 1 / count), np.random.default_rng(self.seed)
        for draws in _sizes(self.resamples, max(count, self.rows, width)):
            counts = random.multinomial(count, share, size=draws).astype(np.float64)
            yield counts if places is None else counts[:, places]


@dataclasses.dataclass(frozen=True)
class TwoWay:
    """Pairs weighted by the product of their two members' counts.

    One example takes part in many pairs, so pairs are not independent: examples, not pairs,
    are drawn.  The few draws that hold no pair are left out.

    Args:
      first, second: int [P], the example (or its original) behind each member.
      resamples: number of draws.
      seed: as `numpy.random.default_rng` takes it.

    Source: Owen 2007, "The pigeonhole bootstrap", Annals of Applied Statistics 1(2).
    """

    first: np.ndarray
    second: np.ndarray
    resamples: int
    seed: Seed

    @property
    def rows(self) -> int:
        """Number of pairs P."""
        return len(self.first)

    def chunks(self) -> Iterator[np.ndarray]:
        """Yields weights [draws, P] float64, `resamples` draws at most."""
        examples, places = np.unique(np.concatenate([self.first, self.second]), return_inverse=True)
        first, second = np.split(places, 2)
        whole = Bootstrap(len(examples), self.resamples, self.seed)
        for counts in whole.chunks():
            # A chunk of examples may be a long one of pairs.
            for some in np.array_split(counts, _pieces(len(counts), self.rows)):
                weights = some[:, first] * some[:, second]
                weights = weights[weights.any(axis=1)]
                if len(weights):
                    yield weights


@dataclasses.dataclass(frozen=True)
class Strata:
    """Rows of several samples side by side, each sample drawn among its own.

    Args:
      samples: `Bootstrap`s of as many draws and independent seeds each.

    Source: Efron & Tibshirani 1993, section 8.3, the two-sample problem.
    """

    samples: tuple

    @property
    def rows(self) -> int:
        """Number of rows of all samples."""
        return sum(plan.rows for plan in self.samples)

    @property
    def resamples(self) -> int:
        """Number of draws."""
        return self.samples[0].resamples

    def chunks(self) -> Iterator[np.ndarray]:
        """Yields weights [draws, rows] float64, samples side by side in their order."""
        plans = [plan.chunks(self.rows) for plan in self.samples]
        for parts in zip(*plans, strict=True):
            yield np.concatenate(parts, axis=1)


@dataclasses.dataclass(frozen=True)
class HalfSamples:
    """Half of the rows, or of the sources with all of their rows, without replacement.

    A bootstrap repeats rows, which adds information to a plug-in estimate that is not there.
    Half-samples repeat none.  Their spread is the one of the full sample, because
    1/(n/2) - 1/n = 1/n, and their shift is the estimator's bias at n, for a bias of order 1/n.

    Args:
      rows: number of rows n.
      resamples: number of draws.
      seed: as `numpy.random.default_rng` takes it.
      source: the original behind each row, [n]; None where every row is an original.

    Source: Politis, Romano & Wolf 1999, "Subsampling", section 2.3.
    """

    rows: int
    resamples: int
    seed: Seed
    source: np.ndarray | None = None

    def draws(self) -> Iterator[np.ndarray]:
        """Yields `resamples` arrays of row numbers."""
        count, places = _sources(self.rows, self.source)
        random = np.random.default_rng(self.seed)
        for _ in range(self.resamples):
            half = random.choice(count, count // 2, replace=False)
            yield half if places is None else np.flatnonzero(np.isin(places, half))


@dataclasses.dataclass(frozen=True)
class Permutations:
    """Row numbers whose labels make codes and labels independent.

    With `source`, sources change places: the rows of one get the labels of another one's rows
    in their order, from the first again where it has fewer, the first ones where it has more.
    So what rows of one source have in common stays together, whatever the sources' sizes.
    This is an exact permutation where labels belong to sources, or where all sources have as
    many rows.  Otherwise labels that repeat within a source can only widen the null.

    Args:
      rows: number of rows n.
      resamples: number of permutations.
      seed: as `numpy.random.default_rng` takes it.
      source: the original behind each row, [n]; None where every row is an original.

    Source: Winkler et al. 2015, "Multi-level block permutation", NeuroImage 123, for whole
    blocks of one size.
    """

    rows: int
    resamples: int
    seed: Seed
    source: np.ndarray | None = None

    def draws(self) -> Iterator[np.ndarray]:
        """Yields `resamples` int arrays [n]: the row whose labels each row gets."""
        count, places = _sources(self.rows, self.source)
        random = np.random.default_rng(self.seed)
        if places is None:
            for _ in range(self.resamples):
                yield random.permutation(count)
            return
        members, sizes = np.argsort(places, kind="stable"), np.bincount(places)
        starts = np.cumsum(sizes) - sizes
        within = np.empty(self.rows, np.int64)
        within[members] = np.arange(self.rows) - np.repeat(starts, sizes)
        for _ in range(self.resamples):
            giver = random.permutation(count)[places]
            yield members[starts[giver] + within % sizes[giver]]


def _sources(rows: int, source: np.ndarray | None) -> tuple[int, np.ndarray | None]:
    """How many things are drawn, and the one that each row belongs to (None: itself)."""
    if source is None:
        return rows, None
    ids, places = np.unique(source, return_inverse=True)
    return len(ids), places


def _pieces(draws: int, width: int) -> int:
    """Into how many chunks so many draws of this width go."""
    return -(-draws // max(1, CHUNK // max(1, width)))


def _sizes(resamples: int, width: int) -> Iterator[int]:
    at_once = max(1, CHUNK // max(1, width))
    for start in range(0, resamples, at_once):
        yield min(at_once, resamples - start)
