"""The verdict at the top of a report: its rules, by hand."""

import re

import pytest

from iin_tf.reporting.report import write_report
from iin_tf.reporting.verdict import advice_of, verdict_table, verdicts
from iin_tf.results import Results

GOOD = {
    "strongest_raw/digit/accuracy": 0.98,
    "strongest_raw/digit/accuracy/null": 0.12,
    "strongest/digit/digit/accuracy": 0.97,
    "strongest/digit/digit/accuracy/null": 0.12,
    "strongest/residual/digit/accuracy": 0.16,
    "strongest/residual/digit/accuracy/null": 0.12,
    "strongest/color/digit/accuracy": 0.1,
    "strongest/color/digit/accuracy/null": 0.12,
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
        # 0.86 above the null is read in the raw representation: 0.808 and 0.55 are the bounds.
        ({"strongest/digit/digit/accuracy": 0.8}, "own", "partly", "partly found"),
        ({"strongest/digit/digit/accuracy": 0.54}, "own", "no", "not found"),
        # Nothing to tell: not clearly above what chance reaches.
        ({"strongest_raw/digit/accuracy": 0.1, "strongest/digit/digit/accuracy": 0.16},
         "own", "no", "not found"),
        # 0.05 above the null is chance; 0.3 of 0.86 above it is a part.
        ({"strongest/residual/digit/accuracy": 0.3}, "others", "partly", "partly found"),
        ({"strongest/residual/digit/accuracy": 0.3,
          "strongest/residual/digit/accuracy/null": 0.27}, "others", "yes", "found"),
        ({"strongest/color/digit/accuracy": 0.4}, "others", "no", "partly found"),
        # 0.8 and 0.5 of 0.99.
        ({"swap/digit/digit/donor": 0.79}, "swap", "partly", "partly found"),
        ({"swap/digit/digit/donor": 0.49}, "swap", "no", "not found"),
        # More than half of 0.84, of two classes, but rather read as before.
        ({"swap/digit/digit/donor": 0.44, "swap/digit/digit/recipient": 0.56,
          "judge/digit/reconstruction": 0.84}, "swap", "no", "not found"),
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


def test_a_continuous_factor_is_read_by_its_share_of_variance():
    start = {
        "strongest_raw/color/r2": 0.9,
        "strongest/color/color/r2": 0.75,
        "strongest/residual/color/r2": 0.2,
        # Below no guess at all.
        "strongest/residual/color/r2/null": -0.1,
    }
    one = verdict(start=start, factor="color")
    assert answers(one) == {"own": "yes", "others": "partly"}
    assert one.checks[1].perfect == "at most 0.0500"


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


@pytest.mark.parametrize("kind", ["judge/angle/reconstruction_error", "probe/angle/error"])
def test_what_the_reader_itself_is_off_is_not_the_exchanges(kind):
    # An angle whose judge has learned little: figures of a run whose blocks were found.
    start = {
        "swap/angle/angle/donor_error": 0.489,
        "swap/angle/angle/recipient_error": 0.684,
        kind: 0.479,
    }
    one = verdict(start=start, factor="angle")
    assert (one.found, one.checks[0].perfect) == ("found", "0.4790")
    # Three tenths of the way from 0.479 to 0.684 are 0.5405, six tenths 0.602.
    for donor, answer in ((0.54, "yes"), (0.55, "partly"), (0.61, "no"), (0.684, "no")):
        changed = {"swap/angle/angle/donor_error": donor}
        assert answers(verdict(changed, start=start, factor="angle")) == {"swap": answer}


def test_a_reader_that_reads_nothing_is_not_asked():
    blind = {
        "strongest_raw/angle/r2": 0.9,
        "strongest/angle/angle/r2": 0.9,
        "judge/angle/reconstruction_error": 0.63,
        "swap/angle/angle/donor_error": 0.63,
        "swap/angle/angle/recipient_error": 0.64,
    }
    assert "swap" not in answers(verdict(start=blind, factor="angle"))
    # A good reader and an exchange that does nothing: the recipient's value stays.
    still = {
        "judge/angle/reconstruction_error": 0.02,
        "swap/angle/angle/donor_error": 0.63,
        "swap/angle/angle/recipient_error": 0.02,
    }
    assert answers(verdict(still, start=blind, factor="angle"))["swap"] == "no"


@pytest.mark.parametrize(("rho", "found"), [(0.9, "partly found"), (0.1, "not found")])
def test_pairs_that_agree_alone_do_not_find_a_factor(rho, found):
    start = {"correlation/thing": rho, "correlation/thing/network": 0.99}
    assert verdict(start=start, factor="thing").found == found


def test_what_nothing_reads_before_any_network_is_said():
    start = {"probe/style": 0.4, "swap/style/style/donor": 0.1}
    assert "another representation" in verdict(start=start, factor="style").advice[0]


def test_the_table_has_numbers_beside_what_is_expected():
    table = verdict_table(verdict({"strongest/residual/digit/accuracy": 0.2}))
    rows = [dict(zip(table.columns, cells, strict=True)) for _, cells in table.rows]
    assert rows[0] == {
        "question": "its own block tells it",
        "answer": "yes",
        "value": "0.9700",
        "perfect": "0.9800",
        "meaningless": "at most 0.1200",
    }
    assert rows[1]["question"] == "no other block does (most: residual)"
    assert (rows[1]["value"], rows[1]["perfect"]) == ("0.2000", "at most 0.1700")
    assert (rows[2]["perfect"], rows[2]["meaningless"]) == ("0.9900", "chance")
    assert (rows[3]["perfect"], rows[3]["meaningless"]) == ("0.9900", "0")


def test_the_report_begins_with_it(tmp_path):
    results = Results.from_metrics({**GOOD, "swap/digit/digit/donor": 0.6})
    write_report(tmp_path, results, ["residual", "digit"], {})
    page = (tmp_path / "report.html").read_text()
    headings = re.findall(r"<h[23]>(.*?)</h", page)
    assert headings[:3] == [
        "Verdict",
        'digit: <span class="mark partly">partly found</span>',
        "Key figures",
    ]
    # What the words mean, and what to try, stands right below the answers.
    above = page.index("Key figures")
    assert (
        page.index("Found: all four")
        < page.index("What to try for digit: more training steps")
        < above
    )


def test_advice_is_given_once_for_all_that_it_may_help():
    found = [verdict({"correlation/digit": 0.1}), verdict({"correlation/digit": 0.5})]
    assert [*advice_of(found).values()] == [["digit", "digit"]]


def test_advice_that_the_run_follows_already_is_not_given(tmp_path):
    results = Results.from_metrics(
        {
            **GOOD,
            "strongest/digit/digit/accuracy": 0.3,
            "strongest/color/digit/accuracy": 0.9,
        }
    )
    plain, done, trained = (
        " ".join(verdicts(results, ["digit"], config)[0].advice)
        for config in (
            {"first_stage": {"kind": "none", "noise_kind": "proportional"}, "network": {}},
            {
                "first_stage": {"kind": "none", "noise_kind": "isotropic"},
                "network": {"mixing": "linear", "front": 64},
            },
            {"first_stage": {"kind": "autoencoder", "noise_kind": "proportional"}},
        )
    )
    for text in ("network.mixing='linear'", "network.front", "noise_kind='isotropic'"):
        assert text in plain
        assert text not in done
    assert "more noise (first_stage.noise)" in done
    # An autoencoder has a posterior of its own, and reads no first_stage.noise.
    assert "first_stage.kl_weight" in trained
    assert "first_stage.noise" not in trained
    config = {"first_stage": {"kind": "autoencoder"}}
    write_report(tmp_path, results, ["residual", "digit", "color"], config)
    assert "first_stage.kl_weight" in (tmp_path / "report.html").read_text()


def test_without_factors_there_is_no_verdict(tmp_path):
    write_report(tmp_path, Results.from_metrics({"nll/test": 1.0}), ["residual"], {})
    assert "Verdict" not in (tmp_path / "report.html").read_text()
