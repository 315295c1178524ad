"""What fixing a block does to a decision."""

import dataclasses
from typing import Any

from iin_tf.audits.found import Found
from iin_tf.results import Result, Results, number_text
from iin_tf.results.markdown import markdown


@dataclasses.dataclass(frozen=True)
class FixedBlock(Found):
    """What fixing a block does to a decision; see `unfairness_of_fixing`.

    Attributes:
      block: its name.
      before, after, change: mapping measure -> (value, low, high), `change` = after - before.
        Measures: "unfairness_mean", "unfairness_maximum", and "accuracy" where the truth was given.
      chance_before, chance_after: mapping of both unfairness measures -> the mean value of these
        decisions when the sensitive labels are permuted: what they would get at these sizes if
        they were fair.
      changed: fraction of decisions that the fixing changed.
      protocol: value of the block, seed, resamples, level, sizes, source.
    """

    block: str
    before: dict
    after: dict
    change: dict
    chance_before: dict
    chance_after: dict
    changed: float
    protocol: dict

    def results(self) -> Results:
        """`fixed/BLOCK/MEASURE/before`, `/after` and `/change`, and `fixed/BLOCK/changed`."""
        times = {
            "before": (self.before, self.chance_before),
            "after": (self.after, self.chance_after),
            "change": (self.change, {}),
        }
        block: dict[str, str] = {"block": self.block}
        about: dict[str, Any] = {"protocol": self.protocol}
        found = [
            Result(f"fixed/{{block}}/{name}/{time}", block, v, ends, null=chance.get(name), **about)
            for time, (measures, chance) in times.items()
            for name, (v, *ends) in measures.items()
        ]
        return Results([*found, Result("fixed/{block}/changed", block, self.changed, **about)])

    def markdown(self) -> str:
        """A table to paste: a row for each measure."""
        percent = f"{100 * self.protocol['level']:g} %"
        fixed = f"{self.block} fixed"
        header = ["measure", "before", "chance", fixed, "chance", f"change ({percent})"]
        rows = []
        for name, (value, low, high) in self.change.items():
            change = f"{value:+.4f} ({number_text(low)} to {number_text(high)})"
            before, after = self.before[name][0], self.after[name][0]
            chances = self.chance_before.get(name), self.chance_after.get(name)
            rows.append([name.replace("_", " "), before, chances[0], after, chances[1], change])
        return markdown(header, rows)
