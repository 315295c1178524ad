"""The frozen model of an experiment: one entry for each `first_stage.kind`."""

from collections.abc import Callable
from typing import Any

import numpy as np
from ml_collections import ConfigDict

from iin_tf.checks import InputError
from iin_tf.experiment import given_models
from iin_tf.experiment.argument_names import OF_FIRST_STAGE, by_config_key
from iin_tf.experiment.own_code import own_first_stage
from iin_tf.first_stages import FirstStage, KerasFirstStage
from iin_tf.first_stages.stored import StoredLatents
from iin_tf.models.loading import load_model

# Enough for the spread of every dimension within a percent or two.
_NOISE_EXAMPLES = 5000
# A dimension that varies in none of so many rows, or rows of so many values, counts as constant.
_CONSTANT_EXAMPLES, _CONSTANT_VALUES = 50_000, 2**25


def freeze(model: Any, settings: ConfigDict, x: Any) -> FirstStage:
    """A trained model as a first stage.

    Args:
      model: Keras model.
      settings: the `first_stage` part of a config.
      x: inputs; a deterministic model gets its noise from them.
    """
    if hasattr(model, "decode"):
        return KerasFirstStage(model)
    first_stage = KerasFirstStage(model, noise=settings.noise, noise_kind=settings.noise_kind)
    first_stage.adapt(x[:_NOISE_EXAMPLES])
    return first_stage


def check_rows(x: Any) -> None:
    """Raises InputError unless the examples `x` are rows of a representation."""
    if len(x.shape) != 2 or x.dtype.kind not in "iuf":
        raise InputError(
            f"first_stage.kind is 'none', which takes rows of a representation, [n, N]; the data "
            f"are {x.dtype} {list(x.shape)}"
        )


def _trained(experiment):
    """The model that stage pretrain has left."""
    model = load_model(experiment.workdir.first_stage, compile=False)
    return freeze(model, experiment.config.first_stage, experiment.train_examples.x)


def _stored(experiment):
    """No model: the examples are the representation."""
    train, settings = experiment.train_examples, experiment.config.first_stage
    check_rows(train.x)
    first_stage = StoredLatents(train.x.shape[1], settings.noise, noise_kind=settings.noise_kind)
    _adapt(experiment, first_stage)
    return first_stage


def _given(make):
    """A model of the user's that `make` makes a first stage of."""

    def first_stage(experiment):
        config = experiment.config
        x = experiment.train_examples.x
        with by_config_key(OF_FIRST_STAGE):
            made = make(config.first_stage, x, config.seed)
        if not made.is_adapted:
            _adapt(experiment, made)
        return made

    return first_stage


def _own(experiment):
    """What `get_first_stage` of the user's own file gives."""
    first_stage = own_first_stage(experiment.config)
    if not first_stage.is_adapted:
        _adapt(experiment, first_stage)
    return first_stage


def _adapt(experiment, first_stage):
    train = experiment.train_examples
    # What varies among the examples that are held out alone, the network never sees vary.
    rows = np.flatnonzero(~experiment.is_validation(train.source))
    random = np.random.default_rng(experiment.config.seed)
    most = min(_CONSTANT_EXAMPLES, _CONSTANT_VALUES // max(1, train.x[:1].size))
    rows = np.sort(random.permutation(rows)[:most])
    first_stage.adapt(train.x[rows])


FIRST_STAGES: dict[str, Callable[[Any], FirstStage]] = {
    "autoencoder": _trained,
    "classifier": _trained,
    # Whole models, or their layers.
    "keras": _given(given_models.keras_stage),
    "application": _given(given_models.application),
    "saved_model": _given(given_models.saved_model),
    "none": _stored,
    # `get_first_stage` of the file config.code.
    "python": _own,
}
