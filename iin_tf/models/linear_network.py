"""A linear network: the interpretation network's likelihood with one linear map."""

import dataclasses
import json
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

import numpy as np
import scipy.linalg
import scipy.optimize
import tensorflow as tf
from numpy.typing import ArrayLike

from iin_tf import algebra, checks, files
from iin_tf.factors import FactorLayout
from iin_tf.limits import check_npz
from iin_tf.models.factor_edits import FactorEdits

# The form of what `save` writes; another one is another number.
_FORMAT = 1


@dataclasses.dataclass(frozen=True, eq=False)
class LinearNetwork(FactorEdits):
    """z_tilde = W (z - mean), in the blocks of a layout: what a flow has to be better than.

    Its face is the interpretation network's: `transform`, `invert`, `factors`, `from_factors`,
    `swap`, `erase` and `interpolate` take arrays or tensors and return float64 tensors.

    Attributes:
      layout: FactorLayout of z_tilde.
      matrix: W, float64 [N, N].
      mean: float64 [N].

    Raises:
      InputError: matrix or mean do not have the layout's N, or are not finite.
    """

    layout: FactorLayout
    matrix: np.ndarray
    mean: np.ndarray

    variable_dtype: ClassVar[str] = "float64"

    def __post_init__(self):
        size = self.layout.latent_size
        for name, shape in (("matrix", (size, size)), ("mean", (size,))):
            value = checks.real_array(getattr(self, name), name).astype(np.float64)
            if value.shape != shape:
                raise checks.InputError(
                    f"{name} has shape {value.shape}; the layout's N is {size}: give {shape}"
                )
            checks.check_finite_rows(value.reshape(-1, size), name)
            object.__setattr__(self, name, value)

    def _transform(self, z):
        return tf.matmul(z - self.mean, self.matrix, transpose_b=True)

    def _invert(self, z_tilde):
        return tf.transpose(tf.linalg.solve(self.matrix, tf.transpose(z_tilde))) + self.mean

    def pair_nll(
        self, z_a: ArrayLike, z_b: ArrayLike, shared: np.ndarray, correlation: ArrayLike
    ) -> float:
        """Negative log-likelihood, nats per pair: the mean over the factors.

        Args:
          z_a: as in `pair_moments`.
          z_b: as in `pair_moments`.
          shared: as in `pair_moments`.
          correlation: rho of a shared factor in [0, 1), one number or one for each factor.
        """
        moments = pair_moments(z_a, z_b, shared, self.layout.factor_names, self.mean)
        value, _ = _objective(self.matrix, moments, self.layout, correlation)
        spread = np.array(self.layout.sizes[1:]) * np.log1p(-np.square(correlation)) / 2
        return float(value + spread.mean() + self.layout.latent_size * np.log(2 * np.pi))

    def save(self, path: str | Path) -> None:
        """Writes an .npz file of any name, whole or not at all, that `load` reads."""
        layout = json.dumps(self.layout.get_config())
        # Given a name, NumPy would put .npz behind it.
        with files.whole_file(path) as temporary, temporary.open("wb") as file:
            np.savez(file, matrix=self.matrix, mean=self.mean, layout=layout, format=_FORMAT)

    @classmethod
    def load(cls, path: str | Path) -> "LinearNetwork":
        """The linear network that `save(path)` wrote.

        Raises:
          InputError: there is no such file, it holds something else, or is of a newer format.
        """
        path = Path(path)
        if not path.is_file():
            raise checks.InputError(f"path {str(path)!r} is not a file; give one that `save` wrote")
        try:
            check_npz(path)
            with np.load(path, allow_pickle=False) as saved:
                # The first format was not always named.
                found = int(saved["format"]) if "format" in saved else 1
                files.check_format(found, _FORMAT, f"path {str(path)!r}")
                layout = FactorLayout(**json.loads(str(saved["layout"])))
                return cls(layout, saved["matrix"], saved["mean"])
        except files.NewerFormat:
            raise
        except files.UNREADABLE as error:
            reason = str(error).strip().split("\n")[0] or type(error).__name__
            raise checks.InputError(
                f"path {str(path)!r} is not a saved LinearNetwork: {reason}; give one that "
                "`save` wrote"
            ) from error


@dataclasses.dataclass(frozen=True)
class PairMoments:
    """All that a linear map's likelihood depends on.

    Attributes:
      factors: names of the K factors.
      mean: the point that moments are about, [N].
      within: covariance of one member, for the pairs of each factor, [K, N, N].
      across: covariance between the members, made symmetric, [K, N, N].
    """

    factors: tuple
    mean: np.ndarray
    within: np.ndarray
    across: np.ndarray


