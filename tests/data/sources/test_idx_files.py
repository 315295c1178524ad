"""Files in MNIST's format: read as they are written, coloured, and named where they are damaged."""

import gzip

import numpy as np
import pytest

from iin_tf.checks import InputError
from iin_tf.data import idx_images, read_idx
from iin_tf.data.sources.idx_files import find_idx


def write(path, values, code):
    """By hand from the format's description: two zeros, type, rank, sizes, entries."""
    header = bytes([0, 0, code, values.ndim]) + b"".join(n.to_bytes(4, "big") for n in values.shape)
    content = header + values.astype(values.dtype.newbyteorder(">")).tobytes()
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    return path


@pytest.mark.parametrize(
    ("code", "dtype"), [(8, "u1"), (9, "i1"), (11, "i2"), (12, "i4"), (13, "f4"), (14, "f8")]
)
@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_what_is_written_is_read(tmp_path, code, dtype, suffix):
    values = np.arange(24).reshape(2, 3, 4).astype(dtype)
    found = read_idx(write(tmp_path / f"file{suffix}", values, code))
    np.testing.assert_array_equal(found, values)
    assert found.dtype == dtype


@pytest.fixture
def files(tmp_path):
    random = np.random.default_rng(0)
    images = random.integers(256, size=(10, 28, 28)).astype(np.uint8)
    digit = np.arange(10).astype(np.uint8)
    return (
        write(tmp_path / "images.gz", images, 8),
        write(tmp_path / "classes", digit, 8),
        images,
    )


def test_images_stay_grey_or_are_coloured(files):
    *paths, images = files
    grey = idx_images(*paths, coloring="")
    np.testing.assert_array_equal(grey.x[..., 0], images)
    np.testing.assert_array_equal(grey.labels["digit"], np.arange(10))
    colored = idx_images(*paths, views=3, images_per_color=2)
    assert colored.x.shape == (30, 32, 32, 3)
    np.testing.assert_array_equal(colored.labels["digit"], colored.source)
    # Rounding to grey levels.
    brightest = colored.x.max((1, 2)) / 255
    np.testing.assert_allclose(brightest, colored.labels["color"], atol=0.51 / 255)


def test_the_class_is_called_as_asked(files):
    *paths, _ = files
    for coloring, names in (("", ["kind"]), ("strokes", ["kind", "color"])):
        labels = idx_images(*paths, coloring=coloring, images_per_color=2, label="kind").labels
        assert list(labels) == names
        np.testing.assert_array_equal(labels["kind"], np.arange(10))
    with pytest.raises(InputError, match="label is 'color'; name the class"):
        idx_images(*paths, label="color")


def test_wrong_files_are_named(tmp_path, files):
    images, classes, _ = files
    (tmp_path / "page").write_text("<html>")
    (tmp_path / "cut").write_bytes(classes.read_bytes()[:-1])
    (tmp_path / "broken.gz").write_bytes(images.read_bytes()[:50])
    for path, message in (
        ("page", "page is no idx file"),
        ("cut", r"cut holds 17 bytes, but its header says \[10\]"),
        ("broken.gz", "broken.gz cannot be read"),
        ("missing", "missing cannot be read"),
    ):
        with pytest.raises(InputError, match=message):
            read_idx(tmp_path / path)
    few = write(tmp_path / "few", np.arange(7).astype(np.uint8), 8)
    with pytest.raises(
        InputError, match=r"images.gz has 10 images, but classes: .*few has 7; give"
    ):
        idx_images(files[0], few)
    with pytest.raises(InputError, match=r"images: .*classes is uint8 \[10\], and classes: "):
        idx_images(classes, classes)


def touch(folder, *names):
    folder.mkdir(exist_ok=True)
    for name in names:
        (folder / name).write_bytes(b"")
    return folder


@pytest.mark.parametrize(
    ("train", "test"),
    [
        (
            ("train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz"),
            ("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"),
        ),
        (
            ("train-images.idx3-ubyte", "train-labels.idx1-ubyte"),
            ("t10k-images.idx3-ubyte", "t10k-labels.idx1-ubyte"),
        ),
        (
            ("X_kannada_MNIST_train.npz", "y_kannada_MNIST_train.npz"),
            ("X_kannada_MNIST_test.npz", "y_kannada_MNIST_test.npz"),
        ),
        (
            ("X_kannada_MNIST_train-idx3-ubyte.gz", "y_kannada_MNIST_train-idx1-ubyte.gz"),
            ("X_kannada_MNIST_test-idx3-ubyte.gz", "y_kannada_MNIST_test-idx1-ubyte.gz"),
        ),
        (
            ("kmnist-train-imgs.npz", "kmnist-train-labels.npz"),
            ("kmnist-test-imgs.npz", "kmnist-test-labels.npz"),
        ),
    ],
)
def test_files_are_found_by_their_published_names(tmp_path, train, test):
    folder = touch(tmp_path / "set", *train, *test, "X_dig_MNIST.npz", "y_dig_MNIST.npz", "notes")
    assert tuple(path.name for path in find_idx(folder, "train")) == train
    assert tuple(path.name for path in find_idx(folder, "test")) == test


def test_of_several_sets_one_is_named(tmp_path):
    names = [
        f"{one}-{part}-{kind}-ubyte.gz"
        for one in ("emnist-letters", "emnist-digits")
        for part in ("train", "test")
        for kind in ("images-idx3", "labels-idx1")
    ]
    folder = touch(tmp_path / "emnist", *names)
    message = r"'emnist-digits-train-.*'emnist-letters-train.*give name"
    with pytest.raises(InputError, match=message):
        find_idx(folder, "train")
    images, _ = find_idx(folder, "test", "emnist-letters")
    assert images.name == "emnist-letters-test-images-idx3-ubyte.gz"
    with pytest.raises(InputError, match="that begin with 'mnist' such as"):
        find_idx(folder, "train", "mnist")


def test_kannada_and_emnist_are_read_as_published(tmp_path, files):
    *paths, images = files
    np.savez(tmp_path / "X_kannada_MNIST_train.npz", images)
    np.savez(tmp_path / "y_kannada_MNIST_train.npz", np.arange(10))
    kannada = idx_images(*find_idx(tmp_path, "train"), coloring="")
    np.testing.assert_array_equal(kannada.x[..., 0], images)
    np.testing.assert_array_equal(kannada.labels["digit"], np.arange(10))
    # EMNIST's files hold columns where MNIST's hold rows.
    emnist = write(tmp_path / "emnist-mnist-train-images-idx3-ubyte", images.transpose(0, 2, 1), 8)
    np.testing.assert_array_equal(idx_images(emnist, paths[1], coloring="").x[..., 0], images)
