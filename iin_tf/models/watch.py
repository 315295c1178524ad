"""What `fit` looks at beside its loss, and what it does where training diverges."""

import warnings
from typing import TYPE_CHECKING, Any, Literal

import keras
import numpy as np
import tensorflow as tf

from iin_tf.checks import choice
from iin_tf.models.health import figures, told
from iin_tf.models.non_finite import NonFiniteLoss, where_it_began
from iin_tf.models.round_trip import RoundTripWarning, most_error

if TYPE_CHECKING:
    from iin_tf.models.interpretation_network import InterpretationNetwork

# Steps between two looks: a look costs as much as a few steps.
_EVERY = 250
# Halvings of the learning rate, after which training stops.
_HALVINGS = 5
# Nats for each dimension of both members by which a loss rises above the best where all is lost.
_SPIKE = 10


class DivergenceWarning(UserWarning):
    """Training diverged, and something was done about it."""


@keras.saving.register_keras_serializable("iin_tf")
class HalvedRate(keras.optimizers.schedules.LearningRateSchedule):
    """Half of another schedule's learning rate.

    Args:
      schedule: the other.
    """

    def __init__(self, schedule: keras.optimizers.schedules.LearningRateSchedule):
        self.schedule = schedule

    def __call__(self, step: Any) -> Any:
        return 0.5 * self.schedule(step)

    def get_config(self) -> dict[str, Any]:
        return {"schedule": keras.optimizers.schedules.serialize(self.schedule)}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "HalvedRate":
        return cls(keras.optimizers.schedules.deserialize(config["schedule"]))


class Watch(keras.callbacks.Callback):
    """Looks at a network while it trains; `fit` adds one by itself.

    After the first epoch, and after every one that ends 250 steps or more after the last look, it
    looks at the figures of `iin_tf.models.health.figures`.  Training has diverged where the loss
    of an epoch is not finite, where it stands above the best by 10 nats for each dimension of two
    members, or where the inverse has lost half of its digits.  The network then gets the weights
    of the best epoch back.

    Args:
      on_divergence: "stop", with NonFiniteLoss where the loss is not finite and a warning
        otherwise; or "halve": training goes on from the best weights at half the learning
        rate, with a warning, five times at most.
      into_logs: whether the figures stand in the logs of the epoch too, as `watch/NAME`.

    Attributes:
      seen: a dict of figures for each look, with its "epoch", counted from 1.

    Raises:
      InputError: `on_divergence` is another word.
    """

    def __init__(
        self, on_divergence: Literal["stop", "halve"] = "stop", into_logs: bool = False
    ) -> None:
        super().__init__()
        self.on_divergence = choice(on_divergence, "on_divergence", ("stop", "halve"))
        self.into_logs = into_logs
        self.seen: list[dict[str, Any]] = []

    def on_train_begin(self, logs: Any = None) -> None:
        self.seen, self._halvings = [], 0
        self._looked: int | None = None
        self._best_loss, self._best_epoch = float("inf"), 0
        self._best = [weight.numpy().copy() for weight in self.model.trainable_variables]

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self.model.block_squares.reset_state()

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        logs = {} if logs is None else logs
        loss = logs.get("val_loss", logs.get("loss", 0.0))
        fault = self._fault(epoch, logs, loss)
        if fault is not None:
            said, kind = fault
            self._diverged(f"epoch {epoch + 1}: {said}", kind)
        elif loss < self._best_loss:
            self._best_loss, self._best_epoch = loss, epoch + 1
            # In place: one copy of the weights, not two.
            for kept, weight in zip(self._best, self.model.trainable_variables, strict=True):
                np.copyto(kept, weight.numpy())

    def _fault(self, epoch, logs, loss):
        """What is wrong after this epoch, and the error or warning that says so; or None."""
        for value in (logs.get("loss", 0.0), loss):
            if not np.isfinite(value):
                return f"the loss is {value}: {where_it_began(self.model)}", NonFiniteLoss
        rise = loss - self._best_loss
        if rise > 2 * _SPIKE * self.model.layout.latent_size:
            said = f"the loss is {loss:.4g}, {rise:.4g} nats above that of epoch {self._best_epoch}"
            return said, DivergenceWarning
        return self._look(epoch, logs)

    def _look(self, epoch, logs):
        step = int(self.model.optimizer.iterations.numpy())
        if self._looked is not None and step - self._looked < _EVERY:
            return None
        self._looked = step
        found = figures(self.model)
        self.seen.append({"epoch": epoch + 1, **found})
        if self.into_logs:
            logs.update({f"watch/{name}": value for name, value in found.items()})
        lost = found["round_trip"] > most_error(self.model)
        # Where it was lost from the start, no weights of before are better.
        if not lost or self._best_epoch == 0:
            return None
        said = f"the inverse is off by up to {found['round_trip']:.2g} standard deviations"
        return said, RoundTripWarning

    def _diverged(self, said, kind):
        if self.seen:
            said = f"{said} (at the end of epoch {self.seen[-1]['epoch']}: {told(self.seen[-1])})"
        self._restore()
        kept = f"of the end of epoch {self._best_epoch}" if self._best_epoch else "it began with"
        kept = f"the network has the weights {kept}"
        if self.on_divergence == "halve" and self._halvings < _HALVINGS:
            self._halvings += 1
            rate = self._halve()
            warnings.warn(
                f"{said}; {kept}, and goes on at half the learning rate, {rate:.3g}",
                DivergenceWarning,
                stacklevel=2,
            )
            return
        self.model.stop_training = True
        said = f"{said}; {kept}; lower the learning rate or clip the gradient, and train on"
        if kind is NonFiniteLoss:
            raise NonFiniteLoss(said)
        warnings.warn(said, kind, stacklevel=2)

    def _restore(self):
        for weight, value in zip(self.model.trainable_variables, self._best, strict=True):
            weight.assign(value)
        # What an optimizer remembers of gradients that were not finite would lose them again.
        for variable in self.model.optimizer.variables:
            if variable.name not in ("iteration", "learning_rate"):
                variable.assign(tf.zeros_like(variable.value))
        self.model.non_finite.reset_state()

    def _halve(self):
        """Halves the optimizer's learning rate, whatever it is, and says what it is now."""
        optimizer = self.model.optimizer
        rate = optimizer.get_config()["learning_rate"]
        if isinstance(rate, dict):
            optimizer.learning_rate = HalvedRate(keras.optimizers.schedules.deserialize(rate))
            # The step was traced with the schedule of before.
            self.model.make_train_function(force=True)
        else:
            optimizer.learning_rate = 0.5 * rate
        return float(optimizer.learning_rate)


def watch_of(watch: "bool | Watch", network: "InterpretationNetwork") -> list[Watch]:
    """The callbacks that the argument `watch` of `fit` asks for: none or one."""
    from iin_tf.checks import InputError, shown

    if isinstance(watch, Watch):
        return [watch]
    if not isinstance(watch, bool):
        raise InputError(f"watch is {shown(watch)}; give True, False or an iin_tf.models.Watch")
    return [Watch()] if watch else []
