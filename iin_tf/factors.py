"""Named blocks of the factorised representation."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from iin_tf import checks
from iin_tf.checks import InputError, shown

RESIDUAL = "residual"
# A file's name has at most 255 bytes: 4 for a character, and some for what stands around it.
LONGEST_NAME = 50


class FactorLayout:
    """Names and sizes of the blocks of z_tilde: the residual first, then the factors as given.

    A name is a text of 1 to 50 printable characters that neither begins nor ends with a blank.
    It stands in names of files and metrics, in tables and in messages: hence no line break, no
    slash (which separates the parts of a metric's name), and no more than a file's name holds.
    Every other name is like any other, in every language; only "residual" is taken.

    Args:
      factors: mapping factor name -> size, or pairs of the two; `{}` is the layout without
        factors.
      residual: size N_0 of the residual.

    Raises:
      InputError: a size is not a positive whole number, or a name cannot be used or stands
        twice.
    """

    def __init__(self, factors: Mapping[str, int] | Iterable[tuple[str, int]], residual: int):
        items = _pairs_of(factors)
        check_factor_names([name for name, _ in items])
        blocks = [(RESIDUAL, residual), *items]
        self._sizes = {
            name: checks.whole(size, f"the size of {name!r}", least=1) for name, size in blocks
        }

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the blocks, residual first."""
        return tuple(self._sizes)

    @property
    def factor_names(self) -> tuple[str, ...]:
        """Names of the factors, without the residual."""
        return self.names[1:]

    @property
    def sizes(self) -> tuple[int, ...]:
        """Sizes N_0 .. N_K of the blocks."""
        return tuple(self._sizes.values())

    @property
    def latent_size(self) -> int:
        """N, the sum of the sizes."""
        return sum(self.sizes)

    @property
    def slices(self) -> dict[str, slice]:
        """The slice of the last axis that each block takes, by name."""
        stops = np.cumsum(self.sizes)
        return {
            name: slice(int(stop - size), int(stop))
            for (name, size), stop in zip(self._sizes.items(), stops, strict=True)
        }

    def index(self, name: str) -> int:
        """The number of the block `name`: 0 is the residual, 1..K are the factors.

        Raises:
          InputError: there is no such block.
        """
        if not isinstance(name, str) or name not in self._sizes:
            raise InputError(f"factor {shown(name)} is unknown; this layout has {list(self.names)}")
        return self.names.index(name)

    def mask(self, names: str | Iterable[str]) -> np.ndarray:
        """Bool row [K+1] that is True at the blocks `names` (one name, or several).

        Raises:
          InputError: a name is unknown or stands twice.
        """
        if not (isinstance(names, str) or _holds_several(names)):
            raise InputError(f"names is {shown(names)}; give a name or several of {[*self.names]}")
        row = np.zeros(len(self.sizes), bool)
        for name in [names] if isinstance(names, str) else names:
            block = self.index(name)
            if row[block]:
                raise InputError(
                    f"factor {shown(name)} is given twice in {shown(names)}; give it once"
                )
            row[block] = True
        return row

    def shared(
        self,
        names: str | Iterable[str] | None = None,
        *,
        all_but: str | Iterable[str] | None = None,
    ) -> np.ndarray:
        """Bool row [K+1] of the blocks that a pair shares.

        Args:
          names: a name, several names, or None: nothing is shared.
          all_but: in place of `names`: everything is shared, the residual included,
            except these.

        Raises:
          InputError: a name is unknown or stands twice, or both arguments are given.
        """
        if all_but is None:
            return self.mask([] if names is None else names)
        if names is not None:
            raise InputError(
                f"names is {shown(names)} and all_but is {shown(all_but)}; give one of them"
            )
        return ~self.mask(all_but)

    def split(self, z_tilde: Any) -> dict[str, Any]:
        """The blocks of `z_tilde` [..., N] by name, each [..., N_k]; arrays or tensors."""
        z_tilde = _as_array(z_tilde, "z_tilde")
        self.check_latents(z_tilde, "z_tilde")
        return {name: z_tilde[..., part] for name, part in self.slices.items()}

    def merge(self, parts: Mapping[str, Any]) -> Any:
        """z_tilde [..., N] from the blocks by name, the inverse of `split`.

        Raises:
          InputError: a block is missing, unknown, or of the wrong size, or the blocks have
            different numbers of rows.
        """
        if not isinstance(parts, Mapping) or set(parts) != set(self.names):
            given = [*parts] if isinstance(parts, Mapping) else shown(parts)
            raise InputError(f"parts has the blocks {given}; give {list(self.names)}")
        parts = {name: _as_array(part, f"parts[{name!r}]") for name, part in parts.items()}
        for name in self.names:
            self._check_part(name, parts[name].shape, parts[RESIDUAL].shape[:-1])
        blocks = [parts[name] for name in self.names]
        if all(isinstance(block, np.ndarray) for block in blocks):
            return np.concatenate(blocks, -1)
        import tensorflow as tf

        return tf.concat(blocks, -1)

    def _check_part(self, name, shape, batch):
        if not len(shape) or shape[-1] != self._sizes[name]:
            raise InputError(
                f"parts[{name!r}] has shape {tuple(shape)}; give {self._sizes[name]} columns"
            )
        rows, batch = tuple(shape[:-1]), tuple(batch)
        # While a graph is traced, a length may be unknown.
        if None not in (*rows, *batch) and rows != batch:
            raise InputError(
                f"parts[{name!r}] has rows {rows}, but the residual has {batch}; "
                "give one for each other"
            )

    def check_latents(self, z: Any, argument: str = "z") -> None:
        """Raises InputError unless the last axis of `z` has N entries."""
        columns = z.shape[-1] if len(z.shape) else None
        if columns != self.latent_size:
            raise InputError(
                f"{argument} has shape {tuple(z.shape)}, but the sizes {self._sizes} sum to "
                f"{self.latent_size}: give {self.latent_size} columns, or a layout that fits"
            )

    def get_config(self) -> dict[str, Any]:
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


def check_factor_names(names: Iterable[str]) -> None:
    """Raises InputError unless every name can stand for a factor, once; see `FactorLayout`."""
    if not _holds_several(names):
        raise InputError(f"names is {shown(names)}; give a list of names")
    seen = set()
    for name in names:
        if not _can_stand_for_a_factor(name):
            raise InputError(
                f"the factor name {shown(name)} cannot be used; give a text of 1 to "
                f"{LONGEST_NAME} printable characters without a slash, with no blank at its ends, "
                f'that is not "{RESIDUAL}"'
            )
        if name in seen:
            raise InputError(f"factor {name!r} is given twice; give it once")
        seen.add(name)


def _can_stand_for_a_factor(name):
    return (
        isinstance(name, str)
        and 1 <= len(name) <= LONGEST_NAME
        and name.isprintable()
        and name == name.strip()
        and "/" not in name
        and name != RESIDUAL
    )


def _pairs_of(factors):
    """The pairs (name, size) of what a layout is made from."""
    wrong = InputError(f"factors is {shown(factors)}; give a mapping from names to sizes")
    if isinstance(factors, Mapping):
        return list(factors.items())
    if not _holds_several(factors):
        raise wrong
    pairs = list(factors)
    if not all(isinstance(pair, tuple | list) and len(pair) == 2 for pair in pairs):
        raise wrong
    return [tuple(pair) for pair in pairs]


def _holds_several(value):
    """Whether it can be gone through; an array of no dimension cannot, and a text is one name."""
    if isinstance(value, str) or not isinstance(value, Iterable):
        return False
    return tuple(getattr(value, "shape", (0,))) != ()


def _as_array(values, argument):
    """Arrays and tensors as they are, all else as an array of numbers."""
    return values if hasattr(values, "shape") else checks.real_array(values, argument)
