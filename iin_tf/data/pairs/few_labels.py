"""Labels of few images: all others become unknown."""

import numpy as np

from iin_tf.data.labels import check_labels, check_source, group_codes

_MISSING = {"i": -1, "f": np.nan, "U": ""}


def few_labels(labels, by, images, source=None, seed=0, factors=None):
    """`labels` as if only a few images of each class had been labelled.

    The images that keep their labels are drawn at random; those of a smaller number are among
    those of a greater one with the same seed.  All views of one image keep or lose labels
    together.

    Args:
        labels: mapping name -> [n, ...], as `PairSampler` takes them.
        by: the factor whose classes are labelled equally often.
        images: labelled images (distinct sources) of each class.
        source: int [n], the image that an example is a view of; by default its own.
        seed: of the choice.
        factors: names whose labels the other images lose; by default all.
    Returns: dict name -> array as in `labels`, with a negative integer, NaN or "" where a label is
        lost, as `PairSampler` reads them.
    Errors: ValueError for unknown names, an image in two classes, and a class of fewer images.
    """
    labels, examples = check_labels(labels)
    source = check_source(source, examples)
    factors = tuple(labels) if factors is None else tuple(factors)
    for argument, names in (("by", (by,)), ("factors", factors)):
        unknown = [name for name in names if name not in labels]
        if unknown:
            raise ValueError(f"{argument} names {unknown}, but labels are {sorted(labels)}")
    kept = np.isin(source, _chosen(labels[by], source, by, images, seed))
    return {
        name: _without(values, ~kept, name) if name in factors else values
        for name, values in labels.items()
    }


def _chosen(values, source, by, images, seed):
    """Sources that keep their labels."""
    codes, classes = group_codes(values)
    members = np.unique(np.stack([codes, source], axis=1)[codes >= 0], axis=0)
    if len(np.unique(members[:, 1])) < len(members):
        raise ValueError(f"by is {by!r}, but views of one image differ in it; give another factor")
    chosen = []
    for code, label in enumerate(classes):
        order = np.random.default_rng([seed, code]).permutation(members[members[:, 0] == code, 1])
        if not 1 <= images <= len(order):
            raise ValueError(
                f"images is {images}, but {by!r} {label} has {len(order)}; give from 1 to that many"
            )
        chosen.append(order[:images])
    return np.concatenate(chosen)


def _without(values, lost, name):
    if values.dtype.kind not in _MISSING:
        raise ValueError(
            f"labels[{name!r}] is {values.dtype}, which cannot say unknown; give signed integers, "
            "floats or strings"
        )
    values = values.copy()
    values[lost] = _MISSING[values.dtype.kind]
    return values
