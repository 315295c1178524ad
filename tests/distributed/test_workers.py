"""Two worker processes on loopback train as one device does, whatever happens to one of them."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

import iin_tf

ROOT = Path(__file__).parents[2]
KILLS = 10
KINDS = ("pairs", "groups", "autoencoder", "classifier", "judge_of_classes", "judge_of_values")
pytestmark = pytest.mark.slow


def environment(index=None, ports=()):
    """Of worker `index` of a cluster, or of a process alone."""
    found = {**os.environ, "PYTHONPATH": str(ROOT), "TF_CPP_MIN_LOG_LEVEL": "2"}
    if index is not None:
        workers = [f"localhost:{port}" for port in ports]
        task = {"type": "worker", "index": index}
        found["TF_CONFIG"] = json.dumps({"cluster": {"worker": workers}, "task": task})
    return found


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("localhost", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


@pytest.mark.parametrize("kind", KINDS)
def test_two_workers_train_as_one_device(kind, tmp_path):
    ports = free_ports(2)
    script = ROOT / "tests/distributed/one_worker.py"
    processes = [
        subprocess.Popen(
            [sys.executable, script, kind, tmp_path / f"{name}.npz"],
            env=environment(name, ports) if name != "alone" else environment(),
        )
        for name in (0, 1, "alone")
    ]
    assert [process.wait(300) for process in processes] == [0, 0, 0]
    first, second, alone = (dict(np.load(tmp_path / f"{name}.npz")) for name in (0, 1, "alone"))
    assert len(alone["losses"]) == 50
    for name, values in first.items():
        np.testing.assert_array_equal(values, second[name], err_msg=name)
    # Sums of two parts of a batch, 8 and 7, are rounded in another order than the sum of all.
    np.testing.assert_allclose(first["losses"], alone["losses"], rtol=1e-5)
    for name in alone.keys() - {"losses"}:
        np.testing.assert_allclose(first[name], alone[name], rtol=0, atol=1e-4, err_msg=name)


# The program

STEPS = ("--config.training.steps=300", "--config.training.steps_per_epoch=25")


def command(name, directory, *flags):
    config = f"--config={ROOT / 'configs/smoke.py'}"
    return [sys.executable, ROOT / "bin" / name, config, f"--workdir={directory}", *STEPS, *flags]


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    """A workdir in which all is done that training needs; trained by one process, and by two."""
    folder = tmp_path_factory.mktemp("workers")
    for name in ("train_first_stage", "encode", "estimate_sizes"):
        subprocess.run(command(f"iin_{name}", folder / "run"), env=environment(), check=True)
    copy(folder / "run", folder / "alone")
    subprocess.run(command("iin_train", folder / "alone"), env=environment(), check=True)
    codes, texts = ended(start(copy(folder / "run", folder / "two")))
    assert codes == [0, 0], texts
    return folder


def copy(source, target):
    subprocess.run(["cp", "-r", source, target], check=True)
    return target


def start(directory, count=2, *flags):
    ports = free_ports(count)
    flags = ("--strategy=multi_worker", *flags)
    return [
        subprocess.Popen(
            command("iin_train", directory, *flags),
            env=environment(index, ports),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for index in range(count)
    ]


def ended(processes, seconds=400):
    """The exit codes, and what was printed."""
    texts = [process.communicate(timeout=seconds)[0] for process in processes]
    return [process.returncode for process in processes], texts


def newest_step(directory):
    try:
        newest = json.loads((directory / "checkpoints/current.json").read_text())[0]["name"]
    except FileNotFoundError:
        return 0
    return int(newest.removeprefix("step_"))


def wait_until_beyond(directory, step, processes):
    for _ in range(8000):
        if newest_step(directory) > step:
            return newest_step(directory)
        assert all(process.poll() is None for process in processes), ended(processes)
        time.sleep(0.05)
    raise AssertionError(f"no checkpoint after step {step}")


def assert_as_alone(prepared, directory):
    # Sums of two workers are rounded in another order, and training carries that on.
    assert_same(directory, prepared / "alone", weights=1e-4, losses=1e-4)


def assert_same(*directories, weights, losses):
    """Equal weights and losses, within so much; the losses relative to their value."""
    of_losses = losses
    networks = [iin_tf.load(where / "iin.keras") for where in directories]
    losses = [history(where) for where in directories]
    assert sorted(losses[0]) == sorted(losses[1])
    for one, other in zip(*(network.trainable_variables for network in networks), strict=True):
        np.testing.assert_allclose(one, other, rtol=0, atol=weights, err_msg=one.path)
    # Each epoch once.
    np.testing.assert_allclose(
        [losses[0][epoch] for epoch in sorted(losses[0])],
        [losses[1][epoch] for epoch in sorted(losses[1])],
        rtol=of_losses,
    )


def history(directory):
    """Epoch -> loss, from TensorBoard's files."""
    import tensorflow as tf

    found = {}
    for path in sorted((directory / "tensorboard/train").glob("events*")):
        for record in tf.data.TFRecordDataset(str(path)):
            event = tf.compat.v1.Event.FromString(record.numpy())
            for value in event.summary.value:
                if value.tag == "epoch_loss":
                    assert event.step not in found
                    found[event.step] = float(tf.make_ndarray(value.tensor))
    return found


def child_of(process):
    text = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text()
    return int(text.split()[0]) if text else None


def test_workers_that_are_killed_end_as_undisturbed_ones(prepared, tmp_path):
    directory = copy(prepared / "run", tmp_path / "run")
    processes = start(directory, 2, "--supervise=50")
    step = 0
    for number in range(KILLS):
        step = wait_until_beyond(directory, step, processes)
        # Now the one, now the chief.
        os.kill(child_of(processes[(number + 1) % 2]), signal.SIGKILL)
    codes, texts = ended(processes)
    assert codes == [0, 0], texts
    assert sum(text.count("was killed by signal 9") for text in texts) == KILLS
    # To the bit.
    assert_same(directory, prepared / "two", weights=0, losses=0)
    assert_as_alone(prepared, directory)


def test_another_number_of_workers_goes_on_with_the_same_examples(prepared, tmp_path):
    directory = copy(prepared / "run", tmp_path / "run")
    processes = start(directory, 3)
    wait_until_beyond(directory, 0, processes)
    processes[1].send_signal(signal.SIGTERM)
    codes, texts = ended(processes)
    assert codes == [75, 143, 75], texts
    step = newest_step(directory)
    assert 0 < step < 300
    codes, texts = ended(start(directory))
    assert codes == [0, 0], texts
    assert "was trained by 3 replicas, and there are 2 now" in texts[0]
    assert_as_alone(prepared, directory)
    # Who comes late finds all done.
    codes, texts = ended(start(directory))
    assert codes == [0, 0], texts
    assert "train: done before" in texts[0]


def test_what_workers_do_not_do_together_is_said(prepared):
    result = subprocess.run(
        command("iin_encode", prepared / "run", "--strategy=multi_worker"),
        env=environment(0, free_ports(2)), capture_output=True, text=True,
    )  # fmt: skip
    assert result.returncode == 2
    assert "stage 'encode' is none that several workers do together" in result.stderr
    result = subprocess.run(
        command("iin_train", prepared / "run", "--strategy=multi_worker"),
        env=environment(), capture_output=True, text=True,
    )  # fmt: skip
    assert result.returncode == 2
    assert result.stderr.startswith("error: TF_CONFIG is not set")
