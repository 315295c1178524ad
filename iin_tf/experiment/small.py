"""A config made small: every stage runs, nothing is learned."""

from ml_collections import ConfigDict

from iin_tf.experiment.automatic_keys import automatic_keys

# Key -> the most that a small run needs.
_MOST = {
    "data.views": 3,
    "data.test_views": 2,
    "data.examples": 300,
    "data.test_examples": 60,
    "first_stage.steps": 4,
    "sizes.pairs": 500,
    "sizes.compare_steps": 4,
    "network.blocks": 2,
    "network.hidden": 16,
    "training.steps": 4,
    "training.steps_per_epoch": 2,
    "training.validation_batches": 1,
    "training.pictures_every": 1,
    "evaluation.judge_steps": 4,
    "evaluation.donors": 20,
    "evaluation.pairs": 1000,
    "evaluation.grid": 3,
    "evaluation.resamples": 20,
    "evaluation.response_examples": 20,
    "evaluation.response_draws": 4,
    "baselines.steps": 4,
    "baselines.pairs": 1000,
    "baselines.rows": 1000,
    "few_labels.seeds": 1,
}
_MEASURES = ("mig", "dci")
_LABELLED = ("all", "14")


def shrunk(config: ConfigDict) -> ConfigDict:
    """A copy of `config` whose whole run takes about a minute on two cores.

    What it interprets, its factors, pairs and kinds of models stay; numbers of examples and steps,
    and the size of the network, do not.

    Args:
      config: ConfigDict with the keys of `default_config`.
    """
    config = config.copy_and_resolve_references()
    for path, most in _MOST.items():
        section, key = path.split(".")
        config[section][key] = min(config[section][key], most)
    # The rest would undo what is made small here.
    config.auto = tuple(key for key in automatic_keys(config.auto) if key.startswith("first_stage"))
    config.evaluation.measures = _MEASURES
    config.few_labels.labelled = _LABELLED
    config.export.name = f"{config.export.name}_small"
    return config
