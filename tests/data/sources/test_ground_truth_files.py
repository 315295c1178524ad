"""Readers of the usual data sets, on tiny files of the same formats."""

import contextlib
import itertools

import h5py
import numpy as np
import pytest

from iin_tf.checks import InputError
from iin_tf.data.sources.ground_truth_files import read_dsprites, read_mpi3d, read_shapes3d


class Trap:
    """Unpickling this fails, so a test that reads it cannot pass."""

    def __reduce__(self):
        return (_sprung, ())


def _sprung():
    raise RuntimeError("the pickled entry was read")


def observed(ground_truth, factors):
    return ground_truth.observe(np.array(factors), np.random.default_rng(0))


@pytest.fixture
def dsprites():
    """What the real file holds, with 2 values a factor and 3 shapes; pixel 0 is lit for squares."""
    classes = np.array(list(itertools.product([0], range(3), *[range(2)] * 4)))
    values = np.stack(
        [column * step + first for column, step, first in zip(
            classes.T, [1, 1, 0.5, 2 * np.pi, 1, 1], [1, 1, 0.5, 0, 0, 0], strict=True
        )],
        axis=1,
    )  # fmt: skip
    images = np.zeros((48, 4, 4), np.uint8)
    images[classes[:, 1] == 0, 0, 0] = 1
    images[:, 1, 1] = classes[:, 5]
    return {
        "metadata": np.array(Trap(), dtype=object),
        "imgs": images,
        "latents_values": values,
        "latents_classes": classes,
    }


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_dsprites_without_its_pickled_entry(tmp_path, dsprites, save):
    path = tmp_path / "dsprites_ndarray_co1sh3sc6or40x32y32_64x64.npz"
    save(path, **dsprites)
    with pytest.raises(RuntimeError, match="pickled entry was read"):
        np.load(path, allow_pickle=True)["metadata"]
    for given in (path, tmp_path):
        ground_truth = read_dsprites(given)
        assert ground_truth.factor_names == ("shape", "scale", "orientation", "x", "y")
        assert ground_truth.factor_sizes == (3, 2, 2, 2, 2)
        np.testing.assert_array_equal(ground_truth.factor_values["shape"], [0, 1, 2])
        np.testing.assert_array_equal(ground_truth.factor_values["scale"], [0.5, 1.0])
        images = observed(ground_truth, [[0, 0, 0, 0, 1], [2, 1, 1, 1, 0]])
        assert images.shape == (2, 4, 4, 1)
        assert images[0, 0, 0] == images[0, 1, 1] == 255
        assert images[1].max() == 0


@pytest.mark.parametrize(("save", "mapped"), [(np.savez, True), (np.savez_compressed, False)])
def test_mpi3d_in_its_order(tmp_path, save, mapped):
    sizes = (4, 4, 2, 3, 3, 40, 40)
    number = np.arange(460800)
    pixels = np.stack([number >> 16, (number >> 8) & 255, number & 255], axis=-1)
    save(tmp_path / "mpi3d.npz", images=pixels.astype(np.uint8)[:, None, None])
    ground_truth = read_mpi3d(tmp_path / "mpi3d.npz")
    assert ground_truth.factor_sizes == sizes
    assert ground_truth.factor_names[0] == "object_color"
    assert ground_truth.factor_names[-1] == "vertical_axis"
    assert isinstance(ground_truth.images, np.memmap) == mapped
    factors = ground_truth.sample_factors(50, np.random.default_rng(0))
    image = observed(ground_truth, factors)[:, 0, 0].astype(np.int64)
    found = image @ [1 << 16, 1 << 8, 1]
    np.testing.assert_array_equal(found, np.ravel_multi_index(factors.T, sizes))


def test_shapes3d_by_its_labels(tmp_path):
    hues, scales, shapes, angles = [0.0, 0.1], [0.75, 1.25], [0.0, 1.0], [-30.0, 0.0, 30.0]
    labels = np.array(list(itertools.product(hues, hues, hues, scales, shapes, angles)))
    images = np.zeros((96, 2, 2, 3), np.uint8)
    images[:, 0, 0, 0] = labels[:, 5] + 30
    images[:, 0, 0, 1] = labels[:, 1] * 10
    with h5py.File(tmp_path / "3dshapes.h5", "w") as file:
        file.create_dataset("images", data=images, compression="gzip")
        file.create_dataset("labels", data=labels)
    ground_truth = read_shapes3d(tmp_path)
    assert ground_truth.factor_names[:3] == ("floor_hue", "wall_hue", "object_hue")
    assert ground_truth.factor_sizes == (2, 2, 2, 2, 2, 3)
    assert ground_truth.factor_values["shape"].dtype == np.int64
    np.testing.assert_array_equal(ground_truth.factor_values["orientation"], [-30, 0, 30])
    image = observed(ground_truth, [[0, 1, 0, 0, 0, 2], [1, 0, 1, 1, 1, 0]])
    np.testing.assert_array_equal(image[:, 0, 0], [[60, 1, 0], [0, 0, 0]])


