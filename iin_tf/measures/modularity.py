"""Modularity: does a unit inform about one factor only."""

from typing import TYPE_CHECKING

import numpy as np

from iin_tf.results import Result

if TYPE_CHECKING:
    from iin_tf.measures.study import Study

RIDGEWAY = "Ridgeway & Mozer 2018, arXiv 1802.05312, section 3"


def modularity_of(matrix: np.ndarray) -> np.ndarray:
    """Modularity of each unit from its information (or importance), [..., U].

    1 - sum_{k not best} I_k^2 / (I_best^2 * (K - 1)); 0 for a unit without information and,
    where there is one factor only, 1 for one with some.

    Args:
      matrix: non-negative, [..., U, K].
    """
    squared = np.square(matrix)
    best = squared.max(axis=-1)
    others = squared.sum(axis=-1) - best
    scale = best * max(matrix.shape[-1] - 1, 1)
    return np.where(best > 0, 1 - others / np.where(best > 0, scale, 1), 0.0)


def modularity(study: "Study") -> list[Result]:
    """Modularity, the mean over units.

    A block named "residual" stands for no factor and is left out of the mean.

    Source: Ridgeway & Mozer 2018, section 3.
    """
    found = study.information
    scores = modularity_of(found.matrix)
    parts = {"information": found.matrix[0], "scores": scores[0]}
    values = scores[:, study.sample.representing].mean(axis=-1)
    return [study.of_information("modularity", values, parts, RIDGEWAY, found)]
