"""The programs as a user runs them: processes, exit codes, one line of error."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import iin_tf
from iin_tf.checks import said
from iin_tf.data.labels import group_codes
from iin_tf.experiment import program as programs
from iin_tf.experiment.sources import SOURCES

ROOT = Path(__file__).parents[2]
PROGRAMS = sorted(path.name for path in (ROOT / "bin").glob("iin_*"))
SMOKE = "--config=configs/smoke.py"
# Flags that every program but these takes.
FLAGS = {
    "iin_compare": ["a", "b"],
    "iin_edit": ["--workdir=x", "--image=a", "--donor=b", "--factor=digit"],
    "iin_serve": ["a"],
}
# A flag that its --help names, where that is not --config.
NAMED = {"iin_compare": "--output", "iin_serve": "--port"}
# Runs a program with a fault of ours in place of its work: an IndexError that nobody's input made.
FAULTY = """
import runpy, sys
from iin_tf.experiment import program
guarded = program._guarded
program._guarded = lambda main, argv: guarded(lambda argv: [][0], argv)
runpy.run_path(sys.argv.pop(1), run_name="__main__")
"""

# A program that writes a line, and has nothing else to do.
WRITES = """
import sys
from iin_tf.experiment.program import start_program
def main(argv):
    print("a line", flush={flush}, file=sys.{stream})
start_program("Example", main)
"""


def run(program, *flags, options=()):
    return subprocess.run(
        [sys.executable, *options, str(ROOT / "bin" / program), *flags],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )


def refused(*flags, program="iin_run"):
    """The one line on standard error of a command that is a user's mistake."""
    result = run(program, *flags)
    assert result.returncode == 2, result.stderr
    assert result.stderr.startswith("error: ")
    assert len(result.stderr.splitlines()) == 1
    return result.stderr


@pytest.mark.parametrize("program", PROGRAMS)
def test_help_says_what_it_does_with_an_example_and_loads_no_tensorflow(program):
    result = run(program, "--help", options=("-X", "importtime"))
    assert result.returncode == 0
    assert NAMED.get(program, "--config") in result.stdout
    assert f"Example:\n  {program} " in result.stdout
    # What makes --help slow is TensorFlow; a timed test would be noise.
    assert "tensorflow" not in result.stderr


def test_the_version_is_told_with_those_of_the_libraries():
    result = run("iin_run", "--version", options=("-X", "importtime"))
    assert result.returncode == 0
    assert result.stdout.startswith(f"iin_tf {iin_tf.__version__}, python ")
    assert "tensorflow 2." in result.stdout
    assert "tensorflow" not in result.stderr


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        ([], "--workdir must have a value"),
        (["--config=configs/none.py", "--workdir=x"], "'configs/none.py', which is no file"),
        ([SMOKE, "--workdir=x", "--config.network.bloks=2"], "the nearest is 'network.blocks'"),
        (
            [SMOKE, "--workdir=x", "--config.nope.step=3"],
            "--config.nope.step: the config has no such key; the nearest is 'training.steps'",
        ),
        ([SMOKE, "--workdir=x", "--config.training.steps=x"], "--config.training.steps=x"),
        ([SMOKE, "--workdir=x", "--config.training.decay=2"], "training.decay is 2.0; give"),
        (
            [SMOKE, "--workdir=x", "--config.data.source=digits"],
            f"data.source is 'digits'; give one of {list(SOURCES)}",
        ),
        ([SMOKE, "--workdir=x", "--strategy=many"], "strategy"),
        ([SMOKE, "--workdir=x", "more"], "more"),
        ([SMOKE, "--workdir=setup.py/x"], "cannot be made"),
        ([SMOKE, "--workdir="], "workdir is empty"),
    ],
)
def test_wrong_input_is_one_line_and_exit_code_2(flags, message):
    assert message in refused(*flags)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("def get_config():\n    return {}['seed']\n", "KeyError: 'seed' (own.py:2 in get_config)"),
        ("import nothing_of_that_name\n", "ModuleNotFoundError: No module named"),
        ("def get_config(:\n", "SyntaxError: invalid syntax"),
        ("x = 3\n", "has no function get_config"),
        ("def get_config():\n    return {}\n", "returns {}; return a ConfigDict"),
        (
            "from iin_tf.experiment import default_config\n"
            "def get_config():\n"
            "    config = default_config()\n"
            "    config.network.bloks = 2\n",
            'Did you mean "blocks"',
        ),
    ],
)
def test_a_config_file_that_fails_is_told_by_type_message_and_place(tmp_path, text, message):
    path = tmp_path / "own.py"
    path.write_text(text)
    line = refused(f"--config={path}", "--workdir=x")
    assert f"{path}" in line
    assert message in line
    assert "Traceback" not in line


