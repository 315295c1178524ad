"""What goes wrong in training, and what is said of it."""

import operator
import warnings

import keras
import numpy as np
import pytest
import tensorflow as tf
from small_training import PAIRS, N, fit, make, weights

from iin_tf.checks import InputError
from iin_tf.models.non_finite import NonFiniteLoss
from iin_tf.models.round_trip import RoundTripWarning, round_trip_error


def test_nothing_is_reported_while_all_is_finite(data):
    network = make()
    fit(network, *data)
    assert network.non_finite.first() is None


@pytest.mark.parametrize(
    ("weight", "entry", "statistic"),
    [
        # A NaN in a value shows in the next log-det, which depends on it.
        ("actnorms.shift", (0, 2), "the log-det of block 0, coupling"),
        ("actnorms.log_scale", (1, 0), "the log-det of block 1, actnorm"),
        ("couplings.biases", (0, 0, 0), "the log-det of block 0, coupling"),
        ("couplings.biases", (3, 0, 0), "the log-det of block 1, flipped coupling"),
    ],
)
def test_the_first_statistic_that_is_not_finite_is_named(data, weight, entry, statistic):
    network = make(blocks=2)
    network.adapt(np.concatenate(data[0]))
    variable = operator.attrgetter(weight)(network.flow)
    variable = variable[-1] if weight == "couplings.biases" else variable
    values = variable.numpy()
    values[entry] = np.nan
    variable.assign(values)
    with pytest.raises(NonFiniteLoss, match=f"epoch 1: the loss is nan: at step 1 {statistic} was"):
        fit(network, *data, batch_size=PAIRS, validation_data=data)


@pytest.mark.parametrize("per_execution", [1, 2])
def test_a_diverged_fit_says_where_it_began(data, per_execution):
    """A learning rate that overflows at the step at which it is reached."""
    rate = keras.optimizers.schedules.PiecewiseConstantDecay([5], [0.0, 1e30])
    network = make()
    network.compile(keras.optimizers.SGD(rate), steps_per_execution=per_execution)
    seen = []
    callback = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: seen.append(epoch))
    # The step of rate 1e30 is the 7th (the rate of step t is that of t - 1): the 8th is lost.
    with pytest.raises(NonFiniteLoss, match=r"epoch 2: the loss is \S+: at step 8 .* was not"):
        fit(network, *data, epochs=5, callbacks=callback)
    # The watch ends the second epoch before other callbacks see it, with the best weights.
    assert seen == [0]
    assert all(np.isfinite(weight).all() for weight in weights(network))


def test_weights_that_are_lost_are_said_to_be(data):
    network = make()
    network.adapt(np.concatenate(data[0]))
    network.flow.actnorms.shift.assign(network.flow.actnorms.shift * np.nan)
    with pytest.raises(InputError, match=r"the network's weights are not finite \(.*diverged"):
        network.invert(np.full((2, N), np.nan))


def test_a_fit_that_costs_the_inverse_its_digits_warns(data):
    network = make(dtype="float64")
    network.adapt(np.concatenate(data[0]))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fit(network, *data)
    assert round_trip_error(network) < 1e-12
    # Scales of e^25 beside e^-25, and shifts of 1e9 between them.
    actnorms, couplings = network.flow.actnorms, network.flow.couplings
    actnorms.log_scale.assign(actnorms.log_scale + 25 * (-1.0) ** np.arange(N))
    couplings.biases[-1].assign(couplings.biases[-1] + 1e9)
    assert round_trip_error(network) > 1e-8
    network.compile(keras.optimizers.SGD(0.0))
    with pytest.warns(RoundTripWarning, match="the inverse is off by up to .* of z_tilde"):
        fit(network, *data)


def test_a_learned_correlation_beside_numbers_is_warned_of(data):
    (z_a, z_b), shared = data
    rows = (np.eye(4, 3)[shared] * 0.5).astype("float32")
    network = make(correlation="learned")
    batches = tf.data.Dataset.from_tensor_slices(((z_a, z_b), rows)).batch(16)
    for given in (((z_a, z_b), rows), (batches, None)):
        with pytest.warns(UserWarning, match='correlation is "learned", but shared holds'):
            fit(network, *given, shuffle=False, batch_size=None)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fit(network, (z_a, z_b), shared)
        fit(make(), (z_a, z_b), rows)


