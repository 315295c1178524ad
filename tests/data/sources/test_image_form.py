"""Pictures of any kind as arrays, against what Pillow and hand-made pixels say."""

import io

import numpy as np
import pytest
from PIL import Image

from iin_tf.checks import InputError
from iin_tf.data.sources.image_form import image_form, read_picture

PIXELS = np.random.default_rng(0).integers(256, size=(20, 30, 3)).astype(np.uint8)


def stored(picture, kind="PNG", **options):
    file = io.BytesIO()
    picture.save(file, kind, **options)
    file.seek(0)
    return file


def read(picture, *form, **options):
    return read_picture(stored(picture, **options), image_form(*form))


def test_what_is_stored_is_read():
    np.testing.assert_array_equal(read(Image.fromarray(PIXELS)), PIXELS)
    np.testing.assert_array_equal(read(Image.fromarray(PIXELS[..., 0])), PIXELS[..., :1])


def test_channels_are_made_by_the_usual_weights():
    grey = read(Image.fromarray(PIXELS), None, "refuse", 1)[..., 0]
    # ITU-R 601-2; Pillow works in whole numbers.
    np.testing.assert_allclose(grey, PIXELS @ [0.299, 0.587, 0.114], atol=1)
    three = read(Image.fromarray(PIXELS[..., 0]), None, "refuse", 3)
    np.testing.assert_array_equal(three, PIXELS[..., [0, 0, 0]])


def test_deep_grey_is_scaled_and_not_clipped():
    deep = np.array([[0, 257, 65535], [128 * 257, 300, 65000]], np.uint16)
    expected = [[0, 1, 255], [128, 1, 253]]
    np.testing.assert_array_equal(read(Image.fromarray(deep))[..., 0], expected)
    with pytest.raises(InputError, match="holds floats"):
        read(Image.fromarray(np.zeros((2, 2), np.float32)), kind="TIFF")


def test_transparent_pixels_lie_on_black_where_channels_are_given():
    pixels = np.zeros((1, 2, 4), np.uint8)
    pixels[0] = [[200, 100, 50, 255], [200, 100, 50, 0]]
    np.testing.assert_array_equal(read(Image.fromarray(pixels)), pixels)
    found = read(Image.fromarray(pixels), None, "refuse", 3)
    np.testing.assert_array_equal(found, [[[200, 100, 50], [0, 0, 0]]])
    pixels[..., 3] = 255
    np.testing.assert_array_equal(read(Image.fromarray(pixels)), pixels[..., :3])


def test_a_palette_is_colours():
    palette = Image.fromarray(PIXELS).quantize(8)
    np.testing.assert_array_equal(read(palette), np.asarray(palette.convert("RGB")))


def test_a_photo_is_turned_as_its_camera_says():
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by 90 degrees clockwise
    found = read(Image.fromarray(PIXELS), exif=exif)
    np.testing.assert_array_equal(found, np.rot90(PIXELS, -1))


def test_words_say_how_a_size_is_reached():
    wide = np.zeros((4, 8, 3), np.uint8)
    wide[:, 2:6] = 200  # the middle square
    crop, fit, stretch = (
        read(Image.fromarray(wide), 4, word) for word in ("crop", "fit", "stretch")
    )
    np.testing.assert_array_equal(crop, np.full((4, 4, 3), 200))
    assert fit.shape == stretch.shape == (4, 4, 3)
    # Scaled to 2 x 4, with a black row above and one below.
    assert not fit[[0, 3]].any()
    assert (fit[1:3].max(axis=(0, 2)) > 0).all()
    # The middle half stays the middle half.
    assert (stretch[:, 1:3] > 150).all()
    assert (stretch[:, [0, 3]] < 50).all()
    assert read(Image.fromarray(wide), (2, 6), "stretch").shape == (2, 6, 3)


def test_a_reduced_photo_is_nearly_the_whole_one_scaled():
    smooth = np.add.outer(np.arange(512), np.arange(512))[..., None] // 4 + np.arange(3)
    photo = Image.fromarray(smooth.astype(np.uint8))
    found = read(photo, 16, "stretch", kind="JPEG", quality=95)
    expected = np.asarray(photo.resize((16, 16), Image.Resampling.BOX))
    # JPEG's own error, and the filters differ on half a level.
    np.testing.assert_allclose(found, expected.astype(float), atol=4)


@pytest.mark.parametrize(
    ("form", "message"),
    [
        ((0,), "size is 0"),
        (((4, 4, 4),), r"size is \(4, 4, 4\)"),
        ((4, "grow"), "resize is 'grow'"),
        ((None, "crop"), "size is None"),
        ((4, "crop", 2), "channels is 2"),
    ],
)
def test_other_forms_are_refused(form, message):
    with pytest.raises(InputError, match=message):
        image_form(*form)
