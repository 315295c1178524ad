"""Images with their labels, as plain arrays."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class LabelledImages:
    """Images, what is known about each, and which handwriting each was made from.

    Attributes:
      images: uint8 [n, 32, 32, 3].
      labels: name -> [n] or [n, d] array; the digit data sets hold "digit" (int64 [n]) and
        "color" (float32 [n, 3], RGB in [0, 1]).
      source: int64 [n], the id of the handwriting image.  Two views of one handwriting share
        it, and a pair must not be made of them.

    Raises:
      ValueError: an array of another dtype, shape or length.
    """

    images: np.ndarray
    labels: dict[str, np.ndarray]
    source: np.ndarray

    def __post_init__(self):
        if self.images.dtype != np.uint8 or self.images.ndim != 4 or self.images.shape[-1] != 3:
            raise ValueError(
                f"images is {self.images.dtype} {list(self.images.shape)}; give uint8 [n, h, w, 3]"
            )
        for name, values in {"source": self.source, **self.labels}.items():
            if len(values) != len(self.images):
                raise ValueError(
                    f"{name} has {len(values)} rows for {len(self.images)} images; give one each"
                )

    def __len__(self):
        return len(self.images)

    def select(self, rows):
        """The examples at `rows` (indices, a slice or a boolean mask), in that order."""
        labels = {name: values[rows] for name, values in self.labels.items()}
        return LabelledImages(self.images[rows], labels, self.source[rows])
