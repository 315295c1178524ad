"""Files of an edit: the last frame, the strip, the GIF that goes there and back."""

import numpy as np
from PIL import Image

from iin_tf.reporting.edited import edit_files, save_edit


def frames_of(levels, size=16, channels=3):
    return np.stack([np.full((size, size, channels), level / 255) for level in levels])


def test_the_image_is_the_last_frame_in_its_own_size(tmp_path):
    save_edit(tmp_path, "seven", frames_of([0, 100, 200, 255]), every=3)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(edit_files("seven"))
    with Image.open(tmp_path / "seven.png") as image:
        np.testing.assert_array_equal(np.asarray(image), np.full((16, 16, 3), 255))


def test_the_strip_has_every_so_manieth_frame_enlarged_with_gaps(tmp_path):
    save_edit(tmp_path, "seven", frames_of([0, 10, 20, 30, 40, 50, 60]), every=3)
    strip = np.asarray(Image.open(tmp_path / "seven_strip.png"))
    # Three tiles of 16 pixels, eight times as large, and two gaps of four.
    assert strip.shape == (128, 3 * 128 + 2 * 4, 3)
    assert [int(strip[0, place, 0]) for place in (0, 127, 130, 132, 264)] == [0, 0, 255, 30, 60]


def test_the_gif_goes_there_and_back_and_on(tmp_path):
    save_edit(tmp_path, "seven", frames_of([0, 60, 120, 180]))
    with Image.open(tmp_path / "seven.gif") as gif:
        assert gif.info["loop"] == 0
        assert gif.size == (128, 128)
        levels = []
        for frame in range(gif.n_frames):
            gif.seek(frame)
            levels.append(gif.convert("RGB").getpixel((0, 0))[0])
    assert levels == [0, 60, 120, 180, 120, 60]


def test_grey_images_and_values_outside_are_drawn(tmp_path):
    frames = np.stack([np.full((200, 200, 1), value) for value in (-0.2, 1.2)])
    save_edit(tmp_path, "grey", frames)
    with Image.open(tmp_path / "grey.png") as image:
        assert image.mode == "L"
        assert image.getpixel((0, 0)) == 255
    # Large tiles keep their size.
    assert Image.open(tmp_path / "grey_strip.png").size == (404, 200)
