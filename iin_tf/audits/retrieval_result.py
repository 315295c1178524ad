"""What retrieval by block finds."""

import dataclasses

import numpy as np

from iin_tf.audits.found import Found
from iin_tf.results import Result, Results
from iin_tf.results.markdown import markdown


@dataclasses.dataclass(frozen=True)
class Retrieval(Found):
    """How well neighbours in each block agree in each factor; see `retrieval_by_block`.

    Attributes:
      blocks: names of the B blocks.
      factors: names of the K factors.
      score: [B, K]: precision at k of a categorical factor, mean absolute difference of a
        continuous one.
      interval: [B, K, 2], its low and high end.
      chance: [K], the score of other examples at random.
      kind: [K], "precision" (higher is closer) or "difference" (lower is closer).
      known: [K], number of rows whose label is known; the others were left out.
      protocol: k, queries, seed, resamples, level, the search.
    """

    blocks: tuple
    factors: tuple
    score: np.ndarray
    interval: np.ndarray
    chance: np.ndarray
    kind: tuple
    known: tuple
    protocol: dict

    def results(self) -> Results:
        """`retrieval/BLOCK/FACTOR/precision` or `/difference`, with its interval and chance."""
        kinds = [f"retrieval/{{block}}/{{factor}}/{kind}" for kind in self.kind]
        return Results(
            Result(
                kinds[f],
                {"block": block, "factor": factor},
                self.score[b, f],
                self.interval[b, f],
                null=self.chance[f],
                parts={"known": self.known[f]},
                protocol=self.protocol,
            )
            for b, block in enumerate(self.blocks)
            for f, factor in enumerate(self.factors)
        )

    def markdown(self) -> str:
        """A table to paste: a row for each block, the last for chance; a column for each factor."""
        titles = [f"{name} ({kind})" for name, kind in zip(self.factors, self.kind, strict=True)]
        rows = []
        for block, scores, intervals in zip(self.blocks, self.score, self.interval, strict=True):
            ends = zip(scores, intervals, strict=True)
            rows.append([block, *(f"{s:.3f} ({low:.3f} to {high:.3f})" for s, (low, high) in ends)])
        rows.append(["chance", *(f"{value:.3f}" for value in self.chance)])
        if len({self.protocol["rows"], *self.known}) > 1:
            rows.append(["rows with a known label", *self.known])
        return markdown(["neighbours in", *titles], rows)
