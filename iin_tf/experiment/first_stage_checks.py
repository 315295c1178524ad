"""What a config says of its first stage, checked before TensorFlow starts."""

from pathlib import Path
from typing import Any

from iin_tf.checks import InputError, shown

_RANGE = ("clip", "value_range")
_IMAGES = ("image_size", "pixels")
# Kind -> the keys that it reads, of those that only some kinds read.
_READ: dict[str, tuple[str, ...]] = {
    "keras": ("path", "layer", "pool", *_IMAGES, *_RANGE),
    "application": ("application", "path", "layer", "pool", "classes", "image_size", *_RANGE),
    "saved_model": ("path", "encode", "output", "decode", "head", "pool", *_IMAGES, *_RANGE),
}
GIVEN_MODEL_KEYS = tuple(dict.fromkeys(key for keys in _READ.values() for key in keys))


def check_first_stage(config: Any, defaults: Any) -> None:
    """Checks the keys of `config.first_stage` against its kind, and that its files are there.

    Args:
      config: ConfigDict, each of whose values has been checked by itself.
      defaults: the default config.

    Raises:
      InputError: a key that the kind does not read, a missing file, clip without a range.
    """
    settings = config.first_stage
    kind, read = settings.kind, _READ.get(settings.kind, ())
    for key in GIVEN_MODEL_KEYS:
        if key not in read and settings[key] != defaults.first_stage[key]:
            readers = [name for name, keys in _READ.items() if key in keys]
            raise InputError(
                f"first_stage.{key} is {shown(settings[key])}, which kind {kind!r} does not read; "
                f"leave it out, or give first_stage.kind one of {readers}"
            )
    if settings.pool == "positions" and (config.pairs.table or config.pairs.labels):
        raise InputError(
            "first_stage.pool is 'positions', so that every position is an example, but the tables "
            "of pairs name whole ones; leave out pairs.table and pairs.labels"
        )
    if kind in _FILES:
        _FILES[kind](settings)


def _check_keras(settings):
    if not Path(settings.path).is_file():
        raise InputError(
            f"first_stage.path is {settings.path!r}, which is no file; give the .keras file of the "
            "model, as model.save('model.keras') writes it"
        )


def _check_application(settings):
    if not settings.application:
        raise InputError("first_stage.application is empty; give a model of keras.applications, "
                         "such as 'MobileNetV2'")  # fmt: skip
    if settings.path != "random" and not Path(settings.path).is_file():
        raise InputError(
            f"first_stage.path is {settings.path!r}, which is no file; give the file of the "
            f"weights of {settings.application} (.h5), or 'random' for random ones"
        )


def _check_saved_model(settings):
    if not (Path(settings.path) / "saved_model.pb").is_file():
        raise InputError(
            f"first_stage.path is {settings.path!r}, which holds no saved_model.pb; give the "
            "directory of a SavedModel"
        )
    if settings.clip and settings.value_range is None:
        raise InputError("first_stage.clip is True, but a SavedModel does not tell the values that "
                         "z can have; give first_stage.value_range, such as (0, None)")  # fmt: skip


_FILES = {
    "keras": _check_keras,
    "application": _check_application,
    "saved_model": _check_saved_model,
}
