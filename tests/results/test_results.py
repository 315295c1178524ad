"""Results: one number with what it needs, and many by name."""

import json
import subprocess
import sys

import numpy as np
import pytest

from iin_tf.checks import InputError
from iin_tf.results import SECTIONS, Expected, Kind, Result, Results, declare, kinds

# Before any test declares one.
KINDS = kinds()
SWAP = "swap/{block}/{factor}/donor"


@pytest.fixture
def results():
    return Results(
        [
            Result("sizes/{model}/{block}", {"model": "here", "block": "digit"}, np.int64(14)),
            Result(SWAP, {"block": "digit", "factor": "digit"}, 0.97, (0.96, 0.98)),
            Result(SWAP, {"block": "residual", "factor": "digit"}, np.float32(0.25)),
            Result(
                "disentanglement/mig",
                {},
                0.5,
                np.array([0.4, 0.6]),
                parts={"gaps": np.array([0.5, np.inf])},
                protocol={"bins": 20},
            ),
        ]
    )


def test_a_result_says_what_it_is(results):
    own, foreign = results.of(SWAP).values()
    assert own.title == "digit exchanged: digit read as the donor's"
    assert own.unit == "fraction"
    assert (own.expected.direction, own.expected.perfect) == ("higher", 1)
    assert (foreign.expected.direction, foreign.expected.perfect) == ("lower", 0)
    assert foreign.value == 0.25
    assert foreign.interval is None
    with pytest.raises(InputError, match="protocol is None"):
        Result("disentanglement/mig", {}, 0.5, protocol=None)
    assert repr(own) == "Result('swap/digit/digit/donor', 0.97, (0.96, 0.98))"


@pytest.mark.parametrize(
    ("pattern", "bounds"),
    [
        (SWAP, (0, 1)),
        ("swap/{block}/{factor}/donor_error", (0, np.inf)),
        ("strongest/{block}/{factor}/r2", (-np.inf, 1)),
        ("disentanglement/mig", (0, 1)),
        ("fixed/{block}/accuracy/change", (-1, 1)),
        ("nll/{split}", (-np.inf, np.inf)),
    ],
)
def test_a_kind_says_which_values_there_can_be(pattern, bounds):
    assert {kind.pattern: kind for kind in KINDS}[pattern].bounds == bounds


def test_flat_numbers_are_those_of_metrics_json(results):
    assert results.metrics() == {
        "sizes/here/digit": 14,
        "swap/digit/digit/donor": 0.97,
        "swap/digit/digit/donor/low": 0.96,
        "swap/digit/digit/donor/high": 0.98,
        "swap/residual/digit/donor": 0.25,
        "disentanglement/mig": 0.5,
        "disentanglement/mig/low": 0.4,
        "disentanglement/mig/high": 0.6,
    }
    assert isinstance(results.metrics()["sizes/here/digit"], int)


def test_a_file_is_read_as_it_was_written(results, tmp_path):
    results.write(tmp_path / "metrics.json")
    read = Results.read(tmp_path / "metrics.json")
    assert list(read) == list(results)
    assert read.metrics() == results.metrics()


def test_what_is_not_finite_stays_out_of_files():
    infinite = Result("disentanglement/mig", {}, np.inf, (0.0, np.inf))
    assert infinite.metrics() == {}
    assert infinite.as_dict()["value"] is None
    wide = Result("disentanglement/mig", {}, 1.0, (0.0, np.inf))
    assert wide.metrics() == {"disentanglement/mig": 1.0}


def test_everything_is_plain_in_a_dict(results):
    found = json.loads(json.dumps(results.as_dict(), allow_nan=False))["disentanglement/mig"]
    assert found["value"] == 0.5
    assert found["interval"] == [0.4, 0.6]
    assert found["parts"] == {"gaps": [0.5, None]}
    assert found["protocol"] == {"bins": 20}
    assert (found["direction"], found["perfect"], found["meaningless"]) == ("higher", 1, 0)


def test_a_frame_has_a_row_for_each_result(results):
    frame = results.as_frame().set_index("name")
    assert len(frame) == 4
    assert frame.loc["swap/digit/digit/donor", "low"] == 0.96
    assert frame.loc["swap/digit/digit/donor", "factor"] == "digit"
    assert np.isnan(frame.loc["swap/residual/digit/donor", "low"])
    assert frame.loc["sizes/here/digit", "unit"] == "dimensions"
    assert results["disentanglement/mig"].as_frame()["value"].tolist() == [0.5]


