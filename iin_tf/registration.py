"""Keras's registry knows the classes of this package by name, before they are imported.

`keras.saving.load_model` finds a class by the name under which it was registered, which happens
as its module is imported; the modules here load on first use, and TensorFlow with them.  So
stand-ins are registered, which import what they stand for as soon as Keras makes one of it: at
once where Keras is loaded already, else when it has been.
"""

import importlib
import importlib.abc
import importlib.util
import sys
from typing import Any

PACKAGE = "iin_tf"
# Class -> the module that registers it; a test compares this with the modules.
CLASSES = {
    "BlockCorrelation": "iin_tf.models.correlation",
    "ConstantThenLinear": "iin_tf.optimizers.schedules",
    "ConvClassifier": "iin_tf.models.classifier",
    "Flow": "iin_tf.bijectors.flow",
    "FusedAdam": "iin_tf.optimizers.fused_adam",
    "GroupAutoencoder": "iin_tf.models.group_autoencoder",
    "HalvedRate": "iin_tf.models.watch",
    "InterpretationNetwork": "iin_tf.models.interpretation_network",
    "VariationalAutoencoder": "iin_tf.models.autoencoder",
}


class _StandIn:
    """What Keras needs of a registered class: `from_config`, and to be called."""

    def __init__(self, name: str, module: str):
        self._name, self._module = name, module

    def _found(self):
        return getattr(importlib.import_module(self._module), self._name)

    def from_config(self, config: dict) -> Any:
        return self._found().from_config(config)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._found()(*args, **kwargs)


class _AfterKeras(importlib.abc.MetaPathFinder):
    """Registers as soon as `keras` has been imported, whoever imports it."""

    def __init__(self):
        self._searching = False

    def find_spec(self, fullname, path=None, target=None):
        if fullname != "keras" or self._searching:
            return None
        self._searching = True
        try:
            spec = importlib.util.find_spec("keras")
        finally:
            self._searching = False
        if spec is not None and spec.loader is not None:
            run = spec.loader.exec_module

            def run_and_register(module):
                run(module)
                # Not before: a search alone, as TensorFlow makes one, imports nothing.
                if self in sys.meta_path:
                    sys.meta_path.remove(self)
                _register(module)

            # The method of this one import's loader, not of its class.
            spec.loader.exec_module = run_and_register  # type: ignore[method-assign]
        return spec


def register_when_keras_is_there() -> None:
    """Registers the classes now, or as soon as Keras has been imported."""
    keras = sys.modules.get("keras")
    if hasattr(keras, "saving"):
        _register(keras)
    else:
        sys.meta_path.insert(0, _AfterKeras())


def _register(keras):
    registry = keras.saving.get_custom_objects()
    for name, module in CLASSES.items():
        # A class that has been imported has registered itself.
        registry.setdefault(f"{PACKAGE}>{name}", _StandIn(name, module))
