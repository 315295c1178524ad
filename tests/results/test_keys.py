"""Keys of metrics.json: what is written is read again, whatever the factors are called."""

import json
from pathlib import Path

import pytest

from iin_tf.checks import InputError
from iin_tf.results import Expected, Kind, Result, Results, declare, kinds
from iin_tf.results.vocabulary import parse_key

NAMES = [
    "low",
    "high",
    "null",
    "donor",
    "metadata",
    "log_prob",
    "nothing",
    "residual",
    "a|b",
    "a+b",
    "two\nlines",
    "50%",
    "%6Cow",
    "{factor}",
    "<b>",
    " ",
    "größe",
    "x" * 300,
]
# Keys that stand in runs that were made before there was a vocabulary.
KEYS = {
    "swap/digit/color/donor_error": ("swap/{block}/{factor}/donor_error", None),
    "swap/digit/digit/recipient/low": ("swap/{block}/{factor}/recipient", "low"),
    "leakage/digit/color/null": ("leakage/{block}/{factor}", "null"),
    "disentanglement/dci/completeness/high": ("disentanglement/dci/completeness", "high"),
    "disentanglement/downstream/100": ("disentanglement/downstream/{rows}", None),
    "disentanglement/downstream/unseen": ("disentanglement/downstream/unseen", None),
    "pair_nll/test": ("pair_nll/{split}", None),
    "pair_nll/test/digit+color": ("pair_nll/{split}/{shared}", None),
    "pair_nll/test/nothing": ("pair_nll/{split}/{shared}", None),
    "correlation/low/low": ("correlation/{factor}", "low"),
    "length_scale/angle/given/2": ("length_scale/{factor}/given/{channel}", None),
    "response_whole": ("response_whole", None),
    "response/digit/ignored": ("response/{block}/ignored", None),
    "round_trip/max_error": ("round_trip/max_error", None),
}


def fields_of(kind, name):
    """Fields of a kind, with `name` wherever a text may stand."""
    for start in kind.pattern.split("{")[1:]:
        field = start.partition("}")[0]
        value = {"channel": 3, "removed": 3, "rows": 3, "shared": (name,)}.get(field, name)
        yield field, value


@pytest.mark.parametrize("name", NAMES, ids=lambda name: repr(name[:12]))
def test_every_kind_is_read_as_it_was_written(name):
    for kind in kinds():
        made = Result(kind, dict(fields_of(kind, name)), 0.5, (0.25, 0.75), null=0.125)
        flat = json.loads(json.dumps(made.metrics()))
        assert list(flat.values()) == [0.5, 0.25, 0.75, 0.125]
        (read,) = Results.from_metrics(flat).values()
        assert (read.kind, read.fields) == (made.kind, made.fields)
        assert (read.value, read.interval, read.null) == (0.5, (0.25, 0.75), 0.125)


@pytest.mark.parametrize("key", KEYS)
def test_keys_of_earlier_runs_mean_what_they_meant(key):
    kind, fields, end = parse_key(key)
    assert (kind.pattern, end) == KEYS[key]
    made = Result(kind, fields, 1.0).name
    assert key == made if end is None else key == f"{made}/{end}"


def test_a_file_of_an_earlier_version_is_read_whole():
    path = Path(__file__).parents[1] / "formats/metrics.json"
    read = Results.read(path)
    assert "Other results" not in read.by_section()
    assert read.metrics() == json.loads(path.read_text())


def test_factors_of_all_names_stay_apart():
    results = Results(
        Result("leakage/{block}/{factor}", {"block": a, "factor": b}, 0.5, null=0.1)
        for a in NAMES
        for b in NAMES
    )
    assert len(results.metrics()) == 2 * len(NAMES) ** 2
    read = Results.from_metrics(results.metrics())
    assert read.find("leakage/{block}/{factor}", block="low", factor="null").null == 0.1


def test_ordinary_names_are_not_escaped():
    fields = {"split": "test", "shared": ["digit", "color"]}
    assert Result("pair_nll/{split}/{shared}", fields, 1.0).name == "pair_nll/test/digit+color"
    fields = {"split": "test", "shared": []}
    assert Result("pair_nll/{split}/{shared}", fields, 1.0).name == "pair_nll/test/nothing"
    # It would read as an end of "pair_nll/test".
    fields = {"split": "test", "shared": ["low"]}
    assert Result("pair_nll/{split}/{shared}", fields, 1.0).name == "pair_nll/test/%6Cow"


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"block": "a"},
        {"block": "a", "factor": "b", "more": "c"},
        {"block": "a", "factor": "b/c"},
        {"block": "a", "factor": ""},
        {"block": "a", "factor": 3},
        None,
    ],
)
def test_fields_that_do_not_fit_are_refused(fields):
    with pytest.raises(InputError, match="give"):
        Result("leakage/{block}/{factor}", fields, 0.5)


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        (Kind("mig//x", "t", "s", Expected("higher")), "segments"),
        (Kind("a/{b}{c}", "t", "s", Expected("higher")), "segments"),
        (Kind("a/{b}/{b}", "t", "s", Expected("higher")), "another name"),
        (Kind("mine/low", "t", "s", Expected("higher")), "end in none of"),
        (Kind("mine/{b}", "{c}", "s", Expected("higher")), "no other fields"),
        (Kind("nll/{split}", "other words", "s", Expected("higher")), "declared already"),
        (Kind("x", "t", "s", Expected("higher"), foreign=Expected("lower")), "foreign"),
        (Kind("x/{value}", "t", "s", Expected("higher")), "other names"),
        ("mig", "give an iin_tf.results.Kind"),
    ],
)
def test_wrong_declarations_are_refused(kind, message):
    with pytest.raises(InputError, match=message):
        declare(kind)
    assert kind not in kinds()


@pytest.mark.parametrize(
    "arguments",
    [
        (3, "t", "s", Expected("higher")),
        ("x", None, "s", Expected("higher")),
        ("x", "t", "s", "higher"),
        ("x", "t", "s", Expected("higher"), 3),
        ("x", "t", "s", Expected("higher"), "", "", "lower"),
    ],
)
def test_wrong_kinds_are_refused(arguments):
    with pytest.raises(InputError, match="give a"):
        Kind(*arguments)


@pytest.mark.parametrize("arguments", [("up",), (None,), ("higher", None), ("lower", 0, [1])])
def test_wrong_expectations_are_refused(arguments):
    with pytest.raises(InputError, match="give"):
        Expected(*arguments)
