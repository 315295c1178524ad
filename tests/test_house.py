"""The house's rules that a test can see."""

import ast
import re
from pathlib import Path

import pytest

from iin_tf.results import kinds
from iin_tf.results.vocabulary import ENDS

PACKAGE = Path(__file__).parents[1] / "iin_tf"
# Rooms whose statistics come from iin_tf.statistics alone.
WITHOUT_STATISTICS = ("audits", "experiment", "measures", "reporting", "results")
# Ends of intervals, resampled rows, permuted labels; IRS's quantile is part of its formula.
OWN_STATISTICS = re.compile(
    r"multinomial\(|\.permuted\(|replace=True|percentile\(|ppf\(|scipy\.stats import bootstrap"
    r"|stats\.bootstrap|\bquantile\((?!distances)"
)


def files_of(rooms):
    return [path for room in rooms for path in sorted((PACKAGE / room).rglob("*.py"))]


@pytest.mark.parametrize(
    "path", files_of(WITHOUT_STATISTICS), ids=lambda path: f"{path.parent.name}/{path.name}"
)
def test_no_interval_and_no_bootstrap_outside_of_statistics(path):
    found = [
        f"{path.name}:{number}: {line.strip()}"
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if OWN_STATISTICS.search(line)
    ]
    assert not found, "use iin_tf.statistics: a plan, `interval` or `null_bound`"


def test_the_rule_sees_what_it_forbids():
    for line in (
        "low, high = np.quantile(means, [0.025, 0.975])",
        "counts = random.multinomial(n, share, size=100)",
        "rows = rng.choice(n, n, replace=True)",
    ):
        assert OWN_STATISTICS.search(line)


# Rooms, and the benchmarks, in which keys of results are neither composed nor taken apart.
WITHOUT_KEYS = ("measures", "audits", "reporting", "experiment", "../benchmarks")
TAKES_APART = (
    "startswith",
    "endswith",
    "removeprefix",
    "removesuffix",
    "partition",
    "rpartition",
    "split",
    "rsplit",
)
STARTS = {f"{kind.pattern.partition('/')[0]}/" for kind in kinds() if "/" in kind.pattern}
STOPS = {f"/{end}" for end in ENDS}


def key_work(source):
    """Line and text of every place that composes a key of results, or takes one apart."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.JoinedStr):
            # Braces that stay are fields of a kind's pattern, which is no key.
            parts = [part.value if isinstance(part, ast.Constant) else None for part in node.values]
            text = "".join("*" if part is None else part for part in parts)
            composed = text.startswith(tuple(STARTS)) or text.endswith(tuple(STOPS))
            if composed and "{" not in text:
                yield node.lineno, text
        if isinstance(node, ast.Call) and getattr(node.func, "attr", None) in TAKES_APART:
            for one in ast.walk(node):
                if isinstance(one, ast.Constant) and one.value in {*STARTS, *STOPS, "/"}:
                    yield node.lineno, one.value


@pytest.mark.parametrize(
    "line",
    [
        'f"swap/{block}/{factor}/donor"',
        'f"{name}/low"',
        'name.startswith("leakage/")',
        'name.startswith(("judge/", "reconstruction/"))',
        'name.endswith("/high")',
        'name.removesuffix("/null")',
        'name.split("/")',
    ],
)
def test_the_rule_sees_work_on_keys(line):
    assert list(key_work(line))


@pytest.mark.parametrize(
    "line",
    [
        'Result("swap/{block}/{factor}/donor", fields, 0.5)',
        'f"retrieval/{{block}}/{{factor}}/{kind}"',
        'found["nll/test"].value',
        'f"{name}/{channel}"',
    ],
)
def test_the_rule_lets_names_of_kinds_pass(line):
    assert not list(key_work(line))


@pytest.mark.parametrize(
    "path", files_of(WITHOUT_KEYS), ids=lambda path: f"{path.parent.name}/{path.name}"
)
def test_keys_of_results_are_composed_and_read_in_one_room(path):
    found = [f"{path.name}:{line}: {text}" for line, text in key_work(path.read_text())]
    assert not found, "use iin_tf.results: Result(kind, fields, value), Results.of and .find"


def test_no_measure_imports_another_one():
    registry = (PACKAGE / "measures" / "registry.py").read_text()
    families = set(re.findall(r"from iin_tf\.measures\.(\w+) import", registry)) - {"inputs"}
    families |= {"beta_vae", "factor_vae", "fairness", "udr", "frechet"}
    assert {"mcc", "sap", "irs", "modularity", "unfairness"} <= families
    for name in families:
        text = (PACKAGE / "measures" / f"{name}.py").read_text()
        imported = set(re.findall(r"from iin_tf\.measures\.(\w+) import", text))
        assert not imported & families, f"{name} imports a measure; move what both use to a file"
