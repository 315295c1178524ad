"""The house's rules that a test can see."""

import re
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "iin_tf"
# Rooms whose statistics come from iin_tf.statistics alone.
WITHOUT_STATISTICS = ("measures",)
# Ends of intervals, resampled rows, permuted labels; IRS's quantile is part of its formula.
OWN_STATISTICS = re.compile(
    r"multinomial\(|\.permuted\(|replace=True|percentile\(|ppf\(|scipy\.stats import bootstrap"
    r"|stats\.bootstrap|\bquantile\((?!deviations)"
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
