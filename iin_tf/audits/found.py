"""What every audit's answer can do beside its own arrays."""

import abc
from typing import TYPE_CHECKING

from iin_tf.results import Results

if TYPE_CHECKING:
    import pandas


class Found(abc.ABC):
    """An audit's answer: arrays under names of their own, and every number of them as a `Result`.

    `results()` has `value`, `interval`, `null`, `unit`, what to expect, and the protocol of each.
    """

    @abc.abstractmethod
    def results(self) -> Results:
        """Every number by its name."""

    def markdown(self) -> str:
        """A table to paste."""
        return self.results().markdown()

    def metrics(self) -> dict[str, float]:
        """Flat numbers, as in `metrics.json`."""
        return self.results().metrics()

    def as_dict(self) -> dict:
        """Name -> everything about it, as plain JSON values."""
        return self.results().as_dict()

    def as_frame(self) -> "pandas.DataFrame":
        """A pandas DataFrame: a row a number."""
        return self.results().as_frame()
