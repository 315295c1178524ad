"""The verdict at the top of a report: its rules, by hand."""

import pytest

from iin_tf.reporting.report import write_report
from iin_tf.reporting.verdict import advice_of, verdict_table, verdicts
from iin_tf.results import Results

GOOD = {
    "leakage/digit/digit": 0.89,
    "leakage/digit/digit/null": 0.04,
    "leakage/residual/digit": 0.09,
    "leakage/color/digit": 0.02,
    "judge/digit/reconstruction": 0.99,
    "swap/digit/digit/donor": 0.97,
    "swap/digit/digit/recipient": 0.01,
    "correlation/digit": 0.9,
    "correlation/digit/network": 0.99,
}


def verdict(changes=(), factor="digit", start=GOOD):
    (one,) = verdicts(Results.from_metrics({**start, **dict(changes)}), [factor])
    return one


def answers(one):
    return {check.name: check.answer for check in one.checks}


def test_a_factor_that_answers_every_question_is_found():
    one = verdict()
    assert one.found == "found"
    assert answers(one) == dict.fromkeys(("own", "others", "swap", "rho"), "yes")
    assert one.advice == ()


@pytest.mark.parametrize(
    ("changes", "name", "answer", "found"),
    [
        ({"leakage/digit/digit": 0.4}, "own", "partly", "partly found"),
        ({"leakage/digit/digit": 0.1}, "own", "no", "not found"),
        # Above the bound, but below what a meaningless block reaches.
        ({"leakage/digit/digit": 0.6, "leakage/digit/digit/null": 0.7}, "own", "no", "not found"),
        ({"leakage/residual/digit": 0.2}, "others", "partly", "partly found"),
        ({"leakage/residual/digit": 0.2, "leakage/residual/digit/null": 0.25},
         "others", "yes", "found"),
        ({"leakage/color/digit": 0.9}, "others", "no", "partly found"),
        # 0.8 and 0.5 of 0.99.
        ({"swap/digit/digit/donor": 0.79}, "swap", "partly", "partly found"),
        ({"swap/digit/digit/donor": 0.49}, "swap", "no", "not found"),
        # The judge reads no more than that in what is untouched.
        ({"swap/digit/digit/donor": 0.61, "judge/digit/reconstruction": 0.7},
         "swap", "yes", "found"),
        ({"correlation/digit": 0.5}, "rho", "partly", "partly found"),
        ({"correlation/digit": 0.1}, "rho", "no", "partly found"),
    ],
)  # fmt: skip
def test_one_answer_decides(changes, name, answer, found):
    one = verdict(changes)
    assert answers(one)[name] == answer
    assert one.found == found
    assert len(one.advice) == (found != "found")


def test_a_continuous_factor_is_judged_by_its_differences():
    start = {
        "swap/color/color/donor_error": 0.03,
        "swap/color/color/recipient_error": 0.35,
    }
    assert verdict(start=start, factor="color").found == "found"
    half = {"swap/color/color/donor_error": 0.2}
    assert answers(verdict(half, start=start, factor="color")) == {"swap": "partly"}
    same = {"swap/color/color/donor_error": 0.35}
    assert verdict(same, start=start, factor="color").found == "not found"


@pytest.mark.parametrize(("rho", "found"), [(0.9, "partly found"), (0.1, "not found")])
def test_pairs_that_agree_alone_do_not_find_a_factor(rho, found):
    start = {"correlation/thing": rho, "correlation/thing/network": 0.99}
    assert verdict(start=start, factor="thing").found == found


def test_what_nothing_reads_before_any_network_is_said():
    start = {"probe/style": 0.4, "swap/style/style/donor": 0.1}
    assert "another representation" in verdict(start=start, factor="style").advice[0]


def test_the_table_has_numbers_beside_what_is_expected():
    table = verdict_table(verdict({"leakage/residual/digit": 0.2}))
    rows = [dict(zip(table.columns, cells, strict=True)) for _, cells in table.rows]
    assert rows[0] == {
        "question": "its own block tells it",
        "answer": "yes",
        "value": "0.8900",
        "perfect": "1",
        "meaningless": "at most 0.0400",
    }
    assert rows[1]["question"] == "no other block does (most: residual)"
    assert (rows[1]["value"], rows[1]["perfect"]) == ("0.2000", "at most 0.1000")
    assert (rows[2]["perfect"], rows[2]["meaningless"]) == ("0.9900", "chance")
    assert (rows[3]["perfect"], rows[3]["meaningless"]) == ("0.9900", "0")


def test_the_report_begins_with_it(tmp_path):
    results = Results.from_metrics({**GOOD, "swap/digit/digit/donor": 0.6})
    write_report(tmp_path, results, ["residual", "digit"], {})
    page = (tmp_path / "report.html").read_text()
    assert page.index("<h2>Verdict</h2>") < page.index("<h2>Exchanged blocks</h2>")
    assert "<h3>digit: partly found</h3>" in page
    assert "<li>for digit: more training steps" in page


def test_advice_is_given_once_for_all_that_it_may_help():
    found = [verdict({"correlation/digit": 0.1}), verdict({"correlation/digit": 0.5})]
    assert [*advice_of(found).values()] == [["digit", "digit"]]


def test_without_factors_there_is_no_verdict(tmp_path):
    write_report(tmp_path, Results.from_metrics({"nll/test": 1.0}), ["residual"], {})
    assert "Verdict" not in (tmp_path / "report.html").read_text()
