"""An export in programs that know nothing of iin_tf: TensorFlow's own, and one in C."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from iin_tf.serving.definitions import signature_definitions
from iin_tf.serving.verification import drawn_calls

pytestmark = pytest.mark.slow

# As often as it is told, and in one process: TensorFlow takes seconds to load.
SAVED_MODEL_CLI = """
import json, sys
from tensorflow.python.tools.saved_model_cli import main
for arguments in json.load(sys.stdin):
    sys.argv = ["saved_model_cli", *arguments]
    try:
        main()
    except SystemExit as end:
        if end.code:
            raise
"""


def test_saved_model_cli_runs_every_signature(network, staged, tmp_path):
    version, stage = staged
    calls = drawn_calls(version, network, stage, batches=[3])
    asked = []
    for name, inputs in calls:
        folder = tmp_path / name
        folder.mkdir()
        files = []
        for key, value in inputs.items():
            np.save(folder / f"{key}.in.npy", value)
            files.append(f"{key}={folder / key}.in.npy")
        which = ["--dir", str(version), "--tag_set", "serve", "--signature_def", name]
        asked.append(["show", *which])
        given = ["--inputs", ";".join(files), "--outdir", str(folder), "--overwrite"]
        asked.append(["run", *which, *given])
    command = [sys.executable, "-I", "-c", SAVED_MODEL_CLI]
    done = subprocess.run(command, input=json.dumps(asked), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    model = tf.saved_model.load(str(version))
    assert {name for name, _ in calls} == set(model.signatures)
    for name, inputs in calls:
        answer = model.signatures[name](**{key: tf.constant(one) for key, one in inputs.items()})
        for key, value in answer.items():
            # Texts come as objects.
            found = np.load(tmp_path / name / f"{key}.npy", allow_pickle=True)
            if value.dtype == tf.string:
                assert found.tolist() == value.numpy().tolist()
            else:
                # The tool runs a session, whose optimiser adds in another order.
                np.testing.assert_allclose(found, value, rtol=1e-5, atol=2e-5, err_msg=name)


def test_a_program_in_c_transforms(version, network, latents, tmp_path):
    here, program = Path(__file__).parent, tmp_path / "transform"
    library = tf.sysconfig.get_lib()
    names = ["-l:libtensorflow_cc.so.2", "-l:libtensorflow_framework.so.2"]
    compiled = ["cc", "-Wall", "-Werror", here / "transform.c", "-o", program]
    compiled += [f"-I{tf.sysconfig.get_include()}", f"-L{library}", f"-Wl,-rpath,{library}"]
    subprocess.run([*compiled, *names], check=True)
    signature = signature_definitions(version)["transform"]
    given = signature.inputs["z"].name.partition(":")[0]
    answered, _, index = signature.outputs["z_tilde"].name.partition(":")
    rows = [str(size) for size in latents.shape]
    command = [program, version, given, answered, index, *rows]
    done = subprocess.run(command, input=latents.tobytes(), capture_output=True)
    assert done.returncode == 0, done.stderr[-2000:]
    z_tilde = np.frombuffer(done.stdout, np.float32).reshape(latents.shape)
    # Sums of 12 products in float32, in another order.
    np.testing.assert_allclose(z_tilde, network.transform(latents), rtol=1e-5, atol=2e-5)
    # The checks inside of the graph hold there too.
    wrong = np.where(latents > 1, np.nan, latents).astype(np.float32)
    done = subprocess.run(command, input=wrong.tobytes(), capture_output=True)
    assert done.returncode == 1
    assert b"z is not finite in row" in done.stderr
