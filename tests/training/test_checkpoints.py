"""Checkpoints in `fit`: what goes on from one ends as what nothing disturbed, to the last bit."""

import os
import random
import signal
import types

import keras
import numpy as np
import pytest
import tensorflow as tf

from iin_tf import interruption
from iin_tf.checks import InputError
from iin_tf.optimizers import ConstantThenLinear, FusedAdam
from iin_tf.training import Checkpoints, DamagedCheckpointWarning, save_on_signals

EPOCHS, PER_EPOCH = 3, 4


def model():
    """Dropout has a seed of its own that moves on; the schedule has its place."""
    keras.utils.set_random_seed(0)
    net = keras.Sequential(
        [
            keras.layers.Input((3,)),
            keras.layers.Dense(4, activation="tanh"),
            keras.layers.Dropout(0.5, seed=1),
            keras.layers.BatchNormalization(),
            keras.layers.Dense(1),
        ]
    )
    schedule = ConstantThenLinear(0.1, EPOCHS * PER_EPOCH)
    net.compile(FusedAdam(schedule), "mse", metrics=["mae"])
    return net


def batches(start):
    def make(step):
        x = tf.random.stateless_normal([8, 3], [7, tf.cast(step, tf.int32)])
        return x, tf.reduce_sum(x, axis=1, keepdims=True)

    return tf.data.Dataset.counter(start).map(make)


class Note(keras.callbacks.Callback):
    """What each epoch's logs were; draws of the global generators; may stop after a step."""

    def __init__(self, die_after=None, by=KeyboardInterrupt):
        super().__init__()
        self.die_after, self.by, self.step = die_after, by, 0
        self.logs, self.drawn = {}, []

    def on_train_batch_end(self, batch, logs=None):
        step = int(self.model.optimizer.iterations)
        self.drawn.append((random.random(), np.random.random()))  # noqa: NPY002
        if step == self.die_after:
            if self.by is KeyboardInterrupt:
                raise KeyboardInterrupt
            os.kill(os.getpid(), self.by)

    def on_epoch_end(self, epoch, logs=None):
        self.logs[epoch] = dict(logs)


def train(directory, note=None, net=None, also=(), epochs=EPOCHS, **settings):
    net, note = net or model(), note or Note()
    checkpoints = Checkpoints(directory, also=also, **settings)
    net.fit(
        batches(checkpoints.step),
        steps_per_epoch=PER_EPOCH,
        epochs=epochs,
        validation_data=batches(1000).take(2),
        callbacks=[*also, note, checkpoints],
        shuffle=False,
        verbose=0,
    )
    return net, note, checkpoints


def check_equal(net, other):
    for one, two in zip(all_of(net), all_of(other), strict=True):
        np.testing.assert_array_equal(one.numpy(), two.numpy(), err_msg=one.path)


def all_of(net):
    return [*net.variables, *net.optimizer.variables]


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    return train(tmp_path_factory.mktemp("undisturbed"), monitor="val_loss")


