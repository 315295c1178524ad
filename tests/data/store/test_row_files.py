"""A function of rows, batch by batch into a file, against the function of all rows at once."""

import numpy as np
import pytest

import iin_tf
from iin_tf.data import map_to_file


@pytest.fixture
def network():
    layout = iin_tf.FactorLayout({"digit": 2}, residual=4)
    network = iin_tf.InterpretationNetwork(layout, blocks=2, hidden=8, depth=0, seed=0)
    network.adapt(np.random.default_rng(1).normal(size=(50, 6)))
    return network


def rows(count=23):
    return np.random.default_rng(0).normal(size=(count, 6)).astype(np.float32)


@pytest.mark.parametrize("method", ["transform", "invert", "log_prob"])
def test_equals_the_call_on_all_rows(tmp_path, network, method):
    function = getattr(network, method)
    found = map_to_file(function, rows(), tmp_path / "out.npy", batch_size=5, verbose=0)
    assert isinstance(found, np.memmap)
    # Products over other numbers of rows may sum in another order.
    np.testing.assert_allclose(found, function(rows()), rtol=1e-5, atol=1e-6)


def test_reads_a_memory_map_and_returns_what_a_later_process_reads(tmp_path, network):
    np.save(tmp_path / "z.npy", rows())
    z = np.load(tmp_path / "z.npy", mmap_mode="r")
    found = map_to_file(network.transform, z, tmp_path / "out.npy", batch_size=23, verbose=0)
    np.testing.assert_array_equal(np.load(tmp_path / "out.npy"), found)


def test_shows_how_far_it_is(tmp_path, capsys):
    map_to_file(np.square, rows(), tmp_path / "out.npy", batch_size=5)
    assert "23/23" in capsys.readouterr().out


def test_a_failure_leaves_the_old_file(tmp_path):
    old = np.arange(3)
    np.save(tmp_path / "out.npy", old)

    def failing(batch):
        if len(batch) < 5:
            raise RuntimeError("late")
        return batch

    with pytest.raises(RuntimeError, match="late"):
        map_to_file(failing, rows(), tmp_path / "out.npy", batch_size=5, verbose=0)
    np.testing.assert_array_equal(np.load(tmp_path / "out.npy"), old)
    assert [path.name for path in tmp_path.iterdir()] == ["out.npy"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"x": rows(0)}, "x has 0 rows"),
        ({"batch_size": 0}, "batch_size is 0"),
        ({"path": "out.bin"}, "ends in .npy"),
        ({"function": np.sum}, "one row for each"),
    ],
)
def test_bad_input_is_named(tmp_path, monkeypatch, change, message):
    monkeypatch.chdir(tmp_path)
    arguments = {"function": np.square, "x": rows(), "path": "out.npy", "verbose": 0} | change
    with pytest.raises(ValueError, match=message):
        map_to_file(**arguments)
    assert not list(tmp_path.iterdir())
