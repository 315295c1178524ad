"""How the correlation of a pair falls with the distance of its labels."""

import dataclasses
from collections.abc import Collection

import numpy as np

from iin_tf.checks import InputError, number, real_array, shown
from iin_tf.data.labels import check_factors, mapping


@dataclasses.dataclass(frozen=True)
class SquaredExponential:
    """k(y, y') = exp(-|e(y) - e(y')|^2 / 2), positive definite in any number of channels.

    On the line e(y) = y / l, jointly for all channels, so k = exp(-|y - y'|^2 / (2 l^2)).  With a
    period P every channel is an angle on a circle of circumference P, so that
    k = exp(sum_c (cos(2 pi d_c / P) - 1) r^2 / l_c^2), r = P / (2 pi), which for small distances
    is the same as on the line.  Positive definite as a Gaussian of a Euclidean embedding.

    Args:
      length_scale: l > 0 in units of the label; one number, or one for each channel.
      period: P > 0 in the same units, e.g. 360 for degrees; None for the line.

    Raises:
      InputError: a length scale or a period that is not positive.

    Source: Rasmussen and Williams, "Gaussian Processes for Machine Learning", 2006, eq. 4.9 and
    4.31.
    """

    length_scale: float | tuple[float, ...]
    period: float | None = None

    def __post_init__(self):
        scales = real_array(self.length_scale, "length_scale")
        if scales.ndim > 1 or not scales.size:
            raise InputError(f"length_scale is {shown(self.length_scale)}; give one a channel")
        for scale in scales.ravel().tolist():
            number(scale, "length_scale", above=0)
        if self.period is not None:
            number(self.period, "period", above=0)

    def embed(self, values: np.ndarray) -> np.ndarray:
        """e(y): distances of its rows are label distances in units of l.

        Args:
          values: [n] or [n, channels].

        Returns:
          float64 [n, channels], or [n, 2 channels] with a period.
        """
        values = real_array(values, "values")
        if values.ndim not in (1, 2):
            raise InputError(f"values has shape {values.shape}; give [n] or [n, channels]")
        values = values.astype(np.float64).reshape(len(values), *(values.shape[1:] or (1,)))
        scale = np.asarray(self.length_scale, dtype=np.float64)
        if scale.shape not in ((), values.shape[1:]):
            raise InputError(
                f"length_scale has {scale.size} entries, but the label {values.shape[1]} channels; "
                "give one for each"
            )
        if self.period is None:
            return values / scale
        radius, angle = self.period / (2 * np.pi), values * (2 * np.pi / self.period)
        return (
            np.concatenate([np.cos(angle), np.sin(angle)], axis=1)
            * radius
            / np.tile(np.broadcast_to(scale, values.shape[1:]), 2)
        )

    def correlation(self, values_a: np.ndarray, values_b: np.ndarray) -> np.ndarray:
        """`k` of each pair of rows, float64 [n]."""
        return np.exp(-0.5 * ((self.embed(values_a) - self.embed(values_b)) ** 2).sum(axis=1))


def check_kernels(kernels: object, known: Collection[str]) -> dict[str, SquaredExponential]:
    """`kernels`, a mapping factor -> kernel or None, as a dict.

    Raises:
      InputError: a factor that is not `known`, or another kernel.
    """
    kernels = mapping(kernels, "kernels")
    for name, kernel in kernels.items():
        if not isinstance(kernel, SquaredExponential):
            raise InputError(f"kernels[{name!r}] is {shown(kernel)}; give a SquaredExponential")
    if kernels:
        check_factors(kernels, known, "kernels")
    return kernels
