"""What a response analysis returns, and several of them side by side."""

import dataclasses
from collections.abc import Mapping

import numpy as np

from iin_tf.results import Result, Results
from iin_tf.results.markdown import markdown


@dataclasses.dataclass(frozen=True)
class Response:
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

    @property
    def ignored(self):
        """Bool [K+1]: the block's upper end is at most `ignored_below * whole`."""
        return self.interval[:, 1] <= self.ignored_below * self.whole

    @property
    def share(self):
        """[K+1], `response / whole`; squared, Sobol's total effect.  0 for a constant function."""
        return self.response / (self.whole or 1.0)

    @property
    def share_interval(self):
        """[K+1, 2], `interval / whole`."""
        return self.interval / (self.whole or 1.0)

    def as_table(self):
        """Markdown: a row for each block, of all examples and then of each class."""
        percent = f"{100 * self.protocol['level']:g} % interval"
        header = ["examples", "block", "response", percent, "of the whole", "ignored"]
        # No mapping: a class may be called "all" too.
        groups = [("all", self), *self.classes.items()]
        return markdown(header, [row for name, one in groups for row in one._rows(name)])

    def _rows(self, group):
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
        """`response_whole`, and `response/BLOCK` with its `/share` and `/ignored`."""
        found = [Result("response_whole", {}, self.whole)]
        for k, name in enumerate(self.blocks):
            block = {"block": name}
            found += [
                Result("response/{block}", block, self.response[k], self.interval[k]),
                Result("response/{block}/share", block, self.share[k]),
                Result("response/{block}/ignored", block, int(self.ignored[k])),
            ]
        return Results(found)


@dataclasses.dataclass(frozen=True)
class ResponseComparison:
    """Responses of several models or layers, each as a fraction of its own whole spread.

    Attributes:
      results: mapping name -> `Response`.
    """

    results: dict

    @property
    def blocks(self):
        """Names of all blocks, in the order in which they first come."""
        return tuple(dict.fromkeys(name for one in self.results.values() for name in one.blocks))

    def as_table(self):
        """Markdown: a row for each block, a column for each result."""
        rows = [[block, *self._cells(block)] for block in self.blocks]
        return markdown(["block", *self.results], rows)

    def _cells(self, block):
        for one in self.results.values():
            if block not in one.blocks:
                yield None
                continue
            k = one.blocks.index(block)
            low, high = one.share_interval[k]
            mark = ", ignored" if one.ignored[k] else ""
            yield f"{one.share[k]:.3f} ({low:.3f} to {high:.3f}){mark}"

    def save(self, path):
        """Writes the comparison as a bar chart with intervals (PNG)."""
        from iin_tf.reporting.response_figures import save_response_comparison

        save_response_comparison(path, self)


def compare_responses(results):
    """Several models or layers side by side, in fractions of each one's whole spread.

    Outputs of different models have different units; `share`, which has none, compares.

    Args:
      results: mapping name -> `Response`.

    Returns:
      `ResponseComparison`, with `as_table()` and `save(path)`.

    Raises:
      ValueError: no result, or something else than a `Response`.
    """
    if not isinstance(results, Mapping) or not results:
        raise ValueError(f"results is {results!r}: give a mapping from a name to a Response")
    for name, one in results.items():
        if not isinstance(one, Response):
            raise ValueError(f"results[{name!r}] is a {type(one).__name__}: give a Response")
    return ResponseComparison(dict(results))
