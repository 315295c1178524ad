"""Labels of a continuous factor, with the distance over which two of them are alike."""

import dataclasses

import numpy as np
from numpy.typing import ArrayLike

from iin_tf.checks import InputError, is_missing, shown
from iin_tf.data.label_array import label_array
from iin_tf.data.labels import continuous_numbers
from iin_tf.data.pairs.label_kernel import SquaredExponential


@dataclasses.dataclass(frozen=True, eq=False)
class KernelLabels:
    """Values of which two examples share a factor the more, the nearer they are.

    `network.fit(z, {"angle": KernelLabels(angle, SquaredExponential(40.0, period=360.0))})`
    tells them from floats that agree where they are equal.

    Args:
      values: [n] or [n, channels] numbers; NaN, and a negative whole number, are unknown.
      kernel: `SquaredExponential`.

    Raises:
      InputError: another kernel.
    """

    values: ArrayLike
    kernel: SquaredExponential

    def __post_init__(self):
        if not isinstance(self.kernel, SquaredExponential):
            raise InputError(f"kernel is {shown(self.kernel)}; give a SquaredExponential")

    def points(self, name: str = "values") -> np.ndarray:
        """The values as the kernel embeds them: float64 [n, C], NaN where unknown.

        Their mean is moved to 0, so that float32 keeps small distances of large numbers.

        Args:
          name: the factor's, for messages.

        Raises:
          InputError: values that are no numbers, infinite, or of other channels than the kernel's.
        """
        values = continuous_numbers(name, label_array(self.values, f"labels[{name!r}]"))
        known = ~is_missing(values)
        points = np.full((len(values), self.kernel.embed(values[:0]).shape[1]), np.nan)
        if known.any():
            points[known] = self.kernel.embed(values[known])
            points[known] -= points[known].mean(axis=0)
        return points
