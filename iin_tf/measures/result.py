"""What an evaluation returns: named measures with parts, interval and protocol."""

import dataclasses
from collections.abc import Mapping

import numpy as np

from iin_tf.results import Results


@dataclasses.dataclass(frozen=True)
class Measure:
    """One number with all that is needed to judge it.

    Attributes:
      name: key in the result, e.g. "mig" or "dci/completeness".
      value: the estimate.
      parts: arrays and numbers it was made of, e.g. the importance matrix.
      interval: (low, high) at the protocol's level, or None where `protocol["interval"]`
        says why there is none.
      protocol: estimator, bins, sizes, seed, interval method, source, library versions.
    """

    name: str
    value: float
    parts: dict
    interval: tuple | None
    protocol: dict

    def as_json(self):
        """A dict of plain lists, numbers and strings; what is not finite becomes None."""
        return {
            "value": _plain(self.value),
            "interval": None if self.interval is None else _plain(list(self.interval)),
            "parts": _plain(self.parts),
            "protocol": _plain(self.protocol),
        }


@dataclasses.dataclass(frozen=True)
class Result(Mapping):
    """Measures by name, in the order in which they were asked for."""

    measures: dict

    def __getitem__(self, name):
        try:
            return self.measures[name]
        except KeyError:
            raise KeyError(
                f"{name!r} is not in this result; it has {list(self.measures)}"
            ) from None

    def __iter__(self):
        return iter(self.measures)

    def __len__(self):
        return len(self.measures)

    def as_json(self):
        """The whole result as plain JSON values."""
        return {name: measure.as_json() for name, measure in self.measures.items()}

    def flat(self):
        """Values and interval ends under flat keys: `name`, `name/low`, `name/high`."""
        flat = {}
        for name, measure in self.measures.items():
            flat[name] = measure.value
            if measure.interval is not None:
                flat[f"{name}/low"], flat[f"{name}/high"] = measure.interval
        return flat

    def results(self) -> Results:
        """The measures as `Results` of a run."""
        return Results.from_metrics(
            {
                f"disentanglement/{name}": value
                for name, value in self.flat().items()
                if np.isfinite(value)
            }
        )

    def markdown(self):
        """A table to paste: one measure a row."""
        rows = ["| measure | value | interval |", "| --- | --- | --- |"]
        for name, measure in self.measures.items():
            ends = "-" if measure.interval is None else "{:.3f} to {:.3f}".format(*measure.interval)
            rows.append(f"| {name} | {measure.value:.3f} | {ends} |")
        return "\n".join(rows)


def _plain(value):
    match value:
        case Mapping():
            return {str(key): _plain(item) for key, item in value.items()}
        case np.ndarray():
            return _plain(value.tolist())
        case list() | tuple():
            return [_plain(item) for item in value]
        case np.generic():
            return _plain(value.item())
        case float():
            return value if np.isfinite(value) else None
        case int() | str() | None:
            return value
        case _:
            raise TypeError(f"{type(value).__name__} has no JSON form: {value!r}")
