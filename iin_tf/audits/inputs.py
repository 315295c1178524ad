"""What users give to audits, checked before the work begins."""

import dataclasses
import functools
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from iin_tf import checks
from iin_tf.checks import InputError
from iin_tf.data.label_array import label_array
from iin_tf.data.labels import check_source, continuous_numbers, group_codes, mapping

if TYPE_CHECKING:
    from iin_tf.models.interpretation_network import InterpretationNetwork


# Draws and resamples, at most: more would run for days.
MOST = 1_000_000


@dataclasses.dataclass(frozen=True)
class Label:
    """The values of one factor, and where they are known.

    Attributes:
      name: its name.
      known: bool [n].
      given: [n] or [n, c], the labels themselves.
      values: int64 [n], equal numbers where the labels are equal, -1 where they are unknown; or
        float64 [n, c], NaN where they are unknown.
    """

    name: str
    known: np.ndarray
    given: np.ndarray
    values: np.ndarray

    @property
    def continuous(self) -> bool:
        """Whether the values are floats."""
        return self.values.dtype.kind == "f"

    def at(self, rows: np.ndarray) -> "Label":
        """The labels of some rows."""
        return Label(self.name, self.known[rows], self.given[rows], self.values[rows])


def check_network(network: "InterpretationNetwork", *methods: str) -> None:
    """Raises InputError unless `network` has a layout and these methods."""
    absent = [name for name in ("layout", *methods) if not hasattr(network, name)]
    if absent or isinstance(network, type):
        raise InputError(
            f"network is {checks.shown(network)}, which is no trained network"
            f"{f' (it has no {absent[0]})' if absent else ''}; give an InterpretationNetwork"
        )


def check_callable(value: Callable, argument: str) -> None:
    """Raises InputError unless `value` can be called."""
    if not callable(value):
        raise InputError(f"{argument} is {checks.shown(value)}; give a function")


def check_mapping(value: Mapping, argument: str, what: str) -> dict:
    """`value`, or a data frame's columns, as a dict; InputError where it is none or empty."""
    found = {} if value is None else mapping(value, argument)
    if not found:
        raise InputError(f"{argument} is {checks.shown(value)}; give a mapping {what}")
    return found


def check_block(network: "InterpretationNetwork", block: str, argument: str = "block") -> None:
    """Raises InputError unless the network's layout has `block`."""
    checks.choice(block, argument, network.layout.names)


def check_resampling(seed: int, resamples: int, level: float) -> None:
    """Raises InputError unless intervals can be drawn with these."""
    checks.whole(seed, "seed", 0)
    checks.whole(resamples, "resamples", 20, MOST)
    checks.fraction(level, "level")


def latent_rows(
    network: "InterpretationNetwork", z: ArrayLike, argument: str = "z", least: int = 1
) -> np.ndarray:
    """`z` as a finite array [n, N] of latents of the network, of at least `least` rows."""
    z = checks.real_array(z, argument)
    checks.check_matrix(z, argument)
    if z.shape[1] != network.layout.latent_size:
        raise InputError(
            f"{argument} has shape {z.shape}, but the layout is {network.layout}; give "
            f"{network.layout.latent_size} columns"
        )
    if len(z) < least:
        raise InputError(
            f"{argument} has {len(z)} rows; give at least {least} examples"
            f"{', as an interval needs' if least > 1 else ''}"
        )
    checks.check_finite_rows(z, argument)
    return z


def code_rows(codes: ArrayLike) -> np.ndarray:
    """`codes` as a finite array [n, N] with rows and columns."""
    codes = checks.real_array(codes, "codes")
    checks.check_matrix(codes, "codes")
    if 0 in codes.shape:
        raise InputError(f"codes has shape {codes.shape}; give at least one row and one column")
    checks.check_finite_rows(codes, "codes")
    return codes


def source_codes(source: ArrayLike | None, rows: int) -> np.ndarray:
    """Whole numbers [n] from 0, equal for rows of one source; every row its own where it is None.

    Raises:
      InputError: not one whole number or text a row, or one that is missing.
    """
    return np.unique(check_source(source, rows), return_inverse=True)[1]


def read_labels(labels: Mapping[str, ArrayLike], rows: int, argument: str = "labels") -> list:
    """The labels [n] or floats [n, c] of each factor as `Label`s.

    Raises:
      InputError: no mapping, another length, labels that are neither whole numbers, bools, texts
        nor finite floats, or a factor of which no label is known.
    """
    labels = check_mapping(labels, argument, "from a factor to its labels [n]")
    return [read_label(v, rows, name, f"{argument}[{name!r}]") for name, v in labels.items()]


def read_label(values: ArrayLike, rows: int, name: str, argument: str) -> Label:
    """The labels of one factor; see `read_labels`."""
    given = label_array(values, argument)
    if len(given) != rows:
        raise InputError(f"{argument} has shape {given.shape}; give one for each of {rows} rows")
    known = ~checks.is_missing(given)
    if not known.any():
        raise InputError(f"{argument} has no known value; leave the factor out")
    if given.dtype.kind == "f":
        return Label(name, known, given, continuous_numbers(name, given))
    if given.ndim != 1:
        raise InputError(
            f"{argument} has shape {given.shape} and dtype {given.dtype}; give whole numbers or "
            "texts [n], or floats [n] or [n, c]"
        )
    return Label(name, known, given, group_codes(given)[0])


def read_classes(values: ArrayLike, rows: int, argument: str, kinds: str = "iubUS") -> Label:
    """Classes [n] of a kind that NumPy's letters name, as a `Label`."""
    label = read_label(values, rows, argument, argument)
    if label.given.ndim != 1 or label.given.dtype.kind not in kinds:
        wanted = "whole numbers, bools or texts" if "U" in kinds else "whole numbers or bools"
        raise InputError(
            f"{argument} has shape {label.given.shape} and dtype {label.given.dtype}; give "
            f"{wanted} [{rows}], one an example"
        )
    return label


def known_together(labels: list[Label]) -> list[tuple[np.ndarray, list[Label]]]:
    """Factors that are known in the same rows: a list of rows and those factors.

    An audit of a factor looks at its known rows alone, as if the others had not been given.
    """
    groups: dict[bytes, list[Label]] = {}
    for label in labels:
        groups.setdefault(label.known.tobytes(), []).append(label)
    return [(np.flatnonzero(together[0].known), together) for together in groups.values()]


def name_of(function: Callable) -> str:
    """What a function is called in a protocol, whatever kind of callable it is."""
    if isinstance(function, functools.partial):
        settings = [*map(checks.shown, function.args)]
        settings += [f"{key}={checks.shown(value)}" for key, value in function.keywords.items()]
        return f"{name_of(function.func)}({', '.join(settings)})"
    return getattr(function, "__name__", type(function).__name__)
