"""Loading of saved models, in any process."""

import zipfile
from pathlib import Path

import keras

# Keras finds a class by name only once its module is imported.
from iin_tf import optimizers  # noqa: F401
from iin_tf.models import autoencoder, classifier, group_autoencoder  # noqa: F401
from iin_tf.models.interpretation_network import InterpretationNetwork


def load_model(path):
    """Any Keras model that this package saved: a network, an autoencoder, a classifier.

    Raises:
      ValueError: there is no such file, or it is not a saved Keras model.
    """
    path = Path(path)
    if not path.is_file():
        raise ValueError(f"path {str(path)!r} is not a file; give one that `save` wrote")
    try:
        return keras.saving.load_model(path)
    except (ValueError, TypeError, KeyError, OSError, zipfile.BadZipFile) as error:
        reason = str(error).strip().splitlines()[0]
        raise ValueError(f"path {str(path)!r} is not a saved Keras model: {reason}") from error


def load(path):
    """The InterpretationNetwork that `network.save(path)` wrote, complete.

    Raises:
      ValueError: there is no such file, or it holds something else.
    """
    model = load_model(path)
    if not isinstance(model, InterpretationNetwork):
        raise ValueError(
            f"path {str(path)!r} holds a {type(model).__name__}, not an InterpretationNetwork; "
            "load it with keras.saving.load_model"
        )
    return model
