"""Invertible Interpretation Networks in Keras 3 and TensorFlow Probability.

Translate the representation of any frozen model into named, independent factors and
a residual, and back without loss.  The public names load on first use, so that
`import iin_tf` stays quick; TensorFlow arrives with the first name that needs it.
"""

from iin_tf.lazy import attribute_loader
from iin_tf.registration import register_when_keras_is_there

__version__ = "0.1.0"

# Public name -> the module that defines it; rooms stand for themselves.
_PUBLIC = {
    "FactorLayout": "iin_tf.factors",
    "FactorTransformer": "iin_tf.factor_transformer",
    "estimate_factor_sizes": "iin_tf.factor_sizes",
    "suggest": "iin_tf.settings.rule",
    "InterpretationNetwork": "iin_tf.models.interpretation_network",
    "load": "iin_tf.models.loading",
    "export": "iin_tf.serving.saved_model",
    "FusedAdam": "iin_tf.optimizers",
    "audits": "iin_tf.audits",
    "bijectors": "iin_tf.bijectors",
    "data": "iin_tf.data",
    "distributions": "iin_tf.distributions",
    "first_stages": "iin_tf.first_stages",
    "measures": "iin_tf.measures",
    "models": "iin_tf.models",
    "optimizers": "iin_tf.optimizers",
    "reporting": "iin_tf.reporting",
    "results": "iin_tf.results",
    "serving": "iin_tf.serving",
    "settings": "iin_tf.settings",
    "training": "iin_tf.training",
}

__all__ = list(_PUBLIC)
__getattr__ = attribute_loader(__name__, _PUBLIC)


def __dir__():
    return sorted([*globals(), *__all__])


register_when_keras_is_there()
