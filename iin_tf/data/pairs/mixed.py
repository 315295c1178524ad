"""Several sources of pairs in one batch."""

from collections.abc import Mapping, Sequence

import numpy as np

from iin_tf.checks import InputError, number, shown
from iin_tf.data.labels import check_factors, cumulative_weights, mapping
from iin_tf.data.stateless import Stream, check_seed, draw_by_weight, generator


class MixedPairs:
    """Every batch holds pairs of all parts, in proportion to their weights.

    Args:
      parts: mapping name -> a source of pairs over the same examples (`PairSampler`,
        `ContinuousPairs`, `PairTable`, `TransformationPairs`).
      factors: names in the order of the layout's blocks; holds the factors of all parts.
      correlation: mapping factor (or "residual") -> correlation in [0, 1), for parts that only
        say what is shared, where other parts give correlations; not needed where all parts are of
        one kind.
      weights: mapping part -> positive number; by default all are drawn equally often.
      seed: of the order within a batch; the parts keep their own seeds.

    Raises:
      InputError: parts over different examples, unknown names, a missing correlation.
    """

    def __init__(
        self,
        parts: Mapping[str, object],
        factors: Sequence[str],
        *,
        correlation: Mapping[str, float] | None = None,
        weights: Mapping[str, float] | None = None,
        seed: int = 0,
    ):
        self._parts = _parts(parts)
        self.factors = check_factors(factors)
        self.seed = check_seed(seed)
        self._cumulative = cumulative_weights(weights, tuple(self._parts))
        first = next(iter(self._parts.values()))
        self.examples, self.source = first.examples, first.source
        self.labels: dict[str, np.ndarray] = {}
        self.periods: dict[str, float] = {}
        for name, part in self._parts.items():
            check_factors(part.factors, self.factors, f"parts[{name!r}]")
            if not np.array_equal(part.source, self.source):
                raise InputError(
                    f"parts[{name!r}] has other examples or sources than the first part; "
                    "make all parts from one store"
                )
            self.labels |= part.labels
            self.periods |= getattr(part, "periods", {})
        self._columns = {
            name: [0, *(self.factors.index(factor) + 1 for factor in part.factors)]
            for name, part in self._parts.items()
        }
        self.blocks = np.zeros(len(self.factors) + 1, dtype=bool)
        for name, part in self._parts.items():
            self.blocks[self._columns[name]] |= part.blocks
        self._set_correlations(correlation)

    def draw(self, count: int, step: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The pairs of one step.

        Returns:
          index_a int64 [count], index_b int64 [count], shared [count, K + 1], bool where all parts
          say only what is shared, else float32 correlations.
        """
        random = generator(self.seed, step, Stream.MIXTURE)
        chosen = draw_by_weight(random, count, self._cumulative)
        index_a, index_b = np.empty(count, np.int64), np.empty(count, np.int64)
        shared = np.zeros((count, len(self.factors) + 1), self._type)
        for place, (name, part) in enumerate(self._parts.items()):
            rows = np.flatnonzero(chosen == place)
            # Parts with equal seeds must not read the same random numbers.
            step_of_part = int(step) * len(self._parts) + place
            index_a[rows], index_b[rows], known = part.draw(len(rows), step_of_part)
            if known.dtype != self._type:
                known = known * self._correlation[self._columns[name]]
            shared[np.ix_(rows, np.array(self._columns[name]))] = known
        return index_a, index_b, shared

    def _set_correlations(self, correlation):
        types = {name: part.draw(1, 0)[2].dtype for name, part in self._parts.items()}
        self._type = np.result_type(*types.values())
        if self._type.kind == "b":
            if correlation is not None:
                raise InputError("correlation is given, but no part gives correlations; omit it")
            return
        names, given = ("residual", *self.factors), mapping(correlation, "correlation")
        for name, value in given.items():
            if name not in names:
                raise InputError(f"correlation names {name!r}; give some of {list(names)}")
            number(value, f"correlation[{name!r}]", least=0, below=1)
            if np.float32(value) == 1:
                raise InputError(
                    f"correlation[{name!r}] is {value!r}, which rounds to 1; give a smaller number"
                )
        for part, type_of_part in types.items():
            if type_of_part.kind != "b":
                continue
            shared = np.array(self._columns[part])[self._parts[part].blocks]
            missing = [names[block] for block in shared if names[block] not in given]
            if missing:
                raise InputError(
                    f"correlation lacks {missing}: parts[{part!r}] only says what is shared, "
                    "while other parts give correlations; name them too"
                )
        self._correlation = np.array([given.get(name, 0) for name in names], self._type)


def _parts(parts):
    parts = mapping(parts, "parts")
    if not parts:
        raise InputError("parts is empty; give at least one source of pairs")
    for name, part in parts.items():
        lacking = [
            attribute
            for attribute in ("draw", "factors", "examples", "source", "labels", "blocks")
            if not hasattr(part, attribute)
        ]
        if lacking:
            raise InputError(
                f"parts[{name!r}] is {shown(part)}, which lacks {lacking}; give a sampler"
            )
    return parts
