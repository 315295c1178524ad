"""Responses: how much any function of the representation varies with each block."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from iin_tf import algebra, checks
from iin_tf.audits import outputs as evaluation
from iin_tf.audits.inputs import (
    MOST,
    Label,
    check_callable,
    check_network,
    check_resampling,
    latent_rows,
    read_classes,
    source_codes,
)
from iin_tf.audits.outputs import as_decisions, outputs_at, transformed
from iin_tf.audits.response_result import Response
from iin_tf.checks import InputError
from iin_tf.statistics import Bootstrap, interval, means, resampled

if TYPE_CHECKING:
    from iin_tf.models.interpretation_network import InterpretationNetwork

RULE = "root of the variance summed over outputs, averaged over held examples"
SOURCE = (
    "Esser et al. 2020 (responses to resampled factors); averaged variances: the total effect of "
    "Homma & Saltelli 1996"
)


def responses(
    network: "InterpretationNetwork",
    z: ArrayLike,
    function: Callable[[np.ndarray], ArrayLike],
    classes: ArrayLike | None = None,
    draws: int = 1000,
    seed: int = 0,
    *,
    source: ArrayLike | None = None,
    outputs: Sequence[str] | None = None,
    decide: Callable[[np.ndarray], ArrayLike] | None = None,
    resamples: int = 1000,
    level: float = 0.95,
    ignored_below: float = 0.05,
    with_examples: bool = False,
) -> Response:
    """How much the outputs of `function` vary when one block is resampled and the rest is held.

    For example i, block k and output o, s_iko^2 is the unbiased variance of output o over
    `draws` of block k from N(0, I).  The response of output o is sqrt(mean_i s_iko^2), and the
    response of all outputs is sqrt(mean_i sum_o s_iko^2); squared, it is the numerator of Sobol's
    total effect.  `whole` is the same with all blocks resampled at once: the function's standard
    deviation over the network's marginal.  A block is `ignored` where the upper end of its
    interval is at most `ignored_below * whole`.

    Intervals resample the sources of the held examples.  Every example has draws of its own and
    its variance is unbiased, so that they contain the Monte Carlo error; `monte_carlo_error` has
    it alone.  Of a few examples only they are too narrow (percentiles of skewed means).
    Memory: examples x blocks x outputs, 8,192 rows of N numbers, and as many (or `draws`, if more)
    of O.

    Args:
      network: InterpretationNetwork.
      z: float [n, N], the held examples.
      function: latents (array [B, N]) -> floats or bools [B] or [B, ...]: logits of a
        classifier's head, a decoder and what reads its images, anything.
      classes: whole numbers, bools or texts [n], for responses by class as well; examples whose
        class is unknown (-1 or "") are in none.  None for no classes.
      draws: from each block's marginal, for each example; at least 2.
      seed: whole number.
      source: whole numbers or texts [n], the original behind each example; None where every
        example is an original.
      outputs: names of the O outputs; None for "0", "1", ...
      decide: function, outputs [B, O] -> decisions [B], such as the place of the largest: how
        often they change is counted too.  Outputs may move much without any decision.
      resamples: bootstrap draws.
      level: coverage of the intervals.
      ignored_below: the fraction of `whole` below which a block counts as ignored.
      with_examples: whether `function` takes, beside latents, int [B], the row of `z` that each is
        an edit of: for a head that reads that example's input too.

    Returns:
      `Response`, in the units of the outputs.

    Raises:
      InputError: fewer than two examples, in a class or altogether, rows of the wrong width or
        not finite, outputs that are class numbers, not finite or not one row a latent.

    Source: Esser et al. (2020), responses of a classifier; Homma and Saltelli (1996), Importance
    measures in global sensitivity analysis of nonlinear models, for the total effect.
    """
    checks.whole(draws, "draws", 2, MOST)
    check_resampling(seed, resamples, level)
    checks.fraction(ignored_below, "ignored_below")
    check_network(network, "transform", "invert")
    check_callable(function, "function")
    if decide is not None:
        check_callable(decide, "decide")
    z = latent_rows(network, z, least=2)
    source = source_codes(source, len(z))
    groups = {} if classes is None else _groups(read_classes(classes, len(z), "classes"))
    z_tilde = transformed(network, z)
    checks.flag(with_examples, "with_examples")
    first = np.arange(2) if with_examples else None
    count = outputs_at(network, function, z_tilde[:2], first).shape[1]
    outputs = _output_names(outputs, count)
    drawn = _all_variances(network, function, z_tilde, draws, seed, decide, with_examples)
    variances, errors, changed = drawn
    whole = np.sqrt(variances[:, -1].mean(axis=0))
    settings: dict[str, Any] = {
        "draws": draws,
        "seed": seed,
        "resamples": resamples,
        "level": level,
    }
    settings |= {"ignored_below": ignored_below, "rule": RULE, "source": SOURCE}
    settings |= {"resampled": "sources of the held examples", "interval": "percentile"}

    def summary(rows: np.ndarray | slice, classes: dict) -> Response:
        plan = Bootstrap(len(source[rows]), resamples, seed, source[rows])
        return Response(
            blocks=network.layout.names,
            outputs=outputs,
            **_estimate(variances[rows, :-1], errors[rows, :-1], plan, level),
            whole=float(np.linalg.norm(whole)),
            whole_by_output=whole,
            ignored_below=ignored_below,
            examples=plan.rows,
            classes=classes,
            changed=None if decide is None else changed[rows, :-1].mean(axis=0),
            protocol=settings,
        )

    return summary(slice(None), {name: summary(rows, {}) for name, rows in groups.items()})


def _groups(classes: Label) -> dict:
    """Rows of each known class by name."""
    groups = {}
    for code in range(classes.values.max() + 1):
        rows = np.flatnonzero(classes.values == code)
        name = str(classes.given[rows[0]])
        if len(rows) < 2:
            raise InputError(f"class {name!r} has one example; give at least 2, or leave it out")
        groups[name] = rows
    return groups


def _output_names(outputs: Sequence[str] | None, count: int) -> tuple:
    if outputs is None:
        return tuple(str(k) for k in range(count))
    names = [] if isinstance(outputs, str) or not np.iterable(outputs) else [*map(str, outputs)]
    if len(names) != count or len(set(names)) != count:
        raise InputError(
            f"outputs is {checks.shown(outputs)}; give {count} different names, one an output"
        )
    return tuple(names)


def _all_variances(
    network: "InterpretationNetwork",
    function: Callable,
    z_tilde: np.ndarray,
    draws: int,
    seed: int,
    decide: Callable | None,
    with_examples: bool,
) -> tuple:
    """Variances [n, K+2, O] of the outputs by block, then of all blocks at once, and errors.

    And the fraction of changed decisions, [n, K+2]; zeros without `decide`.
    """
    moved = [*network.layout.names, network.layout.names]
    found = []
    for k, blocks in enumerate(moved):
        random = np.random.default_rng([seed, k])
        settings = (draws, random, decide, with_examples)
        found.append(_variances(network, function, z_tilde, blocks, *settings))
    return tuple(np.stack(parts, axis=1) for parts in zip(*found, strict=True))


def _variances(
    network: "InterpretationNetwork",
    function: Callable,
    z_tilde: np.ndarray,
    blocks: str | Sequence[str],
    draws: int,
    random: np.random.Generator,
    decide: Callable | None,
    with_examples: bool,
) -> tuple:
    """Variance over draws of each output, [n, O], the squared error of their sum, [n], changes."""
    at_once = max(1, evaluation.ROWS // draws)
    variances, errors, changed = [], [], []
    for start in range(0, len(z_tilde), at_once):
        held, parts = z_tilde[start : start + at_once], []
        of = np.arange(start, start + len(held)) if with_examples else None
        # More draws than `ROWS` are those of one example, a part at a time.
        for size in evaluation.sizes(draws):
            rows = np.repeat(held, size, axis=0)
            rows = algebra.erase(network.layout, rows, blocks, by="sample", seed=random)
            again = None if of is None else np.repeat(of, size)
            parts.append(outputs_at(network, function, rows, again))
        values = np.concatenate(parts)
        changed.append(_changed(network, function, held, values, decide, of))
        values = values.reshape(-1, draws, values.shape[1])
        deviations = np.square(values - values.mean(axis=1, keepdims=True)) * draws / (draws - 1)
        variances.append(deviations.mean(axis=1))
        errors.append(deviations.sum(axis=2).var(axis=1, ddof=1) / draws)
    return np.concatenate(variances), np.concatenate(errors), np.concatenate(changed)


def _changed(
    network: "InterpretationNetwork",
    function: Callable,
    held: np.ndarray,
    values: np.ndarray,
    decide: Callable | None,
    examples: np.ndarray | None,
) -> np.ndarray:
    """Fraction of the draws [n * draws, O] that decide otherwise than the held examples: [n]."""
    if decide is None:
        return np.zeros(len(held))
    before = as_decisions(decide, outputs_at(network, function, held, examples))
    after = as_decisions(decide, values).reshape(len(held), -1)
    return (after != before[:, None]).mean(axis=1)


def _estimate(variances: np.ndarray, errors: np.ndarray, plan: Bootstrap, level: float) -> dict:
    """Responses and intervals from variances [n, K+1, O] and their squared errors [n, K+1]."""
    # A last column for the sum over outputs.
    table = np.concatenate([variances, variances.sum(axis=2, keepdims=True)], axis=2)
    drawn = resampled(means(table), plan)
    ends = interval(drawn[0], drawn[1:], "percentile", level)
    values, intervals = np.sqrt(drawn[0]), np.sqrt(np.stack(ends, axis=-1))
    total = values[:, -1]
    # The error of a mean of n variances, and by the derivative that of its root.
    error = np.sqrt(errors.sum(axis=0)) / plan.rows / np.where(total > 0, 2 * total, 1)
    return {
        "response": total,
        "interval": intervals[:, -1],
        "by_output": values[:, :-1],
        "by_output_interval": intervals[:, :-1],
        "monte_carlo_error": error,
    }
