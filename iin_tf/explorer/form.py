"""The controls of every block, and the view that their values make; no toolkit in sight."""

import dataclasses
from collections.abc import Iterator, Sequence
from typing import Any

from iin_tf.explorer.directions import Directions
from iin_tf.explorer.view import Change, View
from iin_tf.factors import FactorLayout

# Of a principal axis, in standard deviations, on both sides.
_WIDEST = 3.0
_MOST_STEPS = 20
# What the choices of erasing are called.
ERASED = {"keep": "", "draw another": "sample", "average": "mean"}


@dataclasses.dataclass(frozen=True)
class Control:
    """One control of a block.

    Attributes:
      part: the attribute of `Change` that it sets.
      label: what it is called.
      least: of a slider; None where it is a choice between `ERASED`.
      most: of a slider.
      step: of a slider.
      start: where nothing is changed.
    """

    part: str
    label: str
    least: float | None
    most: float | None
    step: float | None
    start: Any


class Form:
    """The controls of all blocks in one order, so that their values come in one list.

    Args:
      layout: FactorLayout.
      directions: `Directions`.
    """

    def __init__(self, layout: FactorLayout, directions: Directions):
        # Factors first: they have names that mean something.
        names = (*layout.factor_names, layout.names[0])
        self.controls = {name: list(_controls(directions, name)) for name in names}

    def slices(self) -> dict[str, slice]:
        """Block -> where its values stand in the list."""
        found, start = {}, 0
        for name, controls in self.controls.items():
            found[name] = slice(start, start + len(controls))
            start += len(controls)
        return found

    def start(self) -> list[Any]:
        """The values where nothing is changed."""
        return [one.start for controls in self.controls.values() for one in controls]

    def taken(self, values: Sequence[Any], block: str) -> list[Any]:
        """The values with all of the donor's block, and nothing else changed in it."""
        values, own = self.reset(values, block), self.slices()[block]
        parts = [control.part for control in self.controls[block]]
        values[own.start + parts.index("towards")] = 1.0
        return values

    def reset(self, values: Sequence[Any], block: str) -> list[Any]:
        """The values with this block as it was."""
        own, values = self.slices()[block], list(values)
        values[own] = [control.start for control in self.controls[block]]
        return values

    def view(
        self, example: str, donor: str | None, values: Sequence[Any], path: str, seed: int
    ) -> View:
        """The view of these values; blocks without a change are left out."""
        changes = {}
        for block, own in self.slices().items():
            change = _change(self.controls[block], values[own])
            if change != Change():
                changes[block] = change
        return View(example, donor or None, changes, path, int(seed or 0))


def _controls(directions: Directions, block: str) -> Iterator[Control]:
    yield Control("towards", "Towards the donor", 0.0, 1.0, 0.05, 0.0)
    if block in directions.circles:
        half = directions.circles[block].period / 2
        yield Control("turn", "Around its circle", -half, half, half / 36, 0.0)
    for number in range(len(directions.axes[block])):
        label = f"Principal axis {number + 1} (standard deviations)"
        yield Control("axes", label, -_WIDEST, _WIDEST, 0.1, 0.0)
    yield Control("walk", "Random walk (steps)", 0, _MOST_STEPS, 1, 0)
    yield Control("erase", "Erase", None, None, None, "keep")


def _change(controls: Sequence[Control], values: Sequence[Any]) -> Change:
    parts: dict[str, Any] = {"axes": []}
    for control, value in zip(controls, values, strict=True):
        if control.part == "axes":
            parts["axes"].append(float(value))
        elif control.part == "erase":
            parts["erase"] = ERASED[value]
        elif control.part == "walk":
            parts["walk"] = int(value)
        else:
            parts[control.part] = float(value)
    axes = tuple(parts["axes"])
    return Change(**{**parts, "axes": axes if any(axes) else ()})
