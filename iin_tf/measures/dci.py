"""DCI: disentanglement, completeness and informativeness."""

from typing import TYPE_CHECKING

import numpy as np
from scipy.special import xlogy

from iin_tf.measures.estimators import target_of
from iin_tf.measures.importance import held_out_scorers
from iin_tf.measures.scores import prediction_score
from iin_tf.results import Result

if TYPE_CHECKING:
    from iin_tf.measures.study import Study

EASTWOOD = "Eastwood & Williams 2018, 'A Framework for the Quantitative Evaluation' (QEDR), sec. 2"


def _one_sidedness(matrix):
    """1 - entropy to the base of their number, of each row of importances, [..., U]."""
    total = matrix.sum(axis=-1, keepdims=True)
    share = matrix / np.where(total > 0, total, 1)
    entropy = -xlogy(share, share).sum(axis=-1)
    base = np.log(matrix.shape[-1]) if matrix.shape[-1] > 1 else 1.0
    return np.where(total[..., 0] > 0, 1 - entropy / base, 0.0)


def disentanglement_of(matrix: np.ndarray) -> np.ndarray:
    """D of an importance matrix: does each unit matter to one factor only.

    D = sum_i rho_i (1 - H_K(P_i)), P_i the row's shares, H_K their entropy to base K, rho_i
    the row's share of all importance; a matrix of zeros gives 0.  With one factor there is
    nothing to confuse: 1.

    Args:
      matrix: [..., U, K], non-negative.

    Returns:
      [...].

    Source: Eastwood & Williams 2018, section 2.
    """
    weight = matrix.sum(axis=-1)
    total = weight.sum(axis=-1)
    summed = (weight * _one_sidedness(matrix)).sum(axis=-1)
    return np.where(total > 0, summed / np.where(total > 0, total, 1), 0.0)


def completeness_of(matrix: np.ndarray) -> np.ndarray:
    """C of an importance matrix [..., U, K]: is each factor captured by one unit only, [...].

    The same formula as D with rows and columns exchanged.

    Source: Eastwood & Williams 2018, section 2.
    """
    return disentanglement_of(np.swapaxes(matrix, -1, -2))


def dci(study: "Study") -> list[Result]:
    """Disentanglement, completeness and informativeness of codes, or of blocks."""
    told = study.importance.told
    return _of_codes(study) if told is None else _of_blocks(study, told)


def _parts(found, axis):
    matrix = found.matrix[0] if axis == 1 else found.matrix[0].T
    return {"importance": found.matrix[0], "scores": _one_sidedness(matrix), **found.parts}


def _of_codes(study: "Study") -> list[Result]:
    found = study.importance
    scores = (("disentanglement", disentanglement_of, 1), ("completeness", completeness_of, 0))
    measures = []
    for name, score, axis in scores:
        values, parts = score(found.matrix), _parts(found, axis)
        measures.append(
            study.refitted(f"dci/{name}", values, parts, EASTWOOD, (0, 1), **found.details)
        )
    return [*measures, _informativeness(study)]


def _of_blocks(study: "Study", told: np.ndarray) -> list[Result]:
    found = study.importance
    scores = {
        "disentanglement": (disentanglement_of(found.matrix), _parts(found, 1)),
        "completeness": (completeness_of(found.matrix), _parts(found, 0)),
        "informativeness": (told.mean(axis=1), {"scores": told[0]}),
    }
    return [
        study.held_out(f"dci/{name}", values, parts, EASTWOOD, (0, 1), **found.details)
        for name, (values, parts) in scores.items()
    ]


def _informativeness(study: "Study") -> Result:
    """Mean held-out score of the estimator on all codes, as in the study."""
    factors, train = study.sample.factors, study.split[0]
    ones = np.ones((1, len(train)))
    train_scores = [
        prediction_score(factor, target_of(factor)[train], prediction, ones)[0]
        for factor, prediction in zip(factors, study.fits.train_prediction, strict=True)
    ]
    scores = study.on_test_rows(held_out_scorers(study))
    return study.held_out(
        "dci/informativeness",
        scores.mean(axis=1),
        {"scores": scores[0], "train_scores": np.array(train_scores)},
        EASTWOOD,
        (-np.inf, 1),
        estimator=study.protocol.estimator,
        scored_by="accuracy, R^2 for continuous factors",
    )
