"""Kinds of results: what each one is called, in which unit, and what is to be expected of it.

Every kind is declared once.  Tables, pages, comparison and TensorBoard read the declaration.
"""

import dataclasses
import math
import numbers
from collections.abc import Iterable, Iterator, Mapping

from iin_tf import checks
from iin_tf.results.patterns import Pattern

DIRECTIONS = ("higher", "lower", "neither")
# How the key of a value goes on for the ends of its interval and its measured null.
ENDS = ("low", "high", "null")
# Unit -> the least and the largest value of a result in it, unless its kind says otherwise.
_LIMITS = {
    "fraction": (0.0, 1.0),
    "accuracy": (0.0, 1.0),
    "R²": (-math.inf, 1.0),
    "share of variance": (-math.inf, 1.0),
    "difference per channel": (0.0, math.inf),
}
# Columns of a frame, beside which the fields stand.
RESERVED = {"name", "title", "value", "low", "high", "null", "unit", "direction", "undeclared"}


@dataclasses.dataclass(frozen=True)
class Expected:
    """What a result should be.

    Attributes:
      direction: which is better: "higher", "lower" or "neither".
      perfect: the value, or a short text, of a network that keeps every factor in its own block;
        "" where the result is not about that.
      meaningless: the same of a network whose blocks say nothing about the factors.
    """

    direction: str
    perfect: float | str = ""
    meaningless: float | str = ""

    def __post_init__(self) -> None:
        checks.choice(self.direction, "direction", DIRECTIONS)
        for name in ("perfect", "meaningless"):
            if not isinstance(getattr(self, name), str | numbers.Real):
                shown = checks.shown(getattr(self, name))
                raise checks.InputError(f"{name} is {shown}; give a number or a short text")


@dataclasses.dataclass(frozen=True)
class Kind:
    """One kind of result.

    Attributes:
      pattern: its key in `metrics.json`, with named fields: "swap/{block}/{factor}/donor".
      title: for people; it may name the fields: "{block} exchanged: donor's {factor}".
      section: title of the part of the report that it stands in, such as those of `SECTIONS`.
      expected: `Expected`; with fields "block" and "factor", of a factor's own block.
      unit: "nats", "fraction", ...; "" for a number without one.
      protocol: one sentence on how it is measured.
      foreign: `Expected` of any other block than the factor's own, where that differs.
      limits: the least and the largest value that it can have; None where the unit tells.
    """

    pattern: str
    title: str
    section: str
    expected: Expected
    unit: str = ""
    protocol: str = ""
    foreign: Expected | None = None
    limits: tuple[float, float] | None = None

    def __post_init__(self) -> None:
        for name in ("pattern", "title", "section", "unit", "protocol"):
            if not isinstance(getattr(self, name), str):
                raise checks.InputError(
                    f"{name} is {checks.shown(getattr(self, name))}; give a text"
                )
        wrong = [one for one in (self.expected, self.foreign or self.expected)
                 if not isinstance(one, Expected)]  # fmt: skip
        if wrong:
            raise checks.InputError(f"expected is {checks.shown(wrong[0])}; give an Expected")

    @property
    def bounds(self) -> tuple[float, float]:
        """The least and the largest value that a result of this kind can have."""
        return self.limits or _LIMITS.get(self.unit, (-math.inf, math.inf))

    def expected_of(self, fields: Mapping) -> Expected:
        """What to expect of the result with these fields."""
        if self.foreign is None or fields["block"] == fields["factor"]:
            return self.expected
        return self.foreign

    def title_of(self, fields: Mapping) -> str:
        """The title of the result with these fields; several shared names joined by "and"."""
        texts = {
            name: (" and ".join(value) or "nothing") if isinstance(value, tuple) else value
            for name, value in fields.items()
        }
        return self.title.format(**texts)


# Title of each section of the report, in its order -> what stands under the title.
SECTIONS: dict[str, str] = {}

# What a file holds that nobody here has declared: its key is its title.
UNDECLARED = Kind("{undeclared}", "{undeclared}", "Other results", Expected("neither"))

_KINDS: dict[str, Kind] = {}
_PATTERNS: dict[str, Pattern] = {}


def section_note(title: str) -> str:
    """What stands under the title of a section of the report."""
    return SECTIONS.get(title, "Of kinds that nobody here has declared, under their keys.")


