"""Named blocks of the factorised representation, and how large each should be."""

import numbers
from collections.abc import Iterable, Mapping

import numpy as np
import scipy.special

from iin_tf.checks import InputError, shown

RESIDUAL = "residual"
ROUNDINGS = ("largest_remainder", "truncation")


class FactorLayout:
    """Names and sizes of the blocks of z_tilde: the residual first, then the factors as given.

    Args:
      factors: mapping factor name -> size; `{}` is the layout without factors.
      residual: size N_0 of the residual.

    Raises:
      ValueError: a size is not a positive whole number, or a name is empty, holds a
        slash, is "residual", or stands twice.
    """

    def __init__(self, factors, residual):
        items = list(factors.items() if isinstance(factors, Mapping) else factors)
        check_factor_names([name for name, _ in items])
        blocks = [(RESIDUAL, residual), *items]
        for name, size in blocks:
            whole = isinstance(size, numbers.Integral) and not isinstance(size, bool)
            if not whole or size < 1:
                raise ValueError(
                    f"the size of {name!r} is {size!r}; give a whole number of at least 1"
                )
        self._sizes = {name: int(size) for name, size in blocks}

    @property
    def names(self):
        """Names of the blocks, residual first."""
        return tuple(self._sizes)

    @property
    def factor_names(self):
        """Names of the factors, without the residual."""
        return self.names[1:]

    @property
    def sizes(self):
        """Sizes N_0 .. N_K of the blocks."""
        return tuple(self._sizes.values())

    @property
    def latent_size(self):
        """N, the sum of the sizes."""
        return sum(self.sizes)

    @property
    def slices(self):
        """The slice of the last axis that each block takes, by name."""
        stops = np.cumsum(self.sizes)
        return {
            name: slice(int(stop - size), int(stop))
            for (name, size), stop in zip(self._sizes.items(), stops, strict=True)
        }

    def index(self, name):
        """The number of the block `name`: 0 is the residual, 1..K are the factors.

        Raises:
          ValueError: there is no such block.
        """
        if name not in self._sizes:
            raise InputError(f"factor {name!r} is unknown; this layout has {list(self.names)}")
        return self.names.index(name)

    def mask(self, names):
        """Bool row [K+1] that is True at the blocks `names` (one name, or several).

        Raises:
          InputError: a name is unknown or stands twice.
        """
        if not isinstance(names, str | Iterable):
            raise InputError(f"names is {shown(names)}; give a name or several of {[*self.names]}")
        names = [names] if isinstance(names, str) else list(names)
        for name in names:
            if names.count(name) > 1:
                raise InputError(f"factor {name!r} is given twice in {names}; give it once")
        row = np.zeros(len(self.sizes), bool)
        row[[self.index(name) for name in names]] = True
        return row

    def shared(self, names=None, *, all_but=None):
        """Bool row [K+1] of the blocks that a pair shares.

        Args:
          names: a name, several names, or None: nothing is shared.
          all_but: in place of `names`: everything is shared, the residual included,
            except these.

        Raises:
          ValueError: a name is unknown or stands twice, or both arguments are given.
        """
        if all_but is None:
            return self.mask([] if names is None else names)
        if names is not None:
            raise ValueError(f"names is {names!r} and all_but is {all_but!r}; give one of them")
        return ~self.mask(all_but)

    def split(self, z_tilde):
        """The blocks of `z_tilde` [..., N] by name, each [..., N_k]."""
        self.check_latents(z_tilde, "z_tilde")
        return {name: z_tilde[..., part] for name, part in self.slices.items()}

    def merge(self, parts):
        """z_tilde [..., N] from the blocks by name, the inverse of `split`.

        Raises:
          ValueError: a block is missing, unknown, or of the wrong size, or the blocks have
            different numbers of rows.
        """
        if set(parts) != set(self.names):
            raise ValueError(f"parts has the blocks {sorted(parts)}; give {list(self.names)}")
        for name in self.names:
            self._check_part(name, parts[name].shape, parts[RESIDUAL].shape[:-1])
        blocks = [parts[name] for name in self.names]
        if all(isinstance(block, np.ndarray) for block in blocks):
            return np.concatenate(blocks, -1)
        import tensorflow as tf

        return tf.concat(blocks, -1)

    def _check_part(self, name, shape, batch):
        if shape[-1] != self._sizes[name]:
            raise ValueError(
                f"parts[{name!r}] has {shape[-1]} columns; its block has {self._sizes[name]}"
            )
        rows, batch = tuple(shape[:-1]), tuple(batch)
        # While a graph is traced, a length may be unknown.
        if None not in (*rows, *batch) and rows != batch:
            raise ValueError(
                f"parts[{name!r}] has rows {rows}, but the residual has {batch}; "
                "give one for each other"
            )

    def check_latents(self, z, argument="z"):
        """Raises ValueError unless the last axis of `z` has N entries."""
        columns = z.shape[-1] if len(z.shape) else None
        if columns != self.latent_size:
            raise ValueError(
                f"{argument} has shape {tuple(z.shape)}, but the sizes {self._sizes} sum to "
                f"{self.latent_size}: give {self.latent_size} columns, or a layout that fits"
            )

    def get_config(self):
        """The arguments that make an equal layout."""
        return {
            "factors": [[name, self._sizes[name]] for name in self.factor_names],
            "residual": self._sizes[RESIDUAL],
        }

    def __eq__(self, other):
        return isinstance(other, FactorLayout) and self.get_config() == other.get_config()

    def __hash__(self):
        return hash(tuple(self._sizes.items()))

    def __repr__(self):
        factors = {name: self._sizes[name] for name in self.factor_names}
        return f"FactorLayout({factors}, residual={self._sizes[RESIDUAL]})"


