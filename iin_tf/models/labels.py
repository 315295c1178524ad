"""Labels of examples as a network is trained on them: whole numbers [B, K], -1 where unknown."""

import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import tensorflow as tf

from iin_tf.checks import InputError, are_whole
from iin_tf.data.kernel_labels import KernelLabels
from iin_tf.data.label_array import label_array
from iin_tf.data.labels import group_codes, mapping
from iin_tf.distributions.grouped_gaussian import UNKNOWN
from iin_tf.factors import FactorLayout
from iin_tf.models.correlation import CORRELATION_CAP

# With fewer partners in a batch, on average, most examples of a factor teach nothing of it.
_FEW_PARTNERS = 0.5
# Rows from which the partners of a continuous factor are counted.
_COUNTED = 500
# What Python and pandas make of a missing value where texts are wanted.
_TEXTS_OF_NOTHING = ("nan", "None", "<NA>", "NaT")


# Whole numbers [B, K]; or, where some factor is continuous, factor -> int [B] or float [B, C].
LabelCodes = np.ndarray | dict[str, np.ndarray]


def label_codes(labels: Any, layout: FactorLayout, argument: str = "labels") -> LabelCodes:
    """Labels of every factor as whole numbers int32 [B, K], equal where labels are, -1 unknown.

    Args:
      labels: array [B, K], or a mapping or data frame factor -> [B] (or [B, ...], rows that agree
        as a whole).  Whole numbers (-1 is unknown), bools, texts ("" is unknown) or floats (NaN
        is unknown) that agree where they are exactly equal; None is unknown among Python objects.
        In a mapping also `KernelLabels`, values that agree the more, the nearer they are.
      layout: FactorLayout; it names the K factors, in the order of the columns.
      argument: what messages call `labels`.

    Returns:
      int32 [B, K]; with `KernelLabels` a dict factor -> int32 [B], or float64 [B, C], the points
      of the continuous ones.

    Raises:
      InputError: another shape, a factor without labels, or a negative number that is not -1.
    """
    factors = layout.factor_names
    if not factors:
        raise InputError(f"{argument} are given, but the layout has no factor; leave them out")
    codes = {
        name: _codes(values, name, argument)
        for name, values in zip(factors, _columns(labels, factors, argument), strict=True)
    }
    lengths = {name: len(column) for name, column in codes.items()}
    if len(set(lengths.values())) > 1:
        raise InputError(f"{argument} differ in length: {lengths}; give one for each example")
    if any(column.ndim > 1 for column in codes.values()):
        return codes
    return np.stack(list(codes.values()), axis=1)


def _codes(values, name, argument):
    """Labels of one factor: int32 [B], or the points of `KernelLabels`."""
    if isinstance(values, KernelLabels):
        return values.points(name)
    argument = f"{argument}[{name!r}]"
    values = label_array(values, argument)
    _check_unknown(values, argument)
    return group_codes(values)[0].astype(np.int32)


def columns_of(codes: LabelCodes, layout: FactorLayout) -> Iterator[tuple[str, np.ndarray]]:
    """Name and column of each factor, of `label_codes` or of tensors of that form."""
    for place, name in enumerate(layout.factor_names):
        yield name, codes[name] if isinstance(codes, dict) else codes[:, place]


def check_groups(codes: LabelCodes, layout: FactorLayout, argument: str = "labels") -> None:
    """Raises InputError unless each factor has two values, and one that two examples share.

    Args:
      codes: from `label_codes`.
      layout: FactorLayout.
      argument: what messages call them.
    """
    for name, column in columns_of(codes, layout):
        known = _known(column)
        _, counts = np.unique(known, return_counts=True, axis=0)
        mend = "or leave the factor out of the layout"
        if not len(counts):
            raise InputError(f"{argument}[{name!r}] is unknown in every row; give some, {mend}")
        if max(counts) == 1 and (column.ndim == 1 or len(known) == 1):
            raise InputError(
                f"{argument}[{name!r}] has {len(counts)} values in {len(counts)} known rows, so "
                f"that no two examples share one; give labels that repeat, {mend}"
            )
        if len(counts) == 1:
            raise InputError(
                f"{argument}[{name!r}] has one value in all its {counts[0]} known rows; give two "
                f"values or more, {mend}"
            )


