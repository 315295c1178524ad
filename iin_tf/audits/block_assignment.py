"""Blocks for representations whose dimensions belong to no factor."""

from collections.abc import Mapping

import numpy as np
import scipy.optimize
from numpy.typing import ArrayLike

from iin_tf import checks
from iin_tf.algebra import block_of_columns
from iin_tf.audits.inputs import check_mapping, code_rows
from iin_tf.audits.labelled_blocks import categories, label_columns
from iin_tf.checks import InputError
from iin_tf.factors import FactorLayout
from iin_tf.measures import Protocol, disentanglement
from iin_tf.measures.information import share_of


def assign_blocks(
    codes: ArrayLike, labels: Mapping[str, ArrayLike], layout: FactorLayout
) -> dict[str, np.ndarray]:
    """Gives dimensions that belong to no factor to the blocks of a layout.

    Every block gets as many dimensions as in the layout, so that representations compare.  Of all
    such assignments it is the one in which factors' dimensions tell most of them: the sum of
    their shares I(dimension; factor) / H(factor) is greatest; the residual gets the rest.

    Args:
      codes: [n, N], of training examples: chosen on test examples, it would flatter.
      labels: mapping factor -> whole numbers or texts [n], or float [n] or [n, c]; rows in which
        one is unknown are left out.
      layout: FactorLayout with these factors.

    Returns:
      Mapping block -> column indices.

    Raises:
      InputError: codes that are not rows of N finite numbers, or labels that lack a factor.
    """
    if not isinstance(layout, FactorLayout):
        raise InputError(f"layout is {checks.shown(layout)}; give a FactorLayout")
    codes = code_rows(codes)
    layout.check_latents(codes, "codes")
    given = check_mapping(labels, "labels", "from a factor to its labels [n]")
    for name in layout.factor_names:
        checks.choice(name, "a factor of the layout", given)
    given = {name: given[name] for name in layout.factor_names}
    columns = categories(label_columns(given, len(codes)))
    found = disentanglement(codes, measures="mig", protocol=Protocol(resamples=20), **columns)
    parts = found["mig"].parts
    shares = share_of(parts["information"], parts["factor_entropy"])
    worth = np.hstack([np.zeros((layout.latent_size, 1)), shares])
    block = block_of_columns(layout)
    dimensions, places = scipy.optimize.linear_sum_assignment(worth[:, block], maximize=True)
    return {
        name: np.sort(dimensions[block[places] == place]) for place, name in enumerate(layout.names)
    }