def check_factor_names(names):
    """Raises ValueError unless every name can stand for a factor, once."""
    for name in names:
        if not isinstance(name, str) or not name or "/" in name or name == RESIDUAL:
            raise ValueError(
                f"the factor name {name!r} cannot be used; give a text that is not empty, "
                f'holds no slash and is not "{RESIDUAL}"'
            )
        if list(names).count(name) > 1:
            raise ValueError(f"factor {name!r} is given twice in {list(names)}; give it once")


def estimate_factor_sizes(z_a, z_b, shared, names, rounding="largest_remainder"):
    """Sizes for the blocks, by how much of the representation each factor explains.

    The score of F is `s_F = trace Cov(z_a, z_b | F) / trace Cov(z)` over the pairs that
    share F alone, the residual's is 1, and `N_k = N softmax(s)_k`.  Estimate on
    posterior means: samples would count the encoder's noise as variance.

    Args:
      z_a, z_b: float [B, N], the members of the pairs.
      shared: int [B], the block that each pair shares (-1: none); bool [B, K+1]; or float
        [B, K+1], correlations in [0, 1), of which those above 0 are shared.
      names: the K factor names, in the order of the blocks 1 .. K.
      rounding: "largest_remainder", or the published code's "truncation", which rounds
        the factors down and leaves the rest to the residual.

    Returns:
      FactorLayout whose sizes sum to N, each at least 1.

    Raises:
      ValueError: shapes do not fit, a value is not finite, a factor has fewer than two
        pairs of its own, the representation is constant, or N < K + 1.

    Source: Esser et al. (2020), section 3.2, divided by the total variance as in the
    published code: the sums themselves would leave everything to the residual.
    """
    z_a, z_b, shared = np.asarray(z_a), np.asarray(z_b), np.asarray(shared)
    names = list(names)
    check_factor_names(names)
    _check_pairs(z_a, z_b)
    alone = _shares_alone(shared, len(z_a), len(names))
    if rounding not in ROUNDINGS:
        raise ValueError(f"rounding is {rounding!r}; give one of {ROUNDINGS}")
    if z_a.shape[1] <= len(names):
        raise ValueError(
            f"z has {z_a.shape[1]} columns, too few for {len(names)} factors and a residual"
        )
    variance = np.concatenate([z_a, z_b]).var(axis=0, dtype=np.float64).sum()
    # Equal numbers may leave a variance above zero: their mean is rounded.
    if not np.ptp(np.concatenate([z_a, z_b]), axis=0).any():
        raise ValueError("z is constant over all pairs; give a representation that varies")
    scores = [1.0]
    for block, name in enumerate(names, start=1):
        rows = alone[:, block]
        if rows.sum() < 2:
            raise ValueError(
                f"factor {name!r} has {rows.sum()} pairs that share it alone; give at least 2"
            )
        scores.append(_trace_covariance(z_a[rows], z_b[rows]) / variance)
    sizes = _whole_sizes(z_a.shape[1] * scipy.special.softmax(scores), rounding)
    return FactorLayout(dict(zip(names, sizes[1:], strict=True)), residual=sizes[0])


def _check_pairs(z_a, z_b):
    if z_a.ndim != 2 or z_a.shape != z_b.shape or not len(z_a):
        raise ValueError(
            f"z_a has shape {z_a.shape} and z_b {z_b.shape}; give two equal, non-empty [B, N]"
        )
    for argument, z in (("z_a", z_a), ("z_b", z_b)):
        bad = np.flatnonzero(~np.isfinite(z).all(axis=1))
        if bad.size:
            raise ValueError(f"{argument}: row {bad[0]} is not finite; drop or mend it")


def _shares_alone(shared, pairs, factors):
    """Bool [B, K+1]: whether a pair shares this block and no other."""
    if shared.dtype.kind in "iu" and shared.shape == (pairs,):
        if shared.size and (shared.min() < -1 or shared.max() > factors):
            raise ValueError(
                f"shared reaches from {shared.min()} to {shared.max()}; give blocks -1 .. {factors}"
            )
        return shared[:, None] == np.arange(factors + 1)
    if shared.dtype == bool and shared.shape == (pairs, factors + 1):
        return shared & (shared.sum(axis=1, keepdims=True) == 1)
    if shared.dtype.kind == "f" and shared.shape == (pairs, factors + 1):
        if not ((shared >= 0) & (shared < 1)).all():
            raise InputError("shared holds correlations outside [0, 1); give numbers inside")
        return _shares_alone(shared > 0, pairs, factors)
    raise ValueError(
        f"shared has dtype {shared.dtype} and shape {shared.shape}; give int [{pairs}], or bool or "
        f"float [{pairs}, {factors + 1}]"
    )


def _trace_covariance(z_a, z_b):
    # The two members are exchangeable, so they have one mean.
    mean = np.concatenate([z_a, z_b]).mean(axis=0, dtype=np.float64)
    return ((z_a - mean) * (z_b - mean)).mean(axis=0).sum()


def _whole_sizes(sizes, rounding):
    """Whole sizes with the same sum, each at least 1."""
    total = round(float(sizes.sum()))
    whole = np.floor(sizes).astype(int)
    if rounding == "truncation":
        whole[0] += total - whole.sum()
    else:
        by_remainder = np.argsort(-(sizes - whole), kind="stable")
        whole[by_remainder[: total - whole.sum()]] += 1
    while whole.min() < 1:
        whole[whole.argmax()] -= 1
        whole[whole.argmin()] += 1
    return [int(size) for size in whole]
