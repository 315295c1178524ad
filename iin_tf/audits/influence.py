"""Indirect influence: how much each block moves a decision, whatever carries it there."""

import dataclasses
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from iin_tf import algebra, checks
from iin_tf.audits.found import Found
from iin_tf.audits.inputs import (
    MOST,
    check_callable,
    check_network,
    check_resampling,
    latent_rows,
    source_codes,
)
from iin_tf.audits.outputs import ROWS, outputs_at, sizes, transformed
from iin_tf.checks import InputError
from iin_tf.results import Result, Results, interval_text
from iin_tf.results.markdown import markdown
from iin_tf.statistics import Bootstrap, interval, means, resampled

if TYPE_CHECKING:
    from iin_tf.models.interpretation_network import InterpretationNetwork

SOURCE = (
    "Marx et al. 2019, Disentangling Influence (influence of disentangled factors); Strumbelj & "
    "Kononenko 2014 (sampled Shapley values); Mitchell et al. 2022 (antithetic permutations)"
)


@dataclasses.dataclass(frozen=True)
class Influence(Found):
    """Shapley values of the blocks; see `indirect_influence`.

    Attributes:
      blocks: names of the K+1 blocks, residual first.
      influence: [K+1], root mean square Shapley value, in units of the decision.
      interval: [K+1, 2], its low and high end.
      local: [n, K+1], Shapley values of each example; with the baseline, a row sums to the
        decision on that example, up to the Monte Carlo error of the baseline.
      local_error: [n, K+1], their standard errors from the draws.
      baseline: mean decision over the network's marginal.
      protocol: draws, seed, resamples, level, source.
    """

    blocks: tuple
    influence: np.ndarray
    interval: np.ndarray
    local: np.ndarray
    local_error: np.ndarray
    baseline: float
    protocol: dict

    def results(self) -> Results:
        """`influence/BLOCK` with its interval, and `influence_baseline`."""
        found = [Result("influence_baseline", {}, self.baseline, protocol=self.protocol)]
        for k, block in enumerate(self.blocks):
            parts = {"local": self.local[:, k], "local_error": self.local_error[:, k]}
            value, ends = self.influence[k], self.interval[k]
            about: dict[str, Any] = {"parts": parts, "protocol": self.protocol}
            found.append(Result("influence/{block}", {"block": block}, value, ends, **about))
        return Results(found)

    def markdown(self) -> str:
        """A table to paste: a row for each block."""
        rows = [
            [block, float(value), interval_text(ends)]
            for block, value, ends in zip(self.blocks, self.influence, self.interval, strict=True)
        ]
        percent = f"{100 * self.protocol['level']:g} % interval"
        return markdown(["block", "influence", percent], rows)


