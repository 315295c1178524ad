"""A distribution of representations, as TFP's users use it."""

import tensorflow as tf
from tensorflow_probability import distributions as tfd

from iin_tf import checks


class RepresentationDistribution(tfd.TransformedDistribution):
    """A `tfd.TransformedDistribution` that takes whole events of finite numbers only.

    TFP would broadcast a value of one column to the event, and answer NaN to NaN.
    """

    def _log_prob(self, y, **kwargs):
        event = self.event_shape
        if not y.shape[-event.rank :].is_compatible_with(event):
            raise checks.InputError(
                f"value has shape {tuple(y.shape)}; the event is {tuple(event)}: give "
                f"[..., {', '.join(map(str, event))}]"
            )
        checks.check_finite_rows(tf.reshape(y, [-1, event.num_elements()]), "value")
        return super()._log_prob(y, **kwargs)
