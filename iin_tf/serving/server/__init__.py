"""A local server for development that speaks TensorFlow Serving's REST interface."""

from iin_tf.lazy import attribute_loader

# Public name -> module, loaded on first use.
_PUBLIC = {
    "Limits": "iin_tf.serving.server.limits",
    "Server": "iin_tf.serving.server.server",
}

__all__ = list(_PUBLIC)
__getattr__ = attribute_loader(__name__, _PUBLIC)
