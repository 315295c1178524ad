"""Whether an export answers as its network: compared in a process that knows nothing of it."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from iin_tf import checks, files
from iin_tf.first_stages import FirstStage
from iin_tf.models.interpretation_network import InterpretationNetwork
from iin_tf.serving.definitions import as_json, signature_definitions
from iin_tf.serving.description import DESCRIPTION_FILE, EXTRA
from iin_tf.serving.description_endpoint import DescriptionEndpoint
from iin_tf.serving.endpoints import NetworkEndpoints
from iin_tf.serving.input_endpoints import InputEndpoints
from iin_tf.serving.signatures import read_signatures

BATCHES = (0, 1, 3, 1000)
# A response draws 100 times for each row.
_MOST_RESPONSES = 3
# Largest error of float32, beside the largest number of the answer.
TOLERANCE = 1e-6

_ALONE = """
import json, sys
# None makes any import of these fail.
for name in ("iin_tf", "tensorflow_probability", "tf_keras", "keras"):
    sys.modules[name] = None
import numpy as np
import tensorflow as tf
version, calls, arrays, answers = sys.argv[1:]
model, given, found = tf.saved_model.load(version), np.load(arrays), {}
for number, (name, inputs) in enumerate(json.load(open(calls))):
    outputs = model.signatures[name](**{key: tf.constant(given[at]) for key, at in inputs.items()})
    found |= {f"{number}/{key}": np.asarray(value.numpy().tolist(), "S") if value.dtype == tf.string
              else value.numpy() for key, value in outputs.items()}
np.savez(answers, **found)
"""


class VerificationError(RuntimeError):
    """An export answers otherwise than its network."""


def verify(
    version: Path,
    network: InterpretationNetwork,
    first_stage: FirstStage | None = None,
    batches: Sequence[int] = BATCHES,
    python: str | None = None,
) -> dict[str, float]:
    """Compares every signature of an export with the network, in a fresh process.

    The process can import neither `iin_tf` nor Keras.

    Args:
      version: directory of the exported version.
      network: InterpretationNetwork that was exported.
      first_stage: FirstStage that was exported with it, or None.
      batches: numbers of rows; `response` is asked for at most 3.
      python: the interpreter of the process, None for this one's; another one has another
        TensorFlow, such as the one that a server was built with.

    Returns:
      Mapping signature -> the largest absolute error, divided by the largest absolute number of
      its answer where that is above 1.

    Raises:
      VerificationError: an error is above 1e-6 (1e-2 for a network that computes in less than
        float32), an answer is missing, or the process fails.
    """
    calls = drawn_calls(version, network, first_stage, batches)
    found = _answers_alone(version, calls, python or sys.executable)
    endpoints = NetworkEndpoints(network)
    owners = [endpoints, DescriptionEndpoint(_described(version))]
    if first_stage is not None:
        owners.append(InputEndpoints(network, first_stage, endpoints))
    errors: dict[str, float] = {}
    for number, (name, given) in enumerate(calls):
        method = "transform" if name == "serving_default" else name
        owner = next(one for one in owners if hasattr(one, method))
        tensors = {key: tf.constant(value) for key, value in given.items()}
        expected = getattr(owner, method)(**tensors)
        answer = found.get(number, {})
        errors[name] = max(errors.get(name, 0.0), _error(answer, expected))
    _check(errors, version, 1e-2 if "16" in str(network.compute_dtype) else TOLERANCE)
    return errors


def _described(version):
    path = version / EXTRA / DESCRIPTION_FILE
    return files.read_json(path) if path.is_file() else {}


def _check(errors, version, tolerance):
    worst = max(errors, key=lambda name: errors[name])
    if not errors[worst] <= tolerance:
        raise VerificationError(
            f"{version}: {worst} differs from the network by {errors[worst]:.1e}, more than "
            f"{tolerance:g}"
        )


def _error(answer, expected):
    if set(answer) != set(expected):
        return float("inf")
    return max(_difference(answer[key], value.numpy()) for key, value in expected.items())


def _difference(found, expected):
    if expected.dtype == object:
        return 0.0 if found.tolist() == expected.tolist() else float("inf")
    if found.shape != expected.shape:
        return float("inf")
    if not found.size:
        return 0.0
    scale = max(1.0, float(np.abs(expected).max()))
    return float(np.abs(found.astype(float) - expected.astype(float)).max()) / scale


def drawn_calls(
    version: Path,
    network: InterpretationNetwork,
    first_stage: FirstStage | None,
    batches: Sequence[int],
) -> list[tuple[str, dict[str, np.ndarray]]]:
    """The signature and the inputs by name of every call that `verify` makes, drawn by a seed."""
    random = np.random.default_rng(0)
    definitions = signature_definitions(version)
    signatures = read_signatures({name: as_json(one) for name, one in definitions.items()})
    blocks = len(network.layout.names)
    return [
        (name, {key: _drawn(random, key, spec, rows, ends, blocks)
                for key, spec in signature.inputs.items()})
        for name, signature in signatures.items()
        for ends in [_range(first_stage) if "x" in signature.inputs else None]
        for rows in batches
        if name != "response" or rows <= _MOST_RESPONSES
    ]  # fmt: skip


def _range(first_stage):
    return None if first_stage is None else first_stage.input_range


def _drawn(random, name, spec, rows, ends, blocks):
    shape = [rows, *(3 if size is None else size for size in spec.shape[1:])]
    if spec.dtype == object:
        return np.full(shape, b"text")
    if spec.dtype == bool:
        return random.random(shape) < 0.5
    if name == "block":
        return random.integers(blocks, size=shape)
    if spec.dtype.kind in "iu":
        return random.integers(100, size=shape).astype(spec.dtype)
    if name == "t":
        return random.random(shape).astype(spec.dtype)
    if ends is not None and name in ("x", "donor"):
        return random.uniform(*ends, size=shape).astype(spec.dtype)
    return random.normal(size=shape).astype(spec.dtype)


def _answers_alone(
    version: Path, calls: Sequence[tuple[str, Mapping[str, np.ndarray]]], python: str
) -> dict[int, dict[str, Any]]:
    """Number of a call -> outputs by name, from the fresh process."""
    arrays: dict[str, Any] = {}
    listed = []
    for name, inputs in calls:
        places = {key: str(len(arrays) + at) for at, key in enumerate(inputs)}
        arrays |= {places[key]: value for key, value in inputs.items()}
        listed.append((name, places))
    with tempfile.TemporaryDirectory() as directory:
        files = [Path(directory, name) for name in ("calls.json", "given.npz", "found.npz")]
        files[0].write_text(json.dumps(listed))
        np.savez(files[1], **arrays)
        command = [python, "-I", "-c", _ALONE, str(version), *map(str, files)]
        result = subprocess.run(command, capture_output=True, text=True)
        if result.returncode:
            words = checks.shown(result.stderr.strip().splitlines()[-1:])
            raise VerificationError(f"{version} fails in a process of its own: {words}")
        found: dict[int, dict[str, Any]] = {}
        with np.load(files[2]) as answers:
            for key in answers.files:
                number, _, name = key.partition("/")
                found.setdefault(int(number), {})[name] = answers[key]
    return found
