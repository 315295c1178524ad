"""Models that somebody has trained, as a config names them."""

from typing import Any

import keras
import tensorflow as tf

from iin_tf.checks import InputError
from iin_tf.first_stages import FirstStage, KerasFirstStage, SavedModelFirstStage
from iin_tf.first_stages.application import application_first_stage
from iin_tf.first_stages.pixels import Pixels
from iin_tf.models.loading import load_model


def keras_stage(settings: Any, x: Any, seed: int) -> FirstStage:
    """The model of a .keras file, cut at `layer` if there is one.

    Args:
      settings: the `first_stage` part of a config.
      x: training examples, of which shape and dtype matter.
      seed: not used.

    Raises:
      InputError: no Keras model, no such layer, or a model that does not take `x`.
    """
    model = load_model(settings.path, compile=False)
    inputs = getattr(model, "inputs", None) or []
    if len(inputs) > 1:
        raise InputError(
            f"first_stage.path is {settings.path!r}, a model of the inputs "
            f"{[tensor.name for tensor in inputs]}; examples of a config are one input: give "
            "first_stage.kind='python', whose get_first_stage makes the others"
        )
    taken = tuple(inputs[0].shape) if inputs else None
    prepare = _prepared(settings, x, taken)
    layer, pool = settings.layer or None, settings.pool
    if layer is None and hasattr(model, "decode"):
        # It has a log-variance of its own, and a decoder.
        return KerasFirstStage(model, prepare=prepare)
    _check_outputs(model, settings)
    return KerasFirstStage(model, layer=layer, pool=pool, prepare=prepare, **_common(settings))


def application(settings: Any, x: Any, seed: int) -> FirstStage:
    """A model of keras.applications, with the weights of a file or with random ones.

    Args:
      settings: the `first_stage` part of a config.
      x: training examples.
      seed: of random weights.

    Raises:
      InputError: the examples are no images, or as `application_first_stage`.
    """
    if not _are_images(x):
        raise InputError(
            f"first_stage.kind is 'application', which takes images, uint8 [n, height, width, "
            f"channels]; the data are {x.dtype} {list(x.shape)}"
        )
    # Every stage builds the model anew, and must have the same.
    keras.utils.set_random_seed(seed)
    return application_first_stage(
        settings.application,
        settings.path,
        x.shape[1:],
        layer=settings.layer or None,
        pool=settings.pool,
        size=settings.image_size or None,
        classes=settings.classes,
        **_common(settings),
    )


def saved_model(settings: Any, x: Any, seed: int) -> FirstStage:
    """Signatures of a SavedModel.

    Args:
      settings: the `first_stage` part of a config.
      x: training examples, of which shape and dtype matter.
      seed: not used.

    Raises:
      InputError: as `SavedModelFirstStage`, or signatures that do not take `x`.
    """
    names: dict[str, Any] = {key: settings[key] or None for key in ("output", "decode", "head")}
    names |= {"encode": settings.encode, "pool": settings.pool}
    given = SavedModelFirstStage(settings.path, **names)
    takes_text = given.signature_input.dtype == tf.string
    if takes_text != (x.dtype.kind not in "biuf"):
        raise InputError(
            f"first_stage.encode is {settings.encode!r}, a signature that takes "
            f"{given.signature_input.dtype.name}, but the data are {x.dtype} {list(x.shape)}; give "
            "data of that kind, or another signature"
        )
    prepare = _prepared(settings, x, tuple(given.signature_input.shape))
    common = _common(settings)
    if given.gives_moments:
        common |= {"noise": None}
    return SavedModelFirstStage(settings.path, **names, prepare=prepare, **common)


def _common(settings):
    keys = ("noise", "noise_kind", "clip", "value_range")
    return {"drop": "constant"} | {key: settings[key] for key in keys}


def _are_images(x):
    return len(x.shape) == 4 and x.dtype.kind == "u"


def _prepared(settings, x, taken):
    """What makes a model's inputs, of shape `taken`, of x; None where it takes x as it is."""
    if not _are_images(x):
        for key, default in (("image_size", 0), ("pixels", "0..255")):
            if settings[key] != default:
                raise InputError(
                    f"first_stage.{key} is {settings[key]!r}, but the data are no images, uint8 "
                    f"[n, height, width, channels]: {x.dtype} {list(x.shape)}; leave it out"
                )
        _check_taken((None, *x.shape[1:]), taken, "")
        return None
    side = settings.image_size
    channels = taken[-1] if taken and len(taken) == 4 and taken[-1] else x.shape[-1]
    size = (side, side) if side else None
    prepare = Pixels(x.shape[1:], settings.pixels, size, channels)
    _check_taken(prepare.output_shape, taken, "; first_stage.image_size resizes images")
    return prepare


def _check_taken(given, taken, help_with_it):
    if taken is None:
        return
    fits = len(given) == len(taken) and all(
        want in (None, have) for have, want in zip(given[1:], taken[1:], strict=True)
    )
    if not fits:
        raise InputError(
            f"the data are {list(given)}, but the model takes {list(taken)}; give data of that "
            f"shape{help_with_it}"
        )


def _check_outputs(model, settings):
    outputs = getattr(model, "outputs", None) or []
    if not settings.layer and len(outputs) > 1:
        raise InputError(
            f"first_stage.path is {settings.path!r}, a model of {len(outputs)} outputs "
            f"({list(model.output_names)}); give first_stage.layer, the one that is the "
            "representation"
        )
