"""Cars3D, read from the files of its first publication."""

from pathlib import Path

import numpy as np
from PIL import Image
from scipy.io import loadmat, matlab, whosmat

from iin_tf import checks
from iin_tf.checks import InputError
from iin_tf.data.sources.array_files import check_array, grid_labels
from iin_tf.data.sources.ground_truth import TableGroundTruth
from iin_tf.data.sources.matlab_types import is_plain
from iin_tf.limits import check_memory

_SIDE = 64
# The first number of its version, as SciPy counts.
_MATLAB_5 = 1


def read_cars3d(path: str | Path) -> TableGroundTruth:
    """Cars3D: rendered cars; elevation, azimuth, object, given as whole numbers from 0 on.

    Images are scaled to 64 x 64 by the Lanczos filter, as in published work; objects are numbered
    in the order of the file names.

    Args:
      path: of the folder "cars", which holds car_*_mesh.mat, one for each of the 183 cars.

    Returns:
      TableGroundTruth, images uint8 [17568, 64, 64, 3].

    Raises:
      InputError: they are not there (the message says where they come from), or of another kind.
    """
    files = sorted(checks.path(path, "path").glob("*.mat"))
    if not files:
        raise InputError(
            f"path: {path} has no *.mat; unpack http://www.scottreed.info/files/"
            "nips2015-analogy-data.tar.gz and give its folder data/cars"
        )
    views = [_car(file) for file in files]
    if len({car.shape for car in views}) > 1:
        raise InputError(
            f"path: the files in {path} differ in their number of views; get them again"
        )
    cars = np.stack(views)
    objects, azimuths, elevations = cars.shape[:3]
    labels = grid_labels(("object", "azimuth", "elevation"), (objects, azimuths, elevations))
    order = ("elevation", "azimuth", "object")
    return TableGroundTruth(
        cars.reshape(-1, *cars.shape[3:]), {name: labels[name] for name in order}
    )


def _car(path):
    """The views of one car, uint8 [azimuths, elevations, 64, 64, 3]."""
    try:
        if matlab.matfile_version(path)[0] == _MATLAB_5 and not is_plain(path, "im"):
            raise InputError(f"path: {path} has an 'im' that is not of real numbers; get it again")
        for _, shape, _ in whosmat(path):
            check_memory(int(np.prod(shape, dtype=object)), f"path: {path}")
        views = loadmat(path, variable_names=["im"])["im"]
    except InputError:
        raise
    except Exception as error:  # SciPy has no one kind of error for a file it cannot read
        raise InputError(
            f"path: {path} is no MATLAB file with an array 'im' ({error}); get it again"
        ) from error
    right = views.dtype == np.uint8 and views.ndim == 5 and views.shape[2] == 3
    check_array(path, "im", views, "uint8 [h, w, 3, azimuths, elevations]", right)
    views = views.transpose(3, 4, 0, 1, 2)
    size = (_SIDE, _SIDE)
    scaled = [
        np.asarray(
            Image.fromarray(np.ascontiguousarray(view)).resize(size, Image.Resampling.LANCZOS)
        )
        for view in views.reshape(-1, *views.shape[2:])
    ]
    return np.stack(scaled).reshape(*views.shape[:2], *size, 3)
