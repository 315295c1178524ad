"""Measures that intervene: a sampler sets factors, a function represents what it shows."""

import typing

import numpy as np
from threadpoolctl import threadpool_limits

from iin_tf.measures.beta_vae import beta_vae
from iin_tf.measures.blocks import resolve_blocks
from iin_tf.measures.factor_vae import factor_vae
from iin_tf.measures.fairness import unfairness_of_interventions
from iin_tf.measures.protocol import Protocol
from iin_tf.measures.result import Result
from iin_tf.measures.sample import Sample, check_codes
from iin_tf.measures.study import Study

INTERVENTIONS = {
    "beta_vae": beta_vae,
    "factor_vae": factor_vae,
    "unfairness": unfairness_of_interventions,
}
# Unfairness fits the protocol's estimator to every factor and is asked for by name.
DEFAULT = ("beta_vae", "factor_vae")
# Observations represented at once, to bound memory.
CHUNK = 4_096


class Sampler(typing.Protocol):
    """Gives observations for factor values."""

    def sample_factors(self, count, rng):
        """Independent draws of all factors, [count, K]."""

    def observe(self, factors, rng):
        """One observation a row of `factors` [n, K]; any array with n rows."""


class Represented:
    """A sampler seen through a representation: factors in, checked codes out."""

    def __init__(self, sampler, represent):
        self.sampler = sampler
        self.represent = represent

    def draw(self, count, rng):
        """Factor values [count, K]."""
        factors = np.asarray(self.sampler.sample_factors(count, rng))
        if factors.ndim != 2 or len(factors) != count:
            raise ValueError(
                f"sampler.sample_factors({count}) gave shape {factors.shape}: "
                f"it must give [{count}, K]"
            )
        return factors

    def codes(self, factors, rng):
        """Codes [n, N] of fresh observations of these factors."""
        parts = []
        for start in range(0, len(factors), CHUNK):
            chunk = factors[start : start + CHUNK]
            found = check_codes(self.represent(self.sampler.observe(chunk, rng)), "represent(...)")
            if len(found) != len(chunk):
                raise ValueError(
                    f"represent gave {len(found)} rows for {len(chunk)} observations: "
                    "it must give one code a row"
                )
            parts.append(found)
        return np.concatenate(parts)


def interventions(sampler, represent, metrics=DEFAULT, blocks=None, seed=0, *, protocol=None):
    """BetaVAE and FactorVAE scores of a representation, by code or by block; unfairness.

    The interventional robustness score needs no interventions of its own: draw factors and
    codes and ask `disentanglement(..., metrics="irs")`.

    Args:
      sampler: a `Sampler`: `sample_factors(count, rng)` and `observe(factors, rng)`.
      represent: function from observations to codes [n, N].
      metrics: names of `INTERVENTIONS`.
      blocks: as in `disentanglement`.
      seed: whole number.
      protocol: a `Protocol`: `train` and `test` count votes, each of `batch` observations.

    Returns:
      `Result`.

    Raises:
      ValueError: for unknown names, wrong blocks, or codes that are not finite.
    """
    names = [metrics] if isinstance(metrics, str) else list(metrics)
    for name in names:
        if name not in INTERVENTIONS:
            raise ValueError(f"metrics names {name!r}: choose from {list(INTERVENTIONS)}")
    if not isinstance(seed, int | np.integer) or seed < 0:
        raise ValueError(f"seed={seed!r}: give a whole number of at least 0")
    protocol = Protocol() if protocol is None else protocol
    source = Represented(sampler, represent)
    rng = np.random.default_rng(seed)
    probe = source.codes(source.draw(2, rng), rng)
    if blocks is not None and "unfairness" in names:
        raise ValueError("metrics: 'unfairness' is not defined by block: leave blocks out")
    blocks = None if blocks is None else resolve_blocks(blocks, probe.shape[1])
    study = Study(Sample(probe, (), blocks), protocol, seed)
    # One thread: see `disentanglement`.  A represent function of TensorFlow keeps its own.
    with threadpool_limits(limits=1):
        measures = [measure for name in names for measure in INTERVENTIONS[name](study, source)]
    return Result({measure.name: measure for measure in measures})
