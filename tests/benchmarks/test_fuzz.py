"""A few malformed inputs of every surface of benchmarks/fuzz.py, and what it would find."""

import os
import time

import pytest

from iin_tf.checks import InputError

# Loading takes a tenth of a second each.
COUNTS = {"keras_files": 15, "config_files": 60, "config_overrides": 60}
SURFACES = (
    "config_overrides",
    "config_files",
    "pair_tables",
    "label_tables",
    "latent_stores",
    "keras_files",
    "workdir_files",
    "layouts",
    "measure_arguments",
    "ground_truth_files",
    "server_requests",
)


@pytest.mark.parametrize("name", SURFACES)
def test_malformed_input_is_refused_in_one_line(name):
    from fuzz import fuzz
    from fuzzing import SURFACES

    found = fuzz(name, SURFACES[name], int(os.environ.get("FUZZ", 0)) or COUNTS.get(name, 150))
    # What is never refused is tested by nothing.
    assert found["refused"] > 0
    assert set(found) <= {"refused", "accepted"}


def test_every_surface_is_tried_here():
    from fuzzing import SURFACES as all_of_them

    assert list(all_of_them) == list(SURFACES)


def test_faults_hangs_and_writes_outside_are_found(tmp_path, monkeypatch):
    import fuzz

    cases = {
        "accepted": lambda random, folder: (folder / "x").write_text("x"),
        "refused": lambda random, folder: _raise(InputError("one line")),
        "a message of 2 lines": lambda random, folder: _raise(InputError("one\ntwo")),
        "KeyError": lambda random, folder: {}[0],
        f"wrote {os.path.realpath(tmp_path)}/x": lambda *_: (tmp_path / "x").write_text("x"),
        "Hang: longer than 1 s": lambda random, folder: time.sleep(5),
    }
    monkeypatch.setattr(fuzz, "LONGEST", 1)
    for outcome, surface in cases.items():
        (found,) = fuzz.fuzz("test", surface, 1)
        assert found.startswith(outcome)


def test_a_case_is_a_function_of_its_number():
    from fuzz import fuzz

    def surface(random, folder):
        raise ValueError(f"{random.random():.6f}")

    assert fuzz("x", surface, 3) == fuzz("x", surface, 3)
    (last,) = fuzz("x", surface, 1, first=2)
    assert last in fuzz("x", surface, 3)
    assert fuzz("x", surface, 1, seed=1) != fuzz("x", surface, 1)


def _raise(error):
    raise error
