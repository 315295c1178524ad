"""The one call: named measures on plain arrays."""

import numpy as np
from threadpoolctl import threadpool_limits

from iin_tf.measures.blocks import own_blocks, resolve_blocks
from iin_tf.measures.protocol import Protocol
from iin_tf.measures.registry import select
from iin_tf.measures.result import Result
from iin_tf.measures.sample import (
    Sample,
    check_codes,
    check_factors,
    check_groups,
)
from iin_tf.measures.study import Study


def disentanglement(
    codes,
    factors,
    metrics="default",
    blocks=None,
    seed=0,
    *,
    continuous=(),
    factor_names=None,
    protocol=None,
    groups=None,
):
    """Measures how codes, or blocks of codes, hold the factors that made the data.

    Args:
      codes: representation, numbers [n, N].
      factors: ground truth, [n, K]; whole numbers are categories unless declared continuous.
      metrics: "default", "all", or names of `measures.registry.FAMILIES`.
      blocks: a `FactorLayout`, or a mapping from block name to slice or column indices; the
        measures are then taken by block and do not change when a block is rotated.
      seed: whole number that fixes splits, fits and resampling.
      continuous: names or column numbers of factors to treat as continuous.
      factor_names: K names; with blocks, a factor named like a block belongs to it.
      protocol: a `Protocol`; by default the large published study's settings.
      groups: int [n], the original behind each row where several rows are views of one:
        originals, not rows, are then split, resampled and permuted.

    Returns:
      `Result`: a mapping from measure name to `Measure`.

    Raises:
      ValueError: for codes or factors that are not finite numbers of equal length, a
        constant factor, a category with one example, blocks that do not cover the codes,
        more bins than rows, unknown names.
    """
    protocol = Protocol() if protocol is None else protocol
    codes = check_codes(codes)
    checked = check_factors(factors, len(codes), continuous, factor_names)
    groups = check_groups(groups, len(codes))
    blocks = None if blocks is None else resolve_blocks(blocks, codes.shape[1])
    families = select(metrics, blocks is not None)
    _check_settings(families, checked, len(codes), seed, protocol)
    own = None
    if blocks is not None:
        names = [factor.name for factor in checked]
        own = own_blocks(blocks, names, factor_names is not None)
    study = Study(Sample(codes, checked, blocks, groups), protocol, seed, own)
    # One thread: the order of sums, and with it the result, then never depends on the
    # machine; and busy waiting on shared cores makes two threads far slower on small fits.
    with threadpool_limits(limits=1):
        measures = [measure for family in families.values() for measure in family.compute(study)]
    return Result({measure.name: measure for measure in measures})


def _check_settings(families, factors, rows, seed, protocol):
    if not isinstance(seed, int | np.integer) or seed < 0:
        raise ValueError(f"seed={seed!r}: give a whole number of at least 0")
    if protocol.bins > rows:
        raise ValueError(f"bins={protocol.bins} is more than the {rows} rows: give fewer bins")
    if rows < 10:
        raise ValueError(f"codes has {rows} rows: give at least 10, for a train and a test part")
    categorical = [factor.name for factor in factors if not factor.continuous]
    if protocol.estimator == "lasso" and categorical and any(f.fits for f in families.values()):
        raise ValueError(
            f"estimator='lasso' does not fit the categorical factors {categorical}: declare "
            "them continuous or choose another estimator"
        )
