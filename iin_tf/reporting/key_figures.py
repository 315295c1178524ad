"""The few figures that say most of a run, one factor a row."""

from collections.abc import Iterable

from iin_tf.reporting.tables import Table, with_interval
from iin_tf.results import Result, Results, number_text

# Column -> the kinds of a categorical and of a continuous factor.
_UNTOUCHED = (
    "judge/{factor}/reconstruction",
    "probe/{factor}",
    "judge/{factor}/reconstruction_error",
    "probe/{factor}/error",
)
_COLUMNS = ["factor", "read untouched", "donor's, its block exchanged", "kept, another exchanged"]


def key_figures(results: Results, factors: Iterable[str]) -> Table:
    """What is read of each factor untouched, after its own and after other blocks were exchanged.

    Args:
      results: of a run.
      factors: names; those of which nothing was read are left out.
    """
    rows = [(_ABOUT, cells) for factor in factors if (cells := _cells(results, factor))]
    return Table(_COLUMNS, _COLUMNS[1:], rows)


_ABOUT = "of the other blocks, the one whose exchange keeps the factor least"


def _cells(results: Results, factor: str) -> list[str]:
    found = (results.find(kind, factor=factor) for kind in _UNTOUCHED)
    untouched = next((one for one in found if one is not None), None)
    for suffix, worst in (("", min), ("_error", max)):
        own = results.find("swap/{block}/{factor}/donor" + suffix, block=factor, factor=factor)
        if own is not None:
            kept = results.of("swap/{block}/{factor}/recipient" + suffix, factor=factor).values()
            others = [one for one in kept if one.fields["block"] != factor]
            least = worst(others, key=lambda one: one.value) if others else None
            return [factor, _text(untouched), _text(own), _text(least, block=True)]
    return []


def _text(result: Result | None, block: bool = False) -> str:
    if result is None:
        return "-"
    text = number_text(float(result.value))
    return with_interval(f"{text} ({result.fields['block']})" if block else text, result)
