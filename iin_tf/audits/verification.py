"""Verification: do two examples share a factor? Error rates of the network's answer."""

import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from iin_tf.audits.calibration import Calibration
from iin_tf.audits.equal_error import EqualErrorRate
from iin_tf.audits.found import Found
from iin_tf.audits.inputs import check_network, check_resampling
from iin_tf.audits.outputs import transformed
from iin_tf.audits.verification_pairs import check_verified, drawn_pairs
from iin_tf.checks import InputError, shown
from iin_tf.results import Result, Results
from iin_tf.results.markdown import markdown
from iin_tf.statistics import TwoWay, interval, resampled

if TYPE_CHECKING:
    from iin_tf.models.interpretation_network import InterpretationNetwork

# What tells two examples apart, in the order of `Verification.error`.
SCORES = ("same", "block cosine", "raw cosine")


@dataclasses.dataclass(frozen=True)
class Verification(Found):
    """How well it is told whether two examples share a factor; see `verification_errors`.

    Attributes:
      factors: names of the K factors.
      error: [K, 3], the equal error rate by `network.same`, by the cosine of the factor's block
        and by the cosine of the representation (`SCORES`).
      interval: [K, 3, 2], its low and high end.
      cost: [K], the cost of `network.same` as a log-likelihood ratio, bits.
      cost_interval: [K, 2].
      calibrated: [K], the cost of the calibrated ratio, NaN of a factor without calibration.
      calibrated_interval: [K, 2].
      protocol: pairs, seed, resamples, level, source.
    """

    factors: tuple
    error: np.ndarray
    interval: np.ndarray
    cost: np.ndarray
    cost_interval: np.ndarray
    calibrated: np.ndarray
    calibrated_interval: np.ndarray
    protocol: dict

    def results(self) -> Results:
        """`verification/FACTOR/SCORE/error`, `/cost` and `/calibrated_cost`, with intervals."""
        found = []
        for f, name in enumerate(self.factors):
            for s, score in enumerate(SCORES):
                names = {"factor": name, "score": score}
                kind = "verification/{factor}/{score}/error"
                value, ends = self.error[f, s], self.interval[f, s]
                found.append(Result(kind, names, value, ends, protocol=self.protocol))
            costs = {
                "cost": (self.cost[f], self.cost_interval[f]),
                "calibrated_cost": (self.calibrated[f], self.calibrated_interval[f]),
            }
            found += [
                Result(f"verification/{{factor}}/{cost}", {"factor": name}, value, ends,
                       protocol=self.protocol)
                for cost, (value, ends) in costs.items()
                if not np.isnan(value)
            ]  # fmt: skip
        return Results(found)

    def markdown(self) -> str:
        """A table to paste: a row for each factor."""
        rows = []
        for f, name in enumerate(self.factors):
            values = [*self.error[f], self.cost[f], self.calibrated[f]]
            ends = [*self.interval[f], self.cost_interval[f], self.calibrated_interval[f]]
            cells = [
                "" if np.isnan(v) else f"{v:.3f} ({low:.3f} to {high:.3f})"
                for v, (low, high) in zip(values, ends, strict=True)
            ]
            rows.append([name, *cells])
        return markdown(["equal error rate", *SCORES, "cost of same, bits", "calibrated"], rows)


