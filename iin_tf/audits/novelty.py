"""Novelty: examples that the network's blocks find improbable."""

import dataclasses

import numpy as np
from scipy import stats

from iin_tf import checks
from iin_tf.audits.outputs import ROWS, held_rows
from iin_tf.results.markdown import markdown
from iin_tf.statistics.intervals import bootstrap_weights

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

    def by_name(self):
        """What a detector ranks by, higher where more novel: squared lengths, and -log_prob."""
        named = dict(zip(self.blocks, self.squared.T, strict=True))
        return named | {LOG_PROB: -self.log_prob}


@dataclasses.dataclass(frozen=True)
class NoveltyDetection:
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

    def as_table(self):
        """Markdown: a row for each score."""
        percent = f"{100 * self.protocol['level']:g} % interval"
        below = f"p <= {self.protocol['alpha']:g}"
        header = ["score", "AUROC", percent, f"known, {below}", f"novel, {below}"]
        rows = []
        for name, value, (low, high) in zip(self.scores, self.auroc, self.interval, strict=True):
            alarms = ["", ""]
            if name != LOG_PROB:
                k = self.scores.index(name)
                alarms = [f"{self.false_alarms[k]:.3f}", f"{self.detected[k]:.3f}"]
            rows.append([name, f"{value:.3f}", f"{low:.3f} to {high:.3f}", *alarms])
        return markdown(header, rows)


def novelty_scores(network, z):
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
      ValueError: no row, rows of the wrong width or not finite.
    """
    z = np.asarray(z)
    z_tilde = held_rows(network, z, least=1)
    parts = [*network.layout.split(z_tilde).values(), z_tilde]
    squared = np.stack([np.square(part, dtype=np.float64).sum(axis=1) for part in parts], axis=1)
    degrees = [part.shape[1] for part in parts]
    chunks = [z[start : start + ROWS] for start in range(0, len(z), ROWS)]
    log_prob = [network.log_prob(chunk).numpy() for chunk in chunks]
    return NoveltyScores(
        blocks=(*network.layout.names, ALL),
        squared=squared,
        p_values=stats.chi2.sf(squared, degrees),
        log_prob=np.concatenate(log_prob).astype(np.float64),
    )


def novelty_detection(network, known, novel, alpha=0.05, seed=0, *, resamples=1000, level=0.95):
    """How well the blocks and the density detect a kind of example never seen in training.

    Intervals resample the known and the novel examples, each among themselves.

    Args:
      network: InterpretationNetwork.
      known: float [n, N], held-out examples of the kinds that the network was trained on.
      novel: float [m, N], examples of a kind that it was not.
      alpha: p-value at which an example counts as detected.
      seed: whole number.
      resamples: bootstrap draws.
      level: coverage of the intervals.

    Returns:
      `NoveltyDetection`.

    Raises:
      ValueError: fewer than two examples of either, rows of the wrong width or not finite.
    """
    checks.whole(resamples, "resamples", 20)
    checks.fraction(alpha, "alpha")
    checks.fraction(level, "level")
    for name, rows in (("known", len(known)), ("novel", len(novel))):
        if rows < 2:
            raise ValueError(f"{name} has {rows} rows, but an interval needs at least 2 examples")
    known, novel = novelty_scores(network, known), novelty_scores(network, novel)
    sizes = len(known.log_prob), len(novel.log_prob)
    random = np.random.default_rng(seed)
    weights = [
        np.concatenate([np.ones((1, n)), bootstrap_weights(n, resamples, random)]) for n in sizes
    ]
    pairs = zip(known.by_name().values(), novel.by_name().values(), strict=True)
    found = np.stack([weighted_auroc(*pair, *weights) for pair in pairs])
    tails = [(1 - level) / 2, (1 + level) / 2]
    return NoveltyDetection(
        scores=tuple(known.by_name()),
        auroc=found[:, 0],
        interval=np.quantile(found[:, 1:], tails, axis=1).T,
        false_alarms=(known.p_values <= alpha).mean(axis=0),
        detected=(novel.p_values <= alpha).mean(axis=0),
        protocol={
            "alpha": alpha,
            "known": sizes[0],
            "novel": sizes[1],
            "seed": seed,
            "resamples": resamples,
            "level": level,
            "source": SOURCE,
        },
    )


def weighted_auroc(known, novel, known_weights, novel_weights):
    """Probability that a novel score exceeds a known one, ties counted half: [R].

    Args:
      known, novel: scores [n] and [m].
      known_weights, novel_weights: [R, n] and [R, m], how often each row is taken.
    """
    order = np.argsort(known)
    total = np.cumsum(known_weights[:, order], axis=1)
    below = np.concatenate([np.zeros((len(total), 1)), total], axis=1)
    left = np.searchsorted(known[order], novel, side="left")
    right = np.searchsorted(known[order], novel, side="right")
    wins = (below[:, left] + below[:, right]) / 2
    return (wins * novel_weights).sum(axis=1) / (total[:, -1] * novel_weights.sum(axis=1))
