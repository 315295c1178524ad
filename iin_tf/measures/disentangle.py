"""The one call: named measures on plain arrays."""

from collections.abc import Iterable, Mapping, Sequence

from numpy.typing import ArrayLike
from threadpoolctl import threadpool_limits

from iin_tf import checks
from iin_tf.checks import InputError
from iin_tf.measures.blocks import own_blocks, resolve_blocks
from iin_tf.measures.inputs import check_codes, check_factors, check_source, has_names
from iin_tf.measures.protocol import Protocol, check_protocol
from iin_tf.measures.registry import Family, select
from iin_tf.measures.sample import Factor, Sample
from iin_tf.measures.study import Study
from iin_tf.results import Results

LEAST_ROWS = 10


def disentanglement(
    codes: ArrayLike,
    factors: ArrayLike | Mapping[str, ArrayLike],
    measures: str | Iterable[str] = "default",
    blocks: object = None,
    seed: int = 0,
    *,
    continuous: Iterable = (),
    factor_names: Iterable[str] | None = None,
    protocol: Protocol | None = None,
    source: ArrayLike | None = None,
) -> Results:
    """Measures how codes, or blocks of codes, hold the factors that made the data.

    A row in which the label of some factor is missing is left out of all measures; how many
    stands in each result's protocol.

    Args:
      codes: representation, numbers [n, N].
      factors: ground truth, [n, K], or a mapping (or data frame) of names to columns [n]; whole
        numbers are categories unless declared continuous.  A negative whole number, NaN and
        None are missing labels; of a continuous factor NaN and None are.
      measures: "default", "all", or names of `FAMILIES`.
      blocks: a `FactorLayout`, or a mapping from block name to slice or column indices; the
        measures are then taken by block and do not change when a block is rotated.
      seed: whole number that fixes splits, fits and resampling.
      continuous: names or column numbers of factors to treat as continuous.
      factor_names: names of the K columns of an array; with blocks, a factor named like a block
        belongs to it.
      protocol: a `Protocol`; by default the large published study's settings.
      source: [n], the original behind each row where several rows are views of one: originals,
        not rows, are then split, resampled and permuted.

    Returns:
      `Results`: a mapping from measure name to `Result`.

    Raises:
      InputError: codes or factors that are not finite numbers of equal length, numbers beyond
        1e30, a constant factor, a category with one example, blocks that do not cover the codes,
        more bins than rows, unknown names.
    """
    protocol, seed = check_protocol(protocol), checks.whole(seed, "seed", 0)
    codes = check_codes(codes)
    source = check_source(source, len(codes))
    checked, used, unknown = check_factors(factors, len(codes), continuous, factor_names)
    blocks = None if blocks is None else resolve_blocks(blocks, codes.shape[1])
    families = select(measures, blocks is not None)
    source = None if source is None else check_source(source[used], used.sum())
    _check_settings(families, checked, used.sum(), protocol)
    own = None
    if blocks is not None:
        named = factor_names is not None or has_names(factors)
        own = own_blocks(blocks, [factor.name for factor in checked], named)
    sample = Sample(codes[used], checked, blocks, source, int((~used).sum()), unknown)
    study = Study(sample, protocol, seed, own)
    # One thread: the order of sums, and with it the result, then never depends on the
    # machine; and busy waiting on shared cores makes two threads far slower on small fits.
    with threadpool_limits(limits=1):
        results = [result for family in families.values() for result in family.compute(study)]
    return Results(results, within="disentanglement")


def _check_settings(
    families: Mapping[str, Family], factors: Sequence[Factor], rows: int, protocol: Protocol
) -> None:
    if rows < LEAST_ROWS:
        raise InputError(
            f"codes has {rows} rows with known labels; give at least {LEAST_ROWS}, for a train and "
            "a test part"
        )
    if protocol.bins > rows:
        raise InputError(f"bins is {protocol.bins}, more than the {rows} rows; give fewer bins")
    categorical = [factor.name for factor in factors if not factor.continuous]
    if protocol.estimator == "lasso" and categorical and any(f.fits for f in families.values()):
        raise InputError(
            f"estimator is 'lasso', which does not fit the categorical factors {categorical}; "
            "declare them continuous or choose another estimator"
        )
