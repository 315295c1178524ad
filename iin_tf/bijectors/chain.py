"""Bijectors one after the other."""

from collections.abc import Callable, Iterable, Sequence

import tensorflow as tf

from iin_tf.bijectors.base import VectorBijector


class Chain(VectorBijector):
    """Applies `steps` in the order given: the first step is the first to see the input.

    `y = step_n(... step_1(x))`, `log|det|` the sum of the steps' log-dets.

    Args:
      steps: sequence of `VectorBijector`s, or a function without arguments that returns
        one; the function is called in every pass, so that weights are read when they
        are used and never frozen.
      variables: the `tf.Variable`s that such a function reads, for
        `trainable_variables` and checkpoints.
      event_size: N, or None to leave it to the steps.
    """

    def __init__(
        self,
        steps: Sequence[VectorBijector] | Callable[[], Sequence[VectorBijector]],
        variables: Iterable[tf.Variable] = (),
        event_size: int | None = None,
        dtype: tf.DType | None = None,
        name: str = "chain",
    ):
        parameters = dict(locals())
        self._make_steps = steps if callable(steps) else lambda: steps
        self._weights = list(variables)
        super().__init__(event_size, parameters=parameters, dtype=dtype, name=name)

    @property
    def steps(self) -> list[VectorBijector]:
        """The steps in order of application, made from the weights as they are now."""
        return list(self._make_steps())

    def forward_and_log_dets(self, x: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Returns `forward(x)` [..., N] and each step's log-det, stacked [steps, ...].

        Of a chain inside of this one, each of its steps counts.
        """
        x = self._checked(tf.convert_to_tensor(x, dtype_hint=self.dtype), "x")
        y, log_dets = self.forward_and_each_log_det(x)
        return y, tf.stack(log_dets)

    def forward_and_each_log_det(self, x: tf.Tensor) -> tuple[tf.Tensor, list[tf.Tensor]]:
        log_dets = []
        for step in self.steps:
            x, some = step.forward_and_each_log_det(x)
            log_dets += some
        return x, log_dets

    def _forward_and_log_det(self, x):
        y, log_dets = self.forward_and_log_dets(x)
        return y, tf.reduce_sum(log_dets, 0)

    def _inverse_and_log_det(self, y):
        log_dets = []
        for step in reversed(self.steps):
            y, log_det = step.inverse_and_log_det(y)
            log_dets.append(log_det)
        return y, tf.add_n(log_dets)
