"""Latent pairs as a tf.data pipeline that can resume at any step."""

import functools
from typing import Any, Protocol

import numpy as np
import tensorflow as tf

from iin_tf.checks import InputError, number, shown, whole
from iin_tf.data.pipeline_options import with_options
from iin_tf.data.stateless import Stream, check_seed, generator


class Latents(Protocol):
    """Posteriors of examples: what a pipeline asks of `LatentStore` and the like."""

    @property
    def latent_size(self) -> int:
        """N."""

    def __len__(self) -> int: ...

    def sample(self, indices: np.ndarray, seed: int, step: int = 0) -> np.ndarray:
        """A posterior sample of each example, float32 [B, N]."""


def pair_dataset(
    store: Latents,
    sampler: Any,
    batch_size: int,
    start: int = 0,
    steps: int | None = None,
    seed: int = 0,
    marginal_fraction: float = 0.0,
) -> tf.data.Dataset:
    """Batches ((z_a, z_b), shared): fresh posterior samples of the sampler's pairs.

    Step t is a pure function of (seed, sampler, t): a run that resumes with `start=t` sees exactly
    what an undisturbed run sees.

    Args:
      store: `LatentStore`, `ArrayLatents` or `FallingNoise`.
      sampler: anything with `draw(count, step)`, such as `PairSampler`.
      batch_size: pairs per batch.
      start: the first step.
      steps: the number of steps; None never ends.
      seed: of the posterior noise and of the unrelated pairs.
      marginal_fraction: this share of each batch (rounded) are two independent examples of the
        whole store that share nothing.  Such a pair contributes the marginal likelihood of both
        members and nothing else, so unlabelled latents take part in training, weighted by this
        fraction against the labelled pairs.

    Returns:
      tf.data.Dataset of ((float32 [B, N], float32 [B, N]), shared [B, K + 1]), where shared is
      bool or float32 as the sampler gives it.

    Raises:
      InputError: numbers out of range, or a sampler of other examples than the store's.
    """
    _check_store(store)
    batch_size = whole(batch_size, "batch_size", least=1)
    marginal_fraction = number(marginal_fraction, "marginal_fraction", least=0, most=1)
    _check_range(sampler, store)
    seed = check_seed(seed)
    unrelated = round(batch_size * marginal_fraction)
    columns = len(sampler.factors) + 1
    shared_type = sampler.draw(1, 0)[2].dtype

    def batch(step):
        index_a, index_b, shared = sampler.draw(batch_size - unrelated, step)
        random = generator(seed, step, Stream.MARGINAL)
        others = random.integers(len(store), size=(2, unrelated))
        indices = np.concatenate([index_a, others[0], index_b, others[1]])
        shared = np.concatenate([shared, np.zeros((unrelated, columns), shared_type)])
        z = store.sample(indices, seed, step)
        return z[:batch_size], z[batch_size:], shared

    def tensors(step):
        types = (tf.float32, tf.float32, tf.as_dtype(shared_type))
        z_a, z_b, shared = tf.numpy_function(batch, [step], types)
        for z in (z_a, z_b):
            z.set_shape([batch_size, store.latent_size])
        shared.set_shape([batch_size, columns])
        return (z_a, z_b), shared

    return _pipeline(tensors, start, steps)


