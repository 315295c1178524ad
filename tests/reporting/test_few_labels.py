"""Table and picture of the runs with few labels."""

import numpy as np
import pytest
from matplotlib import image

from iin_tf.reporting.few_labels import as_table, save_plot
from iin_tf.results import Result, Results


def results(digit, color):
    """What one run measured: digit block's donor rate, color block's donor error."""
    values = {
        ("digit", "digit", "donor"): digit,
        ("digit", "color", "recipient_error"): 0.25,
        ("color", "color", "donor_error"): color,
        ("color", "digit", "recipient"): 0.75,
    }
    found = [
        Result("swap/{block}/{factor}/" + role, {"block": block, "factor": factor}, value)
        for (block, factor, role), value in values.items()
    ]
    found += [
        Result("judge/{factor}/reconstruction", {"factor": "digit"}, 0.99),
        Result("judge/{factor}/reconstruction_error", {"factor": "color"}, 0.03),
        Result("nll/{split}", {"split": "test"}, 60.0),
        Result("steps", {}, 300),
    ]
    return Results(found)


FOUND = {
    ("all", 0.0): [results(0.9, 0.05), results(0.95, 0.07)],
    ("3", 0.5): [results(0.5, 0.1), results(0.5, 0.1)],
    ("all", 0.5): [results(0.8, 0.05)] * 2,
    ("3", 0.0): [results(0.2, 0.2)] * 2,
}


def test_the_table_has_mean_and_range_of_the_seeds():
    header, _, first, second, *_ = as_table(FOUND, ["digit", "color"]).splitlines()
    assert [cell.strip() for cell in header.split("|")[1:3]] == [
        "labelled originals",
        "marginal fraction",
    ]
    # The mean of 0.9 and 0.95 is 0.925, that of 0.05 and 0.07 is 0.06.
    cells = [cell.strip() for cell in first.split("|")[1:-1]]
    assert cells == [
        "all",
        "0.0000",
        "0.925 (0.900 to 0.950)",
        "0.250 (0.250 to 0.250)",
        "0.060 (0.050 to 0.070)",
        "0.750 (0.750 to 0.750)",
        "60.0 (60.0 to 60.0)",
        "300 (300 to 300)",
    ]
    assert second.startswith("| 3 | 0.5000 | 0.500 (0.500 to 0.500) |")


@pytest.mark.parametrize("factors", [["digit"], ["digit", "color"]])
def test_the_picture_has_a_chart_for_each_factor(tmp_path, factors):
    save_plot(tmp_path / "few.png", FOUND, factors)
    picture = image.imread(tmp_path / "few.png")[..., :3]
    # Two lines of two colours, points and a legend: more than an empty frame has.
    assert len(np.unique(picture.reshape(-1, 3), axis=0)) > 20
    assert picture.shape[1] == pytest.approx(4.5 * 130 * len(factors), abs=1)
