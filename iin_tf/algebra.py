"""The algebra of factors: reading, exchanging, erasing and moving blocks of z_tilde.

Pure functions of rows z_tilde [..., N].  NumPy arrays give arrays, and as soon as one argument
is a tensor they give tensors, also while a graph is traced.  `factors` says which blocks are
meant: a name, several names, or bool [..., K+1] that is True at them, residual first, in one row
for all examples or in one row for each.
"""

import sys
from collections.abc import Iterable
from typing import Any

import numpy as np

from iin_tf import checks
from iin_tf.factors import FactorLayout

# An array or a tensor of floats.
Rows = Any
# Names of blocks, or bool [..., K+1].
Factors = str | Iterable[str] | Any

# Below this sine of the angle between two directions no great circle is singled out in float32.
_LEAST_SINE = 1e-6


def block_of_columns(layout: FactorLayout) -> np.ndarray:
    """The number of the block that each column of z_tilde belongs to, int [N]."""
    return np.repeat(np.arange(len(layout.sizes)), layout.sizes)


def columns(layout: FactorLayout, factors: Factors) -> Rows:
    """Which columns of z_tilde belong to the blocks `factors`: bool [..., N].

    Raises:
      InputError: a name is unknown or given twice, or a mask does not have K+1 entries.
    """
    tf = _tensorflow(factors)
    mask: Any = factors if tf else np.asarray(factors)
    if mask.dtype != bool:
        mask = layout.mask(factors)
    if mask.shape[-1:] != (len(layout.sizes),):
        raise checks.InputError(
            f"factors has shape {tuple(mask.shape)}; give one bool for each of the "
            f"{len(layout.sizes)} blocks, or their names"
        )
    of_column = block_of_columns(layout)
    return tf.gather(mask, of_column, axis=-1) if tf else mask[..., of_column]


def exchange(layout: FactorLayout, z_tilde: Rows, donor_tilde: Rows, factors: Factors) -> Rows:
    """`z_tilde` [..., N] with the blocks `factors` of `donor_tilde` [..., N]."""
    return _where(columns(layout, factors), donor_tilde, z_tilde)


def erase(
    layout: FactorLayout, z_tilde: Rows, factors: Factors, by: str = "sample", seed: Any = 0
) -> Rows:
    """`z_tilde` [..., N] with the blocks `factors` replaced by what says nothing of the example.

    Args:
      layout: the blocks of z_tilde.
      z_tilde: float [..., N].
      factors: the blocks to erase.
      by: "sample", a draw from the blocks' marginal N(0, I), or "mean", its mean 0.
      seed: of the sample, a whole number; for arrays also a `numpy.random.Generator`, of which
        only the erased columns are drawn where `factors` is the same for all.  Equal seeds give
        equal draws, for arrays and for tensors apart.

    Returns:
      float [..., N].

    Raises:
      InputError: as `columns`; or `by` or `seed` is wrong.
    """
    checks.choice(by, "by", ("sample", "mean"))
    erased = columns(layout, factors)
    if by == "mean":
        return _where(erased, _zeros_like(z_tilde), z_tilde)
    tf = _tensorflow(z_tilde, erased)
    if tf:
        return tf.where(erased, _tensor_noise(tf, tf.shape(z_tilde), seed, z_tilde.dtype), z_tilde)
    random = _generator(seed)
    if erased.ndim > 1:
        return np.where(erased, random.standard_normal(z_tilde.shape), z_tilde)
    result = np.array(z_tilde)
    result[..., erased] = random.standard_normal((*z_tilde.shape[:-1], erased.sum()))
    return result


def interpolate(
    layout: FactorLayout,
    z_tilde: Rows,
    donor_tilde: Rows,
    factors: Factors,
    t: Any,
    path: str = "line",
) -> Rows:
    """`z_tilde` with the blocks `factors` moved the part `t` of the way to the donor's.

    Args:
      layout: the blocks of z_tilde.
      z_tilde: float [..., N], where the way begins (t = 0).
      donor_tilde: float [..., N], where it ends (t = 1).
      factors: the blocks that move.
      t: float [...] of the same dtype, broadcast against the rows.
      path: "line", straight, which between independent examples passes nearer to 0 than
        examples lie; or "sphere", for each block on its own along the great circle between
        the two directions, while its norm goes from one norm to the other.  Where no great
        circle is singled out (opposite directions, as of a block of size 1, or a block that is
        0), the sphere's path is the line.

    Returns:
      float [..., N].

    Raises:
      InputError: as `columns`, or `path` is unknown.

    Source: Shoemake (1985), Animating Rotation with Quaternion Curves, for the great circle.
    """
    checks.choice(path, "path", ("line", "sphere"))
    moving, t = columns(layout, factors), t[..., None]
    if path == "line":
        way = donor_tilde - z_tilde
        return z_tilde + t * _where(moving, way, _zeros_like(way))
    own, other = _great_circle(layout, z_tilde, donor_tilde, t)
    point = own * z_tilde + other * donor_tilde
    return _where(moving, point, z_tilde + _zeros_like(point))


