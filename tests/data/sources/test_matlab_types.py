"""Which MATLAB files SciPy may read."""

import struct

import numpy as np
import pytest
from scipy.io import savemat

from iin_tf.checks import InputError
from iin_tf.data.sources.cars3d import read_cars3d
from iin_tf.data.sources.matlab_types import is_plain


@pytest.mark.parametrize("compressed", [False, True])
@pytest.mark.parametrize("dtype", ["u1", "i2", "f4", "f8"])
def test_arrays_of_real_numbers_are_plain(tmp_path, dtype, compressed):
    arrays = {"im": np.zeros((3, 4, 5), dtype), "a_long_name": np.ones((1, 1), dtype)}
    savemat(tmp_path / "x.mat", arrays, do_compression=compressed)
    assert is_plain(tmp_path / "x.mat", "im")


@pytest.mark.parametrize("value", [np.ones((2, 2), complex), {"a": 1}, np.array([{}], object)])
def test_other_things_are_not(tmp_path, value):
    savemat(tmp_path / "x.mat", {"im": value})
    assert not is_plain(tmp_path / "x.mat", "im")
    assert is_plain(tmp_path / "x.mat", "other")


@pytest.mark.parametrize("kind", [0, 8, 10, 99])
def test_a_type_that_nobody_knows_is_refused_before_scipy_sees_it(tmp_path, kind):
    savemat(tmp_path / "x.mat", {"im": np.zeros((8, 8, 3, 2, 2), np.uint8)})
    content = bytearray((tmp_path / "x.mat").read_bytes())
    # Behind the head, the array's tag, flags, five dimensions and a name of two letters.
    place = 128 + 8 + 16 + 8 + 24 + 8
    assert struct.unpack_from("<II", content, place) == (2, 8 * 8 * 3 * 2 * 2)
    struct.pack_into("<I", content, place, kind)
    (tmp_path / "x.mat").write_bytes(content)
    with pytest.raises(InputError, match="'im' that is not of real numbers"):
        read_cars3d(tmp_path)
