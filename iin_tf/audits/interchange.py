"""Exchanged blocks, decoded and read by judges that never saw a latent."""

import numpy as np

from iin_tf.results import Result, Results
from iin_tf.statistics.bootstrap import two_way_interval

# Whom the reading is compared with -> the kind of result, of classes and of numbers.
_SWAPS = {
    "donor": ("swap/{block}/{factor}/donor", "swap/{block}/{factor}/donor_error"),
    "recipient": ("swap/{block}/{factor}/recipient", "swap/{block}/{factor}/recipient_error"),
}
_JUDGES = {
    "original": ("judge/{factor}/original", "judge/{factor}/original_error"),
    "reconstruction": ("judge/{factor}/reconstruction", "judge/{factor}/reconstruction_error"),
}


def differing_pairs(labels, source, donors, seed):
    """Ordered pairs of examples that differ in every label and in their source.

    Args:
      labels: mapping factor -> [n] or [n, c].
      source: int [n], the original image of each example.
      donors: number of donors drawn for each example, without replacement.
      seed: int.

    Returns:
      Two int arrays [n * donors]: recipients and donors.

    Raises:
      ValueError: an example has fewer possible donors than asked for.
    """
    random = np.random.default_rng(seed)
    recipients, chosen = [], []
    for example in range(len(source)):
        differs = source != source[example]
        for values in labels.values():
            differs &= np.any(_columns(values) != _columns(values)[example], axis=1)
        candidates = np.flatnonzero(differs)
        if len(candidates) < donors:
            raise ValueError(
                f"example {example} has {len(candidates)} possible donors of other labels, fewer "
                f"than the {donors} asked for: give more held-out examples or fewer donors"
            )
        recipients.append(np.full(donors, example))
        chosen.append(random.choice(candidates, donors, replace=False))
    return np.concatenate(recipients), np.concatenate(chosen)


def swap_metrics(network, decode, judges, z, labels, source, donors=20, seed=0):
    """How each exchanged block X changes what each factor Y is read as.

    Every example of `z` receives block X from `donors` others that differ in all labels.
    The edited latents are decoded, and judges read Y from the images.

    Args:
      network: InterpretationNetwork.
      decode: function, latents [B, N] -> images.
      judges: mapping factor Y -> object with `read(images)`: labels [B] for a
        categorical factor, floats [B, c] for a continuous one.
      z: float [n, N], held-out representations (posterior means).
      labels: mapping Y -> [n] or float [n, c], the true labels.
      source: int [n], the original image of each example.

    Returns:
      `Results`: `swap/X/Y/donor` and `/recipient` (fractions) for categorical Y,
      `/donor_error` and `/recipient_error` (mean absolute difference per channel) for
      continuous Y, each with a 95 % interval bootstrapped over the original images.
    """
    recipient, donor = differing_pairs(labels, source, donors, seed)
    found = []
    for block in network.layout.names:
        images = decode(network.swap(z[recipient], z[donor], [block]).numpy())
        for factor, judge in judges.items():
            reading = judge.read(images)
            for role, rows in (("donor", donor), ("recipient", recipient)):
                is_number, scores = _agreement(reading, labels[factor][rows])
                value, *ends = two_way_interval(scores, source[recipient], source[donor], seed)
                fields = {"block": block, "factor": factor}
                found.append(Result(_SWAPS[role][is_number], fields, value, ends))
    return Results(found)


def judge_metrics(judges, images, reconstructions, labels):
    """How well the judges read untouched originals and untouched reconstructions.

    Returns:
      `Results`: `judge/Y/original` and `judge/Y/reconstruction` (accuracy), with the
      suffix `_error` for continuous Y.
    """
    found = []
    for factor, judge in judges.items():
        for kind, pictures in (("original", images), ("reconstruction", reconstructions)):
            is_number, scores = _agreement(judge.read(pictures), labels[factor])
            found.append(Result(_JUDGES[kind][is_number], {"factor": factor}, scores.mean()))
    return Results(found)


def _agreement(reading, truth):
    """Whether the factor is a number, and one score per example."""
    if np.issubdtype(truth.dtype, np.floating):
        return True, np.abs(_columns(reading) - _columns(truth)).mean(axis=1)
    return False, (np.asarray(reading) == truth).astype(float)


def _columns(values):
    return np.asarray(values).reshape(len(values), -1)
