"""The frozen model of an experiment: one entry for each `first_stage.kind`."""

from collections.abc import Callable
from typing import Any

import numpy as np

from iin_tf.checks import InputError
from iin_tf.first_stages import FirstStage, KerasFirstStage
from iin_tf.first_stages.stored import StoredLatents
from iin_tf.models.loading import load_model

# Enough for the spread of every dimension within a percent or two.
_NOISE_EXAMPLES = 5000
# A dimension that varies in none of so many rows counts as constant.
_CONSTANT_EXAMPLES = 50_000


def freeze(model: Any, noise: float, x: Any) -> FirstStage:
    """The trained `model` as a first stage; a deterministic one gets its noise from inputs `x`."""
    if hasattr(model, "decode"):
        return KerasFirstStage(model)
    first_stage = KerasFirstStage(model, noise=noise)
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
    return freeze(model, experiment.config.first_stage.noise, experiment.train_examples.x)


def _stored(experiment):
    """No model: the examples are the representation."""
    train = experiment.train_examples
    check_rows(train.x)
    first_stage = StoredLatents(train.x.shape[1], experiment.config.first_stage.noise)
    # What varies among the examples that are held out alone, the network never sees vary.
    rows = np.flatnonzero(~experiment.is_validation(train.source))
    random = np.random.default_rng(experiment.config.seed)
    rows = np.sort(random.permutation(rows)[:_CONSTANT_EXAMPLES])
    first_stage.adapt(train.x[rows])
    return first_stage


FIRST_STAGES: dict[str, Callable[[Any], FirstStage]] = {
    "autoencoder": _trained,
    "classifier": _trained,
    "none": _stored,
}
