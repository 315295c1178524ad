"""What several stages ask of an experiment's held-out examples."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import tensorflow as tf

from iin_tf.audits.correlation import correlation_metrics
from iin_tf.audits.interchange import swap_metrics
from iin_tf.audits.labelled_blocks import BlockMeasures, block_measures
from iin_tf.data import PairSampler, pair_dataset
from iin_tf.experiment.continuous import targets
from iin_tf.experiment.experiment import HELD_OUT_SEED, Experiment
from iin_tf.experiment.noise import samples
from iin_tf.experiment.one_view import one_view_each
from iin_tf.experiment.pairs import categorical_factors, view_sampler
from iin_tf.results import Result, Results

_PAIRS_A_BATCH = 1000
# Of members of pairs that are in memory together: of wide representations fewer pairs are taken.
_VALUES, _LEAST_PAIRS = 2**25, 1000


def measure_blocks(experiment: Experiment, codes: np.ndarray, blocks: Any) -> BlockMeasures:
    """`BlockMeasures` of `codes` [n, N] of the test examples, with the config's measures.

    Args:
      experiment: Experiment.
      codes: rows in the order of the test store.
      blocks: FactorLayout, or mapping block -> columns.
    """
    config, test = experiment.config, experiment.store("test")
    return block_measures(
        codes,
        targets(experiment, test.labels),
        test.source,
        blocks,
        config.evaluation.measures,
        config.seed,
        config.evaluation.resamples,
    )


def measure_swaps(
    experiment: Experiment, network: Any, judges: Mapping[str, Any], decode: Callable
) -> Results:
    """Swap figures of the test examples, one view of each original, with the config's donors.

    Args:
      experiment: Experiment.
      network: whatever has a `layout` and `swap`.
      judges: mapping factor -> what reads it: a Judge of images, or a probe.
      decode: function, representations [B, N] -> what the judges read.

    Returns:
      `Results`, as `swap_metrics`.
    """
    config, test = experiment.config, experiment.store("test")
    # More views of an original would only repeat it as recipient and donor.
    rows = one_view_each(test, config.data.factors)
    return swap_metrics(
        network,
        decode,
        judges,
        np.array(test.mean[rows]),
        {factor: values[rows] for factor, values in targets(experiment, test.labels).items()},
        test.source[rows],
        donors=config.evaluation.donors,
        seed=config.seed,
    )


def paired_factors(experiment: Experiment) -> list[str]:
    """Those of the config's factors that held-out pairs share, with labels or without."""
    if not experiment.config.data.factors:
        return []
    sampler = experiment.sampler("test", HELD_OUT_SEED)
    return [
        factor for factor, drawn in zip(sampler.factors, sampler.blocks[1:], strict=True) if drawn
    ]


def held_out_correlations(experiment: Experiment, network: Any) -> list[Result]:
    """`correlation_metrics` of the factors that held-out pairs share whole, not by near values."""
    config, test = experiment.config, experiment.store("test")
    noisy = samples(experiment, "test")
    factors = categorical_factors(config, test.labels)
    samplers: list[Any] = []
    if factors:
        labels = {factor: test.labels[factor] for factor in factors}
        samplers.append(PairSampler(labels, factors, source=test.source, seed=HELD_OUT_SEED))
    if config.pairs.views_share:
        samplers.append(view_sampler(config, test, HELD_OUT_SEED))
    elif not factors and paired_factors(experiment):
        listed = experiment.sampler("test", HELD_OUT_SEED)
        # A table of correlations says of no pair that it shares a factor whole.
        samplers += [listed] if listed.draw(1, 0)[2].dtype == bool else []
    count = min(config.evaluation.pairs, max(_LEAST_PAIRS, _VALUES // test.latent_size))
    return [
        result
        for sampler in samplers
        for result in correlation_metrics(network, noisy, sampler, count, HELD_OUT_SEED).values()
    ]


def held_out_pairs(experiment: Experiment) -> tf.data.Dataset:
    """Pairs of the test examples, at least as many as the config evaluates: a tf.data.Dataset."""
    return pair_dataset(
        samples(experiment, "test"),
        experiment.sampler("test", HELD_OUT_SEED),
        _PAIRS_A_BATCH,
        steps=-(-experiment.config.evaluation.pairs // _PAIRS_A_BATCH),
        seed=HELD_OUT_SEED,
    )
