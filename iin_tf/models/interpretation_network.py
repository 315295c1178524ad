"""The interpretation network: a frozen model's representation in named factors, and back."""

import random
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
import tensorflow_probability as tfp

from iin_tf import files
from iin_tf.bijectors.flow import Flow
from iin_tf.distributions import FactorisedGaussian, PairedGaussian
from iin_tf.distributions.seeds import seed_pair
from iin_tf.distributions.shared import block_correlation
from iin_tf.factors import FactorLayout
from iin_tf.models import batch_loss, start_data
from iin_tf.models.correlation import DEFAULT_CORRELATION, BlockCorrelation
from iin_tf.models.factor_edits import FactorEdits
from iin_tf.models.non_finite import NonFiniteCounts

tfb, tfd = tfp.bijectors, tfp.distributions


@keras.saving.register_keras_serializable("iin_tf")
class InterpretationNetwork(FactorEdits, keras.Model):
    """An invertible translation T between representations z and factors z_tilde.

    `z_tilde = T(z)` consists of a residual and K named factors, all standard normal and
    independent; pairs of examples that share a factor F teach it what F is:
    `T(z_b)_F | T(z_a)_F ~ N(rho T(z_a)_F, (1 - rho^2) I)`.  Train with plain `fit`, on
    `((z_a, z_b), shared[, sample_weight])`, or on z alone when there are no pairs.

    Args:
      layout: FactorLayout, names and sizes of the blocks.
      blocks: number of flow blocks [ActNorm, two couplings, mixing].
      hidden: width of the conditioners' hidden layers.
      depth: number of their hidden layers beyond the first.
      correlation: rho of a shared block: a number in [0, 1), a mapping factor -> number,
        or "learned".
      mixing: "permutation" or "linear", what stands between the blocks.
      seed: int that fixes initial weights and permutations; None draws one.
      dtype: Keras dtype or policy.  Under "mixed_bfloat16" the conditioners' products of
        training run in bfloat16; weights, flow arithmetic and log-dets stay float32, and so
        does everything outside training, which keeps the inverse exact.

    Raises:
      ValueError: an argument is out of its range, or the layout's N is odd.

    Source: Esser, Rombach and Ommer, A Disentangling Invertible Interpretation Network
    for Explaining Latent Representations (CVPR 2020, arXiv 2004.13166).
    """

    def __init__(
        self,
        layout,
        blocks=12,
        hidden=512,
        depth=2,
        correlation=DEFAULT_CORRELATION,
        mixing="permutation",
        seed=None,
        **kwargs,
    ):
        super().__init__(autocast=False, **kwargs)
        self.layout = layout
        self.seed = random.randrange(2**31) if seed is None else seed
        self.flow = Flow(
            layout.latent_size, blocks, hidden, depth, mixing, self.seed, dtype=self.dtype_policy
        )
        self.block_correlation = BlockCorrelation(
            layout.names, correlation, dtype=self.dtype_policy
        )
        self.adapted = self.add_weight(
            shape=(), dtype="bool", initializer="zeros", trainable=False, name="adapted"
        )
        self.non_finite = NonFiniteCounts(
            [
                "z",
                *[f"the log-det of {step}" for step in self.flow.step_names],
                *[f"z_tilde of the block {name!r}" for name in layout.names],
            ]
        )
        self.build((None, layout.latent_size))

    def build(self, input_shape):
        self.flow.build(input_shape)
        self.block_correlation.build()
        super().build(input_shape)

    # Training

    def compile(self, optimizer="adam", **kwargs):
        """As `keras.Model.compile`; the loss is the negative log-likelihood, in nats."""
        for name in ("loss", "metrics", "weighted_metrics", "loss_weights"):
            if kwargs.get(name) is not None:
                raise ValueError(
                    f"{name} is {kwargs[name]!r}, but the network is trained by its own "
                    f"likelihood: leave {name} out"
                )
        super().compile(optimizer=optimizer, **kwargs)
        # Made in the first step, its variables would have that step traced twice.
        with self.distribute_strategy.scope():
            self.optimizer.build(self.trainable_variables)

    def compile_from_config(self, config):
        # Keras does this by itself unless `compile` is overridden.
        self.compile(**keras.saving.deserialize_keras_object(config))

    def fit(self, x=None, y=None, **kwargs):
        """As `keras.Model.fit`, with `x = (z_a, z_b)` and `y = shared`, or x = z alone.

        ActNorm starts from the first rows of x unless it already has started.  Arrays
        are checked before anything is computed.

        Raises:
          ValueError: arrays of the wrong shape, rows that are not finite, `shared`
            out of range, a negative weight, no example at all, or data of which no
            first rows can be read (then call `adapt(z)` first).
        """
        start_data.check_arrays(self, x, y, kwargs.get("sample_weight"))
        start_data.check_validation(self, kwargs.get("validation_data"))
        if not self.adapted.numpy():
            self.adapt(start_data.first_rows(x))
        self.non_finite.reset_state()
        return super().fit(x, y, **kwargs)

    def adapt(self, z):
        """Starts every ActNorm from the rows of `z` [B, N]; does nothing if that is done.

        Raises:
          ValueError: a row is not finite, or a dimension is constant.
        """
        z = self._rows(z)
        if not len(z):
            raise ValueError("z has no rows; give at least two examples")
        if not self.adapted.numpy():
            self.flow.adapt(z)
            self.adapted.assign(True)

    def train_step(self, data):
        x, shared, sample_weight = keras.utils.unpack_x_y_sample_weight(data)
        with tf.GradientTape() as tape:
            log_prob, statistics = self._terms(x, shared, self.flow.training_bijector)
            loss = batch_loss.negative_mean(log_prob, sample_weight)
            scaled = self.optimizer.scale_loss(loss * batch_loss.share_of_batch(log_prob))
        batch_loss.descend(self, tape, scaled)
        self.non_finite.update_state(*statistics)
        return self._track(loss, log_prob)

    def test_step(self, data):
        x, shared, sample_weight = keras.utils.unpack_x_y_sample_weight(data)
        log_prob, _ = self._terms(x, shared, self.flow.bijector)
        return self._track(batch_loss.negative_mean(log_prob, sample_weight), log_prob)

    def _terms(self, x, shared, bijector):
        """Log-density of each example [B], and the statistics that `non_finite` counts."""
        if shared is not None:
            return self._pair_terms(*x, self.pair_correlation(shared, x[0].shape[0]), bijector)
        z = tf.cast(x, self.variable_dtype)
        z_tilde, log_dets = bijector.forward_and_log_dets(z)
        log_prob = self._marginal().log_prob(z_tilde) + tf.reduce_sum(log_dets, 0)
        return log_prob, self._statistics(z, log_dets, z_tilde)

    def _pair_terms(self, z_a, z_b, correlation, bijector):
        """As `_terms`; both members go through T as one batch [2B, N]."""
        z = tf.cast(tf.concat([z_a, z_b], 0), self.variable_dtype)
        z_tilde, log_dets = bijector.forward_and_log_dets(z)
        pairs = tf.stack(tf.split(z_tilde, 2), axis=-2)
        log_det_a, log_det_b = tf.split(tf.reduce_sum(log_dets, 0), 2)
        log_prob = self._paired(correlation).log_prob(pairs) + log_det_a + log_det_b
        return log_prob, self._statistics(z, log_dets, z_tilde)

    def _statistics(self, z, log_dets, z_tilde):
        return [z[None], log_dets, *[part[None] for part in self.layout.split(z_tilde).values()]]

    def _track(self, loss, log_prob):
        self._loss_tracker.update_state(loss, sample_weight=tf.shape(log_prob)[0])
        return self.get_metrics_result()

    def get_metrics_result(self):
        # Keras reads this at the end of an epoch, over all replicas, if it has the keys of
        # the steps' logs; the counts in `non_finite` are not for logs.
        return {"loss": self._loss_tracker.result()}

    def reset_metrics(self):
        # `non_finite` counts over the whole of `fit`, which would else lose it to validation.
        self._loss_tracker.reset_state()

    def _maybe_symbolic_build(self, iterator=None, data_batch=None):
        """Nothing: everything is built before `fit`.

        Keras 3.15 would average the first batch of all replicas here, which fails for the
        bool form of `shared`.
        """

    # The two directions

    def call(self, z):
        return self._transform(tf.cast(z, self.variable_dtype))

    def sample(self, n, seed=None):
        """`n` representations [n, N] from the model's marginal; equal seeds, equal samples.

        Raises:
          ValueError: `seed` is not a whole number of 64 bits.
        """
        seed = None if seed is None else seed_pair(seed)
        return self._invert(self._marginal().sample(n, seed=seed))

    # Densities

    def log_prob(self, z):
        """Marginal log-density of each row of `z` [B, N]: [B], nats."""
        return self._log_prob(self._rows(z))

    def pair_log_prob(self, z_a, z_b, shared):
        """Joint log-density of each pair: [B], nats, symmetric in the two members.

        Args:
          z_a, z_b: float [B, N].
          shared: int [B], bool [B, K+1] or float [B, K+1]; see
            `iin_tf.distributions.shared.block_correlation`.
        """
        z_a, z_b = self._row_pairs(z_a, z_b, ("z_a", "z_b"))
        return self._pair_log_prob(z_a, z_b, self.pair_correlation(shared, z_a.shape[0]))

    @property
    def bijector(self):
        """T as a `tfb.Bijector` over the live weights; forward is z -> z_tilde."""
        return self.flow.bijector

    @property
    def correlation(self):
        """Rho of each block when it is shared, float tensor [K+1], residual first."""
        return self.block_correlation.rho()

    def distribution(self):
        """The marginal of z as a `tfd.TransformedDistribution`, event [N]."""
        return tfd.TransformedDistribution(self._marginal(), tfb.Invert(self.bijector))

    def pair_distribution(self, shared):
        """The joint of a pair as a `tfd.TransformedDistribution`, event [2, N].

        Its batch is that of `shared`: [] for one row.
        """
        base = self._paired(self.block_correlation.deferred(self.correlation_of, shared))
        return tfd.TransformedDistribution(base, tfb.Invert(self.bijector))

    def _marginal(self):
        return FactorisedGaussian(self.layout.sizes, dtype=self.variable_dtype)

    def _paired(self, correlation):
        return PairedGaussian(correlation, self.layout.sizes)

    def correlation_of(self, shared):
        """Rho per pair and block, [..., K+1], from any form of `shared`."""
        return block_correlation(shared, self.correlation)

    def pair_correlation(self, shared, pairs):
        """Rho per pair and block, [B, K+1], from `shared` of `pairs` = B pairs.

        Raises:
          ValueError: as `correlation_of`, or `shared` does not have one entry for each pair.
        """
        shared = shared if tf.is_tensor(shared) else np.asarray(shared)
        rows = self.correlation_of(shared)
        if rows.shape.rank != 2 or (None not in (pairs, rows.shape[0]) and rows.shape[0] != pairs):
            raise ValueError(
                f"shared has shape {tuple(shared.shape)}, but there are {pairs} pairs of "
                f"{rows.shape[-1]} blocks: give int [B], bool [B, {rows.shape[-1]}] or float "
                f"[B, {rows.shape[-1]}]"
            )
        return rows

    # Compiled once for any number of rows; the public methods check, these compute.

    @tf.function(reduce_retracing=True, autograph=False)
    def _transform(self, z):
        return self.flow.bijector.forward(z)

    @tf.function(reduce_retracing=True, autograph=False)
    def _invert(self, z_tilde):
        return self.flow.bijector.inverse(z_tilde)

    @tf.function(reduce_retracing=True, autograph=False)
    def _log_prob(self, z):
        z_tilde, log_det = self.flow.bijector.forward_and_log_det(z)
        return self._marginal().log_prob(z_tilde) + log_det

    @tf.function(reduce_retracing=True, autograph=False)
    def _pair_log_prob(self, z_a, z_b, correlation):
        return self._pair_terms(z_a, z_b, correlation, self.flow.bijector)[0]

    # Saving

    def save(self, filepath, overwrite=True):
        """As `keras.Model.save`, but the file is written whole or not at all.

        Raises:
          ValueError: `filepath` does not end in .keras, or exists though `overwrite` is False.
        """
        path = Path(filepath)
        if path.suffix != ".keras":
            raise ValueError(f"filepath is {str(path)!r}; give a name that ends in .keras")
        if path.exists() and not overwrite:
            raise ValueError(f"filepath {str(path)!r} exists; give another, or overwrite=True")
        with files.whole_file(path) as temporary:
            super().save(temporary)

    def get_config(self):
        return {
            **super().get_config(),
            "layout": self.layout.get_config(),
            "blocks": self.flow.blocks,
            "hidden": self.flow.hidden,
            "depth": self.flow.depth,
            "correlation": self.block_correlation.correlation,
            "mixing": self.flow.mixing,
            "seed": self.seed,
        }

    @classmethod
    def from_config(cls, config):
        layout = FactorLayout(**config["layout"])
        return cls(**{**config, "layout": layout})