def warn_of_lonely_examples(codes: LabelCodes, layout: FactorLayout, batch_size: int) -> None:
    """Warns where batches drawn at random hold hardly two examples of one label."""
    for name, column in columns_of(codes, layout):
        partners = (batch_size - 1) * _chance_to_share(column)
        if partners < _FEW_PARTNERS:
            warnings.warn(
                f"a batch of {batch_size} examples drawn at random holds {partners:.2g} others "
                f"with the same {name!r} for each, so that little is learned of it; give larger "
                "batches, or a data set whose batches hold whole groups",
                stacklevel=4,
            )


def _known(column):
    return column[column >= 0] if column.ndim == 1 else column[np.isfinite(column).all(axis=1)]


def _chance_to_share(column):
    """How far a known example shares its label with another row, on average: in [0, 1]."""
    known = _known(column)
    others = max(len(column) - 1, 1)
    if column.ndim == 1:
        _, counts = np.unique(known, return_counts=True)
        return np.sum(counts * (counts - 1.0)) / counts.sum() / others
    share = len(known) / len(column)
    known = np.random.default_rng(0).permutation(known)[:_COUNTED]
    alike = np.exp(-0.5 * np.square(known[:, None] - known).sum(axis=-1))
    return share * (alike.sum() - len(known)) / max(len(known) * (len(known) - 1), 1)


def check_group_correlation(network: Any) -> None:
    """Raises InputError where a fixed rho is too near 1 for groups of many members.

    The density within a group goes with 1 / (1 - rho), over all members but one.

    Args:
      network: InterpretationNetwork.
    """
    given = network.block_correlation
    if given.is_learned:
        return
    # As the network's dtype has it.
    most = float(tf.constant(CORRELATION_CAP, network.variable_dtype))
    for name, rho in zip(network.layout.names[1:], network.correlation.numpy()[1:], strict=True):
        if rho > most:
            raise InputError(
                f"the correlation of {name!r} is {rho:.6g}, at which the likelihood of a labelled "
                f"batch explodes; give at most {CORRELATION_CAP}"
            )


def _columns(labels, factors, argument):
    """The labels of each factor, in the order of `factors`."""
    if tf.is_tensor(labels):
        labels = labels.numpy()
    shape = getattr(labels, "shape", None)
    if hasattr(labels, "keys") or hasattr(labels, "columns"):
        given = mapping(labels, argument)
        missing = [name for name in factors if name not in given]
        if missing:
            raise InputError(
                f"{argument} names {list(given)}, but not {missing}; give one for each factor, "
                f"{UNKNOWN} where it is unknown"
            )
        return [given[name] for name in factors]
    if shape is None or len(shape) != 2 or shape[1] != len(factors):
        found = f"has shape {tuple(shape)}" if shape is not None else f"is {type(labels).__name__}"
        raise InputError(
            f"{argument} {found}; give [B, {len(factors)}], a column for each of {list(factors)}, "
            "or a mapping from them ('shared' goes with pairs, x = (z_a, z_b))"
        )
    return np.asarray(labels).T


def _check_unknown(values, argument):
    """Raises InputError at a label that looks like another code of what is unknown."""
    if values.ndim != 1:
        return
    match values.dtype.kind:
        case "i":
            wrong, mend = values < UNKNOWN, f"{UNKNOWN} where unknown, 0 or more elsewhere"
        case "f":
            # Whole numbers that an unknown one among them made floats.
            whole = are_whole(values) and not (values < UNKNOWN).any()
            wrong = (values == UNKNOWN) & whole
            mend = f"NaN where unknown, or whole numbers; texts where {UNKNOWN} is a value"
        case "U":
            wrong, mend = np.isin(values, _TEXTS_OF_NOTHING), "None or an empty text where unknown"
        case _:
            return
    wrong = np.flatnonzero(wrong)
    if wrong.size:
        raise InputError(
            f"{argument} is {values[wrong[0]].item()!r} in row {wrong[0]} and {wrong.size - 1} "
            f"others; give {mend}"
        )
