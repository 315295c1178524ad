"""From a config to the sampler of an experiment's groups of labelled examples."""

from typing import Any

import numpy as np
from ml_collections import ConfigDict

from iin_tf.checks import InputError
from iin_tf.data import GroupSampler
from iin_tf.experiment.pair_checks import VIEWS
from iin_tf.experiment.pairs import check_repeats, kernel, known_labels


def check_group_keys(config: ConfigDict) -> None:
    """Raises InputError at a key that only pairs know, where the config asks for groups."""
    if config.pairs.kind != "groups":
        return
    for key, value in for_pairs_alone(config).items():
        raise InputError(
            f"pairs.kind is 'groups', but {key} is {value!r}, which is for pairs alone; "
            "give pairs.kind='pairs', or leave it out"
        )
    if not config.data.factors:
        raise InputError("pairs.kind is 'groups', but data.factors is empty; name some factors")


def for_pairs_alone(config: ConfigDict) -> dict[str, Any]:
    """The keys that only pairs know and that have a value, with it."""
    given = {
        "pairs.table": config.pairs.table,
        "pairs.views_share": tuple(config.pairs.views_share),
        "data.views_change": config.data.views_change,
        f"pairs.weights[{VIEWS!r}]": config.pairs.weights.get(VIEWS),
    }
    return {key: value for key, value in given.items() if value}


def group_sampler(config: ConfigDict, store: Any, seed: int, elsewhere: np.ndarray) -> GroupSampler:
    """Groups of labelled examples of `store`, every factor equally often unless weighted.

    Those of a continuous factor have similar values of it.

    Args:
      config: ConfigDict with the keys of `default_config`, checked by `check_group_keys`.
      store: as in `pair_sampler`.
      seed: batches are a pure function of (seed, step).
      elsewhere: as in `pair_sampler`.

    Raises:
      InputError: unknown factors, factors without groups.
    """
    labels, factors = known_labels(config, store, elsewhere), list(config.data.factors)
    kernels = {name: kernel(config, name) for name in config.pairs.length_scales}
    for name in factors:
        if name not in kernels:
            check_repeats(name, labels[name])
    return GroupSampler(
        {name: labels[name] for name in factors},
        factors,
        kernels=kernels,
        source=store.source,
        members=config.pairs.members,
        balanced=config.pairs.balanced,
        weights=dict(config.pairs.weights),
        seed=seed,
    )


def network_settings(config: ConfigDict) -> dict[str, Any]:
    """The keys of `config.network` as arguments of a network.

    Pairs of a continuous factor bring their correlations; in groups equal values of it have that
    of `pairs.cap` as well.

    Args:
      config: ConfigDict with the keys of `default_config`.
    """
    settings, scales = dict(config.network), list(config.pairs.length_scales)
    if config.pairs.kind == "groups" and scales:
        given = settings["correlation"]
        given = (
            dict(given) if hasattr(given, "items") else dict.fromkeys(config.data.factors, given)
        )
        settings["correlation"] = {**given, **dict.fromkeys(scales, config.pairs.cap)}
    return settings
