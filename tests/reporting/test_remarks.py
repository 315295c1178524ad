"""Remarks: figures that seem to contradict each other are explained, the rules by hand."""

import pytest

from iin_tf.reporting.key_figures import key_figures
from iin_tf.reporting.remarks import remarks
from iin_tf.results import Result, Results

BLOCKS, FACTORS = ("residual", "digit"), ("digit",)


def of(metrics, *more):
    return remarks(Results.from_metrics(metrics) | Results(more), BLOCKS, FACTORS)


def response(block, share, changed, reads="digit"):
    """Response of what reads `reads`, to a block."""
    fields, about = {"block": block}, {"protocol": {"reads": reads}}
    return (
        Result("response/{block}/share", fields, share, **about),
        Result("response/{block}/changed", fields, changed, **about),
    )


QUIET = {
    "strongest/residual/digit/accuracy": 0.13,
    "strongest/residual/digit/accuracy/null": 0.12,
}
READ = QUIET | {"strongest/residual/digit/accuracy": 0.8}


def test_a_response_without_a_reading_is_explained():
    (one,) = of(QUIET, *response("residual", 0.42, 0.013))
    assert "vary with residual (0.4200 of the whole), though no reader finds digit" in one
    assert "1.3 % of the draws of residual change it" in one


def test_a_reading_without_a_response_is_explained():
    (one,) = of(READ, *response("residual", 0.02, 0.0))
    assert "A reader finds digit in residual (accuracy 0.8000, null 0.1200)" in one


@pytest.mark.parametrize(
    ("metrics", "more"),
    [
        ({}, ()),
        (QUIET, response("residual", 0.02, 0.0)),
        (READ, response("residual", 0.42, 0.3)),
        # Its own block; outputs that are about something else.
        (QUIET, response("digit", 0.9, 0.8)),
        (QUIET, response("residual", 0.42, 0.0, reads=None)),
        ({"swap/digit/unlikely": 0.04, "swap/digit/far": 0.05}, ()),
        ({"strongest_gain/residual/digit": 0.03, "originals/read": 500}, ()),
        # More rows would make a block tell more of its own factor: no matter.
        ({"strongest_gain/digit/digit": 0.2}, ()),
    ],
)
def test_what_agrees_needs_no_word(metrics, more):
    assert of(metrics, *more) == []


def test_edits_off_the_data_are_counted():
    found = {"swap/digit/unlikely": 0.25, "swap/digit/far": 0.0}
    quiet = {"swap/residual/unlikely": 0.01, "swap/residual/far": 0.01}
    (one,) = of(found | quiet)
    assert "Exchanges that leave the data: of digit 25.0 % and 0.0 % are less likely" in one


def test_a_small_regression_is_corrected_by_a_stronger_reader():
    small = {"leakage/residual/digit": 0.01, "leakage/residual/digit/null": 0.02}
    (one,) = of(READ | small)
    assert "digit in residual (0.0100; accuracy 0.8000, null 0.1200)" in one
    assert of(QUIET | small) == []
    assert of(READ | small | {"leakage/residual/digit": 0.3}) == []


def test_too_few_rows_are_said():
    one, two = of({"originals/read": 120, "strongest_gain/residual/digit": 0.1})
    assert "learned from 120 originals only" in one
    assert "clearly more of digit in residual" in two
    gain = {"strongest_gain/residual/digit": 0.034}
    (one,) = of(QUIET | gain)
    assert "clearly more of digit in residual" in one
    # No reading, and half of the rows read a little less than none.
    assert of(QUIET | gain | {"strongest/residual/digit/accuracy": 0.11}) == []


def test_key_figures_have_the_least_that_is_kept():
    found = {
        "probe/digit": 0.9,
        "swap/digit/digit/donor": 0.8,
        "swap/digit/digit/recipient": 0.05,
        "swap/residual/digit/recipient": 0.7,
        "swap/color/digit/recipient": 0.75,
        "judge/color/reconstruction_error": 0.05,
        "swap/color/color/donor_error": 0.06,
        "swap/digit/color/recipient_error": 0.07,
        "swap/residual/color/recipient_error": 0.04,
    }
    table = key_figures(Results.from_metrics(found), ("digit", "color", "shape"))
    assert [cells for _, cells in table.rows] == [
        ["digit", "0.9000", "0.8000", "0.7000 (residual)"],
        ["color", "0.0500", "0.0600", "0.0700 (digit)"],
    ]
