"""Pairs of examples that share a factor, and pairs that do not."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from iin_tf.audits.inputs import Label, latent_rows, read_labels, source_codes
from iin_tf.checks import InputError, whole


def check_verified(
    network: Any,
    z: ArrayLike,
    labels: Mapping[str, ArrayLike],
    source: ArrayLike | None,
    pairs: int,
) -> tuple[np.ndarray, list[Label], np.ndarray]:
    """z, the labels and the sources of what is to be verified, checked.

    Args:
      network: with `layout` and `transform`.
      z: as in `verification_errors`.
      labels: likewise.
      source: likewise.
      pairs: likewise.

    Raises:
      InputError: as in `verification_errors`.
    """
    z = latent_rows(network, z)
    known = read_labels(labels, len(z))
    whole(pairs, "pairs", 1)
    for label in known:
        network.layout.index(label.name)
        if label.continuous:
            raise InputError(
                f"labels[{label.name!r}] holds floats; give classes, of which two examples share "
                "one or do not"
            )
    return z, known, source_codes(source, len(z))


def drawn_pairs(
    label: Label, source: np.ndarray, count: int, random: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """`count` pairs of two sources that share the label, and as many that do not.

    Args:
      label: `Label`; pairs are of its known rows.
      source: int [n].
      count: pairs of each kind.
      random: NumPy generator.

    Returns:
      First and second rows int [2 count], and which pairs share the label, bool [2 count].

    Raises:
      InputError: hardly two examples of different sources share, or differ in, the label.
    """
    rows = np.flatnonzero(label.known)
    firsts, seconds = [], []
    for share in (True, False):
        first, second = np.empty(0, int), np.empty(0, int)
        # A few times what is wanted: pairs of one source are left out.
        for _ in range(100 if len(rows) else 0):
            a = random.choice(rows, 2 * count)
            b = _partners(label.values, rows, a, random) if share else random.choice(rows, len(a))
            equal = label.values[a] == label.values[b]
            kept = (source[a] != source[b]) & (equal == share)
            first, second = np.append(first, a[kept]), np.append(second, b[kept])
            if len(first) >= count:
                break
        if len(first) < count:
            what = "share" if share else "differ in"
            raise InputError(
                f"labels[{label.name!r}]: hardly two examples of different sources {what} it; "
                "give more examples, or leave the factor out"
            )
        firsts.append(first[:count])
        seconds.append(second[:count])
    return np.concatenate(firsts), np.concatenate(seconds), np.repeat([True, False], count)


def _partners(values, rows, first, random):
    """For each of `first` a random row with its label, perhaps itself."""
    order = rows[np.argsort(values[rows], kind="stable")]
    sorted_values = values[order]
    start = np.searchsorted(sorted_values, values[first], side="left")
    stop = np.searchsorted(sorted_values, values[first], side="right")
    return order[random.integers(start, stop)]
