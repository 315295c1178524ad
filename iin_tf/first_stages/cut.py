"""A Keras model in two, at one of its layers."""

import difflib
from collections.abc import Sequence
from typing import Any

import keras

from iin_tf import checks
from iin_tf.checks import InputError
from iin_tf.private_apis.keras import keras_mask, producer, set_keras_mask


class Cut:
    """A functional or sequential Keras model as `head(body(x), x)`, cut behind one layer.

    Both run the model's own layers, as in inference, and compute what the whole model computes.
    The model is only read: no layer is called symbolically, no flag is set.

    Args:
      model: built functional or sequential Keras model.
      layer: name of a layer or operation; "outer/inner" in a model that is a layer itself.

    Raises:
      InputError: the model has no graph of layers, there is no such layer, or it cannot be cut at.
    """

    def __init__(self, model: keras.Model, layer: str):
        calls = _calls(model)
        outer, _, inner = str(layer).partition("/")
        call = _find(calls, outer, layer, model)
        self._inner = Cut(call.operation, inner) if inner else None
        self._before = _Part(model.inputs, call.input_tensors if inner else call.outputs)
        self._after = _Part([*call.outputs, *model.inputs], model.outputs)
        if self._inner is None:
            _check_output(call, layer)
        # The symbolic output of the layer, and whether `head` needs x.
        self.output: Any = call.outputs[0] if self._inner is None else self._inner.output
        self._masked = keras_mask(self.output) is not None
        self.reads_input: bool = self._masked or self._after.reads(model.inputs)
        if self._inner is not None:
            self.reads_input = self.reads_input or self._inner.reads_input

    def body(self, x: Sequence) -> Any:
        """The layer's output for the model's inputs x, a tensor each."""
        before = self._before(x)
        return before[0] if self._inner is None else self._inner.body(before)

    def head(self, z: Any, x: Sequence) -> list:
        """The model's outputs for the layer's output z; x is empty only if not `reads_input`."""
        if self._inner is not None:
            inputs = self._before(x) if self._inner.reads_input else []
            middle = self._inner.head(z, inputs)
        else:
            if self._masked:
                z = keras.ops.copy(z)
                set_keras_mask(z, keras_mask(self.body(x)))
            middle = [z]
        return self._after([*middle, *x])


class _Part:
    """What a graph computes between the symbolic tensors `starts` and `ends`."""

    def __init__(self, starts, ends):
        self._starts, self._ends = starts, ends
        self._calls = _calls_between(starts, ends)

    def reads(self, tensors):
        """Whether one of the symbolic tensors is needed."""
        needed = [*self._ends, *(t for call in self._calls for t in call.input_tensors)]
        return any(tensor is other for tensor in tensors for other in needed)

    def __call__(self, tensors):
        known = dict(zip(map(id, self._starts), tensors, strict=False))
        for call in self._calls:
            args, kwargs = call.arguments.fill_in(known)
            # As Keras does: what the whole model is asked for outweighs what a layer was.
            if "training" in kwargs:
                kwargs["training"] = False
            outputs = keras.tree.flatten(call.operation(*args, **kwargs))
            known.update(zip(map(id, call.outputs), outputs, strict=True))
        return [known[id(end)] for end in self._ends]


def layer_names(model: keras.Model) -> list[str]:
    """The names at which a model can be cut, in the order of its graph."""
    names = []
    for call in _calls(model):
        names.append(call.operation.name)
        if _has_graph(call.operation):
            names += [f"{call.operation.name}/{name}" for name in layer_names(call.operation)]
    return list(dict.fromkeys(names))


def _calls(model):
    """The calls of a model's graph, in order, without its inputs."""
    if not _has_graph(model):
        raise InputError(
            f"{model.name} is a {type(model).__name__} without a graph of layers (a subclassed "
            "model, or one not built yet); give encoder and head as models of their own"
        )
    return _calls_between(model.inputs, model.outputs)


def _has_graph(model):
    if not (isinstance(model, keras.Model) and getattr(model, "inputs", None)):
        return False
    # A functional model whose class computes otherwise is not its graph.
    plain = keras.Model(model.inputs, model.outputs, name=model.name)
    return type(model).call in (type(plain).call, keras.Sequential.call)


def _calls_between(starts, ends):
    """The calls that lead from the symbolic tensors `starts` to `ends`, each behind its inputs'."""
    calls, done, waiting = [], {id(start) for start in starts}, list(ends)
    while waiting:
        if id(waiting[-1]) in done:
            waiting.pop()
            continue
        call = producer(waiting[-1])
        missing = [tensor for tensor in call.input_tensors if id(tensor) not in done]
        waiting += missing
        if not missing:
            calls.append(call)
            done.update(map(id, call.outputs))
    return calls


def _find(calls, name, asked, model):
    """The one call of the operation `name`."""
    known = layer_names(model)
    if asked not in known:
        raise InputError(f"layer is {checks.shown(asked)}, which is not in {model.name}; "
                         + _nearest(asked, known))  # fmt: skip
    found = [call for call in calls if call.operation.name == name]
    if len(found) > 1:
        raise InputError(
            f"layer is {asked!r}, but {model.name} calls {name!r} {len(found)} times; cut at a "
            "layer that is called once"
        )
    return found[0]


def _nearest(asked, known):
    """What to give instead; a layer of a model inside is found by its own name, too."""
    last = {name.rpartition("/")[2]: name for name in reversed(known)}
    near = difflib.get_close_matches(str(asked).rpartition("/")[2], last, n=3, cutoff=0.5)
    if near:
        return f"the nearest are {[last[name] for name in near]}"
    return f"it has {len(known)}, such as {known[:3]} and {known[-3:]}"


def _check_output(call, layer):
    if len(call.outputs) != 1:
        raise InputError(
            f"layer is {layer!r}, which has {len(call.outputs)} outputs; cut at a layer with one"
        )
    dtype = call.outputs[0].dtype
    if not dtype.startswith(("float", "bfloat")):
        raise InputError(f"layer is {layer!r}, whose output is {dtype}; cut where it is float")
