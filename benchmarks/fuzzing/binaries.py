"""Stores, saved models and the files of the usual data sets."""

import contextlib
import io
import itertools
import shutil
import zipfile
from pathlib import Path

import h5py
import numpy as np
from scipy.io import savemat

from fuzzing.mutations import any_array, changed_bytes, changed_content, damage
from iin_tf.data import LatentStore
from iin_tf.data.sources.cars3d import read_cars3d
from iin_tf.data.sources.ground_truth_files import read_dsprites, read_mpi3d, read_shapes3d
from iin_tf.data.sources.idx_files import read_idx
from iin_tf.models.loading import load_model

_PARTS = ("config.json", "metadata.json", "model.weights.h5")
FORMATS = Path(__file__).parents[2] / "tests" / "formats"


def latent_stores(random: np.random.Generator, folder: Path) -> None:
    """A latent store, one of whose files is changed, replaced or gone."""
    store = folder / "store"
    shutil.copytree(FORMATS / "store", store)
    files = [path for path in sorted(store.rglob("*")) if path.is_file()]
    path = files[random.integers(len(files))] if random.random() < 0.6 else store / "manifest.json"
    damage(random, path)
    opened = LatentStore(store)
    opened.sample(np.arange(len(opened)), seed=0)
    for values in (opened.source, opened.id, *opened.labels.values()):
        np.array(values)


def keras_files(random: np.random.Generator, folder: Path) -> None:
    """A saved model with damage in the archive, its config or its weights."""
    names = ("network", "autoencoder", "classifier")
    source = FORMATS / f"{names[random.integers(3)]}.keras"
    path = folder / "x.keras"
    if random.random() < 0.3:
        path.write_bytes(changed_bytes(random, source.read_bytes()))
    else:
        part = random.choice(_PARTS, p=[0.7, 0.1, 0.2])
        with zipfile.ZipFile(source) as old, zipfile.ZipFile(path, "w") as new:
            for name in old.namelist():
                content = old.read(name)
                if name == part:
                    content = changed_content(random, content, name)
                new.writestr(name, content)
    with contextlib.redirect_stdout(io.StringIO()):
        load_model(path)


def ground_truth_files(random: np.random.Generator, folder: Path) -> None:
    """A small set in the form of dSprites, MPI3D, Shapes3D, Cars3D or MNIST, something changed."""
    write, read = _SETS[random.integers(len(_SETS))]
    path = write(folder, random)
    if random.random() < 0.7:
        damage(random, path)
    read(path)


def _dsprites(folder, random):
    values = np.array(list(itertools.product([1], range(1, 4), *[range(2)] * 4)), float)
    arrays = {"imgs": np.zeros((48, 4, 4), np.uint8), "latents_values": values}
    return _npz(folder, arrays, random)


def _mpi3d(folder, random):
    return _npz(folder, {"images": np.zeros((48, 4, 4, 3), np.uint8)}, random)


def _npz(folder, arrays, random):
    path = folder / "x.npz"
    if random.random() < 0.5:
        name = list(arrays)[random.integers(len(arrays))]
        arrays[name] = any_array(random, 48 if random.random() < 0.5 else None)
    save = np.savez if random.random() < 0.5 else np.savez_compressed
    save(path, **arrays)
    return path


def _shapes3d(folder, random):
    values = np.array(list(itertools.product(*[range(2)] * 6)), float)
    arrays = {"images": np.zeros((64, 4, 4, 3), np.uint8), "labels": values}
    if random.random() < 0.5:
        name = list(arrays)[random.integers(2)]
        arrays[name] = any_array(random, 64 if random.random() < 0.5 else None)
    with h5py.File(folder / "x.h5", "w") as file:
        for name, values in arrays.items():
            # Kinds that HDF5 does not have are nothing that a file could hold.
            with contextlib.suppress(TypeError):
                file[name] = values
    return folder / "x.h5"


def _cars3d(folder, random):
    views = np.zeros((8, 8, 3, 2, 2), np.uint8)
    (folder / "cars").mkdir()
    for name in ("car_1_mesh.mat", "car_2_mesh.mat"):
        savemat(folder / "cars" / name, {"im": views}, do_compression=bool(random.integers(2)))
    if random.random() < 0.5:
        # Kinds that MATLAB does not have are nothing that a file could hold.
        with contextlib.suppress(TypeError, ValueError, KeyError):
            savemat(folder / "cars" / name, {"im": any_array(random)})
    return folder / "cars" / name


def _idx(folder, random):
    path = folder / "x-idx3-ubyte"
    path.write_bytes(b"\0\0\x08\x03" + np.array([2, 3, 4], ">i4").tobytes() + bytes(24))
    return path


_SETS = (
    (_dsprites, read_dsprites),
    (_mpi3d, read_mpi3d),
    (_shapes3d, read_shapes3d),
    (_cars3d, lambda path: read_cars3d(path.parent)),
    (_idx, read_idx),
)
