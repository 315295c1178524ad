"""TAD: total AUROC difference on binary attributes."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from scipy import stats

from iin_tf.measures.information import entropy_of_counts
from iin_tf.measures.sample import Factor
from iin_tf.results import Result
from iin_tf.statistics import subsampled

if TYPE_CHECKING:
    from iin_tf.measures.study import Study

YEATS = "Yeats et al. 2022, arXiv 2209.10677 (NashAE), section on TAD"
CAPTURED = 0.75
SHARED = 0.2


def attributes_of(factors: Sequence[Factor]) -> tuple[np.ndarray, list[str], np.ndarray]:
    """Binary attributes as ([n, A] bool, names, index of each one's factor).

    A factor of two values is one attribute (its larger value), one of more values gives one
    attribute a value against the rest, a continuous one is split at its median.
    """
    columns, names, origin = [], [], []
    for k, factor in enumerate(factors):
        if factor.continuous:
            hits = [(factor.numbers > np.median(factor.numbers), "above median")]
        elif factor.count == 2:
            hits = [(factor.levels == 1, "larger value")]
        else:
            hits = [(factor.levels == level, f"value {level}") for level in range(factor.count)]
        for hit, label in hits:
            columns.append(hit)
            names.append(f"{factor.name}: {label}")
            origin.append(k)
    return np.stack(columns, axis=1), names, np.array(origin)


def auroc_table(codes: np.ndarray, attributes: np.ndarray) -> np.ndarray:
    """Area under the ROC curve of each code for each attribute, either sign, [N, A].

    max(a, 1 - a) with a from midranks (Mann-Whitney); 0.5 for a code that does not vary.
    """
    ranks = stats.rankdata(codes, axis=0)
    positive = attributes.sum(axis=0)
    negative = len(codes) - positive
    wins = ranks.T @ attributes.astype(np.float64) - positive * (positive + 1) / 2
    pairs = positive * negative
    area = np.where(pairs > 0, wins / np.where(pairs > 0, pairs, 1), 0.5)
    return np.maximum(area, 1 - area)


def total_difference(table: np.ndarray, kept: np.ndarray) -> tuple[float, np.ndarray]:
    """TAD: the sum over captured attributes of best minus second best area.

    Args:
      table: areas [N, A].
      kept: bool [A], attributes not told by another one.

    Returns:
      (TAD, bool [A]: captured, that is kept and best area >= 0.75).
    """
    ranked = np.sort(table, axis=0)
    second = ranked[-2] if len(table) > 1 else np.full(table.shape[1], 0.5)
    captured = kept & (ranked[-1] >= CAPTURED)
    return float((ranked[-1] - second)[captured].sum()), captured


def independent_attributes(attributes: np.ndarray, origin: np.ndarray) -> np.ndarray:
    """Attributes that no attribute of another factor tells more than 20 % of, bool [A]."""
    kept = np.ones(attributes.shape[1], bool)
    for a in range(len(kept)):
        own = entropy_of_counts(np.bincount(attributes[:, a], minlength=2).astype(float))
        for b in np.flatnonzero(origin != origin[a]):
            joint = np.bincount(2 * attributes[:, a] + attributes[:, b], minlength=4)
            other = entropy_of_counts(np.bincount(attributes[:, b], minlength=2).astype(float))
            if own + other - entropy_of_counts(joint.astype(float)) > SHARED * own:
                kept[a] = False
    return kept


def tad(study: "Study") -> list[Result]:
    """Total AUROC difference: a sum over captured attributes.

    Its largest value is half the number of attributes; `parts` has how many were captured.

    Source: Yeats et al. 2022, section on TAD.
    """
    codes = study.sample.codes[study.rows]
    attributes, names, origin = attributes_of(study.sample.factors)
    attributes = attributes[study.rows]
    kept = independent_attributes(attributes, origin)
    table = auroc_table(codes, attributes)
    captured = total_difference(table, kept)[1]
    values = subsampled(
        lambda draw: total_difference(auroc_table(codes[draw], attributes[draw]), kept)[0],
        study.halves("tad", study.rows),
    )
    parts = {
        "areas": table,
        "attributes": names,
        "captured": captured,
        "captured_count": int(captured.sum()),
        "independent": kept,
    }
    bounds = (0, len(names) / 2)
    return [study.halved("tad", values, parts, YEATS, bounds, train=len(codes))]
