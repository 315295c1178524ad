"""This package, as a user calls it: compile, fit, transform, invert."""

import time

import keras
import tensorflow as tf

import iin_tf


class Contender:
    """`iin_tf.InterpretationNetwork` with the package's own Adam.

    Args:
      size: Size.
      dtype: Keras dtype or policy.
      intra_op_threads: threads of one operation, a setting of the whole process; 0 leaves
        TensorFlow its choice, all cores.
    """

    def __init__(self, size, dtype="float32", intra_op_threads=0):
        self.size = size
        self.dtype = dtype
        if intra_op_threads:
            tf.config.threading.set_intra_op_parallelism_threads(intra_op_threads)

    def build(self):
        residual, *factors = self.size.block_sizes
        layout = iin_tf.FactorLayout(
            {f"factor {k}": factor for k, factor in enumerate(factors)}, residual=residual
        )
        self.network = iin_tf.InterpretationNetwork(
            layout,
            blocks=self.size.blocks,
            hidden=self.size.hidden,
            depth=self.size.depth,
            seed=0,
            dtype=self.dtype,
        )

    def compile(self):
        self.network.compile(iin_tf.FusedAdam(1e-4, beta_1=0.5, beta_2=0.9))

    def train(self, batch, steps):
        return self.fit(_repeated(batch, steps))

    def fit(self, data):
        """Seconds of each step over a finite tf.data.Dataset."""
        clock = _Clock()
        self.network.fit(data, verbose=0, shuffle=False, callbacks=[clock])
        return clock.seconds

    def end_of_fit(self, batch):
        """Seconds from the end of the last step to the return of `fit`."""
        clock = _Clock()
        self.network.fit(_repeated(batch, 3), verbose=0, callbacks=[clock])
        return time.perf_counter() - clock.last

    def transform(self, z):
        return self.network.transform(z).numpy()

    def invert(self, z_tilde):
        return self.network.invert(z_tilde).numpy()

    def log_prob(self, z):
        return self.network.log_prob(z).numpy()

    def distribution_log_prob(self):
        """The likelihood as TFP users call it, compiled: z -> log-density [B]."""
        distribution = self.network.distribution()
        compiled = tf.function(distribution.log_prob)
        return lambda z: compiled(tf.constant(z)).numpy()


def _repeated(batch, steps):
    z_a, z_b, shared = batch
    data = tf.data.Dataset.from_tensors(((z_a, z_b), shared)).repeat(steps)
    options = tf.data.Options()
    # As in the package's own pipeline: with autotuning an iterator's end may wait.
    options.autotune.enabled = False
    return data.with_options(options)


class _Clock(keras.callbacks.Callback):
    """Seconds of each step, everything that `fit` does between two steps included."""

    def __init__(self):
        super().__init__()
        self.seconds = []
        self.last = time.perf_counter()

    def on_train_batch_end(self, batch, logs=None):
        now = time.perf_counter()
        self.seconds.append(now - self.last)
        self.last = now
