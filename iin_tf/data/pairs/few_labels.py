"""Labels of few originals: all others become unknown."""

from collections.abc import Mapping, Sequence

import numpy as np

from iin_tf.checks import InputError, whole
from iin_tf.data.labels import check_factors, check_labels, check_source, group_codes
from iin_tf.data.stateless import check_seed

_MISSING = {"i": -1, "f": np.nan, "U": ""}


def few_labels(
    labels: Mapping[str, object],
    by: str,
    *,
    originals: int,
    source: object = None,
    factors: Sequence[str] | None = None,
    seed: int = 0,
) -> dict[str, np.ndarray]:
    """`labels` as if only a few originals of each class had been labelled.

    The originals that keep their labels are drawn at random; those of a smaller number are among
    those of a greater one with the same seed.  All views of one original keep or lose labels
    together.

    Args:
      labels: mapping name -> [n, ...], as `PairSampler` takes them.
      by: the factor whose classes are labelled equally often.
      originals: labelled ones (distinct sources) of each class.
      source: whole numbers or texts [n], the original that an example is a view of; by default
        its own.
      factors: names whose labels the other originals lose; by default all.
      seed: of the choice.

    Returns:
      dict name -> array as in `labels`, with a negative whole number, NaN or "" where a label is
      lost, as `PairSampler` reads them.

    Raises:
      InputError: unknown names, an original in two classes, and a class of fewer originals.
    """
    labels, examples = check_labels(labels)
    source = check_source(source, examples)
    check_factors((by,), labels, "by")
    factors = tuple(labels) if factors is None else check_factors(factors, labels)
    originals, seed = whole(originals, "originals", least=1), check_seed(seed)
    kept = np.isin(source, _chosen(labels[by], source, by, originals, seed))
    return {
        name: _without(values, ~kept, name) if name in factors else values
        for name, values in labels.items()
    }


def _chosen(values, source, by, originals, seed):
    """Sources that keep their labels."""
    codes, classes = group_codes(values)
    members = np.unique(np.stack([codes, source], axis=1)[codes >= 0], axis=0)
    if len(np.unique(members[:, 1])) < len(members):
        raise InputError(
            f"by is {by!r}, but views of one original differ in it; give another factor"
        )
    chosen = []
    for code, label in enumerate(classes):
        order = np.random.default_rng([seed, code]).permutation(members[members[:, 0] == code, 1])
        if originals > len(order):
            raise InputError(
                f"originals is {originals}, but {by!r} {label} has {len(order)}; give from 1 to "
                "that many"
            )
        chosen.append(order[:originals])
    return np.concatenate(chosen)


def _without(values, lost, name):
    if values.dtype.kind not in _MISSING:
        raise InputError(
            f"labels[{name!r}] is {values.dtype}, which cannot say unknown; give signed whole "
            "numbers, floats or texts"
        )
    values = values.copy()
    values[lost] = _MISSING[values.dtype.kind]
    return values