@pytest.mark.parametrize(
    ("reader", "message"),
    [
        (read_dsprites, r"no file .*dsprites_ndarray_co1sh3sc6or40x32y32_64x64\.npz; get .* from"),
        (read_shapes3d, r"no file .*3dshapes\.h5; get 3dshapes\.h5 from https"),
        (read_mpi3d, r"no file .*; get an MPI3D npz from https"),
    ],
)
def test_a_missing_file_is_named_with_its_origin(tmp_path, reader, message):
    with pytest.raises(ValueError, match=message):
        reader(tmp_path)


@pytest.mark.parametrize("reader", [read_dsprites, read_mpi3d, read_shapes3d])
def test_a_file_of_another_format_is_named(tmp_path, reader):
    path = tmp_path / "file"
    path.write_text("<html>not found</html>", encoding="utf-8")
    with pytest.raises(ValueError, match=r"path: .*file is (no npz|not an HDF5) file"):
        reader(path)


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"imgs": np.zeros((48, 4, 4))}, r"'imgs' in .* is float64 \[48, 4, 4\]"),
        ({"imgs": np.array([Trap()] * 48)}, "is no npz file with an array 'imgs'"),
        ({"imgs": np.zeros((47, 4, 4), np.uint8)}, "each of the 47 images"),
        ({"latents_values": np.zeros((48, 5))}, r"it should be \[n, 6\]"),
        ({"latents_values": None}, r"has no array 'latents_values', but \[.*'imgs'"),
    ],
)
def test_wrong_arrays_are_named(tmp_path, dsprites, save, change, message):
    arrays = {key: value for key, value in {**dsprites, **change}.items() if value is not None}
    save(tmp_path / "file.npz", **arrays)
    with pytest.raises(ValueError, match=message):
        read_dsprites(tmp_path / "file.npz")


def test_an_unknown_number_of_images_is_named(tmp_path):
    np.savez(tmp_path / "file.npz", images=np.zeros((7, 1, 1, 3), np.uint8))
    with pytest.raises(ValueError, match=r"is uint8 \[7, 1, 1, 3\]; .*1036800 or 460800"):
        read_mpi3d(tmp_path / "file.npz")


def test_an_hdf5_file_without_labels_is_named(tmp_path):
    with h5py.File(tmp_path / "3dshapes.h5", "w") as file:
        file["images"] = np.zeros((2, 2, 2, 3), np.uint8)
    with pytest.raises(ValueError, match=r"has \['images'\]; it should have images and labels"):
        read_shapes3d(tmp_path)


@pytest.mark.parametrize("kind", ["stored", "compressed", "hdf5"])
def test_every_damaged_file_is_harmless_or_named(tmp_path, dsprites, kind):
    """A seeded fuzz: bytes changed, files cut and replaced."""
    random = np.random.default_rng(0)
    path = tmp_path / ("3dshapes.h5" if kind == "hdf5" else "file.npz")
    if kind == "hdf5":
        labels = np.array(list(itertools.product(*[range(2)] * 6)), float)
        with h5py.File(path, "w") as file:
            file.create_dataset("images", data=np.zeros((64, 2, 2, 3), np.uint8), compression=1)
            file.create_dataset("labels", data=labels)
    else:
        save = np.savez if kind == "stored" else np.savez_compressed
        save(path, **{name: dsprites[name] for name in ("imgs", "latents_values")})
    content = path.read_bytes()
    reader = read_shapes3d if kind == "hdf5" else read_dsprites
    for _ in range(150):
        damaged = bytearray(content)
        if random.random() < 0.2:
            del damaged[random.integers(len(damaged)) :]
        for _ in range(int(random.integers(1, 4))):
            damaged[random.integers(len(damaged))] = random.integers(256)
        path = path.with_stem(f"{random.integers(2**60)}")
        path.write_bytes(damaged)
        with contextlib.suppress(InputError):
            reader(path)
