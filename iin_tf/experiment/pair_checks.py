"""Whether the keys of `config.pairs` fit each other and the data."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from ml_collections import ConfigDict

from iin_tf.checks import InputError, is_missing, label_text

# The weight of pairs of views goes by this name, beside the factors'.
VIEWS = "views"


def check_known(config: ConfigDict, labels: Mapping[str, Any]) -> None:
    """Raises InputError where a factor has no labels, and views of one original do not share it."""
    own = config.pairs.views_share
    unknown = [name for name in config.data.factors if name not in labels and name not in own]
    if unknown:
        raise InputError(
            f"data.factors names {unknown}, but labels are {list(labels)}; give a table of pairs "
            "or of labels (pairs.table, pairs.labels), say that views of one original share them "
            "(pairs.views_share), or leave them out"
        )


def check_varied(config: ConfigDict, labels: Mapping[str, np.ndarray], split: str) -> None:
    """Raises InputError at a factor of which all labels are one: nothing could be learned of it.

    Args:
      config: ConfigDict with the keys of `default_config`.
      labels: mapping name -> labels [n, ...] of examples, missing ones among them.
      split: what messages call these examples.
    """
    for name in config.data.factors:
        if name not in labels:
            continue
        known = labels[name][~is_missing(labels[name])]
        if len(known) and (known == known[0]).all():
            raise InputError(
                f"data.factors: {name!r} has one value among the {len(known)} examples of {split} "
                f"with a label, {label_text(known[0])!r}; give examples of two values at least, "
                "or leave it out"
            )


def check_pairs(config: ConfigDict) -> None:
    """Raises InputError where the keys of `config.pairs` contradict each other or the data's."""
    pairs, factors = config.pairs, list(config.data.factors)
    if pairs.table and pairs.labels:
        raise InputError("pairs.table and pairs.labels are both given; give one of them")
    for key in ("length_scales", "periods"):
        unknown = [name for name in pairs[key] if name not in factors]
        if unknown:
            raise InputError(f"pairs.{key} names {unknown}; give some of data.factors, {factors}")
    _check_views(config, factors)
    flat = [name for name in pairs.periods if name not in pairs.length_scales]
    if flat:
        raise InputError(f"pairs.periods names {flat}; give pairs.length_scales for them too")
    unknown = [name for name in pairs.weights if name not in (*factors, VIEWS)]
    if unknown:
        raise InputError(f"pairs.weights names {unknown}; give some of {[*factors, VIEWS]}")
    if pairs.length_scales and config.network.correlation == "learned":
        raise InputError(
            "network.correlation is 'learned', but pairs of continuous factors bring their own "
            "correlations; give numbers"
        )


def _check_views(config, factors):
    share = list(config.pairs.views_share)
    unknown = [name for name in share if name not in factors]
    if unknown:
        raise InputError(f"pairs.views_share names {unknown}; give some of data.factors, {factors}")
    views, scales = config.data.views_change, list(config.pairs.length_scales)
    if views and views not in scales:
        raise InputError(
            f"data.views_change is {views!r}; give one of the continuous factors, "
            f"{scales} by pairs.length_scales"
        )
    if views and share:
        raise InputError(
            f"data.views_change is {views!r} and pairs.views_share {share}; give one of them"
        )
