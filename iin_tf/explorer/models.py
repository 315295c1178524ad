"""What an explorer asks of a model, and the model of this process."""

from pathlib import Path
from typing import Any, Protocol

import numpy as np

from iin_tf.experiment.experiment import are_images
from iin_tf.experiment.finished import form_of_images, read_image
from iin_tf.experiment.heads import named_head
from iin_tf.experiment.images import unit
from iin_tf.factors import FactorLayout
from iin_tf.first_stages import decode_in_batches, encode_in_batches, stack_batches

IMAGES, TEXTS = "images", "texts"


class Model(Protocol):
    """Arrays in, arrays out; quick for a single row.

    Attributes:
      layout: FactorLayout.
      takes: what `encode` takes of one's own: "images", "texts" or None.
      has_decoder: whether `decode` works.
      has_head: whether `head` works.
    """

    layout: FactorLayout
    takes: str | None
    has_decoder: bool
    has_head: bool

    def transform(self, z: np.ndarray) -> np.ndarray:
        """`z_tilde` [B, N] of representations z [B, N]."""

    def invert(self, z_tilde: np.ndarray) -> np.ndarray:
        """Representations z [B, N] of z_tilde [B, N]."""

    def log_prob(self, z: np.ndarray) -> np.ndarray:
        """Log-density of each row of z [B, N]: [B], nats."""

    def encode(self, x: np.ndarray) -> np.ndarray:
        """The mean representation [B, N] of inputs x [B, ...]."""

    def decode(self, z: np.ndarray) -> np.ndarray:
        """Outputs [B, ...] of representations z [B, N]."""

    def head(self, z: np.ndarray, x: np.ndarray | None) -> dict[str, np.ndarray]:
        """The model's outputs by name, [B, values] each, for z [B, N] of inputs x [B, ...]."""

    def read_image(self, path: str | Path) -> np.ndarray:
        """An image file as grey levels, uint8 [h, w, c], of the model's size."""

    def input_of(self, levels: np.ndarray) -> np.ndarray:
        """Grey levels, uint8 [h, w, c], as one input of the model."""


class LocalModel:
    """A network and its first stage in this process, compiled once for any number of rows.

    Args:
      network: InterpretationNetwork.
      first_stage: FirstStage, or None where representations are all there is.
      x: array or `LazyRows` of inputs that the first stage takes, or None.
      resize: what to do with images of another size: "refuse", "crop", "fit" or "stretch".
    """

    def __init__(self, network: Any, first_stage: Any, x: Any = None, resize: str = "crop"):
        self.layout, self._network, self._stage = network.layout, network, first_stage
        self._resize = resize
        self._x = x
        usable = first_stage is not None and first_stage.keeps_rows
        self.takes = _taken(x) if usable else None
        self.has_decoder = usable and first_stage.has_decoder
        self.has_head = usable and first_stage.has_head
        self._head: Any = named_head(first_stage) if self.has_head else None

    def transform(self, z: np.ndarray) -> np.ndarray:
        return self._network.transform(z).numpy()

    def invert(self, z_tilde: np.ndarray) -> np.ndarray:
        return self._network.invert(z_tilde).numpy()

    def log_prob(self, z: np.ndarray) -> np.ndarray:
        return self._network.log_prob(z).numpy()

    def encode(self, x: np.ndarray) -> np.ndarray:
        return stack_batches(encode_in_batches(self._stage, x))[0]

    def decode(self, z: np.ndarray) -> np.ndarray:
        return stack_batches(decode_in_batches(self._stage, np.asarray(z, np.float32)))

    def head(self, z: np.ndarray, x: np.ndarray | None) -> dict[str, np.ndarray]:
        return self._head(z, x if self._stage.head_needs_input else None)

    def read_image(self, path: str | Path) -> np.ndarray:
        return read_image(path, form_of_images(tuple(self._x.shape[1:]), self._resize), "image")

    def input_of(self, levels: np.ndarray) -> np.ndarray:
        return levels if self._x.dtype == np.uint8 else unit(levels)


def _taken(x):
    if x is None:
        return None
    if len(x.shape) == 1 and x.dtype.kind in "UO":
        return TEXTS
    return IMAGES if are_images(x) and x.shape[-1] in (1, 3) else None
