"""Who is in which split: as a table or a folder says, or drawn by source."""

import numpy as np

from iin_tf.checks import InputError, choice, fraction
from iin_tf.data.stateless import Stream, generator

SPLITS = ("train", "test")


def in_split(
    split: str, parts: np.ndarray | None, source: np.ndarray, test: float, seed: int
) -> np.ndarray:
    """Which examples belong to a split: int, their rows.

    Args:
      split: "train" or "test".
      parts: text [n], "train", "test" or nothing for each example; None to draw.
      source: [n], the originals; where parts are drawn, none is on both sides.
      test: fraction of the sources that the test split gets, where it is drawn.
      seed: of that choice.

    Raises:
      InputError: another split, or one without examples.
    """
    choice(split, "split", SPLITS)
    rows = _drawn(source, split, test, seed) if parts is None else _listed(parts, split)
    if not rows.any():
        raise InputError(f"no example is in split {split!r}; mend the column 'split'")
    return np.flatnonzero(rows)


def _listed(parts, split):
    wrong = sorted(set(parts.tolist()) - {*SPLITS, "", -1})
    if wrong:
        raise InputError(f"column 'split' holds {wrong[:3]}; give {list(SPLITS)}, or nothing")
    return parts == split


def _drawn(source, split, test, seed):
    """Which examples belong to a split that is drawn by source, bool [n]."""
    originals = np.unique(source)
    count = round(fraction(test, "test") * len(originals))
    if not 0 < count < len(originals):
        raise InputError(
            f"test is {test}, which is {count} of {len(originals)} sources; give another fraction"
        )
    chosen = generator(seed, 0, Stream.SPLITS).permutation(len(originals))[:count]
    held_out = np.isin(source, originals[chosen])
    return held_out if split == "test" else ~held_out
