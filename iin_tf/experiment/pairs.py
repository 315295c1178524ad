"""From a config to the sampler of an experiment's pairs."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from ml_collections import ConfigDict

from iin_tf.checks import InputError, is_missing
from iin_tf.data import (
    ContinuousPairs,
    MixedPairs,
    PairSampler,
    PairTable,
    SquaredExponential,
    TransformationPairs,
    read_labels,
)
from iin_tf.data.examples import Examples
from iin_tf.experiment.argument_names import by_config_key
from iin_tf.experiment.pair_checks import VIEWS, check_known, check_varied


def pair_sampler(
    config: ConfigDict, store: Any, seed: int, elsewhere: np.ndarray | None = None
) -> Any:
    """Pairs over the examples of `store`, every factor equally often unless weighted.

    Args:
      config: ConfigDict with the keys of `default_config`.
      store: LatentStore, or Examples; a table knows them by their id.
      seed: pairs are a pure function of (seed, step).
      elsewhere: array, the table's ids that are examples of another split; None leaves the
        tables of the config alone and takes the data's own labels, for whichever factors they
        have, as a measurement on test data must.  Views of one original, where they share
        factors, make pairs in every split.

    Raises:
      InputError: keys that contradict each other, unknown factors, factors without pairs.
    """
    if elsewhere is not None and config.pairs.table:
        return _listed(config, store, seed, elsewhere)
    labels = known_labels(config, store, elsewhere)
    return _from_labels(config, labels, store.source, seed)


def known_labels(config: ConfigDict, store: Any, elsewhere: np.ndarray | None) -> dict:
    """The labels of `store`, and those of the config's table.

    Args:
      config: ConfigDict with the keys of `default_config`.
      store: as in `pair_sampler`.
      elsewhere: as in `pair_sampler`; without it the config's table is left alone.

    Raises:
      InputError: a factor without labels.
    """
    labels = dict(store.labels)
    if elsewhere is not None and config.pairs.labels:
        labels |= _table_of_labels(config.pairs.labels, store.id, elsewhere)
    if elsewhere is not None:
        check_known(config, labels)
    return labels


def elsewhere_of(other: np.ndarray, trained: np.ndarray, test: np.ndarray) -> np.ndarray:
    """Ids that a table may name beside those of a split: of the other one, and of test examples.

    Sets that number each split from 0 have none of the latter: their tables mean training examples.
    """
    return other if np.isin(test, trained).any() else np.concatenate([other, test])


def check_all_varied(config: ConfigDict, train: Examples, test: Examples) -> None:
    """Raises InputError at a factor with one value in the training split, or in the test split."""
    elsewhere = elsewhere_of(train.id[:0], train.id, test.id) if config.pairs.labels else None
    check_varied(config, known_labels(config, train, elsewhere), "the training split")
    check_varied(config, test.labels, "the test split")


def kernel(config: ConfigDict, factor: str) -> SquaredExponential:
    """The kernel of a continuous factor."""
    period = config.pairs.periods.get(factor)
    return SquaredExponential(config.pairs.length_scales[factor], period)


def categorical_factors(config: ConfigDict, labels: Mapping[str, Any]) -> list[str]:
    """Those of the config's factors that pairs share by equal labels, and that have labels."""
    otherwise = {*config.pairs.length_scales, *config.pairs.views_share}
    return [name for name in config.data.factors if name in labels and name not in otherwise]


