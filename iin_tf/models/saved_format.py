"""The format that a saved model names in its config."""

from typing import Any

import keras

from iin_tf import files

# The form of the configs of all models of the package; another one is another number.
FORMAT = 1


class SavedFormat(keras.Model):
    """Part of a Keras model: its config names a format, and a newer one is refused."""

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "format": FORMAT}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """The model of a config of `get_config`.

        Raises:
          NewerFormat: the config is one of a newer iin_tf.
        """
        return super().from_config(cls._arguments(config))

    @classmethod
    def _arguments(cls, config):
        """The constructor's arguments, from the config of a format that is known."""
        arguments = dict(config)
        # The first format was not always named.
        files.check_format(arguments.pop("format", 1), FORMAT, f"the {cls.__name__}")
        return arguments
