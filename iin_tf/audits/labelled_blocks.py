"""What the blocks of a representation hold: measures and leakage on labelled codes."""

import dataclasses

import numpy as np

from iin_tf.checks import is_missing
from iin_tf.measures import Protocol, disentanglement
from iin_tf.results import Result, Results


@dataclasses.dataclass(frozen=True)
class BlockMeasures:
    """Measures of one representation by block.

    Attributes:
      result: `Results` of the measures.
      blocks: names of the B blocks.
      factors: names of the K factors.
      told: held-out share of each factor's variance that each block tells, [B, K]; about
        zero or below where it tells nothing.
      null: what a block without any information would reach in one case of twenty, [B, K].
    """

    result: Results
    blocks: list
    factors: list
    told: np.ndarray
    null: np.ndarray

    def results(self) -> Results:
        """`disentanglement/MEASURE`, and `leakage/BLOCK/FACTOR` with its null."""
        leakage = [
            Result(
                "leakage/{block}/{factor}",
                {"block": block, "factor": factor},
                self.told[b, k],
                null=self.null[b, k],
            )
            for b, block in enumerate(self.blocks)
            for k, factor in enumerate(self.factors)
        ]
        return self.result | Results(leakage)


def block_measures(codes, labels, source, blocks, measures, seed, resamples=200):
    """Measures of how the blocks of `codes` hold the factors in `labels`.

    A factor of one column is taken as it is: classes, or continuous.  The measures take a
    continuous factor of c columns as 2^c cells, each column cut at its median; leakage takes
    its columns and averages them.

    Args:
      codes: float [n, N].
      labels: mapping factor -> int [n], classes, or float [n] or [n, c].
      source: int [n], the original behind each row; originals are split and resampled.
      blocks: FactorLayout, or mapping block -> columns.
      measures: names of `iin_tf.measures.FAMILIES`, defined by block.
      seed: int.
      resamples: bootstrap draws and permutations.

    Returns:
      `BlockMeasures`.

    Raises:
      ValueError: as `disentanglement`.
    """
    labels = {name: np.asarray(values) for name, values in labels.items()}
    whole = categories(labels)
    kept = _common_classes(whole, source)
    codes, source = np.asarray(codes)[kept], np.asarray(source)[kept]
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
    return BlockMeasures(result, found.protocol["units"], list(labels), told, null)


def categories(labels):
    """Arguments of `disentanglement` for labels, a factor of several columns as its cells.

    Args:
      labels: mapping factor -> int [n], classes, or float [n] or [n, c].
    """
    columns = {name: _columns(values) for name, values in labels.items()}
    return _factors(
        {
            name: values[:, 0] if values.shape[1] == 1 else _cells(values)
            for name, values in columns.items()
        }
    )


def _factors(columns):
    """Arguments of `disentanglement` for factors of one column [n] each."""
    return {
        "factors": columns,
        "continuous": [name for name, values in columns.items() if values.dtype.kind == "f"],
    }


def _columns(values):
    values = np.asarray(values)
    return values.reshape(len(values), -1)


def _cells(values):
    """Cells int [n] of values [n, c], every column cut at its median; -1 where one is missing."""
    missing = is_missing(values)
    above = values > np.median(values[~missing], axis=0)
    return np.where(missing, -1, above @ (1 << np.arange(values.shape[1])))


def _common_classes(factors, source):
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