def _from_labels(config, labels, source, seed):
    pairs, factors = config.pairs, list(config.data.factors)
    categorical = categorical_factors(config, labels)
    share = list(pairs.views_share)
    continuous = [name for name in pairs.length_scales if name in labels and name not in share]
    if not categorical and not continuous and not share:
        raise InputError(f"data.factors: none of {factors} has labels; give some of {list(labels)}")
    known = {name: labels[name] for name in factors if name in labels}
    weights = {name: pairs.weights.get(name, 1.0) for name in (*factors, VIEWS)}
    parts, part_weights = {}, {}
    for name in categorical:
        check_repeats(name, known[name])
    if categorical:
        order = factors if categorical == factors else categorical
        parts["labels"] = PairSampler(
            {name: known[name] for name in categorical},
            order,
            source=source,
            balanced=pairs.balanced,
            weights={name: weights[name] for name in categorical},
            seed=seed,
        )
        part_weights["labels"] = sum(weights[name] for name in categorical)
    if continuous:
        parts["values"] = ContinuousPairs(
            {name: known[name] for name in continuous},
            factors,
            kernels={name: kernel(config, name) for name in continuous},
            source=source,
            cap=pairs.cap,
            weights={name: weights[name] for name in continuous},
            seed=seed,
        )
        part_weights["values"] = sum(weights[name] for name in continuous)
    if config.data.views_change or share:
        parts[VIEWS] = _views(config, factors, known, source, seed)
        part_weights[VIEWS] = weights[VIEWS]
    return _mixed(config, parts, part_weights, seed)


def check_repeats(name: str, values: np.ndarray) -> None:
    """Raises InputError at numbers that never repeat: their pairs are those of near values."""
    if values.dtype.kind != "f":
        return
    values = values[~is_missing(values)]
    if len(values) > 1 and len(np.unique(values, axis=0)) == len(values):
        scale = float(np.std(values) / 2)
        raise InputError(
            f"data.factors: {name!r} has {len(values)} values that are all different, so that no "
            "two examples share one; if it is continuous, give its length scale: "
            f"config.pairs.length_scales = {{{name!r}: {scale:.2g}}}"
        )


def view_sampler(config: ConfigDict, store: Any, seed: int) -> TransformationPairs:
    """The pairs of two views of one original alone, over the factors that these share."""
    return _views(config, config.pairs.views_share, {}, store.source, seed)


def _views(config, factors, labels, source, seed):
    """Pairs of two views of one original: they share some factors, or all blocks but one.

    How far they share the residual is up to the config: it also holds the noise of the posterior,
    which no two examples have in common.
    """
    changed, share = config.data.views_change, tuple(config.pairs.views_share)
    _, originals = np.unique(source, return_index=True)
    if len(originals) == len(source):
        raise InputError(
            f"pairs.views_share is {share}, but no original has two views; give a column source, "
            "or data.paired_path"
        )
    made_by = np.full(len(source), VIEWS)
    made_by[originals] = ""
    return TransformationPairs(
        made_by,
        factors,
        source=source,
        changes={VIEWS: changed} if changed else None,
        keeps={VIEWS: share} if share else None,
        labels=labels,
        seed=seed,
    )


def _mixed(config, parts, weights, seed):
    factors = tuple(config.data.factors)
    only = next(iter(parts.values()))
    if len(parts) == 1 and tuple(only.factors) == factors:
        return only
    correlation = None
    if "values" in parts:
        # These bring numbers, so that the others need numbers too.
        given = config.network.correlation
        given = dict(given) if hasattr(given, "items") else dict.fromkeys(factors, given)
        correlation = {**given, "residual": config.pairs.views_residual}
    return MixedPairs(parts, factors, correlation=correlation, weights=weights, seed=seed)


def _listed(config, store, seed, elsewhere):
    """The pairs of the config's table whose members are both in `store`."""
    known = {name: store.labels[name] for name in config.data.factors if name in store.labels}
    with by_config_key({"table": "pairs.table"}):
        return PairTable(
            config.pairs.table,
            config.data.factors,
            ids=store.id,
            source=store.source,
            labels=known,
            elsewhere=elsewhere,
            weights=dict(config.pairs.weights),
            seed=seed,
        )


def _table_of_labels(path, ids, elsewhere):
    """The labels that a table gives to the examples `ids`, some of them missing."""
    with by_config_key({"table": "pairs.labels", "column": "pairs.labels: column"}):
        labels = read_labels(path, [*ids.tolist(), *elsewhere.tolist()])
    return {name: values[: len(ids)] for name, values in labels.items()}