def pair_moments(
    z_a: ArrayLike,
    z_b: ArrayLike,
    shared: np.ndarray,
    factors: Sequence[str],
    mean: np.ndarray | None = None,
) -> PairMoments:
    """`PairMoments` of pairs.

    Args:
      z_a: [P, N], the first members.
      z_b: [P, N], the second members.
      shared: bool [P, K+1]; pairs that share one factor alone count.
      factors: names of the K factors.
      mean: the point [N] that moments are about; None takes the mean of all members.

    Raises:
      InputError: a factor has no pair of its own.
    """
    z_a, z_b = np.asarray(z_a, np.float64), np.asarray(z_b, np.float64)
    if mean is None:
        mean = (z_a.mean(axis=0) + z_b.mean(axis=0)) / 2
    within, across = [], []
    for block, factor in enumerate(factors, start=1):
        rows = shared[:, block] & (shared.sum(axis=1) == 1)
        if not rows.any():
            raise checks.InputError(
                f"factor {factor!r} has no pair that shares it alone; draw more pairs"
            )
        a, b = z_a[rows] - mean, z_b[rows] - mean
        cross = a.T @ b / len(a)
        within.append((a.T @ a + b.T @ b) / (2 * len(a)))
        across.append((cross + cross.T) / 2)
    return PairMoments(tuple(factors), mean, np.stack(within), np.stack(across))


def fit_linear_network(
    moments: PairMoments, layout: FactorLayout, correlation: ArrayLike, steps: int = 2000
) -> LinearNetwork:
    """The LinearNetwork of the greatest pair likelihood, every factor weighted equally.

    Full-batch quasi-Newton steps from the whitened directions in which the factors'
    pairs agree most; nothing is drawn at random.

    Args:
      moments: `PairMoments` of training pairs.
      layout: FactorLayout whose factors are those of `moments`.
      correlation: rho of a shared factor in [0, 1), one number or one for each factor.
      steps: at most so many steps.

    Raises:
      InputError: the factors differ, or the representation does not vary in some direction.
    """
    if tuple(moments.factors) != layout.factor_names:
        raise checks.InputError(
            f"moments are of {list(moments.factors)}, but the layout has "
            f"{list(layout.factor_names)}; give the same factors in the same order"
        )
    start = _start(moments, layout)
    size = layout.latent_size

    def objective(flat):
        value, gradient = _objective(flat.reshape(size, size), moments, layout, correlation)
        return value, gradient.ravel()

    found = scipy.optimize.minimize(
        objective, start.ravel(), jac=True, method="L-BFGS-B",
        options={"maxiter": steps, "maxfun": 2 * steps},
    )  # fmt: skip
    return LinearNetwork(layout, found.x.reshape(size, size), moments.mean)


def _weights(layout, correlation):
    """For each shared factor, what |a|^2 + |b|^2 and 2 a.b count in each dimension, halved.

    The exponent of a pair is |a|^2/2 + |b|^2/2 in what it does not share, and
    (|a|^2 + |b|^2 - 2 rho a.b) / (2 (1 - rho^2)) in what it shares.
    """
    weights = []
    correlations = np.broadcast_to(correlation, len(layout.factor_names))
    for name, rho in zip(layout.factor_names, correlations, strict=True):
        mine = algebra.columns(layout, name).astype(float)
        own = 1 + mine * rho**2 / (1 - rho**2)
        weights.append((own, mine * rho / (1 - rho**2)))
    return weights


def _objective(matrix, moments, layout, correlation):
    """Pair likelihood's negative logarithm without constants, mean over factors; its gradient."""
    _, log_det = np.linalg.slogdet(matrix)
    value, gradient = -2 * log_det, -2 * np.linalg.inv(matrix).T
    pieces = zip(_weights(layout, correlation), moments.within, moments.across, strict=True)
    for (own, cross), within, across in pieces:
        forward, sideways = matrix @ within, matrix @ across
        exponent = own @ (forward * matrix).sum(1) - cross @ (sideways * matrix).sum(1)
        value += exponent / len(moments.factors)
        slope = own[:, None] * forward - cross[:, None] * sideways
        gradient = gradient + 2 * slope / len(moments.factors)
    return value, gradient


def _start(moments, layout):
    """Whitened directions; each factor in turn takes those in which its pairs agree most."""
    values, vectors = scipy.linalg.eigh(moments.within.mean(axis=0))
    if values[0] <= 1e-12 * values[-1]:
        raise checks.InputError(
            "the representation does not vary in some direction; leave such directions out"
        )
    whitening = vectors.T / np.sqrt(values)[:, None]
    blocks, left = {}, np.eye(layout.latent_size)
    for place, name in enumerate(layout.factor_names):
        others = np.delete(moments.across, place, axis=0)
        contrast = moments.across[place] - (others.mean(axis=0) if len(others) else 0)
        basis = left @ whitening
        _, directions = scipy.linalg.eigh(basis @ contrast @ basis.T)
        size = layout.sizes[layout.index(name)]
        blocks[name] = directions[:, -size:].T @ left
        left = directions[:, :-size].T @ left
    blocks[layout.names[0]] = left
    return np.concatenate([blocks[name] for name in layout.names]) @ whitening
