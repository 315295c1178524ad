"""One sampler of all pairs that a table of labels makes."""

from collections.abc import Collection, Mapping
from typing import Any

import numpy as np

from iin_tf import checks
from iin_tf.checks import InputError
from iin_tf.data.pairs.by_label import PairSampler
from iin_tf.data.pairs.continuous import ContinuousPairs
from iin_tf.data.pairs.label_kernel import SquaredExponential
from iin_tf.data.pairs.mixed import MixedPairs


def pairs_of_labels(
    labels: Mapping[str, np.ndarray],
    continuous: Collection[str],
    correlation: float,
    source: Any = None,
    seed: int = 0,
) -> PairSampler | ContinuousPairs | MixedPairs:
    """Pairs that share one factor each: equal classes, and near values.

    Args:
      labels: mapping factor -> [n, ...], in the order of the blocks.
      continuous: names of the factors whose labels are values; half of a factor's spread is its
        length scale, so that a block need be no wider than its label.
      correlation: of the block of a class that two members share.
      source: [n], the original of each row, or None.
      seed: pairs are a pure function of (seed, step).

    Raises:
      InputError: a factor of which no pair can be drawn.
    """
    factors = tuple(labels)
    classes = [name for name in factors if name not in continuous]
    values = [name for name in factors if name in continuous]
    parts: dict[str, PairSampler | ContinuousPairs] = {}
    if classes:
        parts["classes"] = PairSampler(labels, factors, shares=classes, source=source, seed=seed)
    if values:
        kernels = {name: SquaredExponential(_length_scale(name, labels[name])) for name in values}
        parts["values"] = ContinuousPairs(
            labels, factors, kernels=kernels, source=source, seed=seed
        )
    if len(parts) == 1:
        return next(iter(parts.values()))
    return MixedPairs(
        parts,
        factors,
        correlation=dict.fromkeys(classes, correlation),
        weights={"classes": len(classes), "values": len(values)},
        seed=seed,
    )


def _length_scale(name, values):
    if values.dtype.kind not in "iuf":
        raise InputError(f"continuous names {name!r}, whose labels are no numbers; leave it out")
    known = values[~checks.is_missing(values)]
    spread = known.std() if len(known) else 0.0
    if not spread > 0:
        raise InputError(f"factor {name!r} is continuous and has a single value; leave it out")
    return float(spread / 2)
