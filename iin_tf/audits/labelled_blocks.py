"""What the blocks of a representation hold: measures and leakage on labelled codes."""

import dataclasses
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike

from iin_tf.audits.found import Found
from iin_tf.audits.inputs import code_rows, read_labels, source_codes
from iin_tf.checks import is_missing
from iin_tf.factors import FactorLayout
from iin_tf.measures import Protocol, disentanglement
from iin_tf.results import Result, Results


@dataclasses.dataclass(frozen=True)
class BlockMeasures(Found):
    """Measures of one representation by block.

    Attributes:
      result: `Results` of the measures.
      blocks: names of the B blocks.
      factors: names of the K factors.
      told: held-out share of each factor's variance that each block tells, [B, K]; about
        zero or below where it tells nothing.
      null: what a block without any information would reach in one case of twenty, [B, K].
      rows: how many rows had all of their labels, and were measured.
    """

    result: Results
    blocks: list
    factors: list
    told: np.ndarray
    null: np.ndarray
    rows: int

    def results(self) -> Results:
        """`disentanglement/MEASURE`, `leakage/BLOCK/FACTOR` with its null, and how many rows."""
        others = [
            Result(
                "leakage/{block}/{factor}",
                {"block": block, "factor": factor},
                self.told[b, k],
                null=self.null[b, k],
            )
            for b, block in enumerate(self.blocks)
            for k, factor in enumerate(self.factors)
        ]
        # Estimates shift with their number: comparisons look at it.
        others.append(Result("examples/{split}", {"split": "measured"}, self.rows))
        return self.result | Results(others)


def block_measures(
    codes: ArrayLike,
    labels: Mapping[str, ArrayLike],
    source: ArrayLike | None,
    blocks: FactorLayout | Mapping[str, slice | ArrayLike],
    measures: str | Sequence[str],
    seed: int = 0,
    resamples: int = 200,
) -> BlockMeasures:
    """Measures of how the blocks of `codes` hold the factors in `labels`.

    A factor of one column is taken as it is: classes, or continuous.  The measures take a
    continuous factor of c columns as 2^c cells, each column cut at its median; leakage takes
    its columns and averages them.  Rows in which a label is unknown are left out.

    Args:
      codes: float [n, N].
      labels: mapping factor -> whole numbers or texts [n], classes, or float [n] or [n, c].
      source: whole numbers or texts [n], the original behind each row; originals are split and
        resampled.  None where every row is an original.
      blocks: FactorLayout, or mapping block -> columns.
      measures: names of `iin_tf.measures.FAMILIES`, defined by block.
      seed: whole number.
      resamples: bootstrap draws and permutations.

    Returns:
      `BlockMeasures`.

    Raises:
      InputError: as `disentanglement`.
    """
    codes = code_rows(codes)
    labels, source = label_columns(labels, len(codes)), source_codes(source, len(codes))
    whole = categories(labels)
    kept = _common_classes(whole, source)
    codes, source = codes[kept], source[kept]
    whole["factors"] = {name: values[kept] for name, values in whole["factors"].items()}
    split = {
        f"{name}/{c}": column[kept]
        for name, values in labels.items()
        for c, column in enumerate(_columns(values).T)
    }
    settings = {
        "blocks": blocks,
        "seed": seed,
        "protocol": Protocol(resamples=resamples),
        "source": source,
    }
    result = disentanglement(codes, measures=measures, **whole, **settings)
    leakage = disentanglement(codes, measures="leakage", **_factors(split), **settings)
    found = next(iter(leakage.values()))
    owner = np.array([name for name, values in labels.items() for _ in _columns(values).T])
    told, null = (
        np.stack([found.parts[part][:, owner == name].mean(axis=1) for name in labels], axis=1)
        for part in ("nonlinear", "null_high")
    )
    rows = found.protocol["rows"]
    return BlockMeasures(result, found.protocol["units"], list(labels), told, null, rows)


def label_columns(labels: Mapping[str, ArrayLike], rows: int) -> dict[str, np.ndarray]:
    """Whole numbers [n] of classes, whatever names them, and floats [n, c]; unknown as usual."""
    return {
        label.name: label.values if label.given.dtype.kind in "fUS" else label.given
        for label in read_labels(labels, rows)
    }


def categories(labels: Mapping[str, ArrayLike]) -> dict:
    """Arguments of `disentanglement` for labels, a factor of several columns as its cells.

    Args:
      labels: mapping factor -> int [n], classes, or float [n] or [n, c].

    Returns:
      `factors`, a mapping of names to columns [n], and `continuous`, the names of some.
    """
    columns = {name: _columns(values) for name, values in labels.items()}
    return _factors(
        {
            name: values[:, 0] if values.shape[1] == 1 else _cells(values)
            for name, values in columns.items()
        }
    )


def _factors(columns: dict) -> dict:
    """Arguments of `disentanglement` for factors of one column [n] each."""
    return {
        "factors": columns,
        "continuous": [name for name, values in columns.items() if values.dtype.kind == "f"],
    }


def _columns(values: ArrayLike) -> np.ndarray:
    values = np.asarray(values)
    return values.reshape(len(values), -1)


def _cells(values: np.ndarray) -> np.ndarray:
    """Cells int [n] of values [n, c], every column cut at its median; -1 where one is missing."""
    missing = is_missing(values)
    above = values > np.median(values[~missing], axis=0)
    return np.where(missing, -1, above @ (1 << np.arange(values.shape[1])))


def _common_classes(factors: dict, source: np.ndarray) -> np.ndarray:
    """Rows whose classes all occur in two originals or more, as a split needs: bool [n].

    Rows without a label are left out by the measures, which count them: they stay here, and are
    no class.

    Args:
      factors: as `categories` gives them.
      source: int [n].
    """
    columns = factors["factors"]
    missing = np.any([is_missing(values) for values in columns.values()], axis=0)
    classes = [v for name, v in columns.items() if name not in factors["continuous"]]
    kept = ~missing
    while True:
        before = kept.sum()
        for values in classes:
            pairs = np.unique(np.stack([values[kept], source[kept]]), axis=1)
            found, counts = np.unique(pairs[0], return_counts=True)
            kept &= np.isin(values, found[counts > 1])
        # A row that one factor loses may have been another class's second.
        if kept.sum() == before:
            return kept | missing
