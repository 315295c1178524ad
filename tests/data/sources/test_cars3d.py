"""Cars3D from tiny MATLAB files of the published format."""

import numpy as np
import pytest
from scipy.io import savemat

from iin_tf.data.sources.cars3d import read_cars3d


def write_car(path, number, azimuths=3, elevations=2, name="im"):
    """Evenly coloured views: red the car, green the azimuth, blue the elevation."""
    views = np.zeros((128, 128, 3, azimuths, elevations), np.uint8)
    views[:, :, 0] = number
    views[:, :, 1] = np.arange(azimuths)[:, None]
    views[:, :, 2] = np.arange(elevations)
    savemat(path / f"car_{number:03d}_mesh.mat", {name: views}, do_compression=True)


def test_factors_are_elevation_azimuth_and_object(tmp_path):
    for number in (2, 0, 1, 3):
        write_car(tmp_path, number)
    (tmp_path / "list.txt").write_text("car_000_mesh\n", encoding="utf-8")
    ground_truth = read_cars3d(tmp_path)
    assert ground_truth.factor_names == ("elevation", "azimuth", "object")
    assert ground_truth.factor_sizes == (2, 3, 4)
    factors = np.array([[1, 2, 3], [0, 1, 0], [1, 0, 2]])
    images = ground_truth.observe(factors, np.random.default_rng(0))
    assert images.shape == (3, 64, 64, 3)
    # An even picture stays what it is when it is scaled.
    np.testing.assert_array_equal(images[:, 0, 0], factors[:, ::-1])
    np.testing.assert_array_equal(images[:, 40, 63], factors[:, ::-1])


def test_a_missing_folder_is_named_with_its_origin(tmp_path):
    with pytest.raises(ValueError, match=r"cars has no \*\.mat; .*nips2015-analogy-data\.tar\.gz"):
        read_cars3d(tmp_path / "cars")


def test_files_of_another_kind_are_named(tmp_path):
    write_car(tmp_path, 0, name="mask")
    with pytest.raises(ValueError, match=r"car_000_mesh\.mat is no MATLAB file with an array 'im'"):
        read_cars3d(tmp_path)
    (tmp_path / "car_000_mesh.mat").write_text("<html>not found</html>", encoding="utf-8")
    with pytest.raises(ValueError, match="is no MATLAB file"):
        read_cars3d(tmp_path)
    savemat(tmp_path / "car_000_mesh.mat", {"im": np.zeros((4, 4, 3))})
    with pytest.raises(ValueError, match=r"'im' in .* is float64 \[4, 4, 3\]"):
        read_cars3d(tmp_path)


def test_cars_with_different_numbers_of_views_are_refused(tmp_path):
    write_car(tmp_path, 0)
    write_car(tmp_path, 1, elevations=1)
    with pytest.raises(ValueError, match="differ in their number of views"):
        read_cars3d(tmp_path)
