"""What judges read of pictures, and how far it agrees with what is true."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from iin_tf import checks
from iin_tf.audits.inputs import Label, check_mapping, read_labels
from iin_tf.checks import InputError
from iin_tf.data import LazyRows
from iin_tf.results import Result, Results

# What is decoded and read at once; a multiple of what judges read at once.
TOGETHER = 1024
_JUDGES = {
    "original": ("judge/{factor}/original", "judge/{factor}/original_error"),
    "reconstruction": ("judge/{factor}/reconstruction", "judge/{factor}/reconstruction_error"),
}


def judge_metrics(
    judges: Mapping[str, Any],
    images: Any,
    reconstructions: Any,
    labels: Mapping[str, ArrayLike],
) -> Results:
    """How well the judges read untouched originals and untouched reconstructions.

    Args:
      judges: as in `swap_metrics`.
      images: [n, ...], what the first stage encoded; an array, or `LazyRows`, read in parts.
      reconstructions: [n, ...], what it decodes them to, likewise.
      labels: mapping factor -> [n] or float [n, c]; unknown ones are left out.

    Returns:
      `Results`: `judge/Y/original` and `judge/Y/reconstruction` (accuracy), with the
      suffix `_error` for continuous Y.

    Raises:
      InputError: a judge without labels, lengths that differ, or a reading that does not fit.
    """
    seen = {"original": images, "reconstruction": reconstructions}
    seen = {
        kind: pictures
        if isinstance(pictures, LazyRows)
        else checks.real_array(pictures, f"{kind}s")
        for kind, pictures in seen.items()
    }
    shapes = [pictures.shape[:1] for pictures in seen.values()]
    if shapes[0] in ((), (0,)) or shapes[0] != shapes[1]:
        raise InputError(f"images are {shapes[0]} and reconstructions {shapes[1]}; give [n, ...]")
    read = read_by(judges, read_labels(labels, *shapes[0]))
    scores = {kind: _judged(judges, pictures, read) for kind, pictures in seen.items()}
    found = []
    for place, label in enumerate(read):
        for kind in seen:
            value = scores[kind][place, label.known].mean()
            found.append(Result(_JUDGES[kind][label.continuous], {"factor": label.name}, value))
    return Results(found)


def _judged(judges: Mapping[str, Any], pictures: Any, labels: list[Label]) -> np.ndarray:
    """Scores [factors, n] of what judges read in pictures, some of them at a time."""
    scores = []
    for start in range(0, len(pictures), TOGETHER):
        some = pictures[start : start + TOGETHER]
        rows = np.arange(start, start + len(some))
        scores.append([agreement(judges[one.name].read(some), one, rows) for one in labels])
    return np.concatenate(scores, axis=1)


def read_by(judges: Mapping[str, Any], labels: list[Label]) -> list[Label]:
    """The labels that judges read, in the order of the judges."""
    by_name = {label.name: label for label in labels}
    for factor, judge in check_mapping(judges, "judges", "from a factor to its judge").items():
        if factor not in by_name:
            raise InputError(f"judges has {factor!r}, but labels has {[*by_name]}; give its labels")
        if not callable(getattr(judge, "read", None)):
            raise InputError(f"judges[{factor!r}] is {checks.shown(judge)}; give one with read()")
    return [by_name[factor] for factor in judges]


def agreement(reading: ArrayLike, label: Label, rows: np.ndarray) -> np.ndarray:
    """One score for each reading, [B]: equality, or mean absolute difference per channel."""
    reading, truth = np.asarray(reading), label.given[rows]
    if label.continuous:
        reading, truth = reading.reshape(len(reading), -1), truth.reshape(len(rows), -1)
    if reading.shape != truth.shape or (reading.dtype.kind in "US") != (truth.dtype.kind in "US"):
        raise InputError(
            f"the judge of {label.name!r} read shape {reading.shape} and dtype {reading.dtype}, "
            f"but its labels are {truth.shape} and {truth.dtype}; let it read what labels hold"
        )
    if label.continuous:
        return np.abs(reading - truth).mean(axis=1)
    return (reading == truth).astype(np.float64)
