"""One measured number with all that is needed to judge it."""

import dataclasses
import math
import numbers
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from iin_tf import checks
from iin_tf.results.vocabulary import Expected, Kind, checked_fields, compose_key, kind_of

if TYPE_CHECKING:
    import pandas


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class Result:
    """One measured number.

    Attributes:
      kind: `Kind`, or the pattern of a declared one, such as "leakage/{block}/{factor}".
      fields: values of the pattern's fields: {"block": "digit", "factor": "color"}.
      value: the estimate; an int where it counts something.
      interval: (low, high) at the protocol's level, or None where `protocol["interval"]` says
        why there is none.
      null: what a block without any information would reach, where that was measured.
      parts: arrays and numbers that it was made of, e.g. the importance matrix.
      protocol: estimator, sizes, seed, interval method, source, library versions.
      name: its key in `metrics.json`.

    Raises:
      InputError: a kind that is not declared, fields that do not fit it, a value or an interval
        that is no number.
    """

    kind: Kind
    fields: Mapping
    value: float
    interval: tuple[float, float] | None = None
    _: dataclasses.KW_ONLY
    null: float | None = None
    parts: Mapping = dataclasses.field(default_factory=dict)
    protocol: Mapping = dataclasses.field(default_factory=dict)
    name: str = dataclasses.field(init=False)

    if TYPE_CHECKING:
        # What may be given: wider than what the attributes then are.
        def __init__(
            self,
            kind: Kind | str,
            fields: Mapping[str, Any],
            value: float,
            interval: Sequence[float] | np.ndarray | None = None,
            *,
            null: float | None = None,
            parts: Mapping[str, Any] = ...,
            protocol: Mapping[str, Any] = ...,
        ) -> None: ...

    def __post_init__(self) -> None:
        kind = kind_of(self.kind)
        fields = checked_fields(kind, self.fields)
        self._set("kind", kind)
        self._set("fields", fields)
        self._set("value", _number(self.value, "value"))
        if self.interval is not None:
            self._set("interval", _interval(self.interval))
        if self.null is not None:
            self._set("null", _number(self.null, "null"))
        for name in ("parts", "protocol"):
            if not isinstance(getattr(self, name), Mapping):
                shown = checks.shown(getattr(self, name))
                raise checks.InputError(f"{name} is {shown}; give a mapping, {{}} for none")
        self._set("name", compose_key(kind, fields))

    def _set(self, name: str, value: object) -> None:
        object.__setattr__(self, name, value)

    def __repr__(self) -> str:
        return f"Result({self.name!r}, {self.value!r}, {self.interval})"

    @property
    def title(self) -> str:
        """What people call it, with its fields."""
        return self.kind.title_of(self.fields)

    @property
    def unit(self) -> str:
        """Unit of value and interval, "" for none."""
        return self.kind.unit

    @property
    def measured(self) -> str:
        """How it is measured: the kind's protocol, and what `protocol["note"]` adds to it."""
        return "; ".join(text for text in (self.kind.protocol, self.protocol.get("note")) if text)

    @property
    def expected(self) -> Expected:
        """Direction, and what a perfect and a meaningless network would get."""
        return self.kind.expected_of(self.fields)

    def as_dict(self) -> dict:
        """Everything as plain lists, numbers and texts; what is not finite becomes None."""
        return {
            "name": self.name,
            "title": self.title,
            "value": plain(self.value),
            "interval": None if self.interval is None else plain(self.interval),
            "null": plain(self.null),
            "unit": self.unit,
            **dataclasses.asdict(self.expected),
            "section": self.kind.section,
            "measured": self.measured,
            "fields": plain(self.fields),
            "parts": plain(self.parts),
            "protocol": plain(self.protocol),
        }

    def metrics(self) -> dict[str, float]:
        """Flat numbers, as in `metrics.json`: `name`, `name/low`, `name/high`, `name/null`.

        What is not finite is left out, because JSON cannot say it.
        """
        if not math.isfinite(self.value):
            return {}
        found = {self.name: self.value}
        if self.interval is not None and all(map(math.isfinite, self.interval)):
            found |= zip((f"{self.name}/low", f"{self.name}/high"), self.interval, strict=True)
        if self.null is not None and math.isfinite(self.null):
            found[f"{self.name}/null"] = self.null
        return found

    def as_frame(self) -> "pandas.DataFrame":
        """A pandas DataFrame of one row; see `Results.as_frame`."""
        from iin_tf.results.collection import Results

        return Results([self]).as_frame()

    def markdown(self) -> str:
        """A table of one row, to paste."""
        from iin_tf.results.collection import Results

        return Results([self]).markdown()


def plain(value: object) -> object:
    """`value` as JSON can say it: arrays as lists, what is not finite as None."""
    match value:
        case Mapping():
            return {str(key): plain(item) for key, item in value.items()}
        case np.ndarray():
            return plain(value.tolist())
        case list() | tuple():
            return [plain(item) for item in value]
        case np.generic():
            return plain(value.item())
        case float():
            return value if np.isfinite(value) else None
        case int() | str() | None:
            return value
        case _:
            raise checks.InputError(
                f"{checks.shown(value)} has no JSON form; give numbers, texts, arrays, and "
                "lists and mappings of them"
            )


def _number(value: Any, argument: str) -> int | float:
    if hasattr(value, "item") and np.ndim(value) == 0:
        value = value.item()
    if not isinstance(value, numbers.Real):
        raise checks.InputError(f"{argument} is {checks.shown(value)}; give a number")
    return int(value) if isinstance(value, numbers.Integral) else float(value)


def _interval(interval: Any) -> tuple[float, float]:
    if isinstance(interval, str) or np.shape(interval) != (2,):
        raise checks.InputError(f"interval is {checks.shown(interval)}; give (low, high) or None")
    low, high = (float(_number(end, "interval")) for end in interval)
    return low, high