def declare(kind: Kind) -> Kind:
    """Makes `kind` known; a kind from outside the package needs this one line.

    Args:
      kind: `Kind`.  Its section is made where there is none of that title yet.

    Returns:
      `kind`.

    Raises:
      InputError: the pattern is declared already, in other words, or cannot be told from the end
        of an interval; or the title names a field that the pattern does not have.
    """
    if not isinstance(kind, Kind):
        raise checks.InputError(f"kind is {checks.shown(kind)}; give an iin_tf.results.Kind")
    known = _KINDS.get(kind.pattern)
    if known is not None and known != kind:
        raise checks.InputError(f"kind {kind.pattern!r} is declared already; give another pattern")
    pattern = Pattern(kind.pattern)
    taken = sorted(set(pattern.fields) & RESERVED)
    if taken:
        raise checks.InputError(f"pattern {kind.pattern!r} has fields {taken}; give other names")
    if kind.pattern.rpartition("/")[2] in ENDS:
        raise checks.InputError(f"pattern is {kind.pattern!r}; let it end in none of {list(ENDS)}")
    if kind.foreign is not None and not {"block", "factor"} <= set(pattern.fields):
        raise checks.InputError(
            f"kind {kind.pattern!r} has expectations of foreign blocks; give its pattern the "
            "fields {block} and {factor}, or leave them out"
        )
    _check_title(kind, pattern)
    SECTIONS.setdefault(kind.section, "")
    _KINDS[kind.pattern], _PATTERNS[kind.pattern] = kind, pattern
    return kind


def kinds() -> tuple[Kind, ...]:
    """All kinds that are known, in the order of their declaration."""
    return tuple(_KINDS.values())


def kind_of(kind: str | Kind) -> Kind:
    """The declared kind with this pattern, or `kind` itself where it is one.

    Raises:
      InputError: it is not declared.
    """
    pattern = kind.pattern if isinstance(kind, Kind) else kind
    if kind is UNDECLARED:
        return kind
    if not isinstance(pattern, str) or pattern not in _KINDS:
        raise checks.InputError(
            f"kind is {checks.shown(pattern)}, which is not declared; declare it with "
            "iin_tf.results.declare(Kind(...)), or give one of iin_tf.results.kinds()"
        )
    return _KINDS[pattern]


def checked_fields(kind: Kind, fields: Mapping) -> dict:
    """`fields` as the declared `kind` keeps them.

    Raises:
      InputError: they do not fit its pattern.
    """
    if not isinstance(fields, Mapping):
        raise checks.InputError(f"fields is {checks.shown(fields)}; give a mapping, {{}} for none")
    return dict(fields) if kind is UNDECLARED else _PATTERNS[kind.pattern].check(fields)


def check_field_names(kind: Kind, names: Iterable[str]) -> None:
    """An InputError where the pattern of the declared `kind` lacks one of these fields."""
    missing = set(names) - set(_PATTERNS[kind.pattern].fields)
    if missing:
        known = list(_PATTERNS[kind.pattern].fields)
        raise checks.InputError(
            f"{sorted(missing)[0]!r} is no field of {kind.pattern!r}; give some of {known}"
        )


def compose_key(kind: Kind, fields: Mapping) -> str:
    """The key of the result of this kind and these checked fields in `metrics.json`."""
    if kind is UNDECLARED:
        return fields["undeclared"]
    pattern = _PATTERNS[kind.pattern]
    # No guard where none is needed; the last field is what could read as an end.
    for guarded in ((), pattern.fields[-1:], pattern.fields):
        key = pattern.compose(fields, guarded)
        if parse_key(key) == (kind, fields, None):
            break
    return key


def parse_key(key: str) -> tuple[Kind, dict, str | None] | None:
    """Kind, fields and end (None for the value itself) of a key; None where no kind fits."""
    start, _, end = key.rpartition("/")
    # An end first: `compose_key` guards what would read as one.
    if end in ENDS:
        for kind, fields in _matches(start):
            return kind, fields, end
    for kind, fields in _matches(key):
        return kind, fields, None
    return None


def _matches(key: str) -> Iterator[tuple[Kind, dict]]:
    """Kinds that fit, the one with the longest text outside of fields first."""
    for text in sorted(_KINDS, key=lambda text: -_PATTERNS[text].literal):
        fields = _PATTERNS[text].match(key)
        if fields is not None:
            yield _KINDS[text], fields


def _check_title(kind: Kind, pattern: Pattern) -> None:
    try:
        kind.title.format(**dict.fromkeys(pattern.fields, "x"))
    except (KeyError, IndexError, ValueError) as error:
        raise checks.InputError(
            f"title is {checks.shown(kind.title)}; name no other fields than {pattern.fields}"
        ) from error
