"""One training in a process with a number of threads of its own, for benchmarks/threads.py."""

import numpy as np
import tensorflow as tf

import iin_tf
from iin_tf.models.autoencoder import VariationalAutoencoder

_BATCH, _LATENTS = 128, 64


class Run:
    """A model of the quickstart's size on drawn data.

    Args:
      threads: of an operation.
      kind: "network" or "autoencoder".
    """

    def __init__(self, threads, kind):
        tf.config.threading.set_intra_op_parallelism_threads(threads)
        if kind == "network":
            layout = iin_tf.FactorLayout({"digit": 30}, residual=34)
            self.model = iin_tf.InterpretationNetwork(layout, blocks=8, hidden=256, seed=0)
        else:
            self.model = VariationalAutoencoder(_LATENTS)
        self.draw = {"network": _pairs, "autoencoder": _images}[kind]
        self.model.compile(iin_tf.FusedAdam(1e-3))

    def train(self, directory, stops):
        """Saves all weights after so many steps each; the held-out losses there."""
        random = np.random.default_rng(0)
        held_out = self.draw(random, 4)
        losses, done = [], 0
        for stop in stops:
            data = self.draw(random, stop - done)
            self.model.fit(*data, batch_size=_BATCH, shuffle=False, verbose=0)
            done = stop
            weights = [np.ravel(weight) for weight in self.model.get_weights()]
            np.save(f"{directory}/{stop}.npy", np.concatenate(weights).astype(np.float64))
            loss = self.model.evaluate(*held_out, batch_size=_BATCH, verbose=0)
            losses.append(float(np.ravel(loss)[0]))
        return losses


def _pairs(random, count):
    z = random.standard_normal((2, _BATCH * count, _LATENTS), dtype=np.float32)
    shared = random.integers(0, 2, _BATCH * count)
    # What is shared: the second member's first block follows the first's.
    z[1, shared == 1, :30] = 0.9 * z[0, shared == 1, :30] + 0.44 * z[1, shared == 1, :30]
    return tuple(z), shared


def _images(random, count):
    # Smooth ones: four colours each, at the corners.
    corners = random.random((_BATCH * count, 2, 2, 3), dtype=np.float32)
    return (tf.image.resize(corners, (32, 32)).numpy(),)
