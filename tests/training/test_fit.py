"""A training run: best weights, early stopping, resuming, non-finite losses."""

import shutil

import keras
import numpy as np
import pytest
import tensorflow as tf

from iin_tf import FactorLayout, InterpretationNetwork
from iin_tf.experiment.config import default_config
from iin_tf.models.non_finite import NonFiniteLoss
from iin_tf.training import Checkpoints
from iin_tf.training.fit import fit_network
from iin_tf.training.tensorboard import losses

LAYOUT = FactorLayout({"shape": 2}, residual=2)


def settings(**changes):
    training = default_config().training
    training.update({"steps": 12, "steps_per_epoch": 3, "learning_rate": 0.01, **changes})
    return training


def network():
    return InterpretationNetwork(LAYOUT, blocks=1, hidden=8, depth=0, seed=0)


def pairs(step, scale=1.0):
    random = np.random.default_rng([7, step])
    z_a = random.normal(size=(16, 4)).astype("float32")
    z_b = z_a + 0.1 * random.normal(size=(16, 4)).astype("float32")
    return (scale * z_a, scale * z_b), np.tile([False, True], (16, 1))


def batches(start, scale=lambda step: 1.0):
    def generate():
        step = start
        while True:
            yield pairs(step, scale(step))
            step += 1

    rows = tf.TensorSpec([16, 4])
    return tf.data.Dataset.from_generator(
        generate, output_signature=((rows, rows), tf.TensorSpec([16, 2], tf.bool))
    )


def saved(directory, patience=5):
    return Checkpoints(directory, monitor="val_loss", patience=patience)


def held_out():
    return batches(1000).take(2)


def test_the_best_weights_are_kept_and_given_back(tmp_path):
    net = network()
    net.adapt(pairs(0)[0][0])
    # From the third epoch on, training goes for data of another scale.
    shifted = lambda start: batches(start, lambda step: 1.0 if step < 6 else 20.0)  # noqa: E731
    checkpoints = saved(tmp_path)
    history = fit_network(net, shifted, held_out(), settings(learning_rate=0.1), checkpoints)
    losses = history.history["val_loss"]
    assert np.argmin(losses) < len(losses) - 1
    epoch = int(np.argmin(losses))
    assert checkpoints.best == {"loss": min(losses), "epoch": epoch, "step": 3 * (epoch + 1)}
    # The same weights on the same batches, in another graph: float32 rounding.
    assert float(net.evaluate(held_out(), verbose=0)) == pytest.approx(min(losses), rel=1e-5)


def test_training_stops_when_the_held_out_loss_stalls(tmp_path):
    changes = settings(learning_rate=0.3, steps=300)
    history = fit_network(network(), batches, held_out(), changes, saved(tmp_path, patience=2))
    losses = history.history["val_loss"]
    assert len(losses) == int(np.argmin(losses)) + 1 + 2


def test_only_the_epochs_that_count_can_be_the_best(tmp_path):
    net = network()
    net.adapt(pairs(0)[0][0])
    # Ever worse: the first epoch would be the best, and patience long over.
    worse = lambda start: batches(start, lambda step: 1.0 + step)  # noqa: E731
    checkpoints = Checkpoints(tmp_path, monitor="val_loss", patience=2, first=7)
    changes = settings(learning_rate=0.3, steps=30)
    losses = fit_network(net, worse, held_out(), changes, checkpoints).history["val_loss"]
    assert np.argmin(losses) < 7
    assert checkpoints.best["epoch"] == 7 + int(np.argmin(losses[7:]))


def test_a_gradient_that_is_clipped_to_nothing_moves_nothing(tmp_path):
    net = network()
    net.adapt(pairs(0)[0][0])
    before = [weight.numpy() for weight in net.trainable_weights]
    # Adam divides by the gradient's size and 1e-7, beside which 1e-20 is nothing.
    fit_network(net, batches, held_out(), settings(clip_norm=1e-20), saved(tmp_path))
    for weight, old in zip(net.trainable_weights, before, strict=True):
        np.testing.assert_allclose(weight.numpy(), old, atol=1e-10)


class Interrupt(keras.callbacks.Callback):
    def __init__(self, step):
        super().__init__()
        self.step = step

    def on_train_batch_end(self, batch, logs=None):
        if int(self.model.optimizer.iterations) == self.step:
            raise KeyboardInterrupt


def interrupted(directory, step, monkeypatch, **more):
    """A training that ends behind `step`."""
    original = InterpretationNetwork.fit

    def fit_and_interrupt(self, *args, callbacks, **kwargs):
        return original(self, *args, callbacks=[Interrupt(step), *callbacks], **kwargs)

    with monkeypatch.context() as patch:
        patch.setattr(InterpretationNetwork, "fit", fit_and_interrupt)
        with pytest.raises(KeyboardInterrupt):
            fit_network(network(), batches, held_out(), settings(), saved(directory), **more)


def test_a_resumed_run_ends_as_an_undisturbed_one(tmp_path, monkeypatch):
    undisturbed = network()
    fit_network(undisturbed, batches, held_out(), settings(), saved(tmp_path / "one"))
    interrupted(tmp_path / "two", 8, monkeypatch)
    starts = []

    def recorded(start):
        starts.append(start)
        return batches(start)

    resumed = network()
    fit_network(resumed, recorded, held_out(), settings(), saved(tmp_path / "two"))
    assert starts == [6]
    for one, two in zip(undisturbed.weights, resumed.weights, strict=True):
        np.testing.assert_array_equal(one.numpy(), two.numpy(), err_msg=one.path)


