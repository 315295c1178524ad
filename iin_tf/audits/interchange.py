"""Exchanged blocks, decoded and read by judges that never saw a latent."""

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from iin_tf import checks
from iin_tf.audits.inputs import (
    Label,
    check_callable,
    check_network,
    known_together,
    latent_rows,
    read_labels,
    source_codes,
)
from iin_tf.audits.judging import TOGETHER, agreement, read_by
from iin_tf.audits.real_rows import RealRows, left_results
from iin_tf.checks import InputError
from iin_tf.results import Result, Results
from iin_tf.statistics import TwoWay, interval, means, resampled

if TYPE_CHECKING:
    from iin_tf.models.interpretation_network import InterpretationNetwork

_RESAMPLES = 1000
# Whom the reading is compared with -> the kind of result, of classes and of numbers.
_SWAPS = {
    "donor": ("swap/{block}/{factor}/donor", "swap/{block}/{factor}/donor_error"),
    "recipient": ("swap/{block}/{factor}/recipient", "swap/{block}/{factor}/recipient_error"),
}


def differing_pairs(
    labels: list[Label], source: np.ndarray, donors: int, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Ordered pairs of examples that differ in their source and in every label that both have.

    Args:
      labels: of the examples, as `read_labels` gives them.
      source: int [n], the original behind each example.
      donors: number of donors drawn for each example, without replacement.
      seed: whole number.

    Returns:
      Two int arrays [n * donors]: recipients and donors.

    Raises:
      InputError: an example has fewer possible donors than asked for.
    """
    random = np.random.default_rng(seed)
    recipients, chosen = [], []
    for example in range(len(source)):
        differs = source != source[example]
        for label in labels:
            equal = label.values == label.values[example]
            equal = equal.reshape(len(source), -1).all(axis=1)
            differs &= ~(equal & label.known)
        candidates = np.flatnonzero(differs)
        if len(candidates) < donors:
            raise InputError(
                f"example {example} has {len(candidates)} possible donors of other labels, fewer "
                f"than the {donors} asked for: give more held-out examples or fewer donors"
            )
        recipients.append(np.full(donors, example))
        chosen.append(random.choice(candidates, donors, replace=False))
    return np.concatenate(recipients), np.concatenate(chosen)


def swap_metrics(
    network: "InterpretationNetwork",
    decode: Callable[[np.ndarray], Any],
    judges: Mapping[str, Any],
    z: ArrayLike,
    labels: Mapping[str, ArrayLike],
    source: ArrayLike | None,
    donors: int = 20,
    seed: int = 0,
) -> Results:
    """How each exchanged block X changes what each factor Y is read as.

    Every example of `z` receives block X from `donors` others that differ in all labels.
    The edited latents are decoded, and judges read Y from the images.  Examples whose Y is
    unknown are left out for Y, as recipients and as donors.

    Args:
      network: InterpretationNetwork, or whatever has its `layout` and `swap`; with `log_prob`,
        edits that leave the data are counted.
      decode: function, latents [B, N] -> what judges read, such as images; the identity where
        they read latents.
      judges: mapping factor Y -> object with `read(images)`: labels [B] for a
        categorical factor, floats [B, c] for a continuous one.
      z: float [n, N], held-out representations (posterior means).
      labels: mapping Y -> [n] or float [n, c], the true labels.
      source: whole numbers or texts [n], the original of each example; None where every
        example is an original.
      donors: drawn for each example, without replacement.
      seed: whole number.

    Returns:
      `Results`: `swap/X/Y/donor` and `/recipient` (fractions) for categorical Y,
      `/donor_error` and `/recipient_error` (mean absolute difference per channel) for
      continuous Y, each with a 95 % interval bootstrapped over the originals of both members;
      and `swap/X/unlikely` and `/far`, the fractions of edits that are less likely than 99 % of
      the rows `z`, and that change more than 99 % of pairs of these differ.

    Warns:
      UserWarning: more than a twentieth of the edits of a block leave the data.

    Raises:
      InputError: a judge without labels, latents that are not finite rows of N columns, lengths
        that differ, too few donors, or a reading that does not fit its labels.
    """
    check_network(network, "swap")
    check_callable(decode, "decode")
    checks.whole(seed, "seed", 0)
    z = latent_rows(network, z, least=2)
    checks.whole(donors, "donors", 1, len(z))
    labels = read_labels(labels, len(z))
    source = source_codes(source, len(z))
    groups = [
        (together, *_pairs(rows, labels, source, donors, seed))
        for rows, together in known_together(read_by(judges, labels))
    ]
    real = RealRows(network, z, source, seed) if hasattr(network, "log_prob") else None
    found, left = {}, []
    for block in network.layout.names:
        gone = []
        for together, recipient, donor in groups:
            scores = []
            for start in range(0, len(recipient), TOGETHER):
                some, others = (rows[start : start + TOGETHER] for rows in (recipient, donor))
                edited = np.asarray(network.swap(z[some], z[others], [block]))
                if real is not None:
                    gone.append(real.left_by(edited, z[some]))
                scores.append(_scores(judges, decode(edited), together, some, others))
            plan = TwoWay(source[recipient], source[donor], _RESAMPLES, seed)
            for name, *numbers in _means(together, np.concatenate(scores), plan):
                found[block, *name] = numbers
        left += left_results(block, gone)
    continuous = {label.name: label.continuous for label in labels}
    swaps = [
        Result(_SWAPS[role][continuous[factor]], {"block": block, "factor": factor}, *numbers)
        for (block, factor, role), numbers in found.items()
    ]
    return Results([*swaps, *left])


def _scores(
    judges: Mapping[str, Any],
    images: Any,
    labels: list[Label],
    recipient: np.ndarray,
    donor: np.ndarray,
) -> np.ndarray:
    """Scores [B, factors x roles] of edits: each factor compared with the donor and recipient."""
    scores = []
    for label in labels:
        reading = judges[label.name].read(images)
        scores += [agreement(reading, label, donor), agreement(reading, label, recipient)]
    return np.stack(scores, axis=1)


def _means(labels: list[Label], scores: np.ndarray, plan: TwoWay) -> Iterator[tuple]:
    """(factor, role), mean score and interval, for each column of `scores`."""
    drawn = resampled(means(scores), plan)
    low, high = interval(drawn[0], drawn[1:], "percentile")
    names = [(label.name, role) for label in labels for role in ("donor", "recipient")]
    for k, name in enumerate(names):
        yield name, drawn[0, k], (low[k], high[k])


def _pairs(
    rows: np.ndarray, labels: list[Label], source: np.ndarray, donors: int, seed: int
) -> tuple:
    """`differing_pairs` among these rows, as rows of all."""
    some = [label.at(rows) for label in labels]
    return tuple(rows[part] for part in differing_pairs(some, source[rows], donors, seed))