def group_dataset(
    store: Latents,
    sampler: Any,
    batch_size: int,
    start: int = 0,
    steps: int | None = None,
    seed: int = 0,
    marginal_fraction: float = 0.0,
) -> tf.data.Dataset:
    """Batches (z, labels): fresh posterior samples of the sampler's groups.

    Step t is a pure function of (seed, sampler, t), as in `pair_dataset`.

    Args:
      store: `LatentStore`, `ArrayLatents` or `FallingNoise`.
      sampler: `GroupSampler`, over the same examples.
      batch_size: examples per batch.
      start: the first step.
      steps: the number of steps; None never ends.
      seed: of the posterior noise and of the unlabelled examples.
      marginal_fraction: this share of each batch (rounded) are examples of the whole store
        without their labels.

    Returns:
      tf.data.Dataset of (float32 [B, N], labels int32 [B, K]), or labels by factor where the
      sampler has kernels.

    Raises:
      InputError: numbers out of range, or a sampler of other examples than the store's.
    """
    _check_store(store)
    batch_size = whole(batch_size, "batch_size", least=1)
    marginal_fraction = number(marginal_fraction, "marginal_fraction", least=0, most=1)
    _check_range(sampler, store)
    seed = check_seed(seed)
    unlabelled = round(batch_size * marginal_fraction)
    none = sampler.draw(0, 0)[1]
    kinds = _as_list(none, sampler)

    def batch(step):
        index, labels = sampler.draw(batch_size - unlabelled, step)
        others = generator(seed, step, Stream.MARGINAL).integers(len(store), size=unlabelled)
        z = store.sample(np.concatenate([index, others]), seed, step)
        return z, *(_and_unknown(one, unlabelled) for one in _as_list(labels, sampler))

    def tensors(step):
        z, *labels = tf.numpy_function(batch, [step], (tf.float32, *(one.dtype for one in kinds)))
        z.set_shape([batch_size, store.latent_size])
        for one, kind in zip(labels, kinds, strict=True):
            one.set_shape([batch_size, *kind.shape[1:]])
        if not isinstance(none, dict):
            return z, labels[0]
        return z, dict(zip(sampler.factors, labels, strict=True))

    return _pipeline(tensors, start, steps)


def _as_list(labels, sampler):
    """Labels as a sampler gives them, [B, K] or by factor, as a list of arrays."""
    return [labels[name] for name in sampler.factors] if isinstance(labels, dict) else [labels]


def _and_unknown(labels, count):
    """`labels` and behind them `count` rows of which nothing is known."""
    fill = np.nan if labels.dtype.kind == "f" else -1
    return np.concatenate([labels, np.full((count, *labels.shape[1:]), fill, labels.dtype)])


def latent_dataset(
    store: Latents,
    batch_size: int,
    start: int = 0,
    steps: int | None = None,
    seed: int = 0,
) -> tf.data.Dataset:
    """Batches of posterior samples for the likelihood without pairs.

    Every pass visits each example once, in an order of its own; a batch may straddle two passes.
    Step t is a pure function of (seed, t).

    Args:
      store: as in `pair_dataset`.
      batch_size: examples per batch.
      start: the first step.
      steps: the number of steps; None never ends.
      seed: of the order and of the posterior noise.

    Returns:
      tf.data.Dataset of float32 [B, N].

    Raises:
      InputError: numbers out of range.
    """
    _check_store(store)
    batch_size = whole(batch_size, "batch_size", least=1)
    seed = check_seed(seed)

    # Neighbouring passes meet within a batch, and in the batches made side by side.
    @functools.lru_cache(maxsize=2)
    def order(one_pass):
        return generator(seed, one_pass, Stream.ORDER).permutation(len(store))

    def batch(step):
        passes, places = np.divmod(step * batch_size + np.arange(batch_size), len(store))
        indices = np.empty(batch_size, np.int64)
        for one_pass in np.unique(passes):
            here = passes == one_pass
            indices[here] = order(int(one_pass))[places[here]]
        return store.sample(indices, seed, step)

    def tensors(step):
        z = tf.numpy_function(batch, [step], tf.float32)
        z.set_shape([batch_size, store.latent_size])
        return z

    return _pipeline(tensors, start, steps)


def _pipeline(tensors, start, steps):
    dataset = tf.data.Dataset.counter(check_seed(start, "start"))
    if steps is not None:
        dataset = dataset.take(check_seed(steps, "steps"))
    # Two calls side by side: more would only wait for Python's lock.
    dataset = dataset.map(tensors, num_parallel_calls=2, deterministic=True).prefetch(4)
    return with_options(dataset)


def _check_store(store):
    if not (hasattr(store, "sample") and hasattr(store, "latent_size")):
        raise InputError(f"store is {shown(store)}; give a LatentStore")


def _check_range(sampler, store):
    examples = getattr(sampler, "examples", None)
    if not hasattr(sampler, "draw"):
        raise InputError(f"sampler is {shown(sampler)}; give a sampler, such as PairSampler")
    if examples != len(store):
        raise InputError(
            f"sampler draws from {examples} examples, but store holds {len(store)}; "
            "make the sampler from this store's labels"
        )
