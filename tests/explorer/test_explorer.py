import numpy as np
import pytest
from PIL import Image

from iin_tf import FactorLayout
from iin_tf.checks import InputError
from iin_tf.explorer import Change, View
from iin_tf.explorer.gallery import Gallery

WHOLE_DIGIT = {"digit": Change(towards=1.0)}


def test_an_exchange_is_the_networks_own_decoded(explorer, network, decoded):
    view = View("e0", "e5", WHOLE_DIGIT)
    shown = explorer.show(view)
    z = explorer.gallery.z
    swapped = network.swap(z[:1], z[5:6], ["digit"]).numpy()
    np.testing.assert_allclose(shown.z, swapped[0], atol=1e-5)
    image = np.round(255 * decoded(swapped)[0])
    # A grey level: rounding of float32 on the way.
    assert np.abs(shown.picture.astype(float) - image).max() <= 1


def test_without_changes_it_is_the_example_itself(explorer):
    shown = explorer.show(View("e3"))
    np.testing.assert_allclose(shown.z, explorer.gallery.z[3], atol=1e-5)
    np.testing.assert_allclose(shown.z_tilde, explorer.gallery.codes[3], atol=1e-5)


def test_the_percentile_counts_the_examples_that_are_less_likely(explorer, network):
    log_probs = network.log_prob(explorer.gallery.z).numpy()
    shown = explorer.show(View("e7"))
    assert shown.log_prob == pytest.approx(log_probs[7], abs=1e-4)
    # Of 40, one more or less where rounding decides about the example itself.
    assert shown.percentile == pytest.approx(100 * np.mean(log_probs < log_probs[7]), abs=2.5)


def test_the_heads_answer_before_and_after(explorer):
    view = View("e0", "e5", WHOLE_DIGIT)
    z = explorer.show(view).z
    (outputs,) = explorer.head(view, z).values()
    expected = 2 * np.stack([explorer.gallery.z[0], z])[:, :3]
    np.testing.assert_allclose(outputs, expected, rtol=1e-5)


def test_the_grid_is_every_recipient_with_every_donor(explorer, network):
    grid = explorer.grid(["e0", "e1"], ["e2", "e3", "e4"], "angle")
    z = explorer.gallery.z
    assert grid.shape == (2, 3, 8)
    expected = network.swap(z[[1]], z[[4]], ["angle"]).numpy()[0]
    np.testing.assert_allclose(grid[1, 2], expected, atol=1e-5)


def test_neighbours_are_nearest_in_the_block_alone(explorer):
    codes = explorer.gallery.codes[:, explorer.layout.slices["digit"]]
    order = np.argsort(np.linalg.norm(codes - codes[9], axis=1))
    rows = explorer.gallery.neighbors(explorer.gallery.codes[9], "digit", 5)
    np.testing.assert_array_equal(rows, order[:5])


def test_the_copied_lines_make_the_picture(explorer, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    view = View("e0", "e5", {"angle": Change(turn=40.0, axes=(1.0,), walk=2)}, "sphere", 3)
    lines = explorer.code(view)
    assert lines.startswith("from iin_tf.explorer import Change, View, ")
    # The tiny explorer was opened from nothing on disk: it stands in for what is opened.
    code = lines.splitlines()[1]
    exec(code, {"explorer": explorer, "View": View, "Change": Change})
    saved = np.asarray(Image.open("picture.png"))
    np.testing.assert_array_equal(saved, explorer.show(view).picture)


def test_an_image_of_ones_own_is_read_and_another_size_brought_with_a_word(
    explorer, images, tmp_path
):
    Image.fromarray(images[4]).save(tmp_path / "four.png")
    own = explorer.read(str(tmp_path / "four.png"))
    np.testing.assert_allclose(own.z, explorer.gallery.z[4], atol=1e-6)
    assert own.word == ""
    Image.fromarray(images[4]).resize((9, 6)).save(tmp_path / "large.png")
    own = explorer.read(str(tmp_path / "large.png"))
    assert own.word == "9 x 6 pixels were brought to 4 x 4."
    view = View("large.png", "e1", WHOLE_DIGIT)
    assert explorer.show(view, {"large.png": own}).picture.shape == (4, 4, 3)


def test_without_a_decoder_there_are_codes_neighbours_and_no_picture(bare):
    shown = bare.show(View("e0", "e5", WHOLE_DIGIT))
    assert shown.picture is None
    assert bare.head(View("e0"), shown.z) == {}
    assert bare.code(View("e0")).endswith(".show(View(example='e0')).z")
    with pytest.raises(InputError, match="no decoder: there is no picture to save"):
        shown.save("picture.png")


def test_what_a_model_cannot_take_is_said_on_one_line(explorer, bare, tmp_path):
    (tmp_path / "text.txt").write_text("no image")
    for asked, given, message in (
        (explorer, "a text", "'a text': a text, or no file; the model takes images"),
        (explorer, str(tmp_path / "text.txt"), "text.txt', no image; the model takes images"),
        (bare, "a text", "there is no model here that takes images or texts"),
    ):
        with pytest.raises(InputError, match=message) as caught:
            asked.read(given)
        assert "\n" not in str(caught.value)


def test_the_first_donor_differs_in_as_many_factors_as_one_can():
    layout = FactorLayout({"tense": 1, "shade": 1}, residual=1)
    labels = {
        "tense": np.array([0, 0, 1, 1, -1]),
        "shade": np.array([[0.5], [0.5], [0.5], [1], [0]]),
    }
    gallery = Gallery(layout, range(5), np.zeros((5, 3)), np.zeros((5, 3)), np.zeros(5), labels)
    assert gallery.unlike(0) == 3
    # Of several the next one, from the beginning again behind the last.
    assert gallery.unlike(3) == 0
    alone = Gallery(layout, range(3), np.zeros((3, 3)), np.zeros((3, 3)), np.zeros(3))
    assert alone.unlike(0) == 1
    assert alone.unlike(2) == 0
