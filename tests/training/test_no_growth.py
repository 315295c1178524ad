"""A training that goes on for long keeps no more than it began with (slow)."""

import gc

import keras
import numpy as np
import pytest

import iin_tf
from iin_tf.data import LatentStore, PairSampler, pair_dataset, write_latents
from iin_tf.models import watch
from iin_tf.training import Checkpoints

pytestmark = pytest.mark.slow
# What an epoch left would be counted twenty times; before the first look libraries still warm up.
FIRST, LAST = 20, 40


def test_epochs_leave_no_objects(tmp_path, monkeypatch):
    # A look after every epoch.
    monkeypatch.setattr(watch, "_EVERY", 1)
    mean = np.random.default_rng(0).normal(size=(1000, 8)).astype(np.float32)
    rows = np.arange(1000)
    write_latents(tmp_path / "store", mean, np.full_like(mean, -4), {"group": rows // 10}, rows)
    store = LatentStore(tmp_path / "store")
    sampler = PairSampler(store.labels, ["group"], source=store.source)
    layout = iin_tf.FactorLayout({"group": 4}, residual=4)
    network = iin_tf.InterpretationNetwork(layout, blocks=2, hidden=16, seed=0)
    network.compile(iin_tf.FusedAdam(1e-4))
    found = {}

    def count(epoch, _):
        if epoch + 1 in (FIRST, LAST):
            gc.collect()
            found[epoch + 1] = len(gc.get_objects())

    network.fit(
        pair_dataset(store, sampler, 16),
        steps_per_epoch=2,
        epochs=LAST,
        validation_data=pair_dataset(store, sampler, 16, steps=2, seed=1),
        callbacks=[
            keras.callbacks.LambdaCallback(on_epoch_end=count),
            Checkpoints(tmp_path / "checkpoints", monitor="val_loss"),
        ],
        shuffle=False,
        verbose=0,
    )
    # Not one an epoch.
    assert found[LAST] - found[FIRST] < LAST - FIRST
