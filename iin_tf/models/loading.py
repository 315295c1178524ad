"""Loading of saved networks, in any process."""

from pathlib import Path

import keras

from iin_tf.models.interpretation_network import InterpretationNetwork


def load(path):
    """The InterpretationNetwork that `network.save(path)` wrote, complete.

    Raises:
      ValueError: there is no such file, or it holds something else.
    """
    path = Path(path)
    if not path.is_file():
        raise ValueError(f"path {str(path)!r} is not a file; give one that network.save wrote")
    try:
        model = keras.saving.load_model(path)
    except (ValueError, TypeError, OSError) as error:
        raise ValueError(f"path {str(path)!r} is not a saved network: {error}") from error
    if not isinstance(model, InterpretationNetwork):
        raise ValueError(
            f"path {str(path)!r} holds a {type(model).__name__}, not an InterpretationNetwork; "
            "load it with keras.saving.load_model"
        )
    return model
