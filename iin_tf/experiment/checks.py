"""What a config must fulfil, checked before the first stage takes its time.

Nothing here imports TensorFlow: a mistake is said at once, on one line.
"""

from iin_tf.audits.inputs import known_together, read_labels
from iin_tf.audits.interchange import differing_pairs
from iin_tf.checks import InputError
from iin_tf.experiment.config import check_values
from iin_tf.experiment.key_checks import RESIDUAL
from iin_tf.experiment.pairs import check_known, check_pairs, kernel
from iin_tf.experiment.sources import check_source
from iin_tf.training.epochs import epochs_of


def check_config(config) -> None:
    """Checks all that can be known without the data.

    Args:
      config: ConfigDict with the keys of `default_config`.

    Raises:
      InputError: a missing key, a value that its key does not take, keys that contradict each
        other, missing files.
    """
    check_values(config)
    check_source(config)
    check_pairs(config)
    for factor in config.pairs.length_scales:
        kernel(config, factor)
    _check_sizes(config)
    _check_correlation(config)
    epochs_of(config.training)


def check_labels(config, labels) -> None:
    """Checks that there are labels for what the config asks of them.

    Args:
      config: ConfigDict with the keys of `default_config`.
      labels: mapping name -> labels of the training examples.

    Raises:
      InputError: a factor has neither labels nor a table; a classifier has no classes to learn.
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
        raise InputError(
            f"{needs}, but the data have no classes of the first factor of {factors}; put a factor "
            "with classes first, or give first_stage.kind='autoencoder' and sizes.compare=False"
        )


def check_held_out(config, labels, source) -> None:
    """Checks that there are test examples enough for what the evaluation asks of them.

    Args:
      config: ConfigDict with the keys of `default_config`.
      labels: mapping factor -> labels of one view of each test original.
      source: the originals, one view of each.

    Raises:
      InputError: fewer originals than the swap grids or the donors need.
    """
    settings = config.evaluation
    if len(source) < 2 * settings.grid:
        raise InputError(
            f"evaluation.grid is {settings.grid}, but there are {len(source)} test originals for "
            "its rows and columns; give at most half as many"
        )
    if not labels:
        return
    try:
        for rows, together in known_together(read_labels(labels, len(source))):
            known = [label.at(rows) for label in together]
            differing_pairs(known, source[rows], settings.donors, config.seed)
    except InputError as error:
        raise InputError(f"evaluation.donors is {settings.donors}: {error}") from error


def _check_sizes(config):
    sizes, factors = config.sizes, config.data.factors
    latent_size = config.first_stage.latent_size
    if latent_size < 1 + len(factors):
        raise InputError(
            f"first_stage.latent_size is {latent_size}; give at least {1 + len(factors)}: one for "
            f"the residual and for each of {list(factors)}"
        )
    if not sizes.fixed:
        return
    if len(sizes.fixed) != 1 + len(factors):
        raise InputError(
            f"sizes.fixed is {tuple(sizes.fixed)}; give a size of at least 1 for the residual and "
            f"for each of {list(factors)}"
        )
    if sum(sizes.fixed) != latent_size:
        raise InputError(
            f"sizes.fixed is {tuple(sizes.fixed)}, which sums to {sum(sizes.fixed)}; the "
            f"representation has {latent_size} dimensions"
        )


def _check_correlation(config):
    given, factors = config.network.correlation, list(config.data.factors)
    if not hasattr(given, "items"):
        return
    unknown = [name for name in given if name not in (RESIDUAL, *factors)]
    missing = [name for name in factors if name not in given]
    if unknown or missing:
        raise InputError(
            f"network.correlation names {list(given)}; give one number for each of {factors} (and "
            "for the residual, if you like)"
        )