def test_a_single_stage_asks_for_what_stands_before_it(tmp_path):
    line = refused(SMOKE, f"--workdir={tmp_path}", program="iin_train")
    assert "stage 'pretrain' is not done" in line


@pytest.mark.parametrize("record", ["{", "[" * 100_000, '{"pretrain": {}}'])
def test_a_workdir_that_cannot_be_read_is_named(tmp_path, record):
    (tmp_path / "config.json").write_text(record)
    assert f"{tmp_path}/config.json " in refused(SMOKE, f"--workdir={tmp_path}")


def test_a_page_cannot_be_written_into_a_file():
    line = refused("a", "b", "--output=setup.py", program="iin_compare")
    assert "'setup.py' is a file; give a directory" in line


def test_a_fault_of_the_library_leaves_with_1_its_type_and_its_place(capsys):
    def main(argv):
        # Fails in the package: nobody's input.
        group_codes(None)

    with pytest.raises(SystemExit) as left:
        programs._guarded(main, [])
    assert left.value.code == 1
    line = capsys.readouterr().err
    assert line.startswith("error: AttributeError: 'NoneType' object has no")
    assert "(labels.py:" in line
    assert "if you think that iin_tf is at fault, report" in line
    assert len(line.splitlines()) == 1


@pytest.mark.parametrize("program", PROGRAMS)
def test_every_program_tells_a_fault_of_ours_from_a_users_mistake(program):
    flags = FLAGS.get(program, [SMOKE, "--workdir=x"])
    command = [sys.executable, "-c", FAULTY, f"bin/{program}", *flags]
    result = subprocess.run(
        command,
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{ROOT}"},
    )
    assert result.returncode == 1, result.stderr
    assert result.stderr.startswith("error: IndexError: list index out of range (")
    assert "if you think that iin_tf is at fault, report" in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert "'nonsense'" in refused(*flags, "--nonsense", program=program)


def test_an_error_is_said_with_the_place_in_the_home_that_is_asked_for():
    with pytest.raises(ValueError, match="subpath") as caught:
        Path("a").relative_to("b")
    assert "(test_program.py:" in said(caught.value, __file__)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_leaves_with_its_own_code_and_one_line(number, capsys):
    def main(_):
        os.kill(os.getpid(), number)

    with pytest.raises(SystemExit) as left:
        programs._guarded(main, [])
    assert left.value.code == 128 + number
    said = f"error: stopped by {number.name}; the same command goes on from here\n"
    assert capsys.readouterr().err == said


def test_a_signal_that_tensorflow_took_for_an_error_is_one_still(capsys):
    def main(_):
        try:
            os.kill(os.getpid(), signal.SIGTERM)
        except SystemExit:
            raise ArithmeticError from None

    with pytest.raises(SystemExit) as left:
        programs._guarded(main, [])
    assert left.value.code == 143


def end_unread(code, stream):
    """What a program comes to one of whose streams nobody reads, as behind `| head -1`."""
    read, write = os.pipe()
    os.close(read)
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, stream: write}
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    try:
        return subprocess.run([sys.executable, "-c", code], text=True, env=environment, **streams)
    finally:
        os.close(write)


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
@pytest.mark.parametrize("flush", [True, False])
def test_a_program_that_is_read_no_more_leaves_without_a_word(stream, flush):
    result = end_unread(WRITES.format(stream=stream, flush=flush), stream)
    assert result.returncode == 141  # as shells count SIGPIPE
    assert not result.stdout
    assert not result.stderr


def test_a_pipe_that_is_not_the_programs_output_is_a_fault(capsys):
    def main(_):
        raise BrokenPipeError("a worker's")

    with pytest.raises(SystemExit) as left:
        programs._guarded(main, [])
    assert left.value.code == 1
    assert "BrokenPipeError: a worker's" in capsys.readouterr().err
