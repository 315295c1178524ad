"""The correlation of a shared block: fixed, fixed per factor, or learned."""

import numbers
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf
import tensorflow_probability as tfp

from iin_tf.checks import InputError
from iin_tf.factors import RESIDUAL

# Coinciding blocks make the likelihood grow without bound as rho goes to 1.
CORRELATION_CAP = 0.999
DEFAULT_CORRELATION = 0.975
# A learned rho starts where a wrong guess costs little in either direction.
_LEARNED_START = 0.9
# The logit moves this much faster than an ordinary weight: at the small learning rates
# of a flow it would else need tens of thousands of steps to arrive.
_LOGIT_GAIN = 30.0


@keras.saving.register_keras_serializable("iin_tf")
class BlockCorrelation(keras.layers.Layer):
    """Rho for each block of a layout, [K+1].

    Args:
      names: names of the blocks, residual first.
      correlation: a number in [0, 1) for every block; a mapping factor name -> number
        (it may name the residual, which is 0.975 otherwise); or "learned": one logit a
        block, `rho = 0.999 sigmoid(logit)`, trained by the likelihood.

    Raises:
      InputError: a correlation is outside [0, 1) once rounded to the layer's dtype, or a
        mapping lacks or invents a factor.
    """

    def __init__(
        self, names: Sequence[str], correlation: float | Mapping[str, float] | str, **kwargs: Any
    ):
        super().__init__(autocast=False, **kwargs)
        self.names = tuple(names)
        self.correlation = correlation
        self._fixed = None if correlation == "learned" else self._check_fixed()

    def _check_fixed(self):
        given = self.correlation
        if not isinstance(given, Mapping):
            given = dict.fromkeys(self.names, given)
        given = {RESIDUAL: DEFAULT_CORRELATION, **given}
        if set(given) != set(self.names):
            raise InputError(
                f"correlation names {sorted(given)}; give one number for each of "
                f"{list(self.names[1:])} (and for the residual, if you like)"
            )
        # Checked as it will be used: 1 - 1e-9 is 1 in float32.
        rounded = tf.as_dtype(self.variable_dtype).as_numpy_dtype
        for name, rho in given.items():
            if not isinstance(rho, numbers.Real) or not 0.0 <= rounded(rho) < 1.0:
                raise InputError(
                    f"the correlation of {name!r} is {rho!r}; give a number in [0, 1) as "
                    f'{self.variable_dtype} has it, or correlation="learned"'
                )
        return np.array([given[name] for name in self.names])

    def build(self, input_shape: Any = None) -> None:
        if self._fixed is None:
            start = np.log(_LEARNED_START / (CORRELATION_CAP - _LEARNED_START)) / _LOGIT_GAIN
            self.logit = self.add_weight(
                shape=(len(self.names),),
                initializer=keras.initializers.Constant(start),
                name="correlation_logit",
                autocast=False,
            )
        super().build(input_shape)

    @property
    def is_learned(self) -> bool:
        """Whether the likelihood trains the correlations."""
        return self._fixed is None

    def rho(self) -> tf.Tensor:
        """The correlations [K+1] as they are now."""
        if self._fixed is not None:
            return tf.constant(self._fixed, self.variable_dtype)
        return CORRELATION_CAP * tf.sigmoid(_LOGIT_GAIN * self.logit.value)

    def deferred(self, correlation_of: Callable[[Any], tf.Tensor], shared: Any) -> Any:
        """`correlation_of(shared)` for distributions: it follows a learned rho as it changes."""
        if self._fixed is not None:
            return correlation_of(shared)
        like = correlation_of(shared)
        return tfp.util.DeferredTensor(
            self.logit.value, lambda _: correlation_of(shared), dtype=like.dtype, shape=like.shape
        )

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "names": self.names, "correlation": self.correlation}
