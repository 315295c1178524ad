"""What several stages ask of an experiment's held-out examples."""

import numpy as np

from iin_tf.audits.interchange import swap_metrics
from iin_tf.audits.labelled_blocks import block_measures
from iin_tf.data import pair_dataset
from iin_tf.experiment.continuous import targets
from iin_tf.experiment.experiment import HELD_OUT_SEED, one_view_each
from iin_tf.models.judges import train_judge

_PAIRS_A_BATCH = 1000


def train_judges(experiment):
    """A judge of each known factor, trained on images alone: mapping factor -> judge."""
    settings, train = experiment.config.evaluation, experiment.train_examples
    return {
        factor: train_judge(
            train.x,
            values,
            steps=settings.judge_steps,
            batch_size=settings.judge_batch_size,
            seed=experiment.config.seed,
            strategy=experiment.strategy,
        )
        for factor, values in targets(experiment, train.labels).items()
    }


def measure_blocks(experiment, codes, blocks):
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


def measure_swaps(experiment, network, judges):
    """Swap figures of the test examples, one view of each original, with the config's donors.

    Args:
      experiment: Experiment.
      network: whatever has a `layout` and `swap`.
      judges: as `train_judges` gives them.

    Returns:
      `Results`, as `swap_metrics`.
    """
    config, test = experiment.config, experiment.test_examples
    # More views of an original would only repeat it as recipient and donor.
    rows = one_view_each(test.source)
    return swap_metrics(
        network,
        experiment.decode,
        judges,
        np.array(experiment.store("test").mean[rows]),
        {factor: values[rows] for factor, values in targets(experiment, test.labels).items()},
        test.source[rows],
        donors=config.evaluation.donors,
        seed=config.seed,
    )


def held_out_pairs(experiment):
    """Pairs of the test examples, at least as many as the config evaluates: a tf.data.Dataset."""
    return pair_dataset(
        experiment.store("test"),
        experiment.sampler("test", HELD_OUT_SEED),
        _PAIRS_A_BATCH,
        steps=-(-experiment.config.evaluation.pairs // _PAIRS_A_BATCH),
        seed=HELD_OUT_SEED,
    )
