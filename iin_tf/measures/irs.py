"""IRS: interventional robustness score."""

from typing import TYPE_CHECKING

import numpy as np

from iin_tf.measures.discretise import discrete_levels
from iin_tf.measures.units import ROUNDING, deviations, quantile_of
from iin_tf.results import Result
from iin_tf.statistics import subsampled

if TYPE_CHECKING:
    from iin_tf.measures.study import Study

SUTER = "Suter et al. 2019, arXiv 1811.00007, section 4; 0.99 quantile as in the study"
QUANTILE = 0.99


def robustness_table(
    codes: np.ndarray, units: list[np.ndarray], levels: np.ndarray, counts: list[int]
) -> tuple[np.ndarray, np.ndarray]:
    """1 - spread of each unit while one factor is held, relative to its whole spread.

    For each value of a factor: the 0.99 quantile of the unit's distance from its mean over
    the rows of that value; the mean over values, divided by the unit's largest distance
    from its mean over all rows.  Factors are taken to be independent.

    Args:
      codes: [n, N].
      units: list of U column index arrays.
      levels: [n, K].
      counts: K numbers of levels.

    Returns:
      (table [U, K], largest distance [U]); a unit that does not vary has a row of zeros.
    """
    largest = deviations(codes, units, codes.mean(axis=0)).max(axis=0)
    # Rounding leaves 1e-16 of a unit's own size where nothing varies.
    alive = largest > ROUNDING * deviations(codes, units, 0.0).max(axis=0)
    table = np.zeros((len(units), levels.shape[1]))
    for k, count in enumerate(counts):
        groups = [codes[levels[:, k] == level] for level in range(count)]
        groups = [group for group in groups if len(group)]
        spread = [
            quantile_of(deviations(group, units, group.mean(axis=0)), QUANTILE) for group in groups
        ]
        table[:, k] = 1 - np.mean(spread, axis=0) / np.where(alive, largest, 1)
    return np.where(alive[:, None], table, 0.0), np.where(alive, largest, 0.0)


def robustness_of(table: np.ndarray, largest: np.ndarray) -> float:
    """Mean over units of the best factor's robustness, weighted by the largest distance."""
    return float(table.max(axis=1) @ largest / largest.sum()) if largest.sum() > 0 else 0.0


def irs(study: "Study") -> list[Result]:
    """Interventional robustness score, by unit; it does not depend on the scale of the codes.

    A code's distance is absolute, a block's Euclidean, which a rotation does not change; a
    block named "residual" stands for no factor and does not count.

    Source: Suter et al. 2019, section 4.
    """
    sample, rows = study.sample, study.rows
    found = [discrete_levels(factor, study.protocol.bins) for factor in sample.factors]
    levels = np.stack([column[rows] for column, _ in found], axis=1)
    counts, codes = [count for _, count in found], sample.codes[rows]
    table, largest = robustness_table(codes, sample.units, levels, counts)
    counted = sample.representing

    def robustness(draw):
        found = robustness_table(codes[draw], sample.units, levels[draw], counts)
        return robustness_of(*(part[counted] for part in found))

    values = subsampled(robustness, study.halves("irs", rows, study.protocol.refits))
    parts = {
        "robustness": table,
        "factor_of_unit": table.argmax(axis=1),
        "largest_deviation": largest,
        "active": largest > 0,
    }
    details = {"quantile": QUANTILE, "train": len(rows)}
    return [study.refitted("irs", values, parts, SUTER, (0, 1), **details)]