def walk(
    layout: FactorLayout,
    z_tilde: Rows,
    factors: Factors,
    steps: int,
    correlation: float = 0.9,
    seed: Any = 0,
) -> Rows:
    """Random walks of the blocks `factors` while the others hold still: [..., steps, N].

    An Ornstein-Uhlenbeck process, `f_{t+1} = rho f_t + sqrt(1 - rho^2) eps`, which keeps the
    standard normal: however long the walk, it stays among plausible values.

    Args:
      layout: the blocks of z_tilde.
      z_tilde: float [..., N], where the walks start.
      factors: the blocks that move.
      steps: number of points, the start included.
      correlation: rho of one step, in [0, 1).
      seed: a whole number; for arrays also a `numpy.random.Generator`.

    Raises:
      InputError: as `columns`, fewer than one step, or a correlation outside [0, 1).
    """
    steps = checks.whole(steps, "steps", least=1)
    correlation = checks.number(correlation, "correlation", least=0, below=1)
    moving, tf = columns(layout, factors), _tensorflow(z_tilde)
    if tf:
        shape = tf.concat([[steps - 1], tf.shape(z_tilde)], 0)
        noise = _tensor_noise(tf, shape, seed, z_tilde.dtype)
    else:
        noise = _generator(seed).standard_normal((steps - 1, *z_tilde.shape))
    path = [z_tilde]
    for step in range(steps - 1):
        moved = correlation * path[-1] + np.sqrt(1 - correlation**2) * noise[step]
        path.append(_where(moving, moved, z_tilde))
    return tf.stack(path, -2) if tf else np.stack(path, -2).astype(z_tilde.dtype)


def _great_circle(layout, a, b, t):
    """What `a` and `b` [..., N] count at the part `t` of the way, per column: two [..., N]."""
    tf = _tensorflow(a, b)
    sin, arctan2 = (tf.sin, tf.atan2) if tf else (np.sin, np.arctan2)
    of_block = np.eye(len(layout.sizes), dtype=_numpy_dtype(a))[block_of_columns(layout)]

    def norm(x):
        """The norm of each block, at every column of the block."""
        squares = x * x
        total = tf.tensordot(squares, of_block, 1) if tf else squares @ of_block
        total = total**0.5
        return tf.gather(total, block_of_columns(layout), axis=-1) if tf else total @ of_block.T

    norm_a, norm_b = norm(a), norm(b)
    # Twice the angle of half the rhombus, exact also for directions that are nearly equal.
    angle = 2 * arctan2(norm(norm_b * a - norm_a * b), norm(norm_b * a + norm_a * b))
    sine = sin(angle)
    curved = abs(sine) > _LEAST_SINE
    one = _zeros_like(sine) + 1
    radius = (1 - t) * norm_a + t * norm_b
    # Divided by 1 where the line is taken: 0/0 is a warning also where it is not used.
    own = radius * sin((1 - t) * angle) / _where(curved, sine * norm_a, one)
    other = radius * sin(t * angle) / _where(curved, sine * norm_b, one)
    line = _zeros_like(own)
    return _where(curved, own, line + 1 - t), _where(curved, other, line + t)


def _tensor_noise(tf, shape, seed, dtype):
    from iin_tf.seeds import seed_pair

    return tf.random.stateless_normal(shape, seed_pair(seed), dtype=dtype)


def _generator(seed):
    if isinstance(seed, np.random.Generator):
        return seed
    return np.random.default_rng(checks.whole(seed, "seed", least=0))


def _tensorflow(*values):
    """TensorFlow if one of `values` is a tensor, else None; arrays never import it."""
    tf = sys.modules.get("tensorflow")
    return tf if tf is not None and any(tf.is_tensor(value) for value in values) else None


def _where(condition, yes, no):
    return (_tensorflow(condition, yes, no) or np).where(condition, yes, no)


def _zeros_like(values):
    return (_tensorflow(values) or np).zeros_like(values)


def _numpy_dtype(values):
    return values.dtype.as_numpy_dtype if _tensorflow(values) else values.dtype
