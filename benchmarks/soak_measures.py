"""A training that goes on until its time is over."""

import time
from pathlib import Path

import keras
import numpy as np

import iin_tf
from iin_tf import files
from iin_tf.data import LatentStore, PairSampler, pair_dataset, write_latents
from iin_tf.training import Checkpoints

_EXAMPLES, _LATENTS, _GROUP = 50_000, 64, 100
_PAIRS, _PER_EPOCH = 64, 200


class Training:
    """A network of the quickstart's size that trains from a store."""

    def train(self, directory, seconds):
        """Trains for so long; `steps_done` says how far it is."""
        end = time.monotonic() + seconds
        store, sampler = _store(f"{directory}/store")
        layout = iin_tf.FactorLayout({"group": 30}, residual=34)
        network = iin_tf.InterpretationNetwork(layout, blocks=8, hidden=256, seed=0)
        network.compile(iin_tf.FusedAdam(1e-4))

        def after_epoch(*_):
            files.write_text(_steps_path(directory), str(int(network.optimizer.iterations)))
            network.stop_training = time.monotonic() > end

        network.fit(
            pair_dataset(store, sampler, _PAIRS),
            steps_per_epoch=_PER_EPOCH,
            epochs=10**6,
            validation_data=pair_dataset(store, sampler, _PAIRS, steps=5, seed=1),
            callbacks=[
                keras.callbacks.LambdaCallback(on_epoch_end=after_epoch),
                Checkpoints(f"{directory}/checkpoints", monitor="val_loss"),
            ],
            shuffle=False,
            verbose=0,
        )


def steps_done(directory):
    """How many steps the training in `directory` has done, by epochs."""
    path = _steps_path(directory)
    return int(path.read_text()) if path.exists() else 0


def _steps_path(directory):
    return Path(directory, "steps")


def _store(directory):
    random, rows = np.random.default_rng(0), np.arange(_EXAMPLES)
    mean = random.normal(size=(_EXAMPLES, _LATENTS)).astype(np.float32)
    write_latents(directory, mean, np.full_like(mean, -4.0), {"group": rows // _GROUP}, rows)
    store = LatentStore(directory)
    labels = {"group": np.asarray(store.labels["group"])}
    return store, PairSampler(labels, ["group"], source=store.source)
