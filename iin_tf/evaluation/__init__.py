"""Figures, measures and the report of a trained network."""

from iin_tf.lazy import attribute_loader

# Public name -> module; the measures work on arrays, and bring no TensorFlow with them.
_PUBLIC = {
    "disentanglement": "iin_tf.evaluation.measures",
}

__all__ = list(_PUBLIC)
__getattr__ = attribute_loader(__name__, _PUBLIC)
