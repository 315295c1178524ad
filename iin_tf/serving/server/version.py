"""One loaded version of a model."""

import contextlib
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import tensorflow as tf

from iin_tf.serving.definitions import as_json, signature_definitions
from iin_tf.serving.server.errors import Refused, graph_words
from iin_tf.serving.signatures import Signature, read_signatures

DEFAULT = "serving_default"


class Version:
    """A SavedModel in memory, and how many requests it is answering.

    Args:
      path: `<model>/<number>`.
    """

    def __init__(self, path: Path):
        self.number = int(path.name)
        self.definitions = signature_definitions(path)
        self.described = {name: as_json(one) for name, one in self.definitions.items()}
        self.signatures = read_signatures(self.described)
        # Its functions live as long as it does.
        self._model = tf.saved_model.load(str(path))
        self._lock = threading.Lock()
        self._leases = 0

    @contextlib.contextmanager
    def lease(self) -> Iterator["Version"]:
        """While inside, the version is in use and stays."""
        with self._lock:
            self._leases += 1
        try:
            yield self
        finally:
            with self._lock:
                self._leases -= 1

    @property
    def is_idle(self) -> bool:
        """Whether it answers no request at the moment."""
        return self._leases == 0

    def signature(self, name: str) -> Signature:
        """The signature of that name.

        Raises:
          Refused: there is none; the words list those that there are.
        """
        try:
            return self.signatures[name]
        except KeyError:
            raise Refused(
                400,
                f'Serving signature name: "{name}" not found in signature def; '
                f"there are {sorted(self.signatures)}",
            ) from None

    def run(self, name: str, inputs: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """What the signature `name` answers.

        Raises:
          Refused: the graph refuses the inputs.
        """
        specs = self.signature(name).inputs
        tensors = {
            key: tf.constant(value, tf.string if specs[key].dtype == object else value.dtype)
            for key, value in inputs.items()
        }
        try:
            outputs = self._model.signatures[name](**tensors)
        except tf.errors.InvalidArgumentError as error:
            raise Refused(400, graph_words(error.message)) from error
        return {key: outputs[key].numpy() for key in sorted(outputs)}
