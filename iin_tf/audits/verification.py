"""Verification: do two examples share a factor? Error rates of the network's answer."""

import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from iin_tf import checks
from iin_tf.audits.equal_error import EqualErrorRate
from iin_tf.audits.found import Found
from iin_tf.audits.inputs import (
    check_network,
    check_resampling,
    latent_rows,
    read_labels,
    source_codes,
)
from iin_tf.audits.outputs import transformed
from iin_tf.checks import InputError
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
      protocol: pairs, seed, resamples, level, source.
    """

    factors: tuple
    error: np.ndarray
    interval: np.ndarray
    cost: np.ndarray
    cost_interval: np.ndarray
    protocol: dict

    def results(self) -> Results:
        """`verification/FACTOR/SCORE/error` and `verification/FACTOR/cost`, with intervals."""
        found = []
        for f, name in enumerate(self.factors):
            for s, score in enumerate(SCORES):
                names = {"factor": name, "score": score}
                kind = "verification/{factor}/{score}/error"
                value, ends = self.error[f, s], self.interval[f, s]
                found.append(Result(kind, names, value, ends, protocol=self.protocol))
            kind, value, ends = "verification/{factor}/cost", self.cost[f], self.cost_interval[f]
            found.append(Result(kind, {"factor": name}, value, ends, protocol=self.protocol))
        return Results(found)

    def markdown(self) -> str:
        """A table to paste: a row for each factor."""
        rows = []
        for f, name in enumerate(self.factors):
            values = [*self.error[f], self.cost[f]]
            ends = [*self.interval[f], self.cost_interval[f]]
            cells = [
                f"{v:.3f} ({low:.3f} to {high:.3f})"
                for v, (low, high) in zip(values, ends, strict=True)
            ]
            rows.append([name, *cells])
        return markdown(["equal error rate", *SCORES, "cost of same, bits"], rows)


def verification_errors(
    network: "InterpretationNetwork",
    z: ArrayLike,
    labels: Mapping[str, ArrayLike],
    source: ArrayLike | None = None,
    pairs: int = 2000,
    seed: int = 0,
    *,
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
    z = latent_rows(network, z)
    known = read_labels(labels, len(z))
    source = source_codes(source, len(z))
    checks.whole(pairs, "pairs", 1)
    check_resampling(seed, resamples, level)
    for label in known:
        network.layout.index(label.name)
        if label.continuous:
            raise InputError(
                f"labels[{label.name!r}] holds floats; give classes, of which two examples share "
                "one or do not"
            )
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
        first, second, same = _pairs(label, source, pairs, random)
        scores = _scores(network, z, codes, label.name, first, second)
        plan = TwoWay(source[first], source[second], resamples, random)
        drawn = resampled(_estimates(scores, same), plan)
        ends = np.stack(interval(drawn[0], drawn[1:], "percentile", level), axis=-1)
        found.append((drawn[0], ends))
    values, ends = (np.stack(part) for part in zip(*found, strict=True))
    return Verification(
        factors=tuple(label.name for label in known),
        error=values[:, :-1],
        interval=ends[:, :-1],
        cost=values[:, -1],
        cost_interval=ends[:, -1],
        protocol=protocol,
    )


def _pairs(label, source, count, random):
    """First and second rows int [2 count], and which pairs share the label, bool [2 count]."""
    rows = np.flatnonzero(label.known)
    firsts, seconds = [], []
    for share in (True, False):
        first, second = np.empty(0, int), np.empty(0, int)
        # A few times what is wanted: pairs of one source are left out.
        for _ in range(100):
            a = random.choice(rows, 2 * count)
            b = _partners(label.values, rows, a, random) if share else random.choice(rows, len(a))
            equal = label.values[a] == label.values[b]
            kept = (source[a] != source[b]) & (equal == share)
            first, second = np.append(first, a[kept]), np.append(second, b[kept])
            if len(first) >= count:
                break
        if len(first) < count:
            what = "share" if share else "differ in"
            raise InputError(
                f"labels[{label.name!r}]: hardly two examples of different sources {what} it; "
                "give more examples, or leave the factor out"
            )
        firsts.append(first[:count])
        seconds.append(second[:count])
    return np.concatenate(firsts), np.concatenate(seconds), np.repeat([True, False], count)


def _partners(values, rows, first, random):
    """For each of `first` a random row with its label, perhaps itself."""
    order = rows[np.argsort(values[rows], kind="stable")]
    sorted_values = values[order]
    start = np.searchsorted(sorted_values, values[first], side="left")
    stop = np.searchsorted(sorted_values, values[first], side="right")
    return order[random.integers(start, stop)]


def _scores(network, z, codes, name, first, second):
    """What each of `SCORES` says of each pair, [3, P]."""
    block = codes[:, network.layout.slices[name]]
    same = np.asarray(network.same(z[first], z[second], name), np.float64)
    return np.stack([same, _cosine(block, first, second), _cosine(z, first, second)])


def _cosine(rows, first, second):
    rows = np.asarray(rows, np.float64)
    rows = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), np.finfo(float).tiny)
    return np.einsum("pn,pn->p", rows[first], rows[second])


def _estimates(scores, same):
    """The three equal error rates and the cost, of weights [R, P]: [R, 4]."""
    rates = [EqualErrorRate(score, same) for score in scores]
    bits = np.logaddexp(0, np.where(same, -scores[0], scores[0])) / np.log(2)

    def estimates(weights):
        # A draw of few sources may lack one of the two kinds.
        weights = weights[weights[:, same].any(axis=1) & weights[:, ~same].any(axis=1)]
        costs = [
            (weights[:, kind] @ bits[kind]) / weights[:, kind].sum(axis=1) for kind in (same, ~same)
        ]
        return np.stack([*(rate.of(weights) for rate in rates), sum(costs) / 2], axis=1)

    return estimates
