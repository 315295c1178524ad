"""What a frozen model must offer."""

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
import tensorflow as tf

from iin_tf import checks
from iin_tf.checks import InputError
from iin_tf.first_stages.batches import map_batches
from iin_tf.first_stages.choices import NOISE_KINDS, value_ends
from iin_tf.first_stages.constant import ConstantDimensions, given_dimensions
from iin_tf.first_stages.frozen_model import FrozenModel
from iin_tf.first_stages.moments import moments, representation
from iin_tf.first_stages.noise import representation_noise
from iin_tf.first_stages.rows import row_count, take_rows
from iin_tf.first_stages.value_range import values_outside


class FirstStage(FrozenModel):
    """A frozen model: inputs x to representations z, and on from there.

    `encode`, `decode` and `head` are functions of tensors alone, at any batch size, inside and
    outside of tf.function, and nothing in a first stage is trainable.  As a tf.Module it can be a
    part of what is exported.

    Subclasses say how to `represent` x by M numbers and, where the model can, how to `generate`
    outputs from them or how to `respond` with the rest of the model.  Constant dimensions are
    left out here and put back: network and clients see the N that vary.

    Args:
      latent_size: M, the width of the model's own representation.
      noise: None where the model gives a log-variance of its own; for a deterministic model, the
        noise of its representation as a fraction of each dimension's spread, which `adapt` fits
        (see `representation_noise`).
      drop: the constant dimensions to leave out: None for none of them, "constant" for those
        that `adapt` finds, or a `ConstantDimensions`.
      noise_kind: "proportional" or "isotropic"; see `representation_noise`.
      clip: whether `decode` and `head` first bring z into `value_range`.
      value_range: the least and the largest value that the representation can have, such as
        (0, None) behind a ReLU; None where they are not known.
      prepare: function of x that the model's inputs are made by, such as the `preprocess_input`
        of a model of keras.applications; None where the model takes x as it is.

    Raises:
      InputError: an argument is out of its range.
    """

    def __init__(
        self,
        latent_size: int,
        noise: float | None = None,
        drop: str | ConstantDimensions | None = None,
        noise_kind: str = "proportional",
        clip: bool = False,
        value_range: tuple[float | None, float | None] | None = None,
        prepare: Callable | None = None,
    ):
        super().__init__()
        self._model_size = checks.whole(latent_size, "latent_size", least=1)
        self.noise = None if noise is None else checks.number(noise, "noise", above=0)
        self._noise_kind = checks.choice(noise_kind, "noise_kind", NOISE_KINDS)
        self._finds_constant = drop == "constant"
        self._noise_log_variance = None
        self._constant = given_dimensions(drop, self._model_size)
        self.clip = checks.flag(clip, "clip")
        self.value_range = None if value_range is None else value_ends(value_range)
        if self.clip and self.value_range is None:
            raise InputError("clip is True, but the values that the representation can have are "
                             "not known; give value_range, such as (0, None)")  # fmt: skip
        if not (prepare is None or callable(prepare)):
            raise InputError(f"prepare is {checks.shown(prepare)}; give a function of x, or None")
        self._prepare = prepare

    @property
    def latent_size(self) -> int:
        """N, the width of what `encode` returns: M without the constant dimensions."""
        dropped = self.constant
        return self._model_size if dropped is None else dropped.kept_size

    @property
    def constant(self) -> ConstantDimensions | None:
        """The dimensions that are left out; None where `drop` is."""
        if self._finds_constant and self._constant is None:
            raise InputError("drop is 'constant': call adapt(x) once, to find these dimensions")
        return self._constant

    def encode(self, x: Any) -> tuple[tf.Tensor, tf.Tensor]:
        """(mean, log_variance), float32 [B, N] each, of the inputs x [B, ...].

        Raises:
          InputError: the model is deterministic and was given no noise, or `adapt` has not run
            though noise or constant dimensions are to be found; it has a log-variance of its
            own and was given noise; or its representation is not [B, M].
        """
        z = self.represent(self._prepared(x))
        if self.noise is None:
            return tuple(self._varying(part) for part in moments(z))
        mean = self._varying(representation(z))
        # Known while a graph is traced, too.
        if self._noise_log_variance is None:
            raise InputError("the model is deterministic: call adapt(x) once, to fit its noise")
        return mean, tf.broadcast_to(self._noise_log_variance, tf.shape(mean))

    def decode(self, z: tf.Tensor) -> tf.Tensor:
        """Outputs [B, ...] of representations z [B, N].

        Raises:
          InputError: the model has no decoder.
        """
        return self.generate(self._clipped(self._whole(z)))

    def head(self, z: tf.Tensor, x: Any = None) -> tf.Tensor:
        """Outputs of the rest of the model for representations z [B, N].

        Args:
          z: float [B, N], edited or not.
          x: the inputs, where the rest of the model reads more of them than z.

        Raises:
          InputError: the model has no head.
        """
        return self.respond(self._clipped(self._whole(z)), self._prepared(x))

    def places(self, x: Any, batch_size: int = 256) -> np.ndarray:
        """Where the rows of `encode(x)` come from, with pool="positions".

        Args:
          x: array [n, ...], or a tuple or a dict of arrays for a model with several inputs.
          batch_size: how many the model sees at once.

        Returns:
          int64 [rows, 2]: the example, a row of x, and the position in it.

        Raises:
          InputError: rows of `encode` are examples.
        """
        first, found = 0, []
        locate = map_batches(
            lambda batch: self.locate(self._prepared(batch)), x, batch_size, in_graph=False
        )
        for batch in locate:
            found.append(np.add(batch, [first, 0]))
            first += batch_size
        return np.concatenate(found)

    def count_outside(self, z: tf.Tensor) -> tf.Tensor:
        """How many of the values of each representation z [B, N] the model cannot have made.

        By more than 1e-4 of the row's largest absolute value, so that rounding is not counted.

        Returns:
          int32 [B]; zeros where `value_range` is None.
        """
        return values_outside(tf.convert_to_tensor(z), self.value_range)

    # Traced once for any number of rows; a cached property is not tracked by tf.Module.

    @functools.cached_property
    def compiled_encode(self) -> Any:
        """`encode` as a `tf.function`."""
        return tf.function(self.encode, reduce_retracing=True)

    @functools.cached_property
    def compiled_decode(self) -> Any:
        """`decode` as a `tf.function`."""
        return tf.function(self.decode, reduce_retracing=True)

    @property
    def is_adapted(self) -> bool:
        """Whether `adapt` has nothing to find, or has found it."""
        noise = self.noise is None or self._noise_log_variance is not None
        return noise and not (self._finds_constant and self._constant is None)

    def adapt(self, x: Any, batch_size: int = 256) -> None:
        """Finds the constant dimensions and fits the noise on the inputs x.

        Args:
          x: array [n, ...] of many examples, as the model will see; a tuple or a dict of arrays
            for a model with several inputs.
          batch_size: how many the model sees at once.

        Raises:
          InputError: neither noise nor drop='constant' is given, or a dimension is constant and
            not left out.
        """
        checks.whole(batch_size, "batch_size", least=1)
        if self.noise is None and not self._finds_constant:
            raise InputError(
                "noise is None and drop is not 'constant', so that there is nothing to fit; leave "
                "adapt out, or give noise or drop"
            )
        starts = range(0, row_count(x), batch_size)
        z = np.concatenate([self._mean(take_rows(x, start, batch_size)) for start in starts])
        if self._finds_constant:
            self._constant = ConstantDimensions.find(z)
        if self._constant is not None:
            z = self._constant.leave_out(z)
        # Traced before, they hold what was fitted before.
        for name in ("compiled_encode", "compiled_decode"):
            self.__dict__.pop(name, None)
        if self.noise is not None:
            fitted = representation_noise(z, self.noise, self._noise_kind)
            self._noise_log_variance = tf.Variable(fitted, trainable=False)

    def _prepared(self, x):
        """X as the model takes it."""
        return x if x is None or self._prepare is None else self._prepare(x)

    def _mean(self, x):
        """The mean representations [B, M] of x, as an array."""
        z = self.represent(self._prepared(x))
        return self._checked(moments(z)[0] if self.noise is None else representation(z)).numpy()

    def _varying(self, z):
        """Representations [B, M] of the model as float32 [B, N]."""
        z = tf.cast(self._checked(z), tf.float32)
        return z if self.constant is None else self.constant.leave_out(z)

    def _whole(self, z):
        """Representations z [B, N] as the model's own, [B, M]."""
        z = tf.convert_to_tensor(z)
        if not z.shape.is_compatible_with([None, self.latent_size]):
            raise InputError(f"z has shape {tuple(z.shape)}; give [B, {self.latent_size}]")
        return z if self.constant is None else self.constant.put_back(z)

    def _clipped(self, z):
        return tf.clip_by_value(z, *self.value_range) if self.clip and self.value_range else z

    def _checked(self, z):
        z = tf.convert_to_tensor(z)
        if not z.shape.is_compatible_with([None, self._model_size]):
            raise InputError(
                f"the encoder returns {tuple(z.shape)}, but a representation is [B, "
                f"{self._model_size}]; pool or flatten it, or give the latent_size that it has"
            )
        return z
