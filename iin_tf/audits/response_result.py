"""What a response analysis returns, and several of them side by side."""

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from iin_tf.audits.found import Found
from iin_tf.checks import InputError, shown
from iin_tf.results import Result, Results
from iin_tf.results.markdown import markdown


@dataclasses.dataclass(frozen=True)
class Response(Found):
    """How much a function responds to each block; see `responses` for the definitions.

    Attributes:
      blocks: names of the K+1 blocks, residual first.
      outputs: names of the O outputs.
      response: [K+1], all outputs together, in the units of the outputs.
      interval: [K+1, 2], its low and high end.
      by_output: [K+1, O], the standard deviation of each output.
      by_output_interval: [K+1, O, 2].
      monte_carlo_error: [K+1], standard error of `response` from the draws alone.
      whole: standard deviation of all outputs together with all blocks resampled.
      whole_by_output: [O], the same of each output.
      ignored_below: fraction of `whole` that the upper end of an ignored block stays below.
      examples: number of held examples.
      classes: mapping class -> `Response` of its examples; `whole` is everybody's.
      protocol: draws, seed, resamples, level, the aggregating rule and its source.
      changed: [K+1], the fraction of draws that change the decision; None where nothing decides.
    """

    blocks: tuple
    outputs: tuple
    response: np.ndarray
    interval: np.ndarray
    by_output: np.ndarray
    by_output_interval: np.ndarray
    monte_carlo_error: np.ndarray
    whole: float
    whole_by_output: np.ndarray
    ignored_below: float
    examples: int
    classes: dict
    protocol: dict
    changed: np.ndarray | None = None

    @property
    def ignored(self) -> np.ndarray:
        """Bool [K+1]: the block's upper end is at most `ignored_below * whole`."""
        return self.interval[:, 1] <= self.ignored_below * self.whole

    @property
    def share(self) -> np.ndarray:
        """[K+1], `response / whole`; squared, Sobol's total effect.  0 for a constant function."""
        return self.response / (self.whole or 1.0)

    @property
    def share_interval(self) -> np.ndarray:
        """[K+1, 2], `interval / whole`."""
        return self.interval / (self.whole or 1.0)

    def markdown(self) -> str:
        """A table to paste: a row for each block, of all examples and then of each class."""
        percent = f"{100 * self.protocol['level']:g} % interval"
        header = ["examples", "block", "response", percent, "of the whole", "ignored"]
        # No mapping: a class may be called "all" too.
        groups = [("all", self), *self.classes.items()]
        return markdown(header, [row for name, one in groups for row in one._rows(name)])

    def _rows(self, group: str) -> Iterator[list]:
        for k, block in enumerate(self.blocks):
            low, high = self.interval[k]
            yield [
                group,
                block,
                f"{self.response[k]:.3f}",
                f"{low:.3f} to {high:.3f}",
                f"{self.share[k]:.3f}",
                "yes" if self.ignored[k] else "no",
            ]

    def results(self) -> Results:
        """`response_whole`, and `response/BLOCK` with `/share`, `/ignored` and `/changed`."""
        about: dict[str, Any] = {"protocol": self.protocol}
        found = [Result("response_whole", {}, self.whole, **about)]
        for k, name in enumerate(self.blocks):
            block = {"block": name}
            found += [
                Result("response/{block}", block, self.response[k], self.interval[k], **about),
                Result("response/{block}/share", block, self.share[k], **about),
                Result("response/{block}/ignored", block, int(self.ignored[k]), **about),
            ]
            if self.changed is not None:
                found.append(Result("response/{block}/changed", block, self.changed[k], **about))
        return Results(found)


@dataclasses.dataclass(frozen=True)
class ResponseComparison:
    """Responses of several models or layers, each as a fraction of its own whole spread.

    Attributes:
      responses: mapping name -> `Response`.
    """

    responses: dict

    @property
    def blocks(self) -> tuple:
        """Names of all blocks, in the order in which they first come."""
        return tuple(dict.fromkeys(name for one in self.responses.values() for name in one.blocks))

    def markdown(self) -> str:
        """A table to paste: a row for each block, a column for each result."""
        rows = [[block, *self._cells(block)] for block in self.blocks]
        return markdown(["block", *self.responses], rows)

    def _cells(self, block: str) -> Iterator[str | None]:
        for one in self.responses.values():
            if block not in one.blocks:
                yield None
                continue
            k = one.blocks.index(block)
            low, high = one.share_interval[k]
            mark = ", ignored" if one.ignored[k] else ""
            yield f"{one.share[k]:.3f} ({low:.3f} to {high:.3f}){mark}"


def compare_responses(results: Mapping[str, Response]) -> ResponseComparison:
    """Several models or layers side by side, in fractions of each one's whole spread.

    Outputs of different models have different units; `share`, which has none, compares.

    Args:
      results: mapping name -> `Response`.

    Returns:
      `ResponseComparison`, with `markdown()`; `reporting.save_response_comparison` draws it.

    Raises:
      InputError: no result, or something else than a `Response`.
    """
    if not isinstance(results, Mapping) or not results:
        raise InputError(f"results is {shown(results)}; give a mapping from a name to a Response")
    for name, one in results.items():
        if not isinstance(one, Response):
            raise InputError(f"results[{name!r}] is {shown(one)}; give a Response")
    return ResponseComparison(dict(results))
