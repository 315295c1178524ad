"""Measures that intervene: a sampler sets factors, a function represents what it shows."""

import typing
from collections.abc import Callable, Iterable

import numpy as np
from threadpoolctl import threadpool_limits

from iin_tf import checks
from iin_tf.checks import InputError
from iin_tf.measures.beta_vae import beta_vae
from iin_tf.measures.blocks import resolve_blocks
from iin_tf.measures.factor_vae import factor_vae
from iin_tf.measures.fairness import unfairness_of_interventions
from iin_tf.measures.inputs import check_codes, names_of
from iin_tf.measures.protocol import Protocol, check_protocol
from iin_tf.measures.sample import Sample
from iin_tf.measures.study import Study
from iin_tf.results import Results

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

    def sample_factors(self, count: int, rng: np.random.Generator) -> np.ndarray:
        """Independent draws of all factors, [count, K]."""

    def observe(self, factors: np.ndarray, rng: np.random.Generator) -> object:
        """One observation a row of `factors` [n, K]; any array with n rows."""


class Represented:
    """A sampler seen through a representation: factors in, checked codes out.

    Args:
      sampler: a `Sampler`.
      represent: function from observations to codes [n, N].
    """

    def __init__(self, sampler: Sampler, represent: Callable):
        for method in ("sample_factors", "observe"):
            if not callable(getattr(sampler, method, None)):
                raise InputError(
                    f"sampler is {checks.shown(sampler)}; give an object with "
                    "sample_factors(count, rng) and observe(factors, rng)"
                )
        if not callable(represent):
            raise InputError(
                f"represent is {checks.shown(represent)}; give a function of observations to codes"
            )
        self.sampler = sampler
        self.represent = represent

    def draw(self, count: int, rng: np.random.Generator) -> np.ndarray:
        """Factor values [count, K]."""
        factors = self.sampler.sample_factors(count, rng)
        factors = checks.real_array(factors, f"sampler.sample_factors({count})")
        if factors.ndim != 2 or len(factors) != count or factors.shape[1] == 0:
            raise InputError(
                f"sampler.sample_factors({count}) gave shape {factors.shape}; give [{count}, K]"
            )
        return factors

    def codes(self, factors: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Codes [n, N] of fresh observations of these factors."""
        parts = []
        for start in range(0, len(factors), CHUNK):
            chunk = factors[start : start + CHUNK]
            found = check_codes(self.represent(self.sampler.observe(chunk, rng)), "represent(...)")
            if len(found) != len(chunk):
                raise InputError(
                    f"represent gave {len(found)} rows for {len(chunk)} observations; "
                    "give one code a row"
                )
            parts.append(found)
        return np.concatenate(parts)


def interventions(
    sampler: Sampler,
    represent: Callable,
    measures: str | Iterable[str] = DEFAULT,
    blocks: object = None,
    seed: int = 0,
    *,
    protocol: Protocol | None = None,
) -> Results:
    """BetaVAE and FactorVAE scores of a representation, by code or by block; unfairness.

    The interventional robustness score needs no interventions of its own: draw factors and
    codes and ask `disentanglement(..., measures="irs")`.

    Args:
      sampler: a `Sampler`: `sample_factors(count, rng)` and `observe(factors, rng)`.
      represent: function from observations to codes [n, N].
      measures: names of `INTERVENTIONS`.
      blocks: as in `disentanglement`.
      seed: whole number.
      protocol: a `Protocol`: `train` and `test` count votes, each of `batch` observations.

    Returns:
      `Results`: a mapping from measure name to `Result`.

    Raises:
      InputError: unknown names, wrong blocks, or codes that are not finite.
    """
    names = names_of(measures, "measures")
    for name in names:
        checks.choice(name, "a name in measures", INTERVENTIONS)
    if not names:
        raise InputError(f"measures is empty; choose from {list(INTERVENTIONS)}")
    protocol, seed = check_protocol(protocol), checks.whole(seed, "seed", 0)
    seen = Represented(sampler, represent)
    rng = np.random.default_rng(seed)
    probe = seen.codes(seen.draw(2, rng), rng)
    if blocks is not None and "unfairness" in names:
        raise InputError("measures names 'unfairness', which is not defined by block; drop blocks")
    blocks = None if blocks is None else resolve_blocks(blocks, probe.shape[1])
    study = Study(Sample(probe, (), blocks), protocol, seed)
    # One thread: see `disentanglement`.  A represent function of TensorFlow keeps its own.
    with threadpool_limits(limits=1):
        results = [result for name in names for result in INTERVENTIONS[name](study, seen)]
    return Results(results, within="disentanglement")