def bad(z, row=3, value=np.nan):
    z = z.copy()
    z[row, 1] = value
    return z


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda a, b, s: {"x": None}, "x is None"),
        (
            lambda a, b, s: {"x": (a, b), "y": None},
            "x is a tuple of 2, without shared: give shared with the two members",
        ),
        (lambda a, b, s: {"x": a}, r"labels has shape \(64,\); give \[B, 2\], a column for each"),
        (
            lambda a, b, s: {"x": (a, b, b)},
            "x is a tuple of 3, with shared: give shared with the two members",
        ),
        (lambda a, b, s: {"x": (bad(a), b)}, "z_a: row 3 is not finite"),
        (lambda a, b, s: {"x": (a, bad(b, value=np.inf))}, "z_b: row 3 is not finite"),
        (lambda a, b, s: {"x": bad(a), "y": None}, "z: row 3 is not finite"),
        (lambda a, b, s: {"x": (a[:5], b)}, "z_a has 5 rows and z_b has 64"),
        (lambda a, b, s: {"y": s[:5]}, r"shared has shape \(5,\), but there are 64 pairs"),
        (lambda a, b, s: {"y": s + 1}, "from -1 to 2, but it holds 3"),
        (lambda a, b, s: {"y": np.eye(3)[s]}, r"in \[0, 1\), but it holds 1.0"),
        (lambda a, b, s: {"y": np.eye(3, dtype=int)[s]}, r"shape \(64, 3\), but there are 64"),
        (lambda a, b, s: {"y": np.zeros((64, 2))}, "each of the 3 blocks"),
        (lambda a, b, s: {"x": (a[:, :4], b)}, r"z_a has shape \(64, 4\).*sum to 6"),
        (lambda a, b, s: {"x": a[0], "y": None}, r"z has shape \(6,\); give rows"),
        (lambda a, b, s: {"x": (a[:0], b[:0]), "y": s[:0]}, "z_a has no rows"),
        (lambda a, b, s: {"x": a[:0], "y": None}, "z has no rows"),
        (lambda a, b, s: {"x": (0 * a + 0.1, 0 * b + 0.1)}, "z: dimension 0 is constant"),
        (
            lambda a, b, s: {"validation_data": ((a, bad(b)), s)},
            "validation z_b: row 3 is not finite",
        ),
        (lambda a, b, s: {"validation_data": bad(a)}, "validation z: row 3 is not finite"),
        (lambda a, b, s: {"x": (a.tolist(), b)}, "z_a is a list; give an array"),
        (lambda a, b, s: {"x": (a * 1j, b)}, "z_a is complex"),
        (lambda a, b, s: {"x": np.ma.masked_less(a, 0), "y": None}, "z is a masked array"),
        (lambda a, b, s: {"y": s.tolist()}, "shared is a list; give an array"),
        (lambda a, b, s: {"sample_weight": [1.0] * 64}, "sample_weight is a list; give an array"),
        (
            lambda a, b, s: {"sample_weight": np.ones((64, 1))},
            r"sample_weight has shape \(64, 1\); give one weight a row, \[64\]",
        ),
        (lambda a, b, s: {"sample_weight": np.ones(5)}, r"sample_weight has shape \(5,\)"),
        (
            lambda a, b, s: {"sample_weight": bad(np.ones((64, 2)))[:, 1]},
            r"sample_weight: row 3 is not finite \(1 of 64 rows\)",
        ),
        (
            lambda a, b, s: {"sample_weight": bad(np.ones((64, 2)), value=-0.5)[:, 1]},
            "sample_weight is -0.5 in row 3; give 0 or more",
        ),
        (
            lambda a, b, s: {"x": a, "y": None, "sample_weight": tf.fill([64], np.inf)},
            "sample_weight: row 0 is not finite",
        ),
        (
            lambda a, b, s: {"validation_data": ((a, b), s, np.full(64, np.nan))},
            "validation sample_weight: row 0 is not finite",
        ),
        (
            lambda a, b, s: {"validation_data": (a, None, np.ones(5))},
            r"validation sample_weight has shape \(5,\)",
        ),
        (
            lambda a, b, s: {"x": tf.data.Dataset.from_tensor_slices(((a, b), s)).take(0).batch(2)},
            "x is an empty data set",
        ),
    ],
)
def test_wrong_data_are_named(data, change, message):
    (z_a, z_b), shared = data
    arguments = {"x": (z_a, z_b), "y": shared, **change(z_a, z_b, shared)}
    if isinstance(arguments["x"], tf.data.Dataset):
        arguments["y"] = None
    network = make()
    before = weights(network)
    with pytest.raises(InputError, match=message):
        network.fit(**arguments, verbose=0)
    # Nothing was computed.
    for old, new in zip(before, weights(network), strict=True):
        np.testing.assert_array_equal(old, new)


@pytest.mark.parametrize("argument", ["loss", "metrics", "weighted_metrics", "loss_weights"])
def test_the_loss_is_not_a_choice(argument):
    with pytest.raises(ValueError, match=f"{argument} is .*leave {argument} out"):
        make().compile("sgd", **{argument: "mse"})
