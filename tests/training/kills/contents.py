"""What a run came to, file by file, and what it may not have left."""

import hashlib
import json
import zipfile

import h5py
import numpy as np
import tensorflow as tf

from iin_tf import files
from iin_tf.checks import InputError

# What holds dates and process numbers: pages, graphs and TensorFlow's fingerprint, the lock.
_DATED = (".html", ".pb", ".lock")
# How a SavedModel's objects hang together, not a value.
_GRAPH = "_CHECKPOINTABLE_OBJECT_GRAPH"


def contents(directory):
    """Name of each file of a run -> its digest; of TensorBoard's all values by step."""
    found = {}
    for path in sorted(directory.rglob("*")):
        name = str(path.relative_to(directory))
        if path.is_dir() or name.startswith("run/checkpoints/") or name == "log":
            continue
        if path.name.endswith(_DATED) or path.name == "LOCK":
            continue
        if path.suffix == ".index":
            found[name] = _digest_variables(str(path.with_suffix("")))
        elif path.suffix.startswith(".data-"):
            # Of the index above; the order of the values in it is TensorFlow's own.
            continue
        elif "tfevents" in name:
            run = path.parent.relative_to(directory)
            found[f"{run}: events"] = sorted([*found.get(f"{run}: events", []), *_events(path)])
        elif path.suffix == ".keras":
            found[name] = _digest_keras(path)
        else:
            found[name] = _digest(path.read_bytes())
    return found


def strays(directory):
    """What a finished run leaves nobody: half written things, and parts."""
    return [
        str(path)
        for path in directory.rglob("*")
        if ".unfinished." in path.name or path.name == "parts"
    ]


def half_written(directory):
    """The files under the names of whole ones, that somebody would read, which are not whole."""
    return [str(path) for path in directory.rglob("*") if _is_read(path) and not _is_whole(path)]


def _is_read(path):
    if any(".unfinished." in part for part in path.parts):
        return False
    checkpoint = next((part for part in path.parents if part.name.startswith("step_")), None)
    # What the pointer does not name any more may be on its way out.
    return checkpoint is None or checkpoint.name in _named(checkpoint.parent / "current.json")


def _named(pointer):
    if not pointer.exists():
        return ()
    lines = files.read_json(pointer)
    return {name for line in lines for name in (line["name"], line["best"])}


def _is_whole(path):
    try:
        if path.suffix == ".json":
            json.loads(path.read_text())
        elif path.suffix in (".npz", ".keras"):
            with zipfile.ZipFile(path) as archive:
                return archive.testzip() is None
    except (ValueError, InputError, zipfile.BadZipFile):
        return False
    return True


def _digest(content):
    return hashlib.sha256(content).hexdigest()


def _digest_keras(path):
    """Of the arrays: the file itself has a date in it."""
    parts = []

    def add(name, item):
        if isinstance(item, h5py.Dataset):
            parts.append(f"{name} {_digest(item[()].tobytes())}")

    with (
        zipfile.ZipFile(path) as file,
        file.open("model.weights.h5") as weights,
        h5py.File(weights) as arrays,
    ):
        arrays.visititems(add)
    return _digest("\n".join(parts).encode())


def _digest_variables(prefix):
    reader = tf.train.load_checkpoint(prefix)
    names = sorted(name for name in reader.get_variable_to_shape_map() if name != _GRAPH)
    values = [np.asarray(reader.get_tensor(name)) for name in names]
    # Texts are objects.
    texts = [str(one.tolist()).encode() if one.dtype == object else one.tobytes() for one in values]
    # Which value has which number is TensorFlow's choice, and another one each time.
    return _digest("\n".join(sorted(map(_digest, texts))).encode())


def _events(path):
    # Deprecated, and the one that reads without starting TensorFlow, which could not fork then.
    for record in tf.compat.v1.io.tf_record_iterator(str(path)):
        event = tf.compat.v1.Event.FromString(record)
        for value in event.summary.value:
            yield f"{event.step} {_digest(value.SerializeToString())}"
