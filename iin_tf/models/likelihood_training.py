"""Training by the likelihood, through Keras's own `fit`."""

from typing import TYPE_CHECKING, Any

import keras
import tensorflow as tf

from iin_tf.bijectors.chain import Chain
from iin_tf.bijectors.flow import Flow
from iin_tf.checks import InputError
from iin_tf.models import batch_loss, data_sets, start_data, training_data
from iin_tf.models.health import BlockSquares
from iin_tf.models.non_finite import NonFiniteCounts
from iin_tf.models.round_trip import warn_of_lost_digits
from iin_tf.models.training_arrays import checked_arrays, is_array
from iin_tf.models.watch import Watch, watch_of
from iin_tf.private_apis.keras import BuiltBeforeFit, loss_tracker


class LikelihoodTraining(BuiltBeforeFit, keras.Model):
    """What `keras.Model.fit` needs of a network: its loss is the negative log-likelihood.

    A class that inherits this has the `terms` of `Densities`, a `flow`, and the weights
    `adapted` and `non_finite`.
    """

    flow: Flow
    seed: int
    adapted: keras.Variable
    non_finite: NonFiniteCounts
    block_squares: BlockSquares

    if TYPE_CHECKING:

        def _rows(self, z: Any, argument: str = "z") -> tf.Tensor: ...

        def terms(self, x: Any, y: Any, bijector: Chain) -> tuple[tf.Tensor, list]: ...

    def compile(self, optimizer: Any = "adam", **kwargs: Any) -> None:
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

    def compile_from_config(self, config: dict) -> None:
        # Keras does this by itself unless `compile` is overridden.
        self.compile(**keras.saving.deserialize_keras_object(config))

    def fit(
        self, x: Any = None, y: Any = None, *, watch: bool | Watch = True, **kwargs: Any
    ) -> keras.callbacks.History:
        """As `keras.Model.fit`: x = z with y = labels, x = (z_a, z_b) with y = shared, or z alone.

        Labels are whole numbers [B, K], a column for each factor of the layout and -1 where one
        is unknown, or a mapping or data frame factor -> [B] of whole numbers, bools, texts or
        floats, in which NaN, "" and None are unknown too, or, of a continuous factor,
        `KernelLabels`.  All examples of a batch that have a label in common share that factor,
        and the loss is the exact negative log-likelihood of the batch divided by its rows
        (`GroupedGaussian`); so batches must hold groups.  A data set has batches z,
        (z, labels), or ((z_a, z_b), shared), the latter two with sample_weight behind them
        if you like; its labels are int [B, K], or a mapping factor -> int [B], or float [B, C] of
        a continuous factor: `KernelLabels.points`, in which equal distances are of equal
        correlation.

        ActNorm, and the front where there is one, start from x unless they already have
        started: from a sample of rows of arrays that the network's seed fixes, from the first
        rows of a data set; 1,024 of them, behind a front at least four for each dimension.
        Shuffle a data set that is sorted, or call `adapt(z)` first with rows of every kind.
        Arrays are checked before anything is computed, data sets and generators before the
        first step and batch by batch as they are read.

        `watch` looks at more than the loss, so that training that diverges says where it began and
        ends with the best weights; False leaves it out, a `Watch` says what is done then.  What it
        saw is `watched` of the history.

        Raises:
          InputError: a wrong shape or structure, rows that are not finite, `shared` out of
            range, labels that do not fit or teach nothing of a factor, a negative weight, no
            example at all, or data of which no first rows can be read (then call `adapt(z)`
            first).
          NonFiniteLoss: the loss of an epoch is not finite; the message says where it began, and
            the network has the weights of the best epoch.
        """
        watches = watch_of(watch, self)
        weight = kwargs.pop("sample_weight", None)
        x, y, weight = training_data.checked(self, x, y, weight)
        training_data.check_labels(self, x, y, kwargs.get("batch_size"))
        validation = training_data.checked_validation(self, kwargs.pop("validation_data", None))
        if y is None and not is_array(x) and not isinstance(x, keras.utils.PyDataset):
            # Keras would warn that data sets are shuffled by those who make them.
            kwargs.setdefault("shuffle", False)
        with data_sets.readable_errors(self):
            if not self.adapted.numpy():
                self.adapt(start_data.start_rows(x, self.seed, self.flow.start_rows))
            self.non_finite.reset_state()
            callbacks = _with(watches, kwargs.pop("callbacks", None))
            history = super().fit(
                x,
                y,
                sample_weight=weight,
                validation_data=validation,
                callbacks=callbacks,
                **kwargs,
            )
        if history.epoch and "loss" not in history.history:
            raise InputError("x gave no batch at all; give at least one")
        if not self.stop_training or not watches:
            warn_of_lost_digits(self)
        history.watched = [one for watching in watches for one in watching.seen]
        return history

    def evaluate(self, x: Any = None, y: Any = None, **kwargs: Any) -> Any:
        """As `keras.Model.evaluate`, of what `fit` takes: the mean negative log-likelihood, nats.

        Raises:
          InputError: as `fit`.
        """
        # Called by `fit`, which hands over its own callbacks, it has been checked.
        if not isinstance(kwargs.get("callbacks"), keras.callbacks.CallbackList):
            weight = kwargs.pop("sample_weight", None)
            x, y, kwargs["sample_weight"] = training_data.checked(self, x, y, weight)
        with data_sets.readable_errors(self):
            result = super().evaluate(x, y, **kwargs)
        if isinstance(result, list | dict) and not result:
            raise InputError("x gave no batch at all; give at least one")
        return result

    def train_on_batch(
        self, x: Any, y: Any = None, sample_weight: Any = None, **kwargs: Any
    ) -> Any:
        """As `keras.Model.train_on_batch`, of one batch as `fit` takes arrays.

        The first batch starts ActNorm unless `adapt` has.

        Raises:
          InputError: as `fit`.
        """
        x, y, sample_weight = checked_arrays(self, x, y, sample_weight)
        if not self.adapted.numpy():
            self.adapt(start_data.start_rows(x, self.seed, self.flow.start_rows))
        return super().train_on_batch(x, y, sample_weight, **kwargs)

    def test_on_batch(self, x: Any, y: Any = None, sample_weight: Any = None, **kwargs: Any) -> Any:
        """As `keras.Model.test_on_batch`, of one batch as `fit` takes arrays.

        Raises:
          InputError: as `fit`.
        """
        batch = checked_arrays(self, x, y, sample_weight)
        return super().test_on_batch(*batch, **kwargs)

    def adapt(self, z: Any) -> None:
        """Starts the front and every ActNorm from the rows of `z` [B, N], once.

        Raises:
          InputError: a row is not finite, or a dimension is constant.
        """
        z = self._rows(z)
        if not len(z):
            raise InputError("z has no rows; give at least two examples")
        if not self.adapted.numpy():
            self.flow.adapt(z)
            self.adapted.assign(True)

    def train_step(self, data: Any) -> dict[str, Any]:
        x, y, sample_weight = keras.utils.unpack_x_y_sample_weight(data)
        with tf.GradientTape() as tape:
            log_prob, statistics = self.terms(x, y, self.flow.training_bijector)
            loss = batch_loss.negative_mean(log_prob, sample_weight)
            scaled = self.optimizer.scale_loss(loss * batch_loss.share_of_batch(log_prob))
        batch_loss.descend(self, tape, scaled)
        self.non_finite.update_state(*statistics)
        # Behind z and the log-dets stand the blocks of z_tilde.
        self.block_squares.update_state(tf.concat([part[0] for part in statistics[2:]], -1))
        return self._track(loss, log_prob)

    def test_step(self, data: Any) -> dict[str, Any]:
        x, y, sample_weight = keras.utils.unpack_x_y_sample_weight(data)
        log_prob, _ = self.terms(x, y, self.flow.bijector)
        return self._track(batch_loss.negative_mean(log_prob, sample_weight), log_prob)

    def _track(self, loss, log_prob):
        loss_tracker(self).update_state(loss, sample_weight=tf.shape(log_prob)[0])
        return batch_loss.step_logs(self.get_metrics_result())

    def get_metrics_result(self) -> dict[str, Any]:
        # Keras reads this at the end of an epoch, over all replicas, if it has the keys of
        # the steps' logs; the counts in `non_finite` are not for logs.
        return {"loss": loss_tracker(self).result()}

    def reset_metrics(self) -> None:
        # `non_finite` counts over the whole of `fit`, which would else lose it to validation.
        loss_tracker(self).reset_state()


def _with(watches, callbacks):
    """`callbacks`, as `fit` takes them, and before them what watches: it gives weights back."""
    if isinstance(callbacks, keras.callbacks.CallbackList):
        for watch in watches:
            watch.set_model(callbacks.model)
        callbacks.callbacks[:0] = watches
        return callbacks
    if callbacks is None:
        callbacks = []
    return [*watches, *(callbacks if isinstance(callbacks, list | tuple) else [callbacks])]
