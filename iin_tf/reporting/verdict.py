"""Was each factor found?  Plain rules on a run's results, and what to try where it was not.

docs/results.md states the rules in words.
"""

import dataclasses
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from iin_tf.reporting.advice import what_to_try
from iin_tf.reporting.remarks import ABOVE_NULL, is_read
from iin_tf.reporting.tables import Table, with_interval
from iin_tf.results import Result, Results, number_text

YES, PARTLY, NO = "yes", "partly", "no"
# The least part of what readers find in the raw representation, both above their nulls, that its
# own block tells.
_OWN = (0.8, 0.5)
# The most of it that any other block tells, beside what chance may bring.
_OTHERS = 0.3
# The least part of what is read in untouched examples that is read as the donor's.
_SWAP = (0.8, 0.5)
# The most of the way from the error in untouched examples to the difference from the recipient's
# value that the difference from the donor's may go.
_SWAP_ERROR = (0.3, 0.6)
# Of the larger difference: a reader whose error in untouched examples is more cannot tell.
_BLIND = 0.9
# The least held-out correlation, as a part of the network's.
_RHO = (0.7, 0.3)
# Below it, the representation itself hardly tells of the factor.
_READABLE = 0.6
_QUESTIONS = {
    "own": "its own block tells it",
    "others": "no other block does",
    "swap": "exchanging its block changes it",
    "rho": "held-out pairs that share it agree",
}
NOTE = (
    "Found: all four are answered yes. Not found: its own block does not tell it, or exchanging "
    "that block does not change it. Partly: anything between."
)


@dataclasses.dataclass(frozen=True)
class Check:
    """One question about one factor.

    Attributes:
      name: "own", "others", "swap" or "rho".
      answer: "yes", "partly" or "no".
      result: the `Result` that answers it.
      perfect, meaningless: texts, what a perfect and a meaningless network would reach.
    """

    name: str
    answer: str
    result: Result
    perfect: str
    meaningless: str


@dataclasses.dataclass(frozen=True)
class Verdict:
    """Whether one factor was found.

    Attributes:
      factor: its name.
      found: "found", "partly found" or "not found".
      checks: what that rests on; a question that nothing measured is left out.
      advice: what to try where it was not found.
    """

    factor: str
    found: str
    checks: tuple[Check, ...]
    advice: tuple[str, ...]


def verdicts(
    results: Results, factors: Iterable[str], config: Mapping[str, Any] | None = None
) -> list[Verdict]:
    """The verdict on each factor of which anything was measured.

    Args:
      results: of a run.
      factors: names.
      config: that the run was made with; no advice is given that it follows already.
    """
    found = []
    for factor in factors:
        checks = tuple(_checks(results, factor))
        if checks:
            advice = tuple(_advice(checks, _readable(results, factor), config or {}))
            found.append(Verdict(factor, _summary(checks), checks, advice))
    return found


def verdict_table(verdict: Verdict) -> Table:
    """One row a question."""
    rows = []
    for check in verdict.checks:
        question = _QUESTIONS[check.name]
        if check.name == "others":
            question += f" (most: {check.result.fields['block']})"
        value = with_interval(number_text(float(check.result.value)), check.result)
        cells = [question, check.answer, value]
        rows.append((check.result.measured, [*cells, check.perfect, check.meaningless]))
    return Table(["question", "answer", "value", "perfect", "meaningless"], ["value"], rows)


def advice_of(found: Iterable[Verdict]) -> dict[str, list[str]]:
    """What to try -> the factors that it may help, each piece of advice once."""
    factors: dict[str, list[str]] = {}
    for verdict in found:
        for advice in verdict.advice:
            factors.setdefault(advice, []).append(verdict.factor)
    return factors


def _checks(results: Results, factor: str) -> Iterator[Check]:
    yield from _told(results, factor)
    yield from _swap(results, factor)
    rho = results.find("correlation/{factor}", factor=factor)
    given = results.find("correlation/{factor}/network", factor=factor)
    if rho is not None and given is not None:
        answer = _at_least(rho.value, [part * given.value for part in _RHO])
        yield Check("rho", answer, rho, number_text(float(given.value)), "0")


