"""Loading of saved models, in any process."""

from pathlib import Path

import keras

from iin_tf import files
from iin_tf.checks import InputError
from iin_tf.models.interpretation_network import InterpretationNetwork
from iin_tf.models.saved_file import saved_weights, weights_within


def load_model(path: str | Path, compile: bool = True) -> keras.Model:
    """Any Keras model that this package saved: a network, an autoencoder, a classifier.

    Args:
      path: the file.
      compile: whether its optimiser is loaded too, to train on.

    Raises:
      InputError: there is no such file, or it is damaged, of a newer format, or no saved Keras
        model.
    """
    if not isinstance(path, str | Path) or not Path(path).is_file():
        raise InputError(f"path {str(path)!r} is not a file; give one that `save` wrote")
    path = Path(path)
    try:
        count = saved_weights(path)
        with weights_within(count, path):
            return keras.saving.load_model(path, compile=compile)
    except files.NewerFormat as error:
        raise files.NewerFormat(f"path {str(path)!r}: {error}") from error
    except files.UNREADABLE as error:
        if isinstance(error, InputError) and str(error).startswith(f"path {str(path)!r}"):
            raise
        lines = str(error).strip().splitlines() or [type(error).__name__]
        raise InputError(
            f"path {str(path)!r} is not a saved Keras model: {lines[0]}; give one that `save` wrote"
        ) from error


def load(path: str | Path) -> InterpretationNetwork:
    """The InterpretationNetwork that `network.save(path)` wrote, complete.

    Raises:
      InputError: there is no such file, or it is damaged or holds something else.
    """
    model = load_model(path)
    if not isinstance(model, InterpretationNetwork):
        raise InputError(
            f"path {str(path)!r} holds a {type(model).__name__}, not an InterpretationNetwork; "
            "load it with keras.saving.load_model"
        )
    return model