def scalars(directory):
    """(run, tag, step) of every scalar, as they come in the files."""
    found = []
    for path in sorted(directory.rglob("events*")):
        for record in tf.data.TFRecordDataset(str(path)):
            event = tf.compat.v1.Event.FromString(record.numpy())
            run = path.parent.name
            found += [(run, value.tag, event.step) for value in event.summary.value]
    return found


def test_tensorboard_has_every_epoch_once_however_often_a_run_ended(tmp_path, monkeypatch):
    log = tmp_path / "tensorboard"
    draw = lambda network: {"swap": np.zeros((4, 4, 3))}  # noqa: E731
    more = {"tensorboard": log, "draw": draw}
    fit_network(network(), batches, held_out(), settings(), saved(tmp_path / "one"), **more)
    expected = sorted(scalars(log))
    assert ("train", "epoch_loss", 3) in expected
    shutil.rmtree(log)
    interrupted(tmp_path / "two", 4, monkeypatch, **more)
    # Killed between the log and the checkpoint: an epoch that is not counted is on file.
    with monkeypatch.context() as patch:
        patch.setattr(Checkpoints, "on_epoch_end", lambda *_, **__: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            fit_network(network(), batches, held_out(), settings(), saved(tmp_path / "two"), **more)
    assert ("train", "epoch_loss", 1) in scalars(log)
    # And within a record.
    path = max(log.glob("train/events*"))
    path.write_bytes(path.read_bytes()[:-3])
    fit_network(network(), batches, held_out(), settings(), saved(tmp_path / "two"), **more)
    assert sorted(scalars(log)) == expected


def test_fewer_steps_than_an_epoch_has_are_one_epoch(tmp_path):
    net = network()
    history = fit_network(net, batches, held_out(), settings(steps=2), saved(tmp_path))
    assert len(history.history["val_loss"]) == 1
    assert int(net.optimizer.iterations) == 2


@pytest.mark.parametrize(("steps", "per_epoch"), [(0, 3), (13, 3), (12, 0), (-3, 3)])
def test_a_broken_number_of_epochs_is_refused(tmp_path, steps, per_epoch):
    wrong = settings(steps=steps, steps_per_epoch=per_epoch)
    with pytest.raises(ValueError, match=rf"training\.steps is {steps} .* {per_epoch}; give"):
        fit_network(network(), batches, held_out(), wrong, saved(tmp_path))


def test_a_loss_that_is_not_finite_in_the_first_epoch_keeps_nothing(tmp_path):
    net = network()
    net.adapt(pairs(0)[0][0])
    explode = lambda start: batches(start, lambda step: 1e30)  # noqa: E731
    with pytest.raises(NonFiniteLoss, match="no epoch had ended"):
        fit_network(net, explode, held_out(), settings(), saved(tmp_path))


def test_a_loss_that_is_not_finite_names_step_and_statistic(tmp_path):
    net = network()
    net.adapt(pairs(0)[0][0])
    # Finite latents whose squares are not: what is not finite is refused as it is read.
    explode = lambda step: 1e30 if step == 7 else 1.0  # noqa: E731
    checkpoints = saved(tmp_path)
    exploding = lambda start: batches(start, explode)  # noqa: E731
    message = r"step 8: the loss is \S+, because .* not finite; .* kept at .*step_00000000\d; lower"
    with pytest.raises(NonFiniteLoss, match=message):
        fit_network(net, exploding, held_out(), settings(), checkpoints)
    loss = checkpoints.best["loss"]
    assert float(net.evaluate(held_out(), verbose=0)) == pytest.approx(loss, rel=1e-5)


def test_tensorboard_gets_scalars_and_pictures(tmp_path):
    draw = lambda network: {"swap": np.zeros((4, 4, 3))}  # noqa: E731
    history = fit_network(
        network(),
        batches,
        held_out(),
        settings(pictures_every=2),
        saved(tmp_path / "checkpoints"),
        tmp_path / "tensorboard",
        draw,
        lambda network: {"shape": 1.5},
    )
    tags = set()
    for path in (tmp_path / "tensorboard").rglob("events*"):
        for record in tf.data.TFRecordDataset(str(path)):
            event = tf.compat.v1.Event.FromString(record.numpy())
            tags |= {value.tag for value in event.summary.value}
    assert {"swap", "epoch_loss", "epoch_nll/shape"} <= tags
    told = losses(tmp_path / "tensorboard")
    assert list(told["training"]) == [1, 2, 3, 4]
    # On file as float32.
    np.testing.assert_allclose([*told["training"].values()], history.history["loss"], rtol=1e-6)
    np.testing.assert_allclose([*told["held out"].values()], history.history["val_loss"], rtol=1e-6)
    path = max((tmp_path / "tensorboard" / "train").glob("events*"))
    path.write_bytes(path.read_bytes()[:-3])
    assert list(losses(tmp_path / "tensorboard")["held out"]) == [1, 2, 3, 4]
    assert losses(tmp_path / "none") == {}


def test_held_out_terms_are_logged_after_every_epoch(tmp_path):
    seen = []

    def measure(network):
        seen.append(network)
        return {"shape": float(len(seen))}

    net = network()
    history = fit_network(net, batches, held_out(), settings(), saved(tmp_path), measure=measure)
    assert history.history["val_nll/shape"] == [1.0, 2.0, 3.0, 4.0]
    assert all(network is net for network in seen)
