"""Responses: how much any function of the representation varies with each block."""

import numpy as np

from iin_tf import algebra, checks
from iin_tf.audits.outputs import ROWS, held_rows, outputs_at
from iin_tf.audits.response_result import Response
from iin_tf.statistics.intervals import bootstrap_weights

RULE = "root of the variance summed over outputs, averaged over held examples"
SOURCE = (
    "Esser et al. 2020 (responses to resampled factors); averaged variances: the total effect of "
    "Homma & Saltelli 1996"
)


def responses(
    network,
    z,
    function,
    classes=None,
    draws=1000,
    seed=0,
    *,
    outputs=None,
    resamples=1000,
    level=0.95,
    ignored_below=0.05,
):
    """How much the outputs of `function` vary when one block is resampled and the rest is held.

    For example i, block k and output o, s_iko^2 is the unbiased variance of output o over
    `draws` of block k from N(0, I).  The response of output o is sqrt(mean_i s_iko^2), and the
    response of all outputs is sqrt(mean_i sum_o s_iko^2); squared, it is the numerator of Sobol's
    total effect.  `whole` is the same with all blocks resampled at once: the function's standard
    deviation over the network's marginal.  A block is `ignored` where the upper end of its
    interval is at most `ignored_below * whole`.

    Intervals resample the held examples.  Every example has draws of its own and its variance
    is unbiased, so that they contain the Monte Carlo error; `monte_carlo_error` has it alone.
    Of a few examples only they are too narrow (percentiles of skewed means).
    Memory: examples x blocks x outputs, and 8,192 rows (or `draws`, if more) of N and O numbers.

    Args:
      network: InterpretationNetwork.
      z: float [n, N], the held examples.
      function: latents (array [B, N]) -> floats or bools [B] or [B, ...]: logits of a
        classifier's head, a decoder and what reads its images, anything.
      classes: int or text [n], for responses by class as well; None for none.
      draws: from each block's marginal, for each example; at least 2.
      seed: whole number.
      outputs: names of the O outputs; None for "0", "1", ...
      resamples: bootstrap draws.
      level: coverage of the intervals.
      ignored_below: the fraction of `whole` below which a block counts as ignored.

    Returns:
      `Response`, in the units of the outputs.

    Raises:
      ValueError: fewer than two examples, in a class or altogether, rows of the wrong width or
        not finite, outputs that are class numbers, not finite or not one row a latent.

    Source: Esser et al. (2020), responses of a classifier; Homma and Saltelli (1996), Importance
    measures in global sensitivity analysis of nonlinear models, for the total effect.
    """
    for name, value, least in (("draws", draws, 2), ("resamples", resamples, 20)):
        checks.whole(value, name, least)
    checks.fraction(level, "level")
    checks.fraction(ignored_below, "ignored_below")
    z = np.asarray(z)
    groups = _groups(classes, z.shape[:1])
    z_tilde = held_rows(network, z)
    count = outputs_at(network, function, z_tilde[:2]).shape[1]
    outputs = _output_names(outputs, count)
    layout = network.layout
    # The last mask moves every block.
    masks = [*(layout.mask(name) for name in layout.names), np.ones(len(layout.names), bool)]
    found = [
        _variances(network, function, z_tilde, moving, draws, np.random.default_rng([seed, k]))
        for k, moving in enumerate(masks)
    ]
    variances = np.stack([variance for variance, _ in found], axis=1)
    errors = np.stack([error for _, error in found], axis=1)
    settings = {"draws": draws, "seed": seed, "resamples": resamples, "level": level}
    settings |= {"ignored_below": ignored_below, "rule": RULE, "source": SOURCE}
    whole = _root_mean(variances[:, -1])

    def summary(rows, classes):
        estimate = _estimate(variances[rows, :-1], errors[rows, :-1], seed, resamples, level)
        return Response(
            blocks=layout.names,
            outputs=outputs,
            **estimate,
            whole=float(np.sqrt((whole**2).sum())),
            whole_by_output=whole,
            ignored_below=ignored_below,
            examples=len(variances[rows]),
            classes=classes,
            protocol=settings,
        )

    by_class = {name: summary(rows, {}) for name, rows in groups.items()}
    return summary(slice(None), by_class)


def _groups(classes, shape):
    """Rows of each class by name."""
    if classes is None:
        return {}
    classes = np.asarray(classes)
    if classes.shape != shape or classes.dtype.kind not in "iubUS":
        raise ValueError(
            f"classes has shape {classes.shape} and dtype {classes.dtype}: give whole "
            f"numbers or texts of shape {shape}, one an example"
        )
    groups = {str(name): np.flatnonzero(classes == name) for name in np.unique(classes)}
    for name, rows in groups.items():
        if len(rows) < 2:
            raise ValueError(f"class {name!r} has one example; give at least 2, or leave it out")
    return groups


def _output_names(outputs, count):
    names = [str(k) for k in range(count)] if outputs is None else [str(name) for name in outputs]
    if len(names) != count or len(set(names)) != count:
        raise ValueError(f"outputs={names}: give {count} different names, one an output")
    return tuple(names)


def _variances(network, function, z_tilde, moving, draws, random):
    """Variance over draws of each output, [n, O], and the squared error of their sum, [n]."""
    at_once = max(1, ROWS // draws)
    variances, errors = [], []
    for start in range(0, len(z_tilde), at_once):
        rows = np.repeat(z_tilde[start : start + at_once], draws, axis=0)
        rows = algebra.erase(network.layout, rows, moving, "sample", random)
        values = [
            outputs_at(network, function, rows[first : first + ROWS])
            for first in range(0, len(rows), ROWS)
        ]
        values = np.concatenate(values).reshape(-1, draws, values[0].shape[1])
        deviations = np.square(values - values.mean(axis=1, keepdims=True)) * draws / (draws - 1)
        variances.append(deviations.mean(axis=1))
        errors.append(deviations.sum(axis=2).var(axis=1, ddof=1) / draws)
    return np.concatenate(variances), np.concatenate(errors)


def _estimate(variances, errors, seed, resamples, level):
    """Responses and intervals from variances [n, K+1, O] and their squared errors [n, K+1]."""
    examples, blocks, outputs = variances.shape
    # A last column for the sum over outputs.
    table = np.concatenate([variances, variances.sum(axis=2, keepdims=True)], axis=2)
    flat = table.reshape(examples, -1)
    random = np.random.default_rng(seed)
    means = [bootstrap_weights(examples, 1, random)[0] @ flat / examples for _ in range(resamples)]
    ends = np.sqrt(np.quantile(means, [(1 - level) / 2, (1 + level) / 2], axis=0))
    intervals = np.moveaxis(ends.reshape(2, blocks, outputs + 1), 0, -1)
    values = _root_mean(table)
    total = values[:, -1]
    # The error of a mean of n variances, and by the derivative that of its root.
    error = np.sqrt(errors.sum(axis=0)) / examples / np.where(total > 0, 2 * total, 1)
    return {
        "response": total,
        "interval": intervals[:, -1],
        "by_output": values[:, :-1],
        "by_output_interval": intervals[:, :-1],
        "monte_carlo_error": error,
    }


def _root_mean(variances):
    return np.sqrt(variances.mean(axis=0))
