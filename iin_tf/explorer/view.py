"""What is looked at: an example, a donor, and what is changed in each block; plain data."""

import dataclasses
from collections.abc import Mapping

from iin_tf import checks
from iin_tf.checks import InputError
from iin_tf.factors import FactorLayout

PATHS = ("line", "sphere")
ERASES = ("", "sample", "mean")


@dataclasses.dataclass(frozen=True)
class Change:
    """What is changed in one block, in this order.

    Attributes:
      towards: the part of the way to the donor's block; 1 is the donor's itself.
      erase: "sample" puts a draw from the block's marginal in its place, "mean" its mean 0,
        "" nothing.
      turn: of a factor that goes round, in its own unit: by how much it is turned.
      axes: moves along the block's leading principal axes, in standard deviations.
      walk: steps of a random walk from there.
    """

    towards: float = 0.0
    erase: str = ""
    turn: float = 0.0
    axes: tuple[float, ...] = ()
    walk: int = 0


@dataclasses.dataclass(frozen=True)
class View:
    """An example with changes.

    Attributes:
      example: id of an example, or an image file or a text of one's own.
      donor: likewise; None where nothing is taken from one.
      changes: mapping block -> `Change`; blocks that are not in it stay as they are.
      path: "line" or "sphere", the way to the donor's block.
      seed: of draws and walks.
    """

    example: str
    donor: str | None = None
    changes: Mapping[str, Change] = dataclasses.field(default_factory=dict)
    path: str = "line"
    seed: int = 0

    def check(self, layout: FactorLayout) -> None:
        """Raises InputError where a name, a number or a word cannot be used."""
        layout.mask(list(self.changes))
        checks.choice(self.path, "path", PATHS)
        checks.whole(self.seed, "seed", least=0)
        for block, change in self.changes.items():
            checks.choice(change.erase, f"erase of {block!r}", ERASES)
            checks.whole(change.walk, f"walk of {block!r}", least=0)
            for value in (change.towards, change.turn, *change.axes):
                checks.number(value, f"a change of {block!r}")
            if change.towards and self.donor is None:
                raise InputError(f"towards of {block!r} is given, but no donor; give one")

    def code(self) -> str:
        """The Python expression that makes an equal view; defaults are left out."""
        changes = {block: change for block, change in self.changes.items() if change != Change()}
        parts = [f"{block!r}: {_call(change)}" for block, change in changes.items()]
        bare = dataclasses.replace(self, changes={})
        told = f"changes={{{', '.join(parts)}}}" if parts else ""
        return _call(bare, told)


def _call(value: "Change | View", more: str = "") -> str:
    fields = [
        f"{field.name}={getattr(value, field.name)!r}"
        for field in dataclasses.fields(value)
        if field.name != "changes" and getattr(value, field.name) != field.default
    ]
    return f"{type(value).__name__}({', '.join([*fields, *([more] if more else [])])})"
