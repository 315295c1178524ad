"""How the variance of a representation is spread over its directions."""

from typing import NamedTuple

import numpy as np


class Spectrum(NamedTuple):
    """Of the principal components of a representation.

    Attributes:
      spreads: float64 [N], standard deviation along each, falling, in units of z.
      dimensions: float64 [N], standard deviation of each dimension.
    """

    spreads: np.ndarray
    dimensions: np.ndarray

    @property
    def unit(self) -> float:
        """Root mean square of the dimensions' spreads: what isotropic noise is a fraction of."""
        return float(np.sqrt(np.mean(np.square(self.dimensions))))

    @property
    def participation(self) -> float:
        """The participation ratio, `(sum v)^2 / sum v^2` of the variances v: from 1 to N."""
        variances = np.square(self.spreads)
        return float(variances.sum() ** 2 / np.square(variances).sum())

    def above(self, noise: float) -> int:
        """How many components spread wider than isotropic noise of `noise` units."""
        return int((self.spreads > noise * self.unit).sum())


def spectrum_of(z: np.ndarray) -> Spectrum:
    """The Spectrum of rows `z` [n, N], finite."""
    z = z.astype(np.float64)
    variances = np.linalg.eigvalsh(np.atleast_2d(np.cov(z, rowvar=False, bias=True)))
    return Spectrum(np.sqrt(np.maximum(variances[::-1], 0)), z.std(axis=0))
