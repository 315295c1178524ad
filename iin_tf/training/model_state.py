"""All that a Keras model in training consists of, as arrays: into a checkpoint and back."""

import random
import re
from collections.abc import Mapping
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from iin_tf.checks import InputError

Arrays = dict[str, dict[str, np.ndarray]]
# Of NumPy's own generator: the name of its kind is always the same.
_NUMPY = ("key", "position", "has_normal", "normal")


def variables_of(model: keras.Model) -> dict[str, list]:
    """The variables of a model by group: model (random seeds of layers too), optimizer, metrics."""
    return {
        "model": list(model.variables),
        "optimizer": list(model.optimizer.variables),
        "metrics": list(model.metrics_variables),
    }


def model_arrays(model: keras.Model) -> tuple[Arrays, dict[str, list]]:
    """The values of all variables by group and number, and what each variable is called."""
    variables = variables_of(model)
    arrays = {
        group: {str(number): _plain(one.numpy()) for number, one in enumerate(some)}
        for group, some in variables.items()
    }
    return arrays, {group: [_described(one) for one in some] for group, some in variables.items()}


def restore(model: keras.Model, arrays: Arrays, described: Mapping[str, list], path: Any) -> None:
    """Gives model and optimiser the values that `model_arrays` read.

    Args:
      model: with the same variables.
      arrays: from `model_arrays`.
      described: from `model_arrays`.
      path: of the checkpoint, for messages.

    Raises:
      InputError: the model has other variables; the message names some.
    """
    groups = ("model", "optimizer")
    variables = variables_of(model)
    for group in groups:
        _check_same(described[group], variables[group], path)
    with model.distribute_strategy.scope():
        for group in groups:
            for number, variable in enumerate(variables[group]):
                variable.assign(_shaped(arrays[group][str(number)], variable))


def add_metrics(
    model: keras.Model, arrays: Arrays, described: Mapping[str, list], path: Any
) -> None:
    """Adds to the metrics, which are sums over an epoch, what had been summed when it was cut.

    Args, Raises: as `restore`.
    """
    variables = model.metrics_variables
    _check_same(described["metrics"], variables, path)
    with model.distribute_strategy.scope():
        for number, variable in enumerate(variables):
            before = _shaped(arrays["metrics"][str(number)], variable)
            variable.assign(before + variable.numpy())


def random_state() -> tuple[dict[str, np.ndarray], list]:
    """The state of NumPy's and TensorFlow's global generators, and of Python's."""
    numpy = {name: np.asarray(part) for name, part in zip(_NUMPY, _numpy_state(), strict=True)}
    numpy["tensorflow"] = tf.random.get_global_generator().state.numpy()
    version, numbers, normal = random.getstate()
    return numpy, [version, list(numbers), normal]


def restore_random(arrays: Mapping[str, np.ndarray], python: list) -> None:
    """Goes on with the random numbers where `random_state` was taken."""
    np.random.set_state(  # noqa: NPY002
        ("MT19937", arrays["key"], *(arrays[name].item() for name in _NUMPY[1:]))
    )
    tf.random.get_global_generator().reset(arrays["tensorflow"])
    version, numbers, normal = python
    random.setstate((version, tuple(numbers), normal))


def _numpy_state():
    # What users draw by it goes on, too.
    state: Any = np.random.get_state()  # noqa: NPY002
    return state[1:]


def _described(variable):
    # Keras numbers the layers of a process: the same model has other numbers in the next.
    path = re.sub(r"_\d+(?=[/_]|$)", "", variable.path)
    return [path, list(variable.shape), str(variable.dtype)]


def _check_same(saved, variables, path):
    there = [_described(one) for one in variables]
    if saved == there:
        return
    texts = [{f"{name} {shape} {dtype}" for name, shape, dtype in some} for some in (saved, there)]
    only = [sorted(one - other)[:3] for one, other in (texts, texts[::-1])]
    raise InputError(
        f"{path} is of another model: it has {len(saved)} variables, the model here {len(there)}; "
        f"only the checkpoint has {only[0]}, only the model {only[1]}; give another folder, or the "
        "model that the checkpoint is of"
    )


def _plain(array):
    """NumPy's own kinds as they are; others, such as bfloat16, as their bytes."""
    array = np.asarray(array)
    return array if array.dtype.isbuiltin else np.frombuffer(array.tobytes(), np.uint8)


def _shaped(array, variable):
    dtype = tf.as_dtype(variable.dtype).as_numpy_dtype
    return array if array.dtype == dtype else array.view(dtype).reshape(variable.shape)