def verification_errors(
    network: "InterpretationNetwork",
    z: ArrayLike,
    labels: Mapping[str, ArrayLike],
    source: ArrayLike | None = None,
    pairs: int = 2000,
    seed: int = 0,
    *,
    calibration: Calibration | None = None,
    resamples: int = 500,
    level: float = 0.95,
) -> Verification:
    """Error rates of telling, from two examples, whether they share a factor.

    For each factor as many pairs that share it are drawn as pairs that do not, both of known
    labels and of two sources.  The equal error rate is where as many of the former are rejected
    as of the latter accepted.  The cost of `network.same` is
    `1/2 mean log2(1 + exp(-s)) + 1/2 mean log2(1 + exp(s))` over the two kinds: 0 of a perfect
    answer, 1 of one that always says "as likely as not", more of one that is confident and wrong.
    Intervals resample the sources of both members.

    Args:
      network: InterpretationNetwork.
      z: float [n, N], held-out examples.
      labels: mapping factor -> whole numbers or texts [n]; -1 and "" are unknown.
      source: whole numbers or texts [n], the original behind each row; None where every row is
        an original.
      pairs: pairs of each kind.
      seed: whole number.
      calibration: of `calibrated_same` on other examples, for the cost of calibrated ratios.
      resamples: bootstrap draws.
      level: coverage of the intervals.

    Returns:
      `Verification`.

    Raises:
      InputError: a factor that the network lacks, that is continuous, or of which no two sources
        share, or differ in, a label.

    Source: Brümmer and du Preez, "Application-independent evaluation of speaker detection",
    Computer Speech and Language 20 (2006), for the cost.
    """
    check_network(network, "transform", "same")
    z, known, source = check_verified(network, z, labels, source, pairs)
    check_resampling(seed, resamples, level)
    if not isinstance(calibration, Calibration | None):
        raise InputError(f"calibration is {shown(calibration)}; give what calibrated_same returned")
    protocol = {
        "pairs": pairs,
        "seed": seed,
        "resamples": resamples,
        "level": level,
        "resampled": "sources of both members",
        "interval": "percentile",
    }
    codes, found = transformed(network, z), []
    for label in known:
        random = np.random.default_rng(seed)
        first, second, same = drawn_pairs(label, source, pairs, random)
        scores = _scores(network, z, codes, label.name, first, second)
        ratios = [scores[0], _calibrated(calibration, scores[0], label.name)]
        plan = TwoWay(source[first], source[second], resamples, random)
        drawn = resampled(_estimates(scores, ratios, same), plan)
        ends = np.stack(interval(drawn[0], drawn[1:], "percentile", level), axis=-1)
        found.append((drawn[0], ends))
    values, ends = (np.stack(part) for part in zip(*found, strict=True))
    return Verification(
        factors=tuple(label.name for label in known),
        error=values[:, :-2],
        interval=ends[:, :-2],
        cost=values[:, -2],
        cost_interval=ends[:, -2],
        calibrated=values[:, -1],
        calibrated_interval=ends[:, -1],
        protocol=protocol,
    )


def _scores(network, z, codes, name, first, second):
    """What each of `SCORES` says of each pair, [3, P]."""
    block = codes[:, network.layout.slices[name]]
    same = np.asarray(network.same(z[first], z[second], name), np.float64)
    return np.stack([same, _cosine(block, first, second), _cosine(z, first, second)])


def _cosine(rows, first, second):
    rows = np.asarray(rows, np.float64)
    rows = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), np.finfo(float).tiny)
    return np.einsum("pn,pn->p", rows[first], rows[second])


def _calibrated(calibration, score, name):
    """The calibrated ratios, or NaN of a factor without calibration."""
    if calibration is None or name not in calibration.factors:
        return np.full_like(score, np.nan)
    return calibration(score, name)


def _estimates(scores, ratios, same):
    """The three equal error rates and the cost of each ratio, of weights [R, P]: [R, 5]."""
    rates = [EqualErrorRate(score, same) for score in scores]
    with np.errstate(invalid="ignore"):  # NaN of a ratio that is not calibrated stays NaN
        bits = [np.logaddexp(0, np.where(same, -ratio, ratio)) / np.log(2) for ratio in ratios]

    def cost(weights, bits):
        parts = (
            (weights[:, kind] @ bits[kind]) / weights[:, kind].sum(1) for kind in (same, ~same)
        )
        return sum(parts) / 2

    def estimates(weights):
        # A draw of few sources may lack one of the two kinds.
        weights = weights[weights[:, same].any(axis=1) & weights[:, ~same].any(axis=1)]
        costs = [cost(weights, one) for one in bits]
        return np.stack([*(rate.of(weights) for rate in rates), *costs], axis=1)

    return estimates
