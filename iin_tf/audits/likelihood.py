"""Likelihoods and invertibility of a network on stored latents."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from iin_tf import checks
from iin_tf.audits.inputs import check_network, latent_rows
from iin_tf.checks import InputError

if TYPE_CHECKING:
    from iin_tf.data import LatentStore
    from iin_tf.models.interpretation_network import InterpretationNetwork

BATCH = 4096


def marginal_nll(network: "InterpretationNetwork", store: "LatentStore", seed: int) -> float:
    """Mean marginal negative log-likelihood, nats per example, of posterior samples.

    One sample of each stored example with a fixed seed: comparable between networks on
    the same latents only.

    Args:
      network: InterpretationNetwork.
      store: LatentStore of the examples.
      seed: whole number, of the posterior samples.

    Returns:
      nats per example.
    """
    check_network(network, "log_prob")
    checks.whole(seed, "seed", 0)
    parts = [
        -network.log_prob(store.sample(rows, seed, step)).numpy()
        for step, rows in enumerate(_batches(len(store)))
    ]
    return float(np.mean(np.concatenate(parts), dtype=np.float64))


def pair_nll(
    network: "InterpretationNetwork", pairs: Iterable, factors: Sequence[str] = ()
) -> tuple[float, dict]:
    """Mean negative log-likelihood of pairs, nats, every kind of pair weighted equally.

    A kind is a set of blocks that are shared, with whatever correlation: a tuple of their names,
    in the order of the layout, empty for unrelated pairs.

    Args:
      network: InterpretationNetwork.
      pairs: iterable of `((z_a, z_b), shared)` whose `shared` is bool or float [B, K+1].
      factors: those of which there must be pairs.

    Returns:
      The mean over kinds, and a dict kind -> its mean.

    Raises:
      InputError: no pairs, or a factor without any.
    """
    check_network(network, "pair_log_prob")
    names = np.array(network.layout.names)
    for factor in factors:
        checks.choice(factor, "factors", network.layout.names)
    values, kinds = [], []
    for (z_a, z_b), shared in pairs:
        values.append(-network.pair_log_prob(z_a, z_b, shared).numpy().astype(np.float64))
        kinds.append(np.asarray(shared) > 0)
    if not values:
        raise InputError("pairs is empty; give at least one batch of pairs")
    rows, kind = np.unique(np.concatenate(kinds), axis=0, return_inverse=True)
    kind = kind.reshape(-1)
    missing = set(factors) - set(names[rows.any(axis=0)])
    if missing:
        raise InputError(f"pairs has none that shares {sorted(missing)}; draw more pairs")
    sums = np.bincount(kind, np.concatenate(values)) / np.bincount(kind)
    means = {tuple(names[row].tolist()): float(mean) for row, mean in zip(rows, sums, strict=True)}
    return float(np.mean(sums)), means


def round_trip_error(network: "InterpretationNetwork", z: ArrayLike) -> float:
    """The largest |T^-1(T(z)) - z| over the rows of `z` [n, N].

    Raises:
      InputError: no rows, rows of the wrong width or not finite.
    """
    check_network(network, "transform", "invert")
    z = latent_rows(network, z)
    errors = [
        np.abs(np.asarray(network.invert(network.transform(z[rows]))) - z[rows]).max()
        for rows in _batches(len(z))
    ]
    return float(max(errors))


def _batches(rows: int) -> list[np.ndarray]:
    return np.array_split(np.arange(rows), -(-rows // BATCH))
