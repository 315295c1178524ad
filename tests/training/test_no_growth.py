"""A training that goes on for long keeps no more than it began with (slow)."""

import ctypes
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


class Mallinfo2(ctypes.Structure):
    """What glibc says of the memory that it has given away and kept."""

    _fields_ = tuple(
        (name, ctypes.c_size_t)
        for name in (
            "arena", "ordblks", "smblks", "hblks", "hblkhd", "usmblks", "fsmblks", "uordblks",
            "fordblks", "keepcost",
        )
    )  # fmt: skip


def allocated():
    """Bytes in use by malloc; 0 where another library than glibc 2.33 or later gives memory."""
    mallinfo2 = getattr(ctypes.CDLL(None), "mallinfo2", None)
    if mallinfo2 is None:
        return 0
    mallinfo2.restype = Mallinfo2
    found = mallinfo2()
    return found.uordblks + found.hblkhd


def test_epochs_leave_nothing(tmp_path, monkeypatch):
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
            found[epoch + 1] = np.array([len(gc.get_objects()), allocated()])

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
    objects, size = (found[LAST] - found[FIRST]) / (LAST - FIRST)
    # Not one an epoch; the history's numbers and some room for what libraries remember, where a
    # checkpoint that stayed would be 40 kB.
    assert objects < 1
    assert size < 10_000
