#!/usr/bin/env python3
"""An export in other runtimes: the largest error of each endpoint beside TensorFlow's answer.

Takes the version of an exported model, or makes one of the quickstart's size with random
weights.  Prints a Markdown table; writes runtimes.md to --output.
"""

import sys
import tempfile
from pathlib import Path

import numpy as np
import tensorflow as tf
from absl import app, flags
from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

import iin_tf
from iin_tf import files
from iin_tf.results.markdown import markdown

_EXPORT = flags.DEFINE_string("export", "", "A version, such as saved_models/colored_digits/1.")
_ROWS = flags.DEFINE_integer("rows", 64, "Rows of each input.")
_OUTPUT = flags.DEFINE_string("output", "runs/benchmarks", "Directory of the results.")
# Whose stateless random numbers no other runtime draws; and what has no numbers.
_DRAWN, _TEXTS = ("sample", "erase", "erase_inputs", "response"), ("layout", "description")
_LEFT_OUT = ("serving_default", *_DRAWN, *_TEXTS)


def main(argv):
    if argv[1:]:
        sys.exit(f"runtimes.py takes no arguments but flags; got {argv[1:]}")
    model = tf.saved_model.load(_EXPORT.value or random_export())
    rows = []
    for name, endpoint in model.signatures.items():
        if name not in _LEFT_OUT:
            given = inputs(endpoint)
            expected = {key: value.numpy() for key, value in endpoint(**given).items()}
            feeds = {key: value.numpy() for key, value in given.items()}
            errors = [largest(run, endpoint, feeds, expected) for run in RUNTIMES.values()]
            rows.append([name, *errors])
            print(rows[-1], file=sys.stderr, flush=True)
    table = markdown(["endpoint", *RUNTIMES], rows)
    print(table)
    files.write_text(Path(_OUTPUT.value) / "runtimes.md", table)


def random_export():
    """The path of a version of the quickstart's size."""
    layout = iin_tf.FactorLayout({"digit": 15, "color": 16}, residual=33)
    network = iin_tf.InterpretationNetwork(layout, blocks=8, hidden=256, seed=0)
    network.adapt(np.random.default_rng(0).normal(size=(1024, 64)).astype(np.float32))
    stage = iin_tf.first_stages.KerasFirstStage(iin_tf.models.VariationalAutoencoder())
    return str(iin_tf.export(network, tempfile.mkdtemp(), first_stage=stage))


def inputs(endpoint):
    """Random rows for each input."""
    random, given = np.random.default_rng(1), {}
    specs = endpoint.structured_input_signature[1]
    # Fractions, as images are; the donor of an input is an input.
    fractions = ("t", "x", "donor") if "x" in specs else ("t",)
    for name, spec in specs.items():
        shape = (_ROWS.value, *spec.shape[1:])
        if spec.dtype == tf.bool:
            value = random.random(shape) < 0.5
        else:
            draw = random.random if name in fractions else random.normal
            value = draw(size=shape).astype(spec.dtype.as_numpy_dtype)
        given[name] = tf.constant(value)
    return given


def largest(run, endpoint, feeds, expected):
    """The largest absolute error over the outputs, or why there is none, in a word."""
    try:
        outputs = run(endpoint, feeds)
    except Exception as error:  # whatever a converter or a runtime raises is the result here
        print(f"{run.__name__}: {error}", file=sys.stderr)
        return "does not convert"
    return f"{max(np.abs(outputs[key] - value).max() for key, value in expected.items()):.0e}"


def onnx_runtime(endpoint, feeds):
    """ONNX Runtime, through tf2onnx."""
    import onnxruntime

    session = onnxruntime.InferenceSession(onnx_model(endpoint))
    names = list(endpoint.structured_outputs)
    outputs = session.run(names, feeds)
    return dict(zip(names, outputs, strict=True))


def onnx_model(endpoint):
    """The ONNX model of an endpoint, its inputs and outputs by the names that clients use."""
    import tf2onnx

    named = dict(endpoint.structured_input_signature[1])
    specs = [tf.TensorSpec(spec.shape, spec.dtype, name) for name, spec in named.items()]

    @tf.function(input_signature=specs)
    def positional(*tensors):
        return endpoint(**dict(zip(named, tensors, strict=True)))

    proto, _ = tf2onnx.convert.from_function(positional, specs, opset=18)
    return proto.SerializeToString()


def openvino(endpoint, feeds):
    """OpenVINO in float32: by itself it takes bfloat16 where the processor has it."""
    import openvino as ov

    core = ov.Core()
    model = core.read_model(onnx_model(endpoint))
    compiled = core.compile_model(model, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    outputs = compiled(feeds)
    return {name: outputs[name] for name in endpoint.structured_outputs}


def litert(endpoint, feeds):
    """LiteRT (once TensorFlow Lite), with its built-in operations alone."""
    from ai_edge_litert.interpreter import Interpreter

    frozen = convert_variables_to_constants_v2(endpoint)
    model = tf.lite.TFLiteConverter.from_concrete_functions([frozen]).convert()
    interpreter = Interpreter(model_content=model)
    details = {detail["name"].split(":")[0]: detail for detail in interpreter.get_input_details()}
    for name, value in feeds.items():
        interpreter.resize_tensor_input(details[name]["index"], value.shape)
    interpreter.allocate_tensors()
    for name, value in feeds.items():
        interpreter.set_tensor(details[name]["index"], value)
    interpreter.invoke()
    found = [interpreter.get_tensor(d["index"]) for d in interpreter.get_output_details()]
    return dict(zip(sorted(endpoint.structured_outputs), found, strict=True))


RUNTIMES = {"ONNX Runtime": onnx_runtime, "OpenVINO, f32": openvino, "LiteRT": litert}

if __name__ == "__main__":
    app.run(main)