def test_a_frame_without_pandas_says_what_to_install(results, monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(InputError, match="pip install pandas"):
        results.as_frame()


def test_a_table_can_be_pasted(results):
    lines = results.markdown().splitlines()
    assert lines[0] == "| result | value | interval | unit | better |"
    assert "| digit exchanged: digit read as the donor's | 0.9700 | 0.9600 to 0.9800 | " in lines[3]
    one = results["disentanglement/mig"].markdown().splitlines()
    assert len(one) == 3
    assert one[2].startswith("| MIG | 0.5000 | 0.4000 to 0.6000 |")


def test_names_may_leave_out_what_all_have_in_common(results):
    measures = Results(results.of("disentanglement/mig"), within="disentanglement")
    assert list(measures) == ["mig"]
    assert measures["mig"].interval == (0.4, 0.6)
    assert next(iter(measures.metrics())) == "disentanglement/mig"
    assert len(results.of(SWAP) | measures) == 3
    with pytest.raises(KeyError, match="these results; they are"):
        measures["sap"]
    with pytest.raises(InputError, match="does not begin"):
        Results(results, within="disentanglement")


def test_sections_come_in_the_order_of_the_report(results):
    sections = results.by_section()
    assert [title for title in SECTIONS if title in sections] == list(sections)
    assert next(iter(sections)) == "Exchanged blocks"
    assert len(sections["Exchanged blocks"]) == 2
    assert next(iter(SECTIONS)) == "Exchanged blocks"


def test_undeclared_keys_are_shown_under_their_keys():
    read = Results.from_metrics({"new/x": 1.5, "new/x/low": 1.0, "new/x/high": 2.0, "new/n": 3})
    assert [one.title for one in read.values()] == ["new/x", "new/n"]
    assert read["new/x"].interval == (1.0, 2.0)
    assert list(read.by_section()) == ["Other results"]
    assert read.metrics() == {"new/x": 1.5, "new/x/low": 1.0, "new/x/high": 2.0, "new/n": 3}


def test_a_name_comes_once(results):
    with pytest.raises(InputError, match="twice"):
        results | results
    with pytest.raises(InputError, match="give Results only"):
        Results([0.5])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("no/such/kind", {}, 0.5), "declare"),
        ((SWAP, {"block": "a", "factor": "b"}, "0.5"), "value is '0.5'"),
        ((SWAP, {"block": "a", "factor": "b"}, None), "value is None"),
        ((SWAP, {"block": "a", "factor": "b"}, [0.5]), "value is"),
        ((SWAP, {"block": "a", "factor": "b"}, 0.5, 0.4), "interval is 0.4"),
        ((SWAP, {"block": "a", "factor": "b"}, 0.5, ("a", "b")), "interval is 'a'"),
        ((SWAP, {"block": "a", "factor": "b"}, 1 + 2j), "value is"),
        ((3, {}, 0.5), "kind is 3"),
    ],
)
def test_wrong_results_are_refused(arguments, message):
    with pytest.raises(InputError, match=message):
        Result(*arguments)


@pytest.mark.parametrize(
    ("metrics", "message"),
    [
        ([1.0], "give a mapping"),
        ({"nll/test": "x"}, "value is 'x'"),
        ({"nll/test/low": 0.5}, "without 'nll/test'"),
    ],
)
def test_wrong_metrics_are_refused(metrics, message, tmp_path):
    with pytest.raises(InputError, match=message):
        Results.from_metrics(metrics)
    (tmp_path / "metrics.json").write_text(json.dumps(metrics))
    with pytest.raises(InputError, match=r"metrics\.json"):
        Results.read(tmp_path / "metrics.json")


def test_what_is_asked_for_must_exist(results):
    assert results.find(SWAP, block="digit").value == 0.97
    assert results.find(SWAP, block="color") is None
    with pytest.raises(InputError, match="not declared"):
        results.of("swap/digit/digit/donor")
    with pytest.raises(InputError, match="'split' is no field of"):
        results.of(SWAP, split="test")
    with pytest.raises(TypeError, match="unsupported operand"):
        results | {}
    with pytest.raises(InputError, match="give several"):
        Results(3)


def test_a_kind_from_outside_needs_one_line(tmp_path, monkeypatch):
    monkeypatch.setattr("iin_tf.results.vocabulary._KINDS", {})
    monkeypatch.setattr("iin_tf.results.vocabulary.SECTIONS", {})
    declare(Kind("mine/{factor}", "My view of {factor}", "Mine", Expected("lower", 0, 1), "bits"))
    made = Results([Result("mine/{factor}", {"factor": "total"}, 0.5)])
    made.write(tmp_path / "metrics.json")
    (read,) = Results.read(tmp_path / "metrics.json").by_section()["Mine"].values()
    assert read.title == "My view of total"


def test_every_kind_says_what_it_is():
    for kind in KINDS:
        assert kind.title, kind
        assert kind.section in SECTIONS, kind
        if kind.expected.direction != "neither":
            assert kind.expected.perfect != "", kind
            assert SECTIONS[kind.section], kind


def test_the_room_needs_no_tensorflow():
    code = "import sys, iin_tf.results; sys.exit('tensorflow' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
