"""Small files that ask for much: refused before memory is taken, and nothing outside is read."""

import gzip
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import h5py
import numpy as np
import pytest
import scipy.io

import iin_tf
from iin_tf import limits
from iin_tf.checks import InputError
from iin_tf.data.sources.cars3d import read_cars3d
from iin_tf.data.sources.idx_files import read_idx
from iin_tf.data.sources.row_sources import read_rows
from iin_tf.data.table_files import open_table
from iin_tf.files import read_json
from iin_tf.models import load_model
from iin_tf.models.linear_network import LinearNetwork

ROOT = Path(__file__).parents[1]
HUGE = 10**9


@pytest.fixture
def little_memory(monkeypatch):
    """Ten megabytes are free."""
    monkeypatch.setattr(limits, "free_memory", lambda: 10**7)


def repacked(source, path, change):
    """The archive `source` at `path`, with each member as `change(name, bytes)` says."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name)))
    return path


def changed_config(tmp_path, model, before, after):
    def change(name, content):
        assert name != "config.json" or before in content
        return content.replace(before, after) if name == "config.json" else content

    return repacked(ROOT / "tests" / "formats" / f"{model}.keras", tmp_path / "x.keras", change)


def test_free_memory_is_what_the_system_says_it_is():
    lines = Path("/proc/meminfo").read_text().splitlines()
    kinds = {line.split(":")[0]: 1024 * int(line.split()[1]) for line in lines}
    assert kinds["MemFree"] / 2 < limits.free_memory() <= kinds["MemTotal"]


@pytest.mark.parametrize(
    ("count", "text"), [(12, "12 bytes"), (1.5e9, "1.5 GB"), (8 * 10**18, "8 EB")]
)
def test_sizes_are_said_in_the_usual_units(count, text):
    assert limits.size_text(count) == text


@pytest.mark.parametrize(
    ("model", "before", "after"),
    [
        ("network", b'"hidden": 4', b'"hidden": 100000000'),
        ("network", b'"blocks": 1', b'"blocks": 1000000000'),
        ("network", b'"residual": 2', b'"residual": 1000000000'),
        ("classifier", b'"latent_size": 2', b'"latent_size": 1000000000'),
    ],
)
def test_a_saved_model_gets_no_more_weights_than_its_file_holds(tmp_path, model, before, after):
    path = changed_config(tmp_path, model, before, after)
    # The sizes asked for are some terabytes: to take them would be an error of another kind.
    with pytest.raises(InputError, match=r"asks for|cannot"):
        load_model(path)


def test_a_layer_of_any_kind_gets_no_more_weights_than_its_file_holds(tmp_path):
    keras = pytest.importorskip("keras")
    model = keras.Sequential([keras.Input((5,)), keras.layers.Dense(7)])
    model.save(tmp_path / "small.keras")
    path = repacked(
        tmp_path / "small.keras",
        tmp_path / "x.keras",
        lambda _, content: content.replace(b'"units": 7', b'"units": 1000000000000'),
    )
    with pytest.raises(InputError, match=r"asks for more weights than the 42 that it holds"):
        load_model(path)
    assert load_model(tmp_path / "small.keras").count_params() == 5 * 7 + 7


def test_weights_that_are_larger_than_what_is_stored_of_them_are_refused(tmp_path):
    def hollow(name, content):
        if name != "model.weights.h5":
            return content
        with h5py.File(tmp_path / "hollow.h5", "w") as file:
            file.create_dataset("w", (10**12,), "f4", chunks=(2**16,), compression="gzip")
        return (tmp_path / "hollow.h5").read_bytes()

    path = repacked(ROOT / "tests/formats/network.keras", tmp_path / "x.keras", hollow)
    with pytest.raises(InputError, match=r"are \[1000000000000\], and 0 bytes are stored"):
        load_model(path)


def test_names_in_an_archive_that_lead_out_of_it_are_refused(tmp_path):
    path = tmp_path / "x.keras"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("../../outside", "x")
    with pytest.raises(InputError, match=r"holds '\.\./\.\./outside', which leads out of it"):
        load_model(path)


def test_a_long_and_a_deep_config_are_refused(tmp_path):
    for content, said in (
        (b" " * (2**26 + 1), "config of 67108865 bytes"),
        (b"[" * 10**6, "not a"),
    ):
        path = repacked(
            ROOT / "tests/formats/network.keras",
            tmp_path / "x.keras",
            lambda name, old, new=content: new if name == "config.json" else old,
        )
        with pytest.raises(InputError, match=said):
            load_model(path)


def test_a_network_that_no_machine_holds_is_refused_before_its_weights_are_drawn():
    layout = iin_tf.FactorLayout({"digit": 10**9}, residual=10**9)
    with pytest.raises(InputError, match=r"weights asks for .* [PE]B of memory"):
        iin_tf.InterpretationNetwork(layout, mixing="linear")
    small = iin_tf.FactorLayout({"digit": 2}, residual=2)
    with pytest.raises(InputError, match="of memory"):
        iin_tf.InterpretationNetwork(small, hidden=10**8)


def test_the_weights_are_counted_as_they_are_made():
    layout = iin_tf.FactorLayout({"digit": 2}, residual=5)
    for more in ({}, {"mixing": "linear"}, {"coupling": "spline"}, {"depth": 0}, {"front": 4}):
        network = iin_tf.InterpretationNetwork(layout, blocks=3, hidden=4, seed=0, **more)
        made = sum(int(np.prod(weight.shape)) for weight in network.flow.weights)
        counted = network.flow.weight_count
        # Signs and orders of the linear mixing, and the front's mean and spread, are left out.
        assert counted <= made <= counted + 9 * network.flow.width + 2 * 7


def test_arrays_that_do_not_fit_are_refused_by_their_headers(tmp_path, little_memory):
    np.savez_compressed(tmp_path / "x.npz", x=np.zeros((2 * 10**6, 2)))
    with pytest.raises(InputError, match=r"array 'x', asks for 32 MB of memory, and 10 MB are"):
        read_rows(tmp_path / "x.npz")
    with pytest.raises(InputError, match="asks for 32 MB"):
        LinearNetwork.load(tmp_path / "x.npz")
    with h5py.File(tmp_path / "x.h5", "w") as file:
        file["x"] = np.zeros((4, 2))
        file.create_dataset("label", (4, 16), "S1000000000", compression="gzip")
    with pytest.raises(InputError, match="asks for 64 GB"):
        read_rows(tmp_path / "x.h5")
    scipy.io.savemat(
        tmp_path / "car.mat", {"im": np.zeros((2**24,), np.uint8)}, do_compression=True
    )
    with pytest.raises(InputError, match=r"asks for 16.8 MB"):
        read_cars3d(tmp_path)


def test_texts_that_unpack_to_much_are_refused(tmp_path, little_memory):
    for name in ("t10k-images-idx3-ubyte.gz", "pairs.csv.gz"):
        with gzip.open(tmp_path / name, "wb") as file:
            file.write(b"\0" * 2**24)
    with pytest.raises(InputError, match=r"unpacks to more than 2.5 MB, a quarter"):
        read_idx(tmp_path / "t10k-images-idx3-ubyte.gz")
    with pytest.raises(InputError, match=r"unpacks to more than 2.5 MB, a quarter"):
        open_table(tmp_path / "pairs.csv.gz", "table")
    (tmp_path / "long.json").write_text(" " * 2 * 10**6)
    with pytest.raises(InputError, match="asks for 20 MB"):
        read_json(tmp_path / "long.json")


def test_a_column_of_equal_values_is_counted_by_its_rows(tmp_path, little_memory):
    pa = pytest.importorskip("pyarrow")
    pa.parquet.write_table(pa.table({"id": pa.repeat(7, 2 * 10**6)}), tmp_path / "x.parquet")
    assert (tmp_path / "x.parquet").stat().st_size < 10**5
    with pytest.raises(InputError, match="asks for 16 MB"):
        open_table(tmp_path / "x.parquet", "table")


@pytest.mark.parametrize("kind", ["external", "link", "virtual"])
def test_values_that_stand_in_other_files_are_refused(tmp_path, kind):
    secret = tmp_path / "secret.h5"
    with h5py.File(secret, "w") as file:
        file["x"] = np.zeros((4, 2))
    with h5py.File(tmp_path / "x.h5", "w") as file:
        if kind == "external":
            file.create_dataset("x", (4, 2), "f8", external=[(f"{secret}", 0, 64)])
        elif kind == "link":
            file["x"] = h5py.ExternalLink(f"{secret}", "x")
        else:
            layout = h5py.VirtualLayout((4, 2), "f8")
            layout[:] = h5py.VirtualSource(f"{secret}", "x", shape=(4, 2))
            file.create_virtual_dataset("x", layout)
    with pytest.raises(InputError, match="other file"):
        read_rows(tmp_path / "x.h5")


def test_what_is_refused_has_taken_no_memory(tmp_path):
    changed_config(tmp_path, "network", b'"hidden": 4', b'"hidden": 5000')
    with gzip.open(tmp_path / "x.gz", "wb") as file:
        file.write(b"\0" * 2**28)
    np.savez_compressed(tmp_path / "x.npz", x=np.zeros(2**25))
    # In a process of its own, whose highest memory nothing else has raised.
    result = subprocess.run(
        [sys.executable, "-c", WITH_LITTLE_MEMORY, tmp_path],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": f"{ROOT}"},
    )
    assert result.returncode == 0, result.stderr
    # Each of the three would take 200 MB at least.
    assert int(result.stdout.split()[-1]) < 150 * 1000


WITH_LITTLE_MEMORY = """
import resource, sys
from pathlib import Path
from iin_tf import limits
from iin_tf.checks import InputError
from iin_tf.data.sources.row_sources import read_rows
from iin_tf.data.sources.idx_files import read_idx
from iin_tf.models.loading import load, load_model
folder = Path(sys.argv[1])
load("tests/formats/network.keras")
limits.free_memory = lambda: 2 * 10**8
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for read, name in ((load_model, "x.keras"), (read_idx, "x.gz"), (read_rows, "x.npz")):
    try:
        read(folder / name)
    except InputError:
        continue
    sys.exit(f"{name} was read")
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""
