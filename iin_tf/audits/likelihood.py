"""Likelihoods and invertibility of a network on stored latents."""

import numpy as np
import tensorflow as tf

BATCH = 4096


def marginal_nll(network, store, seed):
    """Mean marginal negative log-likelihood, nats per example, of posterior samples.

    One sample of each stored example with a fixed seed: comparable between networks on
    the same latents only.
    """
    parts = [
        -network.log_prob(store.sample(rows, seed, step)).numpy()
        for step, rows in enumerate(_batches(len(store)))
    ]
    return float(np.mean(np.concatenate(parts), dtype=np.float64))


def pair_nll(network, pairs, factors=()):
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
      ValueError: a factor has no pair.
    """
    names = np.array(network.layout.names)
    values, kinds = [], []
    for (z_a, z_b), shared in pairs:
        values.append(-network.pair_log_prob(z_a, z_b, shared).numpy().astype(np.float64))
        kinds.append(np.asarray(shared) > 0)
    rows, kind = np.unique(np.concatenate(kinds), axis=0, return_inverse=True)
    kind = kind.reshape(-1)
    missing = set(factors) - set(names[rows.any(axis=0)])
    if missing:
        raise ValueError(f"pairs has none that shares {sorted(missing)}; draw more pairs")
    sums = np.bincount(kind, np.concatenate(values)) / np.bincount(kind)
    means = {tuple(names[row].tolist()): float(mean) for row, mean in zip(rows, sums, strict=True)}
    return float(np.mean(sums)), means


def round_trip_error(network, z):
    """The largest |T^-1(T(z)) - z| over the rows of `z` [n, N]."""
    errors = [
        tf.reduce_max(tf.abs(network.invert(network.transform(z[rows])) - z[rows])).numpy()
        for rows in _batches(len(z))
    ]
    return float(max(errors))


def _batches(n):
    return np.array_split(np.arange(n), -(-n // BATCH))
