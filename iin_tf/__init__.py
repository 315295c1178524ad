"""Invertible Interpretation Networks in Keras 3 and TensorFlow Probability.

Translate the representation of any frozen model into named, independent factors and
a residual, and back without loss.  The public names load on first use, so that
`import iin_tf` stays quick; TensorFlow arrives with the first name that needs it.
"""

import importlib

__version__ = "0.1.0"

# Public name -> the module that defines it.
_PUBLIC = {
    "FactorLayout": "iin_tf.factors",
    "estimate_factor_sizes": "iin_tf.factors",
    "InterpretationNetwork": "iin_tf.models.interpretation_network",
    "load": "iin_tf.models.loading",
    "export": "iin_tf.serving.export",
    "FusedAdam": "iin_tf.optimizers",
}
_ROOMS = (
    "bijectors",
    "data",
    "distributions",
    "evaluation",
    "first_stages",
    "models",
    "optimizers",
    "serving",
    "training",
)

__all__ = [*_PUBLIC, *_ROOMS]


def __getattr__(name):
    if name in _PUBLIC:
        value = getattr(importlib.import_module(_PUBLIC[name]), name)
    elif name in _ROOMS:
        value = importlib.import_module(f"iin_tf.{name}")
    else:
        raise AttributeError(f"module 'iin_tf' has no attribute {name!r}; it has {__all__}")
    globals()[name] = value
    return value


def __dir__():
    return sorted([*globals(), *__all__])
