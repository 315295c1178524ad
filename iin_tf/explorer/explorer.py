"""What an explorer can be asked; every answer is a pure function of a `View`."""

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, UnidentifiedImageError

from iin_tf import algebra
from iin_tf.checks import InputError, shown
from iin_tf.explorer.directions import Directions
from iin_tf.explorer.gallery import Gallery
from iin_tf.explorer.models import IMAGES, TEXTS, Model
from iin_tf.explorer.view import View


@dataclasses.dataclass(frozen=True)
class Own:
    """An input of one's own.

    Attributes:
      name: the file or the text.
      x: the input as the model takes it.
      z: float [N], its representation.
      picture: uint8 [h, w, c], of an image; else None.
      word: what was done to it on the way, or "".
    """

    name: str
    x: Any
    z: np.ndarray
    picture: np.ndarray | None = None
    word: str = ""


@dataclasses.dataclass(frozen=True)
class Shown:
    """What a view looks like.

    Attributes:
      z: float [N], the edited representation.
      z_tilde: float [N].
      picture: uint8 [h, w] or [h, w, c], where there is a decoder of images; else None.
      log_prob: nats.
      percentile: the share of the explorer's examples that are less likely, in percent.
      readouts: factor -> what a probe reads of z; empty where there is a decoder.
    """

    z: np.ndarray
    z_tilde: np.ndarray
    picture: np.ndarray | None
    log_prob: float
    percentile: float
    readouts: Mapping[str, Any]

    def save(self, path: str | Path) -> None:
        """Writes the picture, pixel by pixel.

        Raises:
          InputError: there is none.
        """
        if self.picture is None:
            raise InputError("the model has no decoder: there is no picture to save")
        Image.fromarray(self.picture).save(path)


