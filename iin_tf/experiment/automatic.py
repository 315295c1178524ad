"""Keys of a config whose values follow the data: chosen once, kept in the workdir."""

from typing import TYPE_CHECKING

import numpy as np
from ml_collections import ConfigDict

from iin_tf import files
from iin_tf.checks import InputError
from iin_tf.experiment.automatic_keys import automatic_keys
from iin_tf.experiment.groups import for_pairs_alone
from iin_tf.experiment.pairs import pair_sampler
from iin_tf.settings import suggest

if TYPE_CHECKING:
    from iin_tf.data.examples import Examples
    from iin_tf.experiment.experiment import Experiment
    from iin_tf.experiment.workdir import Workdir

# That the settings are chosen on.
_ROWS = 20_000


def choose(experiment: "Experiment", train: "Examples", elsewhere: np.ndarray) -> None:
    """Chooses the values of the config's automatic keys, prints them, and keeps them.

    Where parts of the work are there already, of an interrupted run or of shards, the values that
    they were made with stay.

    Args:
      experiment: Experiment; from here on its config has the values.
      train: the examples that the network will see.
      elsewhere: the ids of all others that a table may name.

    Raises:
      InputError: as `suggest`, or the noise is automatic and the first stage brings a fixed one.
    """
    place = experiment.place
    # Beside the parts: they stay and go together.
    kept = place.parts("encode") / place.settings.name
    if not kept.exists():
        files.write_json(kept, _chosen(experiment, train, elsewhere))
    with files.whole_file(place.settings) as new:
        files.link(kept, new)
    experiment.config = settled(experiment.config, place)
    # It may read them.
    experiment.__dict__.pop("first_stage", None)
    found = files.read_json(place.settings, {"values": dict, "reasons": dict})
    for key, value in found["values"].items():
        shown = tuple(value) if isinstance(value, list) else value
        print(f"[iin] {key} = {shown}: {found['reasons'][key]}", flush=True)
    _check_noise(experiment, found["values"].get("first_stage.noise"))


def _chosen(experiment, train, elsewhere):
    """The values of the automatic keys, and a reason for each."""
    config = experiment.config
    rows = np.random.default_rng(config.seed).permutation(len(train))[:_ROWS]
    rows = np.sort(rows)
    some = train.select(rows)
    elsewhere = np.concatenate([elsewhere, np.delete(train.id, rows)])
    mean, log_variance = experiment.encode(experiment.first_stage, some.x)
    labels = {name: some.labels[name] for name in config.data.factors if name in some.labels}
    # The noise of a deterministic representation is the same for all examples.
    own_noise = bool(np.ptp(log_variance, axis=0).any())
    settings = suggest(
        mean,
        labels or None,
        pairs=pair_sampler(config, some, config.seed, elsewhere),
        source=some.source,
        log_variance=log_variance if own_noise else None,
        members=groups_of(config),
        seed=config.seed,
    )
    values = settings.as_config(automatic_keys(config.auto))
    return {"values": values, "reasons": {key: settings.reason(key) for key in values}}


def groups_of(config: ConfigDict) -> int | None:
    """The members of groups that a config leaves no choice of: 0 for pairs; None for the rule."""
    if "pairs.kind" not in automatic_keys(config.auto):
        return config.pairs.members if config.pairs.kind == "groups" else 0
    return 0 if for_pairs_alone(config) else None


def forget(experiment: "Experiment") -> None:
    """Forgets what was chosen before."""
    experiment.place.settings.unlink(missing_ok=True)
    experiment.config = experiment.given


def _check_noise(experiment, noise):
    found = experiment.first_stage.noise
    if noise is not None and found != noise:
        raise InputError(
            f"first_stage.noise is automatic, {noise}, but the first stage has {found}: let "
            "get_first_stage take config.first_stage.noise, or leave the key out of auto"
        )


def settled(config: ConfigDict, workdir: "Workdir") -> ConfigDict:
    """The config with the values that `choose` kept for its automatic keys, where it has.

    Raises:
      InputError: the file in the workdir is damaged.
    """
    if not config.auto or not workdir.settings.exists():
        return config
    values = files.read_json(workdir.settings, {"values": dict})["values"]
    config = config.copy_and_resolve_references()
    for key, value in values.items():
        section, name = key.split(".")
        config[section][name] = tuple(value) if isinstance(value, list) else value
    training = config.training
    if "training.steps" in values and training.steps > training.steps_per_epoch:
        training.steps += -training.steps % training.steps_per_epoch
    return config
