"""What `fit` watches beside its loss, and what it does where training diverges."""

import keras
import numpy as np
import pytest

import iin_tf
from iin_tf.checks import InputError
from iin_tf.models.health import figures, told
from iin_tf.models.non_finite import NonFiniteLoss
from iin_tf.models.round_trip import RoundTripWarning, round_trip_error
from iin_tf.models.watch import DivergenceWarning, HalvedRate, Watch

LAYOUT = iin_tf.FactorLayout({"digit": 2}, residual=3)
Z = np.random.default_rng(0).normal(size=(128, 5)).astype(np.float32)
EPOCH = 4


def make(rate, optimizer=keras.optimizers.SGD, **kwargs):
    network = iin_tf.InterpretationNetwork(LAYOUT, blocks=1, hidden=4, depth=0, seed=0, **kwargs)
    network.compile(optimizer(rate))
    return network


def fit(network, epochs=3, **kwargs):
    # In the order of the rows: two trainings take the same steps.
    how = {"batch_size": len(Z) // EPOCH, "epochs": epochs, "verbose": 0, "shuffle": False}
    return network.fit(Z, **how, **kwargs)


def lost_at(step):
    """A learning rate that overflows at one step, and there alone."""
    values = [1e-3, 1e30, 1e-3]
    return keras.optimizers.schedules.PiecewiseConstantDecay([step - 1, step], values)


class AtEpoch(keras.callbacks.Callback):
    """Does something to the network as an epoch begins."""

    def __init__(self, epoch, change):
        super().__init__()
        self.epoch, self.change = epoch, change

    def on_epoch_begin(self, epoch, logs=None):
        if epoch == self.epoch:
            self.change(self.model)


def weights(network):
    return [weight.numpy() for weight in network.trainable_variables]


def test_a_fit_that_diverges_ends_with_the_best_weights():
    undisturbed, network = make(lost_at(100)), make(lost_at(EPOCH + 2))
    fit(undisturbed, epochs=1)
    with pytest.raises(NonFiniteLoss, match=r"epoch 2: .* has the weights of the end of epoch 1;"):
        fit(network, epochs=5)
    for best, weight in zip(weights(undisturbed), weights(network), strict=True):
        np.testing.assert_array_equal(best, weight)


def test_where_no_epoch_had_ended_the_network_is_what_it_was():
    network = make(lost_at(2))
    network.adapt(Z)
    before = weights(network)
    with pytest.raises(NonFiniteLoss, match="has the weights it began with"):
        fit(network)
    for first, weight in zip(before, weights(network), strict=True):
        np.testing.assert_array_equal(first, weight)


@pytest.mark.parametrize("optimizer", [keras.optimizers.SGD, iin_tf.FusedAdam])
def test_training_goes_on_at_half_the_rate(optimizer):
    network = make(lost_at(EPOCH + 2), optimizer)
    with pytest.warns(DivergenceWarning, match=r"at half the learning rate, 0\.0005$"):
        history = fit(network, epochs=4, watch=Watch("halve"))
    assert not np.isfinite(history.history["loss"][1])
    assert np.isfinite(history.history["loss"][2:]).all()
    assert float(network.optimizer.learning_rate) == pytest.approx(5e-4, rel=1e-6)
    assert network.optimizer.iterations.numpy() == 4 * EPOCH


def test_a_rate_without_a_schedule_is_halved_too():
    network = make(0.25)
    spoil = AtEpoch(1, lambda one: one.flow.actnorms.shift.assign(one.flow.actnorms.shift * np.nan))
    with pytest.warns(DivergenceWarning, match=r"learning rate, 0\.125$"):
        fit(network, watch=Watch("halve"), callbacks=spoil)
    assert float(network.optimizer.learning_rate) == 0.125


def test_after_five_halvings_training_stops():
    rate = keras.optimizers.schedules.PiecewiseConstantDecay([EPOCH], [1e-3, 1e30])
    network = make(rate)
    with pytest.warns(DivergenceWarning) as said, pytest.raises(NonFiniteLoss, match="epoch 7:"):
        fit(network, epochs=10, watch=Watch("halve"))
    assert len([one for one in said if one.category is DivergenceWarning]) == 5
    assert np.isfinite(np.concatenate([weight.ravel() for weight in weights(network)])).all()


def test_a_loss_far_above_the_best_is_said_and_taken_back():
    network = make(0.0)
    # Each dimension a hundred times too large: 5,000 nats for each, and 20 of them are the bound.
    stretch = AtEpoch(1, lambda one: one.flow.actnorms.log_scale.assign_add([[np.log(100)] * 5]))
    with pytest.warns(DivergenceWarning, match=r"epoch 2: the loss is .* above that of epoch 1"):
        history = fit(network, callbacks=stretch)
    assert len(history.epoch) == 2
    np.testing.assert_array_equal(network.flow.actnorms.log_scale, np.zeros((1, 5)))


def test_an_inverse_that_loses_its_digits_is_said_and_taken_back(monkeypatch):
    monkeypatch.setattr("iin_tf.models.watch._EVERY", 1)
    network = make(0.0)

    def spoil(one):
        one.flow.couplings.biases[-1].assign_add(
            np.full(one.flow.couplings.biases[-1].shape, 1e5, np.float32)
        )
        # The loss alone must not give it away.
        monkeypatch.setattr("iin_tf.models.watch._SPIKE", np.inf)

    with pytest.warns(RoundTripWarning, match=r"epoch 2: the inverse is off by up to .*epoch 1;"):
        fit(network, callbacks=AtEpoch(1, spoil))
    assert round_trip_error(network) < 1e-5


def test_what_was_seen_is_right():
    network = make(0.01, iin_tf.FusedAdam)
    history = fit(network)
    # One look: three epochs have fewer than 250 steps.
    (seen,) = history.watched
    assert seen["epoch"] == 1
    assert set(seen) == {
        "epoch", "round_trip", "actnorm", "saturated", "gradient", "nll/digit", "nll/residual"
    }  # fmt: skip
    # At rest, an epoch's likelihood is that of the rows.
    still = make(0.0)
    (seen,) = fit(still, epochs=1).watched
    blocks = {name: part.numpy() for name, part in still.factors(Z).items()}
    for name, part in blocks.items():
        nll = 0.5 * (np.square(part).sum(1) + part.shape[1] * np.log(2 * np.pi))
        # Sums of float32 over 128 rows.
        assert seen[f"nll/{name}"] == pytest.approx(nll.mean(), rel=1e-5)
    assert seen["actnorm"] == 0
    still.flow.actnorms.log_scale.assign([[0.5, -2, 0, 0, 1]])
    assert figures(still)["actnorm"] == 2


def test_saturation_is_the_share_of_log_scales_at_their_bound():
    network = make(0.0)
    network.adapt(Z)
    biases = network.flow.couplings.biases[-1].numpy()
    # Of the two couplings' networks [couplings, log-scale and shift, moved]: one output of three.
    biases[0, 0] = [100, 0, 0]
    biases[1, 0] = 0
    network.flow.couplings.biases[-1].assign(biases)
    found = figures(network)
    assert found["saturated"] == pytest.approx(1 / 3)
    assert "33% of a coupling's log-scales at their bound" in told(found)


def test_the_gradient_is_that_of_the_batch():
    network = make(0.0, iin_tf.FusedAdam)
    network.compile(iin_tf.FusedAdam(0.0, beta_1=0.0))
    network.fit(Z, batch_size=len(Z), verbose=0)
    import tensorflow as tf

    with tf.GradientTape() as tape:
        loss = -tf.reduce_mean(network.log_prob(Z))
    gradient = tape.gradient(loss, [weight.value for weight in network.trainable_variables])
    # With beta_1 = 0 the running mean is the last gradient.
    assert figures(network)["gradient"] == pytest.approx(
        float(tf.linalg.global_norm(gradient)), rel=1e-4
    )


def test_a_spline_network_has_no_log_scales_to_saturate():
    assert "saturated" not in figures(make(0.0, coupling="spline"))


def test_watching_can_be_left_out():
    network = make(lost_at(2))
    history = fit(network, watch=False)
    assert not np.isfinite(history.history["loss"][-1])
    assert history.watched == []


@pytest.mark.parametrize("wrong", ["yes", None, 1, Watch])
def test_other_watches_are_refused(wrong):
    with pytest.raises(InputError, match="watch is"):
        fit(make(0.1), watch=wrong)
    with pytest.raises(InputError, match="on_divergence is"):
        Watch("go on")


def test_a_halved_rate_survives_saving():
    rate = HalvedRate(keras.optimizers.schedules.ExponentialDecay(1.0, 10, 0.1))
    again = keras.optimizers.schedules.deserialize(keras.optimizers.schedules.serialize(rate))
    assert float(again(10)) == pytest.approx(0.05)


def test_what_is_watched_is_not_saved(tmp_path):
    network = make(0.1)
    fit(network)
    network.save(tmp_path / "x.keras")
    again = iin_tf.load(tmp_path / "x.keras")
    assert not np.asarray(again.block_squares.sums).any()
