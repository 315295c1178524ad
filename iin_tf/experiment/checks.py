"""What a config must fulfil, checked before the first stage takes its time."""

from pathlib import Path

from iin_tf.bijectors.flow import Flow
from iin_tf.experiment.pairs import check_known, check_pairs, kernel
from iin_tf.experiment.stages.pretrain import KINDS
from iin_tf.factors import ROUNDINGS
from iin_tf.measures.protocol import Protocol
from iin_tf.measures.registry import select
from iin_tf.models.correlation import BlockCorrelation
from iin_tf.training.fit import epochs_of


def check_config(config):
    """Checks all that can be known without the data.

    Raises:
      ValueError: keys that contradict each other, unknown names, numbers out of range, missing
        files.
    """
    check_pairs(config)
    if config.first_stage.kind not in KINDS:
        raise ValueError(
            f"first_stage.kind is {config.first_stage.kind!r}; give one of {list(KINDS)}"
        )
    if not 0 < config.data.validation < 1:
        raise ValueError(
            f"data.validation is {config.data.validation}; give a number above 0 and below 1"
        )
    for key in ("table", "labels"):
        path = config.pairs[key]
        if path and not Path(path).is_file():
            raise ValueError(f"pairs.{key} is {path!r}, which is no file")
    for factor in config.pairs.length_scales:
        kernel(config, factor)
    _check_sizes(config)
    epochs_of(config.training)
    # Objects of these settings check them as they are made; nothing is built.
    network = config.network
    Flow(
        config.first_stage.latent_size,
        network.blocks,
        network.hidden,
        network.depth,
        network.mixing,
        seed=config.seed,
        dtype=network.dtype,
    )
    BlockCorrelation(("residual", *config.data.factors), network.correlation)
    if config.data.factors:
        select(config.evaluation.measures, with_blocks=True)
        Protocol(resamples=config.evaluation.resamples)


def check_labels(config, labels):
    """Checks that there are labels for what the config asks of them.

    Args:
      config: ConfigDict with the keys of `default_config`.
      labels: mapping name -> labels of the training examples.

    Raises:
      ValueError: a factor has neither labels nor a table; a classifier has no classes to learn.
    """
    factors = list(config.data.factors)
    if not (config.pairs.table or config.pairs.labels):
        check_known(factors, labels)
    needs = "first_stage.kind is 'classifier'"
    if config.first_stage.kind != "classifier":
        if not factors or config.sizes.fixed or not config.sizes.compare:
            return
        needs = "sizes.compare is True"
    if not factors or factors[0] not in labels or labels[factors[0]].dtype.kind not in "iu":
        raise ValueError(
            f"{needs}, but the data have no classes of the first factor of {factors}; put a factor "
            "with classes first, or give first_stage.kind='autoencoder' and sizes.compare=False"
        )


def _check_sizes(config):
    sizes, factors = config.sizes, config.data.factors
    if sizes.rounding not in ROUNDINGS:
        raise ValueError(f"sizes.rounding is {sizes.rounding!r}; give one of {ROUNDINGS}")
    if not sizes.fixed:
        return
    if len(sizes.fixed) != 1 + len(factors) or min(sizes.fixed) < 1:
        raise ValueError(
            f"sizes.fixed is {tuple(sizes.fixed)}; give a size of at least 1 for the residual and "
            f"for each of {list(factors)}"
        )
    if sum(sizes.fixed) != config.first_stage.latent_size:
        raise ValueError(
            f"sizes.fixed is {tuple(sizes.fixed)}, which sums to {sum(sizes.fixed)}; the "
            f"representation has {config.first_stage.latent_size} dimensions"
        )
