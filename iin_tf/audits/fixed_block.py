"""Unfairness of a decision before and after one block is the same for everybody."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from iin_tf import algebra, checks
from iin_tf.audits.fixed_block_result import FixedBlock
from iin_tf.audits.inputs import (
    Label,
    check_block,
    check_callable,
    check_network,
    check_resampling,
    latent_rows,
    read_classes,
    source_codes,
)
from iin_tf.audits.outputs import chunks, transformed
from iin_tf.checks import InputError
from iin_tf.measures.total_variation import FAIRNESS, unfairness_of_counts
from iin_tf.statistics import Bootstrap, Permutations, interval, resampled

if TYPE_CHECKING:
    from iin_tf.models.interpretation_network import InterpretationNetwork

_MEASURES = ("unfairness_mean", "unfairness_maximum")


def unfairness_of_fixing(
    network: "InterpretationNetwork",
    z: ArrayLike,
    decision: Callable[[np.ndarray], ArrayLike],
    sensitive: ArrayLike,
    block: str,
    donor: ArrayLike | None = None,
    truth: ArrayLike | None = None,
    seed: int = 0,
    *,
    source: ArrayLike | None = None,
    resamples: int = 1000,
    level: float = 0.95,
) -> FixedBlock:
    """Unfairness of a decision towards a sensitive label, before and after a block is fixed.

    Unfairness is the total variation between the decisions in each group and everybody's
    (`unfairness_of_counts`).  Afterwards every example has the same block: the mean of its
    distribution, 0, or the donor's.

    Intervals resample the sources of the examples, before and after together, centred as the
    plug-in estimate is biased upwards; the chance values say by how much.

    Args:
      network: InterpretationNetwork.
      z: float [n, N], held-out examples.
      decision: latents (array [B, N]) -> whole numbers or bools [B], the predicted class.
      sensitive: whole numbers, bools or texts [n], the sensitive label; examples of which it is
        unknown (-1 or "") are left out.
      block: name of the block to fix.
      donor: float [N], a latent that gives its block to all; None for the block's mean.
      truth: whole numbers or bools [n], what the decision should be, for its accuracy where it is
        known; None for none.
      seed: whole number.
      source: whole numbers or texts [n], the original behind each example; None where every
        example is an original.
      resamples: bootstrap draws, and permutations behind the chance values.
      level: coverage of the intervals.

    Returns:
      `FixedBlock`.

    Raises:
      InputError: lengths that differ, an unknown block, one sensitive value only or with one
        example, rows of the wrong width or not finite, a decision that is no class.

    Source: Locatello et al. (2019, fairness), section 3, for unfairness.
    """
    check_resampling(seed, resamples, level)
    check_network(network, "transform", "invert")
    check_callable(decision, "decision")
    check_block(network, block)
    z = latent_rows(network, z)
    sensitive = read_classes(sensitive, len(z), "sensitive")
    kept, groups = np.flatnonzero(sensitive.known), _groups(sensitive)
    truth = None if truth is None else _truth(truth, len(z), kept)
    source = source_codes(source, len(z))[kept]
    donor = None if donor is None else latent_rows(network, _one_row(donor), "donor")
    decided = _decided(network, z[kept], decision, block, donor)
    random = np.random.default_rng(seed)
    score, names = _score(groups, decided, truth)
    found = resampled(score, Bootstrap(len(kept), resamples, random, source))
    permutations = Permutations(len(kept), resamples, random, source)
    chance = _chance(groups, decided, permutations)
    return FixedBlock(
        block=block,
        before=_summary(found[:, 0], names, level, (0, 1)),
        after=_summary(found[:, 1], names, level, (0, 1)),
        change=_summary(found[:, 1] - found[:, 0], names, level, (-1, 1)),
        chance_before=dict(zip(_MEASURES, chance[0], strict=True)),
        chance_after=dict(zip(_MEASURES, chance[1], strict=True)),
        changed=float(np.mean(decided[0] != decided[1])),
        protocol={
            "value": "mean" if donor is None else "donor",
            "examples": len(kept),
            "unknown": len(z) - len(kept),
            "seed": seed,
            "resamples": resamples,
            "level": level,
            "resampled": "sources of the examples",
            "interval": "centred",
            "source": FAIRNESS,
        },
    )


def _groups(sensitive: Label) -> np.ndarray:
    """The group of each example whose sensitive label is known, whole numbers from 0."""
    groups = sensitive.values[sensitive.known]
    sizes = np.bincount(groups)
    names = sensitive.given[sensitive.known][np.unique(groups, return_index=True)[1]]
    if len(sizes) == 1:
        raise InputError(f"sensitive has the one value {names[0]}; give labels that differ")
    if sizes.min() == 1:
        raise InputError(
            f"sensitive has one example only of value {names[sizes.argmin()]}; leave that one out"
        )
    return groups


def _truth(truth: ArrayLike, rows: int, kept: np.ndarray) -> tuple:
    """The right decision of each kept example, int64, and 1.0 where it is known, 0.0 elsewhere."""
    label = read_classes(truth, rows, "truth", kinds="iub")
    known = label.known[kept]
    # So many are never all left out by a bootstrap draw.
    if known.sum() < min(20, len(kept)):
        raise InputError(f"truth is known for {known.sum()} examples; give at least 20, or None")
    return label.given[kept].astype(np.int64), known.astype(np.float64)


def _one_row(donor: ArrayLike) -> np.ndarray:
    donor = checks.real_array(donor, "donor")
    if donor.ndim != 1:
        raise InputError(f"donor has shape {donor.shape}; give one latent, [N]")
    return donor[None]


def _decided(
    network: "InterpretationNetwork",
    z: np.ndarray,
    decision: Callable,
    block: str,
    donor: np.ndarray | None,
) -> np.ndarray:
    """Decisions before and after the block is fixed, whole numbers [2, n]."""
    z_tilde = transformed(network, z)
    if donor is None:
        fixed = algebra.erase(network.layout, z_tilde, block, by="mean")
    else:
        fixed = algebra.exchange(network.layout, z_tilde, transformed(network, donor), block)
    return np.stack([_decisions(network, decision, rows) for rows in (z_tilde, fixed)])


def _decisions(
    network: "InterpretationNetwork", decision: Callable, z_tilde: np.ndarray
) -> np.ndarray:
    parts = []
    for rows in chunks(z_tilde):
        values = np.asarray(decision(np.asarray(network.invert(rows))))
        if values.shape != (len(rows),) or values.dtype.kind not in "iub":
            raise InputError(
                f"decision returned shape {values.shape} and dtype {values.dtype} for {len(rows)} "
                "latents; give one class a latent, whole numbers or bools [B]"
            )
        parts.append(values.astype(np.int64))
    return np.concatenate(parts)


def _cells(groups: np.ndarray, decided: np.ndarray) -> tuple[np.ndarray, int, int]:
    """The cell of each example in the table of groups x decisions, [2, n], and its sizes."""
    classes, numbers = np.unique(decided, return_inverse=True)
    cells = groups * len(classes) + numbers.reshape(decided.shape)
    return cells, groups.max() + 1, len(classes)


def _score(groups: np.ndarray, decided: np.ndarray, truth: tuple | None) -> tuple:
    """A function of weights [R, n] to measures before and after, [R, 2, M], and their names."""
    cells, *sizes = _cells(groups, decided)
    tables = [np.eye(int(np.prod(sizes)))[one] for one in cells]

    def score(weights: np.ndarray) -> np.ndarray:
        counts = [(weights @ table).reshape(len(weights), *sizes) for table in tables]
        found = np.stack([np.stack(unfairness_of_counts(one), axis=-1) for one in counts], axis=1)
        if truth is None:
            return found
        right, known = truth
        correct = (decided == right) * known
        accuracy = (weights @ correct.T) / (weights @ known)[:, None]
        return np.concatenate([found, accuracy[..., None]], axis=-1)

    return score, _MEASURES if truth is None else (*_MEASURES, "accuracy")


def _summary(drawn: np.ndarray, names: tuple, level: float, bounds: tuple) -> dict:
    low, high = interval(drawn[0], drawn[1:], "centred", level, bounds)
    return {
        name: (float(drawn[0, m]), float(low[m]), float(high[m])) for m, name in enumerate(names)
    }


def _chance(groups: np.ndarray, decided: np.ndarray, permutations: Permutations) -> list:
    """Mean of both measures before and after, over permuted groups: [2][2] floats."""
    cells, *sizes = _cells(np.zeros_like(groups), decided)
    classes = sizes[1]
    total = np.zeros((2, 2))
    for order in permutations.draws():
        moved = groups[order] * classes + cells
        counts = np.stack(
            [np.bincount(one, minlength=(groups.max() + 1) * classes) for one in moved]
        )
        total += np.stack(unfairness_of_counts(counts.reshape(2, -1, classes)), axis=-1)
    return (total / permutations.resamples).tolist()
