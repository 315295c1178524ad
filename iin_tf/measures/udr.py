"""UDR: do models trained from different seeds agree, axis by axis."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats
from sklearn.linear_model import Lasso

from iin_tf import checks
from iin_tf.checks import InputError
from iin_tf.measures.inputs import check_codes
from iin_tf.measures.protocol import Protocol, check_protocol, libraries
from iin_tf.measures.scores import spread_of, standardised
from iin_tf.measures.study import COVERS, REFITTED
from iin_tf.results import Result, Results
from iin_tf.statistics import HalfSamples, interval, subsampled

DUAN = "Duan et al. 2020, arXiv 1905.12614, equation 2; Lasso(alpha=0.1) as in the authors' code"
SIMILARITIES = ("lasso", "spearman")
# Halves of the rows are ranked and fitted too.
LEAST_ROWS = 4


def relative_strength(similarity: np.ndarray) -> float:
    """Agreement of two models from the similarity of their codes, [N_a, N_b] non-negative.

    1/2 (mean over columns of max^2 / sum + mean over rows of max^2 / sum), where a row or
    column of zeros counts 0.

    Source: Duan et al. 2020, equation 2.
    """
    return 0.5 * (_strength(similarity, 0) + _strength(similarity, 1))


def udr(
    representations: Sequence[ArrayLike],
    informative: Sequence[ArrayLike] | None = None,
    similarity: str = "lasso",
    seed: int = 0,
    *,
    protocol: Protocol | None = None,
) -> Results:
    """Unsupervised disentanglement ranking of several models on the same observations.

    Args:
      representations: list of at least two code matrices [n, N_m], rows aligned.
      informative: list of bool [N_m], codes to count (the authors: mean KL above 0.01); by
        default every code that varies.
      similarity: "lasso" or "spearman".
      seed: whole number, for the half-samples.
      protocol: a `Protocol`, for `refits` and `level`.

    Returns:
      `Results` with "udr": the median of the models' scores; parts "scores" [M] (each
      model's median agreement with the others) and "pairwise" [M, M].

    Raises:
      InputError: fewer than two models, unequal rows, a mask of another length.

    Source: Duan et al. 2020, equation 2.
    """
    protocol, seed = check_protocol(protocol), checks.whole(seed, "seed", 0)
    checks.choice(similarity, "similarity", SIMILARITIES)
    models = _check(representations, informative)
    rows = len(models[0])
    pairwise = _pairwise(models, similarity)
    values = subsampled(
        lambda draw: np.median(_scores(_pairwise([m[draw] for m in models], similarity))),
        HalfSamples(rows, protocol.refits, seed),
    )
    ends, how = None, "none: protocol.refits is 0"
    if protocol.refits:
        ends = interval(values[0], values[1:], "student", protocol.level, (0, 1))
        how = REFITTED
    record = {
        "source": DUAN,
        "estimator": similarity,
        "rows": rows,
        "models": len(models),
        "seed": seed,
        "level": protocol.level,
        "interval": how,
        "covers": COVERS,
        "refits": protocol.refits,
        "libraries": libraries(),
    }
    parts = {"scores": _scores(pairwise), "pairwise": pairwise}
    result = Result("disentanglement/udr", {}, float(values[0]), ends, parts=parts, protocol=record)
    return Results([result], within="disentanglement")


def _check(representations, informative):
    if isinstance(representations, str) or not isinstance(representations, Sequence):
        representations = [representations]
    if len(representations) < 2:
        raise InputError("representations has fewer than two models; give a list of at least two")
    models = [check_codes(c, f"representations[{i}]") for i, c in enumerate(representations)]
    if len({len(model) for model in models}) != 1:
        raise InputError(
            f"representations have {[len(m) for m in models]} rows; give the same observations"
        )
    if len(models[0]) < LEAST_ROWS:
        raise InputError(f"representations have {len(models[0])} rows; give at least {LEAST_ROWS}")
    masks = [spread_of(model) > 0 for model in models]
    if informative is not None:
        masks = _masks(informative, models)
    return [model[:, mask] for model, mask in zip(models, masks, strict=True)]


def _masks(informative, models):
    shapes = [(model.shape[1],) for model in models]
    if not isinstance(informative, Sequence) or len(informative) != len(models):
        raise InputError(
            f"informative is {checks.shown(informative)}; give a list of one mask a model"
        )
    masks = [checks.real_array(mask, f"informative[{i}]") for i, mask in enumerate(informative)]
    if [m.shape for m in masks] != shapes or any(m.dtype.kind != "b" for m in masks):
        raise InputError(
            f"informative has shapes {[m.shape for m in masks]}; give one bool a code, {shapes}"
        )
    return masks


def _pairwise(models, similarity):
    scaled = [standardised(model) for model in models]
    table = np.zeros((len(models), len(models)))
    for a, first in enumerate(scaled):
        for b, second in enumerate(scaled):
            if a != b and first.shape[1] and second.shape[1]:
                table[a, b] = relative_strength(_similarity(first, second, similarity))
    return table


def _similarity(first, second, similarity):
    if similarity == "spearman":
        ranks = [standardised(stats.rankdata(codes, axis=0)) for codes in (first, second)]
        return np.abs(ranks[0].T @ ranks[1] / len(first))
    model = Lasso(alpha=0.1).fit(first, second)
    return np.abs(model.coef_.reshape(second.shape[1], first.shape[1])).T


def _scores(pairwise):
    count = len(pairwise)
    return np.array([np.median(np.delete(pairwise[:, m], m)) for m in range(count)])


def _strength(similarity, axis):
    total = similarity.sum(axis=axis)
    best = similarity.max(axis=axis)
    return np.where(total > 0, best**2 / np.where(total > 0, total, 1), 0.0).mean()
