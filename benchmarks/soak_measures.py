"""A training that goes on until its time is over, and the memory that it takes meanwhile."""

import time

import keras
import numpy as np
from store_measures import MemorySamples

import iin_tf
from iin_tf.data import LatentStore, PairSampler, pair_dataset, write_latents
from iin_tf.training import Checkpoints

_EXAMPLES, _LATENTS, _GROUP = 50_000, 64, 100
_PAIRS, _PER_EPOCH = 64, 200


class Training:
    """A network of the quickstart's size that trains from a store."""

    def train(self, directory, seconds, every):
        """Samples (seconds, bytes) of anonymous memory, and the number of steps."""
        store, sampler = _store(f"{directory}/store")
        layout = iin_tf.FactorLayout({"group": 30}, residual=34)
        network = iin_tf.InterpretationNetwork(layout, blocks=8, hidden=256, seed=0)
        network.compile(iin_tf.FusedAdam(1e-4))
        checkpoints = Checkpoints(f"{directory}/checkpoints", monitor="val_loss")
        held_out = pair_dataset(store, sampler, _PAIRS, steps=5, seed=1)
        end = time.monotonic() + seconds
        ending = keras.callbacks.LambdaCallback(
            on_epoch_end=lambda *_: setattr(network, "stop_training", time.monotonic() > end)
        )
        with MemorySamples(every) as memory:
            network.fit(
                pair_dataset(store, sampler, _PAIRS),
                steps_per_epoch=_PER_EPOCH,
                epochs=10**6,
                validation_data=held_out,
                callbacks=[ending, checkpoints],
                shuffle=False,
                verbose=0,
            )
        return memory.samples, int(network.optimizer.iterations)


def _store(directory):
    random, rows = np.random.default_rng(0), np.arange(_EXAMPLES)
    mean = random.normal(size=(_EXAMPLES, _LATENTS)).astype(np.float32)
    write_latents(directory, mean, np.full_like(mean, -4.0), {"group": rows // _GROUP}, rows)
    store = LatentStore(directory)
    labels = {"group": np.asarray(store.labels["group"])}
    return store, PairSampler(labels, ["group"], source=store.source)
