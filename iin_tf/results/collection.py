"""Results by name, and their way to and from `metrics.json`."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from iin_tf import checks, files
from iin_tf.results.markdown import interval_text, markdown
from iin_tf.results.result import Result
from iin_tf.results.vocabulary import (
    ENDS,
    SECTIONS,
    UNDECLARED,
    Kind,
    check_field_names,
    kind_of,
    parse_key,
)

if TYPE_CHECKING:
    import pandas


class Results(Mapping):
    """`Result`s by name, in the order in which they were given.

    Args:
      results: iterable of `Result`; mappings of names to them are taken by their values.
      within: a start that all names have in common, left out of this mapping's names: with
        "disentanglement", `results["mig"]` is the result "disentanglement/mig".

    Raises:
      InputError: something else than a `Result`, a name that comes twice, or one outside of
        `within`.
    """

    def __init__(
        self, results: Iterable[Result] | Mapping[str, Result] = (), within: str = ""
    ) -> None:
        if not isinstance(results, Iterable):
            raise checks.InputError(f"results is {checks.shown(results)}; give several Results")
        found = results.values() if isinstance(results, Mapping) else results
        self._results: dict[str, Result] = {}
        start = f"{within}/" if within else ""
        for result in found:
            if not isinstance(result, Result):
                raise checks.InputError(f"results hold {checks.shown(result)}; give Results only")
            name = result.name.removeprefix(start)
            if not result.name.startswith(start) or name in self._results:
                raise checks.InputError(
                    f"results hold {result.name!r} twice, or it does not begin with {start!r}; "
                    "give each once"
                )
            self._results[name] = result

    def __getitem__(self, name: str) -> Result:
        try:
            return self._results[name]
        except KeyError:
            raise KeyError(f"{name!r} is not in these results; they are {list(self)}") from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._results)

    def __len__(self) -> int:
        return len(self._results)

    def __or__(self, other: "Results") -> "Results":
        """The results of both, under their whole names; none may be in both."""
        if not isinstance(other, Results):
            return NotImplemented
        return Results([*self.values(), *other.values()])

    def __repr__(self) -> str:
        return f"Results({list(self)})"

    def of(self, pattern: str, **fields: object) -> "Results":
        """Those of the kind with this pattern, and with these values of its fields.

        Raises:
          InputError: no such kind is declared, or it has no such field.
        """
        check_field_names(kind_of(pattern), fields)
        return Results(
            result
            for result in self.values()
            if result.kind.pattern == pattern
            and all(result.fields[name] == value for name, value in fields.items())
        )

    def find(self, pattern: str, **fields: object) -> Result | None:
        """The first one of this kind with these fields, or None; raises as `of`."""
        return next(iter(self.of(pattern, **fields).values()), None)

    def by_section(self) -> dict[str, "Results"]:
        """Section of the report -> its results, in the order of the report."""
        found: dict[str, list[Result]] = {title: [] for title in SECTIONS}
        for result in self.values():
            found.setdefault(result.kind.section, []).append(result)
        return {title: Results(some) for title, some in found.items() if some}

    def metrics(self) -> dict[str, float]:
        """Flat numbers, as in `metrics.json`; what is not finite is left out."""
        return {key: number for one in self.values() for key, number in one.metrics().items()}

    @classmethod
    def from_metrics(cls, metrics: Mapping[str, float]) -> "Results":
        """Reads what `metrics` wrote.

        Keys of kinds that are not declared here come in the section "Other results", under their
        keys.

        Args:
          metrics: flat mapping of keys to numbers.

        Raises:
          InputError: something else, or an end of an interval without its value.
        """
        if not isinstance(metrics, Mapping) or not all(isinstance(key, str) for key in metrics):
            raise checks.InputError(
                f"metrics is {checks.shown(metrics)}; give a mapping of keys to numbers"
            )
        found: dict[str, tuple[Kind, dict, dict]] = {}
        for key, number in metrics.items():
            kind, fields, end = parse_key(key) or _undeclared(key, metrics)
            name = key if end is None else key.removesuffix(f"/{end}")
            found.setdefault(name, (kind, fields, {}))[2][end] = number
        return cls(_read(name, *one) for name, one in found.items())

    def write(self, path: str | Path) -> None:
        """Writes `metrics()` as JSON, whole or not at all."""
        files.write_json(path, self.metrics())

    @classmethod
    def read(cls, path: str | Path) -> "Results":
        """Reads a file that `write` wrote.

        Raises:
          InputError: no such file, or one that holds something else; the message names it.
        """
        metrics = files.read_json(path, {})
        try:
            return cls.from_metrics(metrics)
        except checks.InputError as error:
            raise checks.InputError(f"{path} holds no results: {error}") from error

    def as_dict(self) -> dict:
        """Name -> everything about it, as plain JSON values."""
        return {name: result.as_dict() for name, result in self.items()}

    def as_frame(self) -> "pandas.DataFrame":
        """A pandas DataFrame: a row a result, with name, title, fields, value, ends and unit.

        Raises:
          InputError: pandas is not installed.
        """
        try:
            import pandas
        except ImportError as error:
            raise checks.InputError(
                "as_frame needs pandas, which is not installed; pip install pandas"
            ) from error
        return pandas.DataFrame([_row(name, result) for name, result in self.items()])

    def markdown(self) -> str:
        """A table to paste: one result a row."""
        header = ["result", "value", "interval", "unit", "better"]
        rows = [_cells(result) for result in self.values()]
        if any(result.null is not None for result in self.values()):
            header.append("null")
            nulls = (result.null for result in self.values())
            rows = [[*row, null] for row, null in zip(rows, nulls, strict=True)]
        return markdown(header, rows)


def _cells(result: Result) -> list:
    better = result.expected.direction
    return [result.title, result.value, interval_text(result.interval), result.unit, better]


def _row(name: str, result: Result) -> dict:
    low, high = (None, None) if result.interval is None else result.interval
    return {
        "name": name,
        "title": result.title,
        **result.fields,
        "value": result.value,
        "low": low,
        "high": high,
        "null": result.null,
        "unit": result.unit,
        "direction": result.expected.direction,
    }


def _undeclared(key: str, metrics: Mapping) -> tuple[Kind, dict, str | None]:
    """An undeclared key, taken for the end of another where that is there."""
    start, _, end = key.rpartition("/")
    is_end = end in ENDS and start in metrics
    return UNDECLARED, {"undeclared": start if is_end else key}, end if is_end else None


def _read(name: str, kind: Kind, fields: dict, ends: dict) -> Result:
    if None not in ends:
        raise checks.InputError(
            f"metrics hold {[f'{name}/{end}' for end in ends]} without {name!r}; give the value too"
        )
    interval = (ends["low"], ends["high"]) if {"low", "high"} <= set(ends) else None
    return Result(kind, fields, ends[None], interval, null=ends.get("null"))
