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


def pair_nll(network, pairs, factors):
    """Mean negative log-likelihood of pairs, nats, every factor weighted equally.

    Args:
      network: InterpretationNetwork.
      pairs: tf.data.Dataset of `((z_a, z_b), shared)` whose `shared` rows are bool, one
        factor each.
      factors: names of the factors, in the order of the blocks 1 .. K.

    Returns:
      The mean over factors, and a dict factor -> its mean.

    Raises:
      ValueError: a factor has no pair.
    """
    sums = np.zeros(len(factors) + 1)
    counts = np.zeros(len(factors) + 1)
    for (z_a, z_b), shared in pairs:
        nll = -network.pair_log_prob(z_a, z_b, shared).numpy().astype(np.float64)
        shared = shared.numpy()
        sums += nll @ shared
        counts += shared.sum(axis=0)
    for block, factor in enumerate(factors, start=1):
        if not counts[block]:
            raise ValueError(f"pairs has none that shares {factor!r}; draw more pairs")
    means = {name: float(sums[k] / counts[k]) for k, name in enumerate(factors, start=1)}
    return float(np.mean(list(means.values()))), means


def round_trip_error(network, z):
    """The largest |T^-1(T(z)) - z| over the rows of `z` [n, N]."""
    errors = [
        tf.reduce_max(tf.abs(network.invert(network.transform(z[rows])) - z[rows])).numpy()
        for rows in _batches(len(z))
    ]
    return float(max(errors))


def _batches(n):
    return np.array_split(np.arange(n), -(-n // BATCH))
