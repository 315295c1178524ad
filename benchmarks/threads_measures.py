"""One training in a process with a number of threads of its own, for benchmarks/threads.py."""

import numpy as np
import tensorflow as tf

import iin_tf

_PAIRS, _LATENTS = 128, 64


class Run:
    """A network of the quickstart's size on drawn pairs.

    Args:
      threads: of an operation.
    """

    def __init__(self, threads):
        tf.config.threading.set_intra_op_parallelism_threads(threads)
        layout = iin_tf.FactorLayout({"digit": 30}, residual=34)
        self.network = iin_tf.InterpretationNetwork(layout, blocks=8, hidden=256, seed=0)
        self.network.compile(iin_tf.FusedAdam(1e-3))

    def train(self, directory, stops):
        """Saves all weights after so many steps each; the held-out losses there."""
        random = np.random.default_rng(0)
        held_out = _batches(random, 4)
        losses, done = [], 0
        for stop in stops:
            data = _batches(random, stop - done)
            self.network.fit(*data, batch_size=_PAIRS, shuffle=False, verbose=0)
            done = stop
            weights = [np.ravel(weight) for weight in self.network.get_weights()]
            np.save(f"{directory}/{stop}.npy", np.concatenate(weights).astype(np.float64))
            loss = self.network.evaluate(*held_out, batch_size=_PAIRS, verbose=0)
            losses.append(float(np.ravel(loss)[0]))
        return losses


def _batches(random, count):
    z = random.standard_normal((2, _PAIRS * count, _LATENTS), dtype=np.float32)
    shared = random.integers(0, 2, _PAIRS * count)
    # What is shared is: the second row's first half follows the first's.
    z[1, shared == 1, :30] = 0.9 * z[0, shared == 1, :30] + 0.44 * z[1, shared == 1, :30]
    return tuple(z), shared
