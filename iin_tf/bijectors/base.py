"""The contract of every bijector: value and log-det come from one pass."""

import abc
from typing import Any

import tensorflow as tf
from tensorflow_probability import bijectors as tfb

from iin_tf.checks import InputError
from iin_tf.private_apis.tfp import BijectorCache, EphemeralDict


class _GraphCache(BijectorCache):
    """TFP's cache for tensors of the graph that is being traced, nothing for all others.

    An eager cache outlives the weights that its values were computed with, so that a
    call after a training step would return yesterday's answer; and a value remembered
    in one graph is out of reach in another.  Within one graph the cache is what saves the
    second pass of the conditioner.  (A graph that assigns weights between two calls with
    one tensor must make the bijector anew, as `Flow.bijector` does.)
    """

    def __get__(self, bijector, bijector_class=None):
        # TFP lets equal bijectors share what is remembered.  Here they may be of one flow,
        # before and after a step of training: each has a memory of its own.
        storage = None
        if bijector is not None:
            storage = vars(bijector).setdefault("_remembered", EphemeralDict())
        return type(self)(bijector=bijector, bijector_class=bijector_class, storage=storage)

    def _lookup(self, input, forward_name, inverse_name, **kwargs):
        if _belongs_to_current_graph(input):
            return super()._lookup(input, forward_name, inverse_name, **kwargs)
        return getattr(self.bijector, forward_name)(input, **kwargs)

    def _attributes(self, input, fn_name, **kwargs):
        if _belongs_to_current_graph(input):
            return super()._attributes(input, fn_name, **kwargs)
        return {}


def _belongs_to_current_graph(tensor):
    if tf.executing_eagerly():
        return False
    # Eager tensors have no graph.
    return getattr(tensor, "graph", None) is tf.compat.v1.get_default_graph()


class VectorBijector(tfb.Bijector):
    """A bijection of vectors [..., N] that yields value and log-det together.

    A subclass defines `_forward_and_log_det(x)` and `_inverse_and_log_det(y)`; each
    returns the value [..., N] and its own direction's log|det J| [...].  Everything that
    `tfb.Bijector` offers follows from these two, and inside `tf.function` the log-det
    that comes with a value is kept for the call that asks for it, also when the bijector
    is used through `tfb.Invert`, `tfb.Chain` or `tfd.TransformedDistribution`.

    Args:
      event_size: N, or None where any N fits; inputs of another size are refused.
      parameters: the arguments of the subclass's constructor.  Two bijectors of one class
        are equal where these are, and slices of a distribution are made by them.
      dtype: float dtype of the vectors.
      name: name of the operations.
    """

    _cache = _GraphCache()

    def __init__(
        self,
        event_size: int | None = None,
        *,
        parameters: dict[str, Any],
        dtype: tf.DType | None = None,
        name: str | None = None,
        **kwargs: Any,
    ):
        self.event_size = event_size
        super().__init__(
            forward_min_event_ndims=1, parameters=parameters, dtype=dtype, name=name, **kwargs
        )

    def __repr__(self) -> str:
        size = "" if self.event_size is None else f"N={self.event_size}, "
        return f"{type(self).__name__}({size}{tf.as_dtype(self.dtype).name if self.dtype else '?'})"

    __str__ = __repr__

    @classmethod
    def _parameter_properties(cls, dtype):
        # One transformation, whatever it is made of: the batch shape is [].
        return {}

    def forward_and_log_det(self, x: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Returns `forward(x)` [..., N] and log|det dy/dx| [...], from one pass."""
        x = tf.convert_to_tensor(x, dtype_hint=self.dtype)
        return self._forward_and_log_det(self._checked(x, "x"))

    def inverse_and_log_det(self, y: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Returns `inverse(y)` [..., N] and log|det dx/dy| [...], from one pass."""
        y = tf.convert_to_tensor(y, dtype_hint=self.dtype)
        return self._inverse_and_log_det(self._checked(y, "y"))

    def _checked(self, vectors, argument):
        """`vectors`, unless they have another N, which would be broadcast without a word."""
        size, given = self.event_size, vectors.shape[-1:]
        if size is not None and not given.is_compatible_with([size]):
            raise InputError(
                f"{argument} has shape {tuple(vectors.shape)}; its last axis must hold the "
                f"{size} numbers of a vector"
            )
        return vectors

    def forward_and_each_log_det(self, x: tf.Tensor) -> tuple[tf.Tensor, list[tf.Tensor]]:
        """The value, and a list of the log-dets of the steps that this bijector consists of."""
        y, log_det = self.forward_and_log_det(x)
        return y, [log_det]

    @abc.abstractmethod
    def _forward_and_log_det(self, x):
        """Value and log-det of the forward map."""

    @abc.abstractmethod
    def _inverse_and_log_det(self, y):
        """Value and log-det of the inverse map."""

    def _forward(self, x):
        y, log_det = self.forward_and_log_det(x)
        # TFP keeps one dictionary for both ends of an edge, and reads 'ildj' from it in
        # the inverse direction and its negative in the forward direction.
        self._cache.forward_attributes(x)["ildj"] = -log_det
        return y

    def _inverse(self, y):
        x, log_det = self.inverse_and_log_det(y)
        self._cache.inverse_attributes(y)["ildj"] = log_det
        return x

    def _forward_log_det_jacobian(self, x):
        return self.forward_and_log_det(x)[1]

    def _inverse_log_det_jacobian(self, y):
        return self.inverse_and_log_det(y)[1]
