"""What all models of images share: one rule for images, one way to train."""

from typing import Any

import keras
import numpy as np
import tensorflow as tf

from iin_tf.checks import InputError
from iin_tf.models import batch_loss
from iin_tf.models.saved_format import SavedFormat
from iin_tf.models.unit_images import check_images, readable_errors, unit_images
from iin_tf.private_apis.keras import BuiltBeforeFit, loss_tracker

_MEANS = ("sum_over_batch_size", "mean")


class ImageModel(SavedFormat, BuiltBeforeFit, keras.Model):
    """A model of images [B, height, width, channels], `image_shape` each.

    Images are whole numbers in 0 .. 255 or floats in [0, 1]; others are refused, arrays before
    the first step.  `fit` does the same on one device and on several.

    Keras's own steps take the mean of the replicas' means, which is the mean over the batch
    only where every replica has equally many examples.  Here each part counts by its examples.
    Losses given to `compile` are means over the batch, which is Keras's default.
    """

    # What its images must lie in where they are floats, for a first stage to tell.
    input_range = (0.0, 1.0)

    def compile(self, *args: Any, **kwargs: Any) -> None:
        """As `keras.Model.compile`.

        Raises:
          InputError: the model lives on several replicas, and a loss is no mean over the batch.
        """
        super().compile(*args, **kwargs)
        if self.distribute_strategy.num_replicas_in_sync > 1:
            for loss in tf.nest.flatten(self.loss):
                _check_mean(loss)

    def compile_from_config(self, config: dict) -> None:
        # Keras does this by itself unless `compile` is overridden.
        self.compile(**keras.saving.deserialize_keras_object(config))

    def fit(self, x: Any = None, y: Any = None, **kwargs: Any) -> keras.callbacks.History:
        """As `keras.Model.fit`.

        Raises:
          InputError: images of another shape or range: arrays before the first step, a data set's
            as they are read.
        """
        validation = kwargs.get("validation_data")
        if isinstance(validation, tuple | list):
            validation = validation[0]
        for argument, images in (("images", x), ("validation images", validation)):
            if isinstance(images, np.ndarray) or tf.is_tensor(images):
                check_images(images, argument, self.image_shape)
        if isinstance(x, tf.data.Dataset) and self.jit_compile:
            # XLA drops the assertions of what it compiles.
            x = x.map(_check_batch)
        with readable_errors():
            return super().fit(x, y, **kwargs)

    def evaluate(self, *args: Any, **kwargs: Any) -> Any:
        """As `keras.Model.evaluate`; InputError for images of another range."""
        with readable_errors():
            return super().evaluate(*args, **kwargs)

    def predict(self, *args: Any, **kwargs: Any) -> Any:
        """As `keras.Model.predict`; InputError for images of another range."""
        with readable_errors():
            return super().predict(*args, **kwargs)

    def train_on_batch(self, *args: Any, **kwargs: Any) -> Any:
        """As `keras.Model.train_on_batch`; InputError for images of another range."""
        with readable_errors():
            return super().train_on_batch(*args, **kwargs)

    def train_step(self, data: tuple) -> dict:
        x, y, sample_weight = keras.utils.unpack_x_y_sample_weight(data)
        with tf.GradientTape() as tape:
            outputs = self(x, training=True)
            loss = self.compute_loss(x, y, outputs, sample_weight, training=True)
            share = batch_loss.share_of_batch(tf.nest.flatten(outputs)[0])
            scaled = self.optimizer.scale_loss(loss * share)
        batch_loss.descend(self, tape, scaled)
        return self._track(loss, x, y, outputs, sample_weight)

    def test_step(self, data: tuple) -> dict:
        x, y, sample_weight = keras.utils.unpack_x_y_sample_weight(data)
        outputs = self(x, training=False)
        loss = self.compute_loss(x, y, outputs, sample_weight, training=False)
        return self._track(loss, x, y, outputs, sample_weight)

    def compute_loss(
        self,
        x: Any = None,
        y: Any = None,
        y_pred: Any = None,
        sample_weight: Any = None,
        training: bool = True,
    ) -> tf.Tensor:
        """The mean over this replica's examples; 0 of none."""
        loss = super().compute_loss(x, y, y_pred, sample_weight, training)
        # Keras has divided it by the number of replicas; of no example it leaves a vector.
        return tf.reduce_sum(loss) * tf.distribute.get_strategy().num_replicas_in_sync

    def _track(self, loss, x, y, outputs, sample_weight):
        loss_tracker(self).update_state(loss, sample_weight=tf.shape(x)[0])
        return batch_loss.step_logs(self.compute_metrics(x, y, outputs, sample_weight))


def _check_batch(*batch):
    images = batch[0]
    with tf.control_dependencies([unit_images(images)]):
        batch = (tf.identity(images), *batch[1:])
    return batch if len(batch) > 1 else batch[0]


def _check_mean(loss):
    reduction = getattr(loss, "reduction", "sum_over_batch_size")
    if reduction not in _MEANS:
        raise InputError(
            f"loss {getattr(loss, 'name', loss)!r} has reduction {reduction!r}, but under several "
            f"replicas it must be a mean over the batch; give one of {list(_MEANS)}"
        )
