"""Bars: a colour of its own for each, intervals, and gaps where nothing is."""

import numpy as np
import pytest
from matplotlib.figure import Figure

from iin_tf.audits.response_result import Response, compare_responses
from iin_tf.reporting import response_figures
from iin_tf.reporting.bars import Bars, draw_bars, palette


@pytest.mark.parametrize("count", [1, 10, 11, 20, 21, 40])
def test_every_bar_has_a_colour_of_its_own(count):
    colors = np.array([tuple(color)[:3] for color in palette(count)])
    assert len(colors) == count
    apart = np.abs(colors[:, None] - colors).sum(axis=2) + np.eye(count)
    # Forty colours of one map: neighbours differ by 0.05 over three channels at the least.
    assert apart.min() > 0.05


def test_heights_intervals_and_gaps_are_drawn_where_they_belong():
    axes = Figure().subplots()
    ends = np.array([[0.5, 2.0], [np.nan, np.nan], [2.5, 3.5]])
    bars = [Bars("one", [1.0, np.nan, 3.0], ends, ["", "x", "ignored"]), Bars("two", [1, 2, 3])]
    first, second = draw_bars(axes, ["a", "b", "c"], bars)
    assert [bar.get_height() for bar in first] == [1, 3]
    assert [bar.get_height() for bar in second] == [1, 2, 3]
    # Two bars share 0.8 of each group.
    assert first[1].get_x() + first[1].get_width() == pytest.approx(2)
    assert second[1].get_x() == pytest.approx(1)
    assert [text.get_text() for text in axes.texts] == ["", "ignored"]
    segments = first.errorbar.lines[2][0].get_segments()
    np.testing.assert_allclose([segment[:, 1] for segment in segments], [[0.5, 2], [2.5, 3.5]])


def response(blocks, classes=()):
    many = len(blocks)
    return Response(
        blocks=blocks,
        outputs=("0",),
        response=np.arange(1.0, many + 1),
        interval=np.stack([np.arange(many) + 0.5, np.arange(many) + 1.5], axis=1),
        by_output=np.ones((many, 1)),
        by_output_interval=np.ones((many, 1, 2)),
        monte_carlo_error=np.zeros(many),
        whole=5.0,
        whole_by_output=np.ones(1),
        ignored_below=0.05,
        examples=4,
        classes={name: response(blocks) for name in classes},
        protocol={"level": 0.95},
    )


@pytest.fixture
def drawn(monkeypatch):
    """The figures that are saved."""
    figures = []
    monkeypatch.setattr(
        response_figures, "save_figure", lambda figure, path: figures.append(figure)
    )
    return figures


@pytest.mark.parametrize("classes", [10, 30])
def test_all_examples_and_every_class_have_bars_of_their_own(drawn, classes):
    names = ["all", *map(str, range(classes - 1))]
    result = response(("residual", "digit"), names)
    response_figures.save_responses("unused.png", result)
    (axes,) = drawn[0].axes
    assert len(axes.containers) == 2 * (classes + 1)
    colors = {bar.get_facecolor() for bar in axes.patches}
    assert len(axes.patches) == 2 * len(colors) == 2 * (classes + 1)
    (legend,) = drawn[0].legends
    labels = [text.get_text() for text in legend.get_texts()]
    assert sorted(labels) == sorted(["all blocks", "all examples", *names])
    assert result.markdown().count("| all | digit |") == 2


def test_a_comparison_leaves_a_gap_where_a_result_has_no_such_block(drawn):
    pair = {"one": response(("residual", "digit")), "two": response(("residual", "color"))}
    response_figures.save_response_comparison("unused.png", compare_responses(pair))
    (axes,) = drawn[0].axes
    assert [tick.get_text() for tick in axes.get_xticklabels()] == ["residual", "digit", "color"]
    assert sorted(bar.get_height() for bar in axes.patches) == pytest.approx([0.2, 0.2, 0.4, 0.4])
