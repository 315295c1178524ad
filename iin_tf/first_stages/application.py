"""Models of keras.applications as first stages."""

import difflib
import inspect
import os
from pathlib import Path
from typing import Any

import keras

from iin_tf import checks
from iin_tf.checks import InputError
from iin_tf.first_stages.keras_model import KerasFirstStage
from iin_tf.first_stages.pixels import Pixels


def application_first_stage(
    name: str,
    weights: str | os.PathLike,
    image_shape: tuple[int, int, int],
    *,
    layer: str | None = None,
    pool: str | int | None = None,
    size: int | None = None,
    classes: int = 1000,
    **settings: Any,
) -> KerasFirstStage:
    """A model of keras.applications by name, cut behind a layer; nothing is downloaded.

    Images are resized, repeated to three channels where they are grey, and prepared by the
    application's own `preprocess_input`.  `head` gives logits.

    Args:
      name: of the application, such as "MobileNetV2".
      weights: file of weights, as `save_weights` and keras.applications write them, or "random".
      image_shape: (height, width, channels) of the images, whole numbers 0 .. 255.
      layer: name of a layer to cut behind; None for the model's output.
      pool: what is done with positions; see `KerasFirstStage`.
      size: side of the square that images are resized to; None for their own size.
      classes: number of the model's outputs; 0 for a model without its classification layers, as
        files that end in "notop" hold.
      settings: noise, noise_kind, drop, clip and value_range of `KerasFirstStage`.

    Raises:
      InputError: no such application or file, weights of another model, images of a size or of
        channels that the application does not take, or as `KerasFirstStage`.
    """
    builder = _builder(name)
    side = None if size is None else (checks.whole(size, "size", least=1),) * 2
    prepare = Pixels(
        image_shape,
        size=side,
        then=inspect.getmodule(builder).preprocess_input,  # type: ignore
    )
    model = _built(builder, name, prepare.output_shape[1:], checks.whole(classes, "classes", 0))
    if weights != "random":
        _load_weights(model, name, weights, classes)
    return KerasFirstStage(model, layer=layer, pool=pool, prepare=prepare, **settings)


def application_names() -> list[str]:
    """The names of keras.applications' models."""
    return [name for name in dir(keras.applications) if name[0].isupper()]


def _builder(name):
    known = application_names()
    if name not in known:
        near = difflib.get_close_matches(str(name), known, n=3, cutoff=0.0)
        raise InputError(f"application is {checks.shown(name)}; the nearest are {near}")
    return getattr(keras.applications, name)


def _built(builder, name, shape, classes):
    top = {"classes": classes, "classifier_activation": None} if classes else {}
    try:
        return builder(include_top=classes > 0, weights=None, input_shape=shape, **top)
    except ValueError as error:
        reason = " ".join(str(error).split())
        raise InputError(f"application {name} is not made for images of {shape}: {reason}; give "
                         "image_size, the side that they are resized to") from error  # fmt: skip


def _load_weights(model, name, path, classes):
    if not isinstance(path, str | os.PathLike) or not Path(path).is_file():
        raise InputError(
            f"weights is {checks.shown(path)}, which is no file; give a file of weights (.h5) of "
            f"{name}, or 'random'"
        )
    try:
        model.load_weights(path)
    except (OSError, ValueError, KeyError, TypeError) as error:
        reason = " ".join(str(error).split())[:200]
        raise InputError(
            f"{str(path)!r} does not hold weights of {name} with {classes} classes ({reason}); "
            "give those, or classes=0 for a file without the classification layers"
        ) from error
