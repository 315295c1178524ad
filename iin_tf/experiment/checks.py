"""What a config must fulfil, checked before the first stage takes its time.

Nothing here imports TensorFlow: a mistake is said at once, on one line.
"""

from collections.abc import Mapping

import numpy as np
from ml_collections import ConfigDict

from iin_tf.audits.inputs import known_together, read_labels
from iin_tf.audits.interchange import differing_pairs
from iin_tf.checks import InputError
from iin_tf.experiment.automatic_keys import automatic_keys
from iin_tf.experiment.config import check_values, default_config
from iin_tf.experiment.first_stage_checks import check_first_stage
from iin_tf.experiment.groups import check_group_keys
from iin_tf.experiment.key_checks import GIVEN, RESIDUAL
from iin_tf.experiment.own_code import find_function
from iin_tf.experiment.pair_checks import check_known, check_pairs
from iin_tf.experiment.pairs import kernel
from iin_tf.experiment.sources import check_source
from iin_tf.limits import check_weights
from iin_tf.training.epochs import epochs_of


def check_config(config: ConfigDict) -> None:
    """Checks all that can be known without the data.

    Args:
      config: ConfigDict with the keys of `default_config`.

    Raises:
      InputError: a missing key, a value that its key does not take, keys that contradict each
        other, missing files.
    """
    check_values(config)
    check_source(config)
    check_first_stage(config, default_config())
    if config.first_stage.kind == "python":
        find_function(config, "get_first_stage")
    check_pairs(config)
    check_group_keys(config)
    for factor in config.pairs.length_scales:
        kernel(config, factor)
    _check_sizes(config)
    _check_correlation(config)
    _check_network(config.network)
    epochs_of(config.training)
    _check_decorrelation(config)
    if config.auto and not config.data.factors:
        raise InputError(
            f"auto is {tuple(config.auto)}, but data.factors is empty, and settings follow the "
            "factors; give some, or auto=() and the values themselves"
        )


def _check_decorrelation(config):
    """Raises InputError unless the network's last map can take up what decorrelates."""
    mixing = config.network.mixing
    given = "network.mixing" not in automatic_keys(config.auto)
    if config.training.decorrelate and given and mixing != "linear":
        raise InputError(
            f"training.decorrelate is True, but network.mixing is {mixing!r}, which takes up no "
            'linear map; give "linear"'
        )


def check_labels(config: ConfigDict, labels: Mapping[str, np.ndarray]) -> None:
    """Checks that there are labels for what the config asks of them.

    Args:
      config: ConfigDict with the keys of `default_config`.
      labels: mapping name -> labels of the training examples.

    Raises:
      InputError: a factor has neither labels nor a table; a classifier has no classes to learn.
    """
    factors = list(config.data.factors)
    if not (config.pairs.table or config.pairs.labels):
        check_known(config, labels)
    needs = "first_stage.kind is 'classifier'"
    if config.first_stage.kind != "classifier":
        if not factors or config.sizes.fixed or not config.sizes.compare:
            return
        needs = "sizes.compare is True"
    if not factors or factors[0] not in labels or labels[factors[0]].dtype.kind not in "iuUb":
        raise InputError(
            f"{needs}, but the data have no classes of the first factor of {factors}; put a factor "
            "with classes first, or give first_stage.kind='autoencoder' and sizes.compare=False"
        )


def check_held_out(
    config: ConfigDict, labels: Mapping[str, np.ndarray], source: np.ndarray, grids: bool = True
) -> None:
    """Checks that there are test examples enough for what the evaluation asks of them.

    Args:
      config: ConfigDict with the keys of `default_config`.
      labels: mapping factor -> labels of one view of each test original.
      source: the originals, one view of each.
      grids: whether swap grids are drawn of them.

    Raises:
      InputError: fewer originals than the swap grids or the donors need.
    """
    settings = config.evaluation
    if grids and len(source) < 2 * settings.grid:
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


def check_latent_size(config: ConfigDict, latent_size: int) -> None:
    """Checks that a representation has room for the blocks that the config asks for.

    Args:
      config: ConfigDict with the keys of `default_config`.
      latent_size: N.

    Raises:
      InputError: too few dimensions, or sizes that do not fit them.
    """
    sizes, factors = tuple(config.sizes.fixed), tuple(config.data.factors)
    if latent_size < 1 + len(factors):
        raise InputError(
            f"the representation has {latent_size} dimensions that vary; give one of at least "
            f"{1 + len(factors)}: one for the residual and for each of {list(factors)}"
        )
    if len(sizes) == 1 + len(factors) and sum(sizes) != latent_size:
        raise InputError(
            f"sizes.fixed is {sizes}, which sums to {sum(sizes)}; the representation has "
            f"{latent_size} dimensions"
        )
    front = config.network.front
    if isinstance(front, int) and front > latent_size:
        raise InputError(
            f"network.front is {front}; the representation has {latent_size} dimensions that vary"
        )
    if sizes and len(sizes) == len(factors) and sum(sizes) >= latent_size:
        raise InputError(
            f"sizes.fixed is {sizes}, which sums to {sum(sizes)}; the representation has "
            f"{latent_size} dimensions, of which the residual needs one at least"
        )


def _check_sizes(config):
    sizes, factors = config.sizes, config.data.factors
    if config.first_stage.kind in GIVEN:
        # The width of the representation comes with the data.
        if sizes.compare:
            raise InputError(
                f"sizes.compare is True, but first_stage.kind is {config.first_stage.kind!r}: "
                "there is no classifier to compare its sizes with; give False"
            )
    else:
        _check_trained_size(config)
    if sizes.fixed and len(sizes.fixed) not in (len(factors), 1 + len(factors)):
        raise InputError(
            f"sizes.fixed is {tuple(sizes.fixed)}; give a size for each of {list(factors)}, and "
            "one for the residual before them if you like"
        )


def _check_trained_size(config):
    factors = config.data.factors
    latent_size = config.first_stage.latent_size
    if latent_size < 1 + len(factors):
        raise InputError(
            f"first_stage.latent_size is {latent_size}; give at least {1 + len(factors)}: one for "
            f"the residual and for each of {list(factors)}"
        )
    check_latent_size(config, latent_size)


def _check_network(network):
    """Refuses what cannot be held whatever the representation: its hidden layers alone."""
    each = max(network.depth, 1) * network.hidden ** (2 if network.depth else 1)
    what = f"network.blocks {network.blocks}, .hidden {network.hidden}, .depth {network.depth}"
    # Two couplings a block.
    check_weights(2 * network.blocks * each, f"{what}: the network")


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
