"""Figures, measures and the report of a trained network."""

import importlib

# Public name -> module; the measures work on arrays, and bring no TensorFlow with them.
_PUBLIC = {
    "disentanglement": "iin_tf.evaluation.measures",
}

__all__ = list(_PUBLIC)


def __getattr__(name):
    if name not in _PUBLIC:
        raise AttributeError(f"module 'iin_tf.evaluation' has no attribute {name!r}")
    return getattr(importlib.import_module(_PUBLIC[name]), name)
