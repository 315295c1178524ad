"""Trained networks for use elsewhere: export to TensorFlow Serving."""

from iin_tf.lazy import attribute_loader

# Public name -> module, loaded on first use.
_PUBLIC = {
    "export": "iin_tf.serving.saved_model",
}

__all__ = list(_PUBLIC)
__getattr__ = attribute_loader(__name__, _PUBLIC)