def indirect_influence(
    network: "InterpretationNetwork",
    z: ArrayLike,
    decision: Callable[[np.ndarray], ArrayLike],
    draws: int = 100,
    seed: int = 0,
    *,
    source: ArrayLike | None = None,
    resamples: int = 1000,
    level: float = 0.95,
) -> Influence:
    """How much each block moves a decision, though the decision takes other inputs.

    The influence of a factor need not enter by a feature of its name: proxies carry it.  So it is
    computed over the blocks of z_tilde instead of the decision's inputs.  Block k's Shapley value
    on example i is the mean change of the decision when block k of a random background example
    is replaced by example i's, over orders of the blocks and backgrounds from N(0, I), where the
    blocks are independent: fixing some says nothing about the others.  A block that the decision
    does not depend on has exactly 0 (up to rounding of the inversion).

    Sampled with `draws` pairs of an order and its reverse for each example.  The influence is
    sqrt(mean_i value_ik^2); the squares' Monte Carlo error, which would add to them, is taken off.
    Intervals resample the sources of the examples; of a few only they are too narrow.

    Args:
      network: InterpretationNetwork.
      z: float [n, N], examples that are decided on.
      decision: latents (array [B, N]) -> floats or bools [B]: a score, probability or yes/no.
      draws: for each example, at least 2; each costs 2 (K + 2) evaluations.
      seed: whole number.
      source: whole numbers or texts [n], the original behind each example; None where every
        example is an original.
      resamples: bootstrap draws.
      level: coverage of the intervals.

    Returns:
      `Influence`.

    Raises:
      InputError: fewer than two examples, rows of the wrong width or not finite, or a decision
        that does not give one finite float or bool for each latent.

    Source: Marx, Phillips, Friedler, Scheidegger and Venkatasubramanian (2019), Disentangling
    Influence: Using Disentangled Representations to Audit Model Predictions; sampling of Shapley
    values: Strumbelj and Kononenko (2014); orders and their reverses: Mitchell, Cooper, Frank and
    Holmes (2022), Sampling Permutations for Shapley Value Estimation.
    """
    checks.whole(draws, "draws", 2, MOST)
    check_resampling(seed, resamples, level)
    check_network(network, "transform", "invert")
    check_callable(decision, "decision")
    z = latent_rows(network, z, least=2)
    source = source_codes(source, len(z))
    z_tilde = transformed(network, z)
    width = outputs_at(network, decision, z_tilde[:2]).shape[1]
    if width != 1:
        raise InputError(f"decision returned {width} outputs a latent; give one number: [B]")
    random = np.random.default_rng(seed)
    values, errors, baseline = _shapley(network, decision, z_tilde, draws, random)
    # E[estimate^2] = value^2 + error^2.
    squares = resampled(means(values**2 - errors**2), Bootstrap(len(z), resamples, random, source))
    ends = np.stack(interval(squares[0], squares[1:], "percentile", level), axis=-1)
    settings: dict[str, Any] = {
        "draws": draws,
        "seed": seed,
        "resamples": resamples,
        "level": level,
    }
    settings |= {"resampled": "sources of the examples", "interval": "percentile"}
    return Influence(
        blocks=network.layout.names,
        influence=_root(squares[0]),
        interval=_root(ends),
        local=values,
        local_error=errors,
        baseline=baseline,
        protocol=settings | {"source": SOURCE},
    )


def _shapley(
    network: "InterpretationNetwork",
    decision: Callable,
    z_tilde: np.ndarray,
    draws: int,
    random: np.random.Generator,
) -> tuple:
    """Shapley values [n, K+1], their standard errors [n, K+1] and the mean decision."""
    blocks = len(network.layout.sizes)
    at_once = max(1, ROWS // (2 * draws * (blocks + 1)))
    values, errors, baseline = [], [], []
    for start in range(0, len(z_tilde), at_once):
        held = z_tilde[start : start + at_once]
        # More draws than `ROWS` are those of one example, a part at a time.
        parts = [
            _sampled(network, decision, np.repeat(held, size, axis=0), random)
            for size in sizes(draws)
        ]
        changes = np.concatenate([change for change, _ in parts])
        changes = changes.reshape(len(held), draws, blocks)
        values.append(changes.mean(axis=1))
        errors.append(changes.std(axis=1, ddof=1) / np.sqrt(draws))
        baseline += [decided for _, decided in parts]
    return np.concatenate(values), np.concatenate(errors), float(np.concatenate(baseline).mean())


def _sampled(
    network: "InterpretationNetwork",
    decision: Callable,
    examples: np.ndarray,
    random: np.random.Generator,
) -> tuple:
    """As `_changes`, the mean over a random order and its reverse, from random backgrounds."""
    blocks = len(network.layout.sizes)
    order = np.argsort(random.random((len(examples), blocks)), axis=1)
    background = random.standard_normal(examples.shape)
    both = [
        _changes(network, decision, examples, background, one) for one in (order, order[:, ::-1])
    ]
    return np.mean([change for change, _ in both], axis=0), both[0][1]


def _changes(
    network: "InterpretationNetwork",
    decision: Callable,
    examples: np.ndarray,
    background: np.ndarray,
    order: np.ndarray,
) -> tuple:
    """What each block changes when it joins in `order`, [D, K+1], and the start's decision [D]."""
    place = np.argsort(order, axis=1)
    decided = []
    for joined in range(order.shape[1] + 1):
        rows = algebra.exchange(network.layout, background, examples, place < joined)
        decided.append(outputs_at(network, decision, rows)[:, 0])
    steps = np.diff(np.stack(decided, axis=1), axis=1)
    return np.take_along_axis(steps, place, axis=1), decided[0]


def _root(values: np.ndarray) -> np.ndarray:
    return np.sqrt(np.maximum(values, 0))
