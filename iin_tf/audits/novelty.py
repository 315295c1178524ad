"""Novelty: examples that the network's blocks find improbable."""

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from iin_tf import checks
from iin_tf.audits.auroc import Ranks
from iin_tf.audits.found import Found
from iin_tf.audits.inputs import check_network, check_resampling, latent_rows, source_codes
from iin_tf.audits.outputs import chunks, transformed
from iin_tf.results import Result, Results, interval_text
from iin_tf.results.markdown import markdown
from iin_tf.statistics import Bootstrap, Strata, interval, resampled

if TYPE_CHECKING:
    from iin_tf.models.interpretation_network import InterpretationNetwork

ALL = "all blocks"
LOG_PROB = "log_prob"
SOURCE = "chi^2 of |z_tilde_k|^2 under N(0, I); AUROC as Mann & Whitney 1947"


@dataclasses.dataclass(frozen=True)
class NoveltyScores:
    """How improbable each example is, block by block; see `novelty_scores`.

    Attributes:
      blocks: names of the K+1 blocks, and "all blocks" last.
      squared: [n, K+2], |z_tilde_k|^2.
      p_values: [n, K+2], probability of a larger |z_tilde_k|^2 under chi^2 with N_k degrees of
        freedom (N for all blocks).
      log_prob: [n], nats.
    """

    blocks: tuple
    squared: np.ndarray
    p_values: np.ndarray
    log_prob: np.ndarray

    def by_name(self) -> dict[str, np.ndarray]:
        """What a detector ranks by, higher where more novel: squared lengths, and -log_prob."""
        named = dict(zip(self.blocks, self.squared.T, strict=True))
        return named | {LOG_PROB: -self.log_prob}


@dataclasses.dataclass(frozen=True)
class NoveltyDetection(Found):
    """How well each score tells known from novel examples; see `novelty_detection`.

    Attributes:
      scores: names: the blocks, "all blocks" and "log_prob".
      auroc: [K+3], the probability that a novel example scores higher than a known one.
      interval: [K+3, 2], its low and high end.
      false_alarms: [K+2], fraction of known examples with a p-value of at most `alpha`, which is
        near `alpha` where the block is normal on the known examples.
      detected: [K+2], the same fraction of novel examples.
      protocol: alpha, sizes, seed, resamples, level, source.
    """

    scores: tuple
    auroc: np.ndarray
    interval: np.ndarray
    false_alarms: np.ndarray
    detected: np.ndarray
    protocol: dict

    def results(self) -> Results:
        """`novelty/SCORE/auroc`, and of blocks `/false_alarms` and `/detected`."""
        found = []
        for k, name in enumerate(self.scores):
            score: dict[str, str] = {"score": name}
            about: dict[str, Any] = {"protocol": self.protocol}
            value, ends = self.auroc[k], self.interval[k]
            found.append(Result("novelty/{score}/auroc", score, value, ends, **about))
            if name != LOG_PROB:
                alarms, detected = self.false_alarms[k], self.detected[k]
                found.append(Result("novelty/{score}/false_alarms", score, alarms, **about))
                found.append(Result("novelty/{score}/detected", score, detected, **about))
        return Results(found)

    def markdown(self) -> str:
        """A table to paste: a row for each score."""
        percent = f"{100 * self.protocol['level']:g} % interval"
        below = f"p <= {self.protocol['alpha']:g}"
        header = ["score", "AUROC", percent, f"known, {below}", f"novel, {below}"]
        rows = []
        for k, name in enumerate(self.scores):
            alarms: list[float | None] = [None, None]
            if name != LOG_PROB:
                alarms = [float(self.false_alarms[k]), float(self.detected[k])]
            rows.append([name, float(self.auroc[k]), interval_text(self.interval[k]), *alarms])
        return markdown(header, rows)


def novelty_scores(network: "InterpretationNetwork", z: ArrayLike) -> NoveltyScores:
    """Per block |z_tilde_k|^2 with its p-value under chi^2, and the log-density.

    Under the network's marginal, a block's squared length is chi^2 with N_k degrees of freedom
    and its p-value uniform.  A small one says in which respect an example is unusual; the
    density alone sees the flow's volume too and does not say where.

    Args:
      network: InterpretationNetwork.
      z: float [n, N].

    Returns:
      `NoveltyScores`.

    Raises:
      InputError: no row, rows of the wrong width or not finite.
    """
    check_network(network, "transform", "log_prob")
    return _scores(network, latent_rows(network, z))


def novelty_detection(
    network: "InterpretationNetwork",
    known: ArrayLike,
    novel: ArrayLike,
    alpha: float = 0.05,
    seed: int = 0,
    *,
    known_source: ArrayLike | None = None,
    novel_source: ArrayLike | None = None,
    resamples: int = 1000,
    level: float = 0.95,
) -> NoveltyDetection:
    """How well the blocks and the density detect a kind of example never seen in training.

    Intervals resample the sources of the known and of the novel examples, each among themselves.

    Args:
      network: InterpretationNetwork.
      known: float [n, N], held-out examples of the kinds that the network was trained on.
      novel: float [m, N], examples of a kind that it was not.
      alpha: p-value at which an example counts as detected.
      seed: whole number.
      known_source: whole numbers or texts [n], the original behind each known example; None where
        every one is an original.
      novel_source: the same of the novel examples, [m].
      resamples: bootstrap draws.
      level: coverage of the intervals.

    Returns:
      `NoveltyDetection`.

    Raises:
      InputError: fewer than two examples of either, rows of the wrong width or not finite.
    """
    check_resampling(seed, resamples, level)
    checks.fraction(alpha, "alpha")
    check_network(network, "transform", "log_prob")
    known = latent_rows(network, known, "known", least=2)
    novel = latent_rows(network, novel, "novel", least=2)
    plan = Strata(
        (
            Bootstrap(len(known), resamples, [seed, 0], source_codes(known_source, len(known))),
            Bootstrap(len(novel), resamples, [seed, 1], source_codes(novel_source, len(novel))),
        )
    )
    known, novel = _scores(network, known), _scores(network, novel)
    pairs = zip(known.by_name().values(), novel.by_name().values(), strict=True)
    ranks = [Ranks(*pair) for pair in pairs]
    found = resampled(lambda w: np.stack([one.auroc(w) for one in ranks], axis=1), plan)
    return NoveltyDetection(
        scores=tuple(known.by_name()),
        auroc=found[0],
        interval=np.stack(interval(found[0], found[1:], "percentile", level), axis=-1),
        false_alarms=(known.p_values <= alpha).mean(axis=0),
        detected=(novel.p_values <= alpha).mean(axis=0),
        protocol={
            "alpha": alpha,
            "known": len(known.log_prob),
            "novel": len(novel.log_prob),
            "seed": seed,
            "resamples": resamples,
            "level": level,
            "resampled": "sources of the known and of the novel examples, each among themselves",
            "interval": "percentile",
            "source": SOURCE,
        },
    )


def _scores(network: "InterpretationNetwork", z: np.ndarray) -> NoveltyScores:
    z_tilde = transformed(network, z)
    parts = [*network.layout.split(z_tilde).values(), z_tilde]
    squared = np.stack([np.square(part, dtype=np.float64).sum(axis=1) for part in parts], axis=1)
    log_prob = np.concatenate([np.asarray(network.log_prob(rows)) for rows in chunks(z)])
    return NoveltyScores(
        blocks=(*network.layout.names, ALL),
        squared=squared,
        p_values=stats.chi2.sf(squared, [part.shape[1] for part in parts]),
        log_prob=log_prob.astype(np.float64),
    )
