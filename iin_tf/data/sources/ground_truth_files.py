"""The usual data sets with known factors, read from files that the user has put in place."""

from pathlib import Path

import h5py
import numpy as np

from iin_tf.checks import InputError
from iin_tf.data.sources.array_files import check_array, find_file, grid_labels, npz_array
from iin_tf.data.sources.ground_truth import TableGroundTruth
from iin_tf.files import reading
from iin_tf.limits import check_dataset, check_inside

_DSPRITES = "dsprites_ndarray_co1sh3sc6or40x32y32_64x64.npz"
_SHAPES3D = "3dshapes.h5"
_DSPRITES_FACTORS = ("shape", "scale", "orientation", "x", "y")
_SHAPES3D_FACTORS = ("floor_hue", "wall_hue", "object_hue", "scale", "shape", "orientation")
_MPI3D_FACTORS = (
    "object_color",
    "object_shape",
    "object_size",
    "camera_height",
    "background_color",
    "horizontal_axis",
    "vertical_axis",
)
# The files hold no labels: the number of images tells the version, the order tells the factors.
_MPI3D_SIZES = {1036800: (6, 6, 2, 3, 3, 40, 40), 460800: (4, 4, 2, 3, 3, 40, 40)}


def read_dsprites(path: str | Path) -> TableGroundTruth:
    """dSprites: white shapes on black; shape, scale, orientation, x, y.

    The pickled entry "metadata" is never read.  Takes 3 GB of memory.  The file's orientations
    include 0 and 2 pi, which look the same and count as two values, as in published work.

    Args:
      path: of dsprites_ndarray_co1sh3sc6or40x32y32_64x64.npz, or of its folder.

    Returns:
      TableGroundTruth, images uint8 [737280, 64, 64, 1] of 0 and 255.

    Raises:
      InputError: it is not there (the message says where it comes from), or of another kind.
    """
    path = find_file(path, _DSPRITES, "https://github.com/google-deepmind/dsprites-dataset")
    images = npz_array(path, "imgs")
    values = npz_array(path, "latents_values")
    grey = images.dtype == np.uint8 and images.ndim == 3
    check_array(path, "imgs", images, "uint8 [n, h, w]", grey)
    check_array(path, "latents_values", values, "[n, 6]", values.ndim == 2 and values.shape[1] == 6)
    # The first column is the one colour, white.
    labels = dict(zip(_DSPRITES_FACTORS, values.T[1:], strict=True))
    labels["shape"] = labels["shape"].astype(np.int64) - 1
    # Stored as 0 and 1; in place, unless the array is mapped from the file.
    images = np.multiply(images, np.uint8(255), out=images if images.flags.writeable else None)
    return TableGroundTruth(images[..., None], labels)


def read_mpi3d(path: str | Path) -> TableGroundTruth:
    """MPI3D: a robot arm holds an object; seven factors, given as whole numbers from 0 on.

    They are object_color, object_shape, object_size, camera_height, background_color,
    horizontal_axis and vertical_axis.  Images stay on disk where the file is not compressed;
    otherwise they take up to 13 GB of memory.

    Args:
      path: of mpi3d_toy.npz, mpi3d_realistic.npz, mpi3d_real.npz or
        real3d_complicated_shapes_ordered.npz.

    Returns:
      TableGroundTruth, images uint8 [1036800 or 460800, 64, 64, 3].

    Raises:
      InputError: it is not there (the message says where it comes from), or of another kind.
    """
    path = find_file(path, "an MPI3D npz", "https://github.com/rr-learning/disentanglement_dataset")
    images = npz_array(path, "images")
    right = images.dtype == np.uint8 and images.ndim == 4 and len(images) in _MPI3D_SIZES
    counts = " or ".join(map(str, _MPI3D_SIZES))
    check_array(path, "images", images, f"uint8 [{counts}, h, w, 3]", right)
    return TableGroundTruth(images, grid_labels(_MPI3D_FACTORS, _MPI3D_SIZES[len(images)]))


def read_shapes3d(path: str | Path) -> TableGroundTruth:
    """Shapes3D: an object in a room; floor_hue, wall_hue, object_hue, scale, shape, orientation.

    Takes 6 GB of memory.

    Args:
      path: of 3dshapes.h5, or of its folder.

    Returns:
      TableGroundTruth, images uint8 [480000, 64, 64, 3]; orientation in degrees.

    Raises:
      InputError: it is not there (the message says where it comes from), or of another kind.
    """
    path = find_file(path, _SHAPES3D, "https://storage.googleapis.com/3d-shapes/3dshapes.h5")
    if not h5py.is_hdf5(path):
        raise InputError(f"path: {path} is not an HDF5 file; get {_SHAPES3D} again")
    with reading(path), h5py.File(path, "r") as file:
        if not {"images", "labels"} <= set(file):
            raise InputError(f"path: {path} has {sorted(file)}; it should have images and labels")
        for name in ("images", "labels"):
            check_inside(file, name, f"path: {path}")
            check_dataset(file[name], f"path: {path}")
        values = file["labels"][...]
        check_array(path, "labels", values, "[n, 6]", values.ndim == 2 and values.shape[1] == 6)
        # One pass over the compressed file: reading single images unpacks whole chunks each time.
        images = file["images"][...]
    labels = dict(zip(_SHAPES3D_FACTORS, values.T, strict=True))
    labels["shape"] = labels["shape"].astype(np.int64)
    return TableGroundTruth(images, labels)