class Explorer:
    """A model, its network and its examples; nothing in it changes with what is asked.

    Args:
      model: `Model`.
      gallery: `Gallery`.
      directions: `Directions`.
      reads: mapping block -> what was measured that it reads, in words.
      probes: mapping factor -> `Probe`, that reads representations; for models without a decoder.
      opened: the Python expression that opens an equal explorer.
    """

    def __init__(
        self,
        model: Model,
        gallery: Gallery,
        directions: Directions,
        reads: Mapping[str, str] | None = None,
        probes: Mapping[str, Any] | None = None,
        opened: str = "explorer",
    ):
        self.model, self.gallery, self.directions = model, gallery, directions
        self.layout = model.layout
        self.reads, self._probes, self._opened = dict(reads or {}), dict(probes or {}), opened

    def read(self, given: str) -> Own:
        """An input of one's own: an image file, or a text, whichever the model takes.

        Raises:
          InputError: the model takes nothing of the kind, or the file is no image.
        """
        if self.model.takes == TEXTS:
            x = np.array([given])
            return Own(given, x[0], self.model.encode(x)[0])
        if self.model.takes != IMAGES:
            raise InputError(
                f"example is {shown(given)}, but there is no model here that takes images or "
                f"texts; give the id of an example, such as {self.gallery.ids[0]!r}"
            )
        if not Path(given).is_file():
            raise InputError(
                f"example is {shown(given)}: a text, or no file; the model takes images: give an "
                f"image file, or the id of an example, such as {self.gallery.ids[0]!r}"
            )
        _check_image(given)
        picture = self.model.read_image(given)
        x = self.model.input_of(picture)
        return Own(given, x, self.model.encode(x[None])[0], picture, _resized(given, picture))

    def input_of(self, example: str, own: Mapping[str, Own] | None = None) -> Any:
        """The input of an example, as the model takes it; None where inputs are not known."""
        if own and example in own:
            return own[example].x
        row = self.gallery.row(example)
        if row is None:
            return self.read(example).x
        return None if self.gallery.x is None else np.asarray(self.gallery.x[row])

    def z_of(self, example: str, own: Mapping[str, Own] | None = None) -> np.ndarray:
        """The representation [N] of an example, or of an input of one's own.

        Args:
          example: id, file or text.
          own: name -> `Own`, of what was read before.
        """
        if own and example in own:
            return own[example].z
        row = self.gallery.row(example)
        return self.read(example).z if row is None else self.gallery.z[row]

    def show(self, view: View, own: Mapping[str, Own] | None = None) -> Shown:
        """What the view looks like.

        Args:
          view: View.
          own: as in `z_of`.

        Raises:
          InputError: the view cannot be used, or names no example.
        """
        view.check(self.layout)
        donor = view.example if view.donor is None else view.donor
        z = np.stack([self.z_of(example, own) for example in (view.example, donor)])
        start, end = np.split(self.model.transform(z), 2)
        z_tilde = self.directions.moved(start, end, view).astype(np.float32)
        z = self.model.invert(z_tilde)
        log_prob = float(self.model.log_prob(z)[0])
        return Shown(
            z[0],
            z_tilde[0],
            self.pictures(z)[0],
            log_prob,
            self.gallery.percentile(log_prob),
            {name: probe.read(z)[0] for name, probe in self._probes.items()},
        )

    def pictures(self, z: np.ndarray) -> list[Any]:
        """Decoded images of representations z [B, N]; None for each where nothing decodes them."""
        if not self.model.has_decoder:
            return [None] * len(z)
        decoded = self.model.decode(z)
        if decoded.ndim != 4 or decoded.shape[-1] not in (1, 3):
            return [None] * len(z)
        return [levels(one) for one in decoded]

    def head(self, view: View, z: np.ndarray, own: Mapping[str, Own] | None = None) -> dict:
        """What the model itself makes of the example and of z [N]: name -> floats [2, values]."""
        if not self.model.has_head:
            return {}
        x = self.input_of(view.example, own)
        both = np.stack([self.z_of(view.example, own), z])
        return self.model.head(both, None if x is None else np.stack([x, x]))

    def grid(
        self,
        recipients: Sequence[str],
        donors: Sequence[str],
        block: str,
        own: Mapping[str, Own] | None = None,
    ) -> np.ndarray:
        """Each recipient with each donor's block: representations [r, d, N]."""
        self.layout.mask([block])
        names = [*recipients, *donors]
        codes = self.model.transform(np.stack([self.z_of(name, own) for name in names]))
        rows, columns = codes[: len(recipients)], codes[len(recipients) :]
        pairs = np.repeat(rows, len(columns), axis=0), np.tile(columns, (len(rows), 1))
        edited = self.model.invert(algebra.exchange(self.layout, *pairs, [block]))
        return edited.reshape(len(rows), len(columns), -1)

    def readouts(self, z: np.ndarray) -> list[dict[str, Any]]:
        """What the probes read of each representation z [B, N]."""
        read = {name: probe.read(z) for name, probe in self._probes.items()}
        return [{name: values[row] for name, values in read.items()} for row in range(len(z))]

    def code(self, view: View) -> str:
        """The Python lines that make the picture of a view, or its representation."""
        names = ["Change", "View"] if "Change(" in view.code() else ["View"]
        end = ".save('picture.png')" if self.model.has_decoder else ".z"
        opener = self._opened.partition("(")[0]
        return (
            f"from iin_tf.explorer import {', '.join([*names, opener])}\n"
            f"{self._opened}.show({view.code()}){end}"
        )


def levels(image: np.ndarray) -> np.ndarray:
    """A decoded image [h, w, c] in [0, 1] as uint8, grey without its channel."""
    whole = np.round(np.clip(image, 0, 1) * 255).astype(np.uint8)
    return whole[..., 0] if whole.shape[-1] == 1 else whole


def _check_image(path):
    try:
        with Image.open(path):
            pass
    except UnidentifiedImageError as error:
        name = shown(Path(path).name)
        raise InputError(f"example is {name}, no image; the model takes images") from error


def _resized(path, picture):
    """A word on an image that had another size."""
    with Image.open(path) as image:
        before = image.size
    now = (picture.shape[1], picture.shape[0])
    if before == now:
        return ""
    return f"{before[0]} x {before[1]} pixels were brought to {now[0]} x {now[1]}."
