"""The parts of benchmarks/many_examples.py, each with its seconds and its peak of memory."""

import time

import numpy as np
from contenders import Size, iin_tf_network
from store_measures import MemorySamples, blocks_read, forget

from iin_tf.data import LatentStore, PairSampler, pair_dataset, write_latent_chunks
from iin_tf.first_stages import FunctionFirstStage, encode_in_batches

_BATCH = 4096
_GROUP = 100  # examples that share a label


class Drawn:
    """Inputs [n, N] that are made when a slice of them is asked for."""

    def __init__(self, examples, size):
        self.examples, self.size = examples, size

    def __len__(self):
        return self.examples

    def __getitem__(self, rows):
        start, end, _ = rows.indices(self.examples)
        random = np.random.default_rng(start)
        return random.standard_normal((end - start, self.size), dtype=np.float32)


class Part:
    """Something that is done with one store."""

    def __init__(self, directory, latents):
        self.directory, self.latents = directory, latents


class Encoding(Part):
    def encode(self, examples):
        """Seconds, peak of anonymous memory: a model of one product, straight to the disk."""
        kernel = np.random.default_rng(0).normal(size=(self.latents,) * 2).astype(np.float32)

        def posterior(x):
            mean = np.tanh(x @ kernel)
            return mean, np.full_like(mean, -4.0)

        stage = FunctionFirstStage(posterior, latent_size=self.latents)
        with MemorySamples() as memory:
            start = time.perf_counter()
            chunks = encode_in_batches(stage, Drawn(examples, self.latents), _BATCH)
            rows = np.arange(examples)
            write_latent_chunks(self.directory, chunks, {"group": rows // _GROUP}, rows)
            seconds = time.perf_counter() - start
        return seconds, memory.peak


class Sampling(Part):
    def make(self):
        """Seconds, peak of anonymous memory."""
        store = LatentStore(self.directory)
        with MemorySamples() as memory:
            start = time.perf_counter()
            _sampler(store)
            seconds = time.perf_counter() - start
        return seconds, memory.peak


class Training(Part):
    def train(self, pairs, steps):
        """Median seconds of a step, peak of anonymous memory, bytes read from the disk a step."""
        store = LatentStore(self.directory)
        sampler = _sampler(store)
        size = Size(self.latents, 4, 64, 1, (self.latents // 2,) * 2)
        contender = iin_tf_network.Contender(size)
        contender.build()
        contender.compile()
        forget(store)
        read = blocks_read()
        with MemorySamples() as memory:
            seconds = contender.fit(pair_dataset(store, sampler, pairs, steps=steps))
        read = (blocks_read() - read) * 512 / steps
        return float(np.median(seconds[1:])), memory.peak, read


def _sampler(store):
    labels = {name: np.asarray(values) for name, values in store.labels.items()}
    return PairSampler(labels, ["group"], source=store.source)
