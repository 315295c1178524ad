"""What the page says, without a browser."""

import base64
import io
import re

import numpy as np
import pytest
from PIL import Image

from iin_tf.checks import InputError
from iin_tf.explorer import Change, View
from iin_tf.explorer.colors import UNKNOWN, point_colors
from iin_tf.explorer.form import Form
from iin_tf.explorer.maps import BlockMap
from iin_tf.explorer.pieces import blocks, figure, picture_of
from iin_tf.explorer.visit import WHOLE, Visit


@pytest.fixture(scope="module")
def form(explorer):
    return Form(explorer.layout, explorer.directions)


@pytest.fixture(scope="module")
def visit(explorer):
    return Visit(explorer)


def pictures(html):
    """All pictures in a piece of HTML, as arrays."""
    found = re.findall(r'<img src="data:image/png;base64,([^"]+)"', html)
    return [np.asarray(Image.open(io.BytesIO(base64.b64decode(one)))) for one in found]


def test_untouched_controls_change_nothing(form):
    assert form.view("e0", "e1", form.start(), "line", 0) == View("e0", "e1")


def test_every_control_changes_its_part(form):
    values = form.start()
    parts = [(block, one.part) for block, some in form.controls.items() for one in some]
    assert ("angle", "turn") in parts
    assert ("digit", "turn") not in parts
    for part, value in (("towards", 0.5), ("turn", 20.0), ("walk", 3), ("erase", "average")):
        values[parts.index(("angle", part))] = value
    values[parts.index(("digit", "axes")) + 1] = -1.5
    expected = {
        "digit": Change(axes=(0.0, -1.5)),
        "angle": Change(towards=0.5, turn=20.0, walk=3, erase="mean"),
    }
    view = form.view("e0", "e1", values, "sphere", 7)
    assert view == View("e0", "e1", expected, "sphere", 7)


def test_taking_the_donors_block_and_putting_it_back(form):
    taken = form.taken([*form.start()[:-1], "average"], "digit")
    changes = form.view("e0", "e1", taken, "line", 0).changes
    assert changes == {"digit": Change(towards=1.0), "residual": Change(erase="mean")}
    assert form.view("e0", "e1", form.reset(taken, "digit"), "line", 0).changes == {
        "residual": Change(erase="mean")
    }


def test_the_stage_has_the_example_what_is_shown_and_the_donor(visit, explorer, images):
    view = View("e0", "e5", {"digit": Change(towards=1.0)})
    example, shown, donor = pictures(visit.stage(view, {}))
    np.testing.assert_array_equal(example, images[0])
    np.testing.assert_array_equal(shown, explorer.show(view).picture)
    np.testing.assert_array_equal(donor, images[5])


def test_the_grid_has_its_donors_and_recipients_at_the_edges(visit, explorer, images):
    view = View("e0", "e5")
    found = pictures(visit.grid(view, {}, "digit", 0))
    assert len(found) == 5 + 5 * 6
    np.testing.assert_array_equal(found[0], images[5])
    np.testing.assert_array_equal(found[5], images[0])
    cell = explorer.show(View("e0", "e5", {"digit": Change(towards=1.0)})).picture
    # One grey level: a batch is not added up in the order of a single row.
    assert np.abs(found[6].astype(int) - cell).max() <= 1


def test_neighbours_begin_with_the_example_itself(visit, images):
    for block in ("digit", WHOLE):
        found = pictures(visit.neighbors(View("e6"), {}, block))
        assert len(found) == 8
        np.testing.assert_array_equal(found[0], images[6])


def test_without_a_decoder_words_stand_for_pictures(bare):
    bare.gallery.x, kept = None, bare.gallery.x
    try:
        visit = Visit(bare)
        assert "<figcaption>Example: digit " in visit.stage(View("e0", "e5"), {})
        assert visit.grid(View("e0", "e5"), {}, "digit", 0).count('class="words"') == 35
    finally:
        bare.gallery.x = kept


def test_a_visitor_names_examples_and_no_files_of_the_server(visit, tmp_path):
    Image.new("RGB", (4, 4)).save(tmp_path / "secret.png")
    for view in (View(str(tmp_path / "secret.png")), View("e0", "/etc/hostname"), View("")):
        with pytest.raises(InputError, match=r"example is .*"):
            visit.stage(view, {})


def test_a_map_has_its_points_in_place_and_a_ring(explorer):
    drawn = BlockMap(explorer.gallery, "angle")
    codes = explorer.gallery.codes[:, explorer.layout.slices["angle"]].astype(np.float64)
    spread = np.linalg.svd(codes - codes.mean(axis=0), compute_uv=False)[:2]
    # The two leading components: their sums of squares are the two largest singular values.
    np.testing.assert_allclose(np.linalg.norm(drawn.points, axis=0), spread, rtol=1e-6)
    svg = drawn.svg("digit", explorer.gallery.codes[3])
    assert svg.count("data-id=") == len(explorer.gallery)
    at = re.search(r'cx="([\d.]+)" cy="([\d.]+)" r="5" fill="#\w+" data-id="e3"', svg).groups()
    ring = re.search(r'class="ring" cx="([\d.]+)" cy="([\d.]+)"', svg).groups()
    assert at == ring


def test_colours_say_what_they_mean():
    colors, legend = point_colors(np.array(["b", "a", "b", ""]), False)
    assert colors[0] == colors[2] == dict(map(reversed, legend))["b"]
    assert colors[3] == UNKNOWN
    assert point_colors(np.array([[1.0, 0, 0], [0, 0, 1]]), False)[0] == ["#ff0000", "#0000ff"]
    colors, legend = point_colors(np.array([2.0, 4.0, 3.0]), False)
    assert legend == [(colors[0], "2"), (colors[1], "4")]


def test_blocks_tell_their_sizes_and_readings_and_everything_is_escaped(explorer):
    told = blocks(explorer.layout, {"digit": "<b>: 99%"})
    assert "<b>digit</b>: 2 of 8 numbers; reads &lt;b&gt;: 99%" in told
    assert "<script>" not in figure(None, "<script>", "<script>")


def test_inputs_that_are_no_images_are_no_pictures():
    assert picture_of(np.zeros((4, 4, 2))) is None
    assert picture_of("text") is None
    np.testing.assert_array_equal(picture_of(np.full((2, 2, 1), 0.5, np.float32)), 128)