@pytest.mark.parametrize("step", [1, 2, 4, 6, 8, 11, 12])
def test_a_training_that_ended_after_any_step_goes_on_bit_equal(tmp_path, undisturbed, step):
    settings = {"steps": 1, "monitor": "val_loss"}
    with pytest.raises(KeyboardInterrupt):
        train(tmp_path, Note(step), **settings)
    net, note, checkpoints = train(tmp_path, **settings)
    check_equal(net, undisturbed[0])
    assert checkpoints.best == undisturbed[2].best
    # The epoch that was cut in two is logged as a whole one; Python and NumPy draw on.
    last = undisturbed[1].logs
    assert note.logs == {epoch: last[epoch] for epoch in range((step - 1) // PER_EPOCH, EPOCHS)}
    assert note.drawn == undisturbed[1].drawn[step - 1 :]


def test_between_checkpoints_the_data_go_on_where_the_weights_do(tmp_path, undisturbed):
    with pytest.raises(KeyboardInterrupt):
        train(tmp_path, Note(8), steps=3, monitor="val_loss")
    assert Checkpoints(tmp_path).step == 7
    assert Checkpoints(tmp_path).epoch == 1
    net, _, _ = train(tmp_path, steps=3, monitor="val_loss")
    check_equal(net, undisturbed[0])


def test_minutes_make_a_checkpoint_due(tmp_path, monkeypatch):
    now = [0.0]
    # This module's clock alone: a server that another test left running sleeps by time's own.
    clock = types.SimpleNamespace(monotonic=lambda: now[0])
    monkeypatch.setattr("iin_tf.training.checkpoints.time", clock)

    class Slow(Note):
        def on_train_batch_begin(self, batch, logs=None):
            now[0] += 40

    with pytest.raises(KeyboardInterrupt):
        train(tmp_path, Slow(3), minutes=1)
    # 80 seconds had gone by after the second step.
    assert Checkpoints(tmp_path).step == 2


def test_after_damage_weights_and_data_go_back_together(tmp_path, undisturbed):
    with pytest.raises(KeyboardInterrupt):
        train(tmp_path, Note(12), steps=3, monitor="val_loss")
    (tmp_path / "step_000000011/optimizer.npz").write_bytes(b"")
    with pytest.warns(DamagedCheckpointWarning, match=r"optimizer\.npz .*step_000000008 is used"):
        net, _, _ = train(tmp_path, steps=3, monitor="val_loss")
    check_equal(net, undisturbed[0])


def test_where_no_checkpoint_is_whole_training_begins_anew(tmp_path, undisturbed):
    with pytest.raises(KeyboardInterrupt):
        train(tmp_path, Note(5), monitor="val_loss")
    (tmp_path / "step_000000004/model.npz").write_bytes(b"half")
    with pytest.warns(DamagedCheckpointWarning, match=r"model\.npz .* begins anew"):
        net, _, _ = train(tmp_path, monitor="val_loss")
    check_equal(net, undisturbed[0])


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_saves_after_the_step_and_leaves_with_its_own_code(tmp_path, undisturbed, number):
    before = signal.getsignal(number)
    with pytest.raises(SystemExit) as left, save_on_signals():
        train(tmp_path, Note(6, by=number), monitor="val_loss")
    assert left.value.code == 128 + number
    assert Checkpoints(tmp_path).step == 6
    assert signal.getsignal(number) is before
    net, _, _ = train(tmp_path, monitor="val_loss")
    check_equal(net, undisturbed[0])


def test_a_signal_in_the_last_step_of_an_epoch_waits_for_its_end(tmp_path):
    with pytest.raises(interruption.Interrupted), save_on_signals():
        train(tmp_path, Note(4, by=signal.SIGTERM))
    assert Checkpoints(tmp_path).epoch == 1


def test_a_signal_that_nothing_saves_for_ends_the_block():
    waited = []

    def work():
        with save_on_signals():
            os.kill(os.getpid(), signal.SIGTERM)
            waited.append(True)

    with pytest.raises(interruption.Interrupted) as left:
        work()
    assert waited
    assert left.value.code == 143


def test_a_second_signal_waits_for_nothing():
    def work():
        with save_on_signals():
            os.kill(os.getpid(), signal.SIGTERM)
            os.kill(os.getpid(), signal.SIGINT)
            pytest.fail("it goes on")

    with pytest.raises(interruption.Interrupted) as left:
        work()
    assert left.value.code == 130


def test_the_counts_of_other_callbacks_go_on(tmp_path):
    def also():
        return [
            keras.callbacks.EarlyStopping("val_loss", patience=2, min_delta=1000.0),
            keras.callbacks.ReduceLROnPlateau("val_loss", patience=1, min_delta=1000.0),
        ]

    def constant():
        net = model()
        net.compile(FusedAdam(0.1), "mse")
        return net

    whole, note, _ = train(tmp_path / "one", net=constant(), also=also(), epochs=9)
    with pytest.raises(KeyboardInterrupt):
        train(tmp_path / "two", Note(9), net=constant(), also=also(), epochs=9)
    net, resumed, _ = train(tmp_path / "two", net=constant(), also=also(), epochs=9)
    check_equal(net, whole)
    # Nothing is better by 1,000: the third epoch is the last, and the rate has fallen.
    assert [*note.logs] == [0, 1, 2]
    assert [*resumed.logs] == [2]
    assert float(net.optimizer.learning_rate) < 0.05


def test_a_training_that_had_ended_trains_no_more(tmp_path, undisturbed):
    settings = {"monitor": "val_loss", "patience": 1}
    net = model()
    net.compile(FusedAdam(1e-12), "mse")
    _, note, _ = train(tmp_path, net=net, epochs=50, **settings)
    assert len(note.logs) < 50
    net = model()
    net.compile(FusedAdam(1e-12), "mse")
    _, again, checkpoints = train(tmp_path, net=net, epochs=50, **settings)
    assert not again.logs
    assert checkpoints.best["loss"] == min(logs["val_loss"] for logs in note.logs.values())


def test_more_epochs_go_on_behind_the_last(tmp_path):
    whole, _, _ = train(tmp_path / "one")
    train(tmp_path / "two", epochs=2)
    net, note, _ = train(tmp_path / "two")
    assert [*note.logs] == [2]
    check_equal(net, whole)


def test_a_second_fit_of_the_same_model_begins_at_its_own_epoch(tmp_path):
    net, _, _ = train(tmp_path)
    assert net.fit(batches(0), steps_per_epoch=1, epochs=2, verbose=0).epoch == [0, 1]


def test_another_model_is_refused_with_what_differs(tmp_path):
    train(tmp_path, epochs=1)
    net = keras.Sequential([keras.layers.Input((3,)), keras.layers.Dense(1, name="other")])
    net.compile("adam", "mse")
    message = r"step_000000004 is of another model: .* only the model \['sequential/other/bias"
    with pytest.raises(InputError, match=message):
        train(tmp_path, net=net)


def test_lost_weights_are_not_saved(tmp_path):
    net = model()
    net.compile(FusedAdam(float("inf")), "mse")
    train(tmp_path, net=net)
    assert Checkpoints(tmp_path).step == 0


def test_weights_in_bfloat16_come_back(tmp_path):
    def small():
        net = keras.Sequential([keras.layers.Input((3,)), keras.layers.Dense(1, dtype="bfloat16")])
        net.compile("sgd", "mse")
        return net

    net, _, _ = train(tmp_path, net=small())
    again, _, _ = train(tmp_path, net=small())
    assert again.layers[0].kernel.dtype == "bfloat16"
    check_equal(net, again)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"keep": 0}, "keep is 0"),
        ({"steps": -1}, "steps is -1"),
        ({"minutes": -1}, "minutes is -1"),
        ({"patience": 3}, "monitor is None"),
    ],
)
def test_wrong_settings_are_refused(tmp_path, settings, message):
    with pytest.raises(InputError, match=message):
        Checkpoints(tmp_path, **settings)


def test_a_loss_that_is_not_in_the_logs_is_named(tmp_path):
    with pytest.raises(InputError, match=r"monitor is 'val_los'; the logs .*'val_loss'"):
        train(tmp_path, monitor="val_los")
