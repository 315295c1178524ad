"""Blocks for representations whose dimensions belong to no factor."""

import numpy as np
import scipy.optimize

from iin_tf.algebra import block_of_columns
from iin_tf.audits.labelled_blocks import categories
from iin_tf.measures import Protocol, disentanglement
from iin_tf.measures.information import share_of


def assign_blocks(codes, labels, layout):
    """Gives dimensions that belong to no factor to the blocks of a layout.

    Every block gets as many dimensions as in the layout, so that representations compare.  Of all
    such assignments it is the one in which factors' dimensions tell most of them: the sum of
    their shares I(dimension; factor) / H(factor) is greatest; the residual gets the rest.

    Args:
      codes: [n, N], of training examples: chosen on test examples, it would flatter.
      labels: mapping factor -> int [n], or float [n] or [n, c].
      layout: FactorLayout with these factors.

    Returns:
      Mapping block -> column indices.
    """
    columns = categories({name: labels[name] for name in layout.factor_names})
    found = disentanglement(codes, measures="mig", protocol=Protocol(resamples=20), **columns)
    parts = found["mig"].parts
    shares = share_of(parts["information"], parts["factor_entropy"])
    worth = np.hstack([np.zeros((layout.latent_size, 1)), shares])
    block = block_of_columns(layout)
    dimensions, places = scipy.optimize.linear_sum_assignment(worth[:, block], maximize=True)
    return {
        name: np.sort(dimensions[block[places] == place]) for place, name in enumerate(layout.names)
    }
