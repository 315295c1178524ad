"""UDR: do models trained from different seeds agree, axis by axis."""

import numpy as np
from scipy import stats
from sklearn.linear_model import Lasso

from iin_tf.measures.protocol import Protocol, libraries
from iin_tf.measures.result import Measure, Result
from iin_tf.measures.sample import check_codes
from iin_tf.statistics import HalfSamples, interval, subsampled

DUAN = "Duan et al. 2020, arXiv 1905.12614, equation 2; Lasso(alpha=0.1) as in the authors' code"
SIMILARITIES = ("lasso", "spearman")


def relative_strength(similarity):
    """Agreement of two models from the similarity of their codes, [N_a, N_b] non-negative.

    1/2 (mean over columns of max^2 / sum + mean over rows of max^2 / sum), where a row or
    column of zeros counts 0.  Duan et al. 2020, equation 2.
    """
    return 0.5 * (_strength(similarity, 0) + _strength(similarity, 1))


def udr(representations, informative=None, similarity="lasso", seed=0, *, protocol=None):
    """Unsupervised disentanglement ranking of several models on the same observations.

    Args:
      representations: list of at least two code matrices [n, N_m], rows aligned.
      informative: list of bool [N_m], codes to count (the authors: mean KL above 0.01); by
        default every code that varies.
      similarity: "lasso" or "spearman".
      seed: whole number, for the half-samples.
      protocol: a `Protocol`, for `refits` and `level`.

    Returns:
      `Result` with "udr": the median of the models' scores; parts "scores" [M] (each
      model's median agreement with the others) and "pairwise" [M, M].

    Raises:
      ValueError: for fewer than two models, unequal rows, a mask of another length.
    """
    protocol = Protocol() if protocol is None else protocol
    models = _check(representations, informative, similarity)
    rows = len(models[0])
    pairwise = _pairwise(models, similarity)
    scores = _scores(pairwise)
    value, *replicates = subsampled(
        lambda draw: np.median(_scores(_pairwise([m[draw] for m in models], similarity))),
        HalfSamples(rows, protocol.refits, seed),
    )
    ends = interval(value, replicates, "student", protocol.level, (0, 1)) if replicates else None
    record = {
        "source": DUAN,
        "estimator": similarity,
        "rows": rows,
        "models": len(models),
        "seed": seed,
        "level": protocol.level,
        "interval": "Student t over half-samples" if replicates else "none: protocol.refits is 0",
        "refits": protocol.refits,
        "libraries": libraries(),
    }
    parts = {"scores": scores, "pairwise": pairwise}
    return Result({"udr": Measure("udr", float(value), parts, ends, record)})


def _check(representations, informative, similarity):
    if similarity not in SIMILARITIES:
        raise ValueError(f"similarity={similarity!r}: choose one of {list(SIMILARITIES)}")
    models = [check_codes(c, f"representations[{i}]") for i, c in enumerate(representations)]
    if len(models) < 2:
        raise ValueError(f"representations has {len(models)} models: give at least two")
    if len({len(model) for model in models}) != 1:
        raise ValueError(
            f"representations have {[len(m) for m in models]} rows: give the same observations"
        )
    if informative is None:
        masks = [model.std(axis=0) > 0 for model in models]
    else:
        masks = [np.asarray(mask, bool) for mask in informative]
        if [m.shape for m in masks] != [(model.shape[1],) for model in models]:
            raise ValueError(
                f"informative has shapes {[m.shape for m in masks]}: give one bool a code"
            )
    return [model[:, mask] for model, mask in zip(models, masks, strict=True)]


def _pairwise(models, similarity):
    scaled = [(m - m.mean(axis=0)) / np.where(m.std(axis=0) > 0, m.std(axis=0), 1) for m in models]
    table = np.zeros((len(models), len(models)))
    for a, first in enumerate(scaled):
        for b, second in enumerate(scaled):
            if a != b and first.shape[1] and second.shape[1]:
                table[a, b] = relative_strength(_similarity(first, second, similarity))
    return table


def _similarity(first, second, similarity):
    if similarity == "spearman":
        ranks = [stats.zscore(stats.rankdata(codes, axis=0)) for codes in (first, second)]
        return np.abs(np.nan_to_num(ranks[0].T @ ranks[1] / len(first)))
    model = Lasso(alpha=0.1).fit(first, second)
    return np.abs(model.coef_.reshape(second.shape[1], first.shape[1])).T


def _scores(pairwise):
    count = len(pairwise)
    return np.array([np.median(np.delete(pairwise[:, m], m)) for m in range(count)])


def _strength(similarity, axis):
    total = similarity.sum(axis=axis)
    best = similarity.max(axis=axis)
    return np.where(total > 0, best**2 / np.where(total > 0, total, 1), 0.0).mean()