def _told(results: Results, factor: str) -> Iterator[Check]:
    """What the strongest readers find in its own block and in the others."""
    for score in ("accuracy", "r2"):
        raw = results.find("strongest_raw/{factor}/" + score, factor=factor)
        told = results.of("strongest/{block}/{factor}/" + score, factor=factor)
        if raw is None:
            continue
        # What there is to tell, above what a reading reaches by chance.
        whole = max(0.0, raw.value - _null(raw))
        for one in told.values():
            if one.fields["block"] == factor:
                bounds = [_null(one) + part * whole for part in _OWN]
                answer = _at_least(one.value, bounds) if is_read(one) else NO
                null = f"at most {number_text(_null(one))}"
                yield Check("own", answer, one, number_text(float(raw.value)), null)
        others = [one for one in told.values() if one.fields["block"] != factor]
        if others:
            most = max(others, key=lambda one: one.value - _null(one))
            allowed = _null(most) + ABOVE_NULL
            answer = _at_most(most.value, (allowed, max(allowed, _null(most) + _OTHERS * whole)))
            least, as_much = f"at most {number_text(allowed)}", number_text(float(raw.value))
            yield Check("others", answer, most, least, as_much)


def _null(one: Result) -> float:
    return float(max(0.0, one.null or 0.0))


def _swap(results: Results, factor: str) -> Iterator[Check]:
    fields = {"block": factor, "factor": factor}
    donor = results.find("swap/{block}/{factor}/donor", **fields)
    if donor is not None:
        ceiling = _readable(results, factor) or 1.0
        answer = _at_least(donor.value, [part * ceiling for part in _SWAP])
        recipient = results.find("swap/{block}/{factor}/recipient", **fields)
        if recipient is not None and recipient.value >= donor.value:
            # Of two classes half are the donor's by chance.
            answer = NO
        yield Check("swap", answer, donor, number_text(float(ceiling)), "chance")
    donor = results.find("swap/{block}/{factor}/donor_error", **fields)
    recipient = results.find("swap/{block}/{factor}/recipient_error", **fields)
    if donor is not None and recipient is not None:
        # A judge's own error, and what the first stage loses, are not the exchange's.
        floor = _error(results, factor) or 0.0
        if floor > _BLIND * max(donor.value, recipient.value):
            return
        gap = max(0.0, recipient.value - floor)
        answer = _at_most(donor.value, [floor + part * gap for part in _SWAP_ERROR])
        meaningless = f"{number_text(float(recipient.value))} or more"
        yield Check("swap", answer, donor, number_text(floor), meaningless)


def _readable(results: Results, factor: str) -> float | None:
    """How much of a categorical factor judges or probes read in what no network has touched."""
    return _first(results, ("judge/{factor}/reconstruction", "probe/{factor}"), factor)


def _error(results: Results, factor: str) -> float | None:
    """How far they are off there, of a continuous factor."""
    return _first(results, ("judge/{factor}/reconstruction_error", "probe/{factor}/error"), factor)


def _first(results, kinds, factor):
    found = (results.find(kind, factor=factor) for kind in kinds)
    return next((float(one.value) for one in found if one is not None), None)


def _at_least(value: float, bounds: Iterable[float]) -> str:
    yes, partly = bounds
    return YES if value >= yes else PARTLY if value >= partly else NO


def _at_most(value: float, bounds: Iterable[float]) -> str:
    yes, partly = bounds
    return YES if value <= yes else PARTLY if value <= partly else NO


def _summary(checks: tuple[Check, ...]) -> str:
    answers = {check.name: check.answer for check in checks}
    if NO in (answers.get("own"), answers.get("swap")):
        return "not found"
    if set(answers) == {"rho"}:
        # Pairs that agree in a block do not say what else the block, or another one, holds.
        return "not found" if answers["rho"] == NO else "partly found"
    return "found" if set(answers.values()) == {YES} else "partly found"


def _advice(checks, readable, config) -> Iterator[str]:
    if readable is not None and readable < _READABLE:
        yield what_to_try("readable", config)
    for check in checks:
        if check.answer != YES:
            yield what_to_try(check.name, config)
