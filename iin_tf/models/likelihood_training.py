"""Training by the likelihood, through Keras's own `fit`."""

from typing import Any

import keras
import tensorflow as tf

from iin_tf.checks import InputError
from iin_tf.models import batch_loss, start_data
from iin_tf.private_apis import BuiltBeforeFit, loss_tracker


class LikelihoodTraining(BuiltBeforeFit):
    """What `keras.Model.fit` needs of a network: its loss is the negative log-likelihood.

    A class that inherits this has the `terms` of `Densities`, a `flow`, and the weights
    `adapted` and `non_finite`; `keras.Model` follows in its bases.
    """

    def compile(self, optimizer="adam", **kwargs):
        """As `keras.Model.compile`; the loss is the negative log-likelihood, in nats."""
        for name in ("loss", "metrics", "weighted_metrics", "loss_weights"):
            if kwargs.get(name) is not None:
                raise InputError(
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

    def fit(self, x: Any = None, y: Any = None, **kwargs: Any) -> keras.callbacks.History:
        """As `keras.Model.fit`, with `x = (z_a, z_b)` and `y = shared`, or x = z alone.

        ActNorm starts from x unless it already has started: from a sample of 1,024 rows
        of arrays that the network's seed fixes, from the first 1,024 rows of a data set.
        Shuffle a data set that is sorted, or call `adapt(z)` first with rows of every kind.
        Arrays are checked before anything is computed.

        Raises:
          InputError: arrays of the wrong shape, rows that are not finite, `shared`
            out of range, a negative weight, no example at all, or data of which no
            first rows can be read (then call `adapt(z)` first).
        """
        start_data.check_arrays(self, x, y, kwargs.get("sample_weight"))
        start_data.check_validation(self, kwargs.get("validation_data"))
        if not self.adapted.numpy():
            self.adapt(start_data.start_rows(x, self.seed))
        self.non_finite.reset_state()
        if isinstance(x, tf.data.Dataset):
            # Its order is its own: Keras would warn that it does not shuffle.
            kwargs.setdefault("shuffle", False)
        return super().fit(x, y, **kwargs)

    def adapt(self, z: Any) -> None:
        """Starts every ActNorm from the rows of `z` [B, N]; does nothing if that is done.

        Raises:
          InputError: a row is not finite, or a dimension is constant.
        """
        z = self._rows(z)
        if not len(z):
            raise InputError("z has no rows; give at least two examples")
        if not self.adapted.numpy():
            self.flow.adapt(z)
            self.adapted.assign(True)

    def train_step(self, data):
        x, shared, sample_weight = keras.utils.unpack_x_y_sample_weight(data)
        with tf.GradientTape() as tape:
            log_prob, statistics = self.terms(x, shared, self.flow.training_bijector)
            loss = batch_loss.negative_mean(log_prob, sample_weight)
            scaled = self.optimizer.scale_loss(loss * batch_loss.share_of_batch(log_prob))
        batch_loss.descend(self, tape, scaled)
        self.non_finite.update_state(*statistics)
        return self._track(loss, log_prob)

    def test_step(self, data):
        x, shared, sample_weight = keras.utils.unpack_x_y_sample_weight(data)
        log_prob, _ = self.terms(x, shared, self.flow.bijector)
        return self._track(batch_loss.negative_mean(log_prob, sample_weight), log_prob)

    def _track(self, loss, log_prob):
        loss_tracker(self).update_state(loss, sample_weight=tf.shape(log_prob)[0])
        return self.get_metrics_result()

    def get_metrics_result(self):
        # Keras reads this at the end of an epoch, over all replicas, if it has the keys of
        # the steps' logs; the counts in `non_finite` are not for logs.
        return {"loss": loss_tracker(self).result()}

    def reset_metrics(self):
        # `non_finite` counts over the whole of `fit`, which would else lose it to validation.
        loss_tracker(self).reset_state()
