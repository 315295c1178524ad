"""Training by plain fit: every form of data, policies, ActNorm's start, and what goes wrong."""

import operator
import warnings

import keras
import numpy as np
import pytest
import tensorflow as tf

from iin_tf import FactorLayout, FusedAdam, InterpretationNetwork
from iin_tf.checks import InputError
from iin_tf.models.non_finite import NonFiniteLoss
from iin_tf.models.round_trip import RoundTripWarning, round_trip_error

LAYOUT = FactorLayout({"digit": 2, "color": 1}, residual=3)
N, PAIRS = LAYOUT.latent_size, 64


def make(optimizer="sgd", layout=LAYOUT, jit_compile=False, **kwargs):
    network = InterpretationNetwork(
        layout, **{"blocks": 1, "hidden": 16, "depth": 0, "seed": 0, **kwargs}
    )
    network.compile(optimizer, jit_compile=jit_compile)
    return network


@pytest.fixture(scope="module")
def data():
    """Pairs that share one block each: a rotation of factorised Gaussians."""
    random = np.random.default_rng(0)
    shared = random.integers(-1, 3, PAIRS)
    rho = np.repeat(np.eye(4, 3)[shared] * 0.9, LAYOUT.sizes, axis=1)
    a, noise = random.normal(size=(2, PAIRS, N))
    b = rho * a + np.sqrt(1 - rho**2) * noise
    rotation = np.linalg.qr(random.normal(size=(N, N)))[0] * 3
    return (
        ((a @ rotation + 1).astype("float32"), (b @ rotation + 1).astype("float32")),
        shared,
    )


def fit(network, x, shared=None, **kwargs):
    kwargs = {"batch_size": 16, "shuffle": False, "verbose": 0, **kwargs}
    return network.fit(x, shared, **kwargs).history


def weights(network):
    return [weight.numpy() for weight in network.trainable_variables]


def assert_equal_weights(a, b, **tolerance):
    for one, other in zip(weights(a), weights(b), strict=True):
        np.testing.assert_allclose(one, other, **tolerance)


# What is trained


def test_the_loss_is_the_mean_negative_log_likelihood(data):
    (z_a, z_b), shared = data
    network = make(keras.optimizers.SGD(0.0))
    history = fit(network, (z_a, z_b), shared, epochs=2)
    expected = -np.mean(network.pair_log_prob(z_a, z_b, shared))
    # Four batches of 16 in float32.
    np.testing.assert_allclose(history["loss"], [expected] * 2, rtol=1e-5)


@pytest.mark.parametrize("form", ["int", "bool", "float"])
def test_evaluate_takes_every_form_of_shared(data, form):
    (z_a, z_b), shared = data
    rows = np.eye(4, 3)[shared] > 0
    given = {"int": shared, "bool": rows, "float": (rows * 0.5).astype("float32")}[form]
    network = make()
    loss = network.evaluate((z_a, z_b), given, batch_size=7, verbose=0)
    expected = -np.mean(network.pair_log_prob(z_a, z_b, given))
    np.testing.assert_allclose(loss, expected, rtol=1e-5)


def test_the_loss_without_pairs_is_the_marginal(data):
    z = data[0][0]
    network = make(keras.optimizers.SGD(0.0), FactorLayout({}, residual=N))
    history = fit(network, z)
    np.testing.assert_allclose(history["loss"], -np.mean(network.log_prob(z)), rtol=1e-5)
    evaluated = network.evaluate(z, verbose=0)
    np.testing.assert_allclose(evaluated, -np.mean(network.log_prob(z)), rtol=1e-5)


@pytest.mark.parametrize(
    ("mixing", "correlation"),
    [("permutation", "learned"), ("linear", 0.975), ("linear", {"digit": 0.5, "color": 0.9})],
)
def test_training_lowers_the_loss(data, mixing, correlation):
    network = make(FusedAdam(0.01), mixing=mixing, correlation=correlation)
    losses = fit(network, *data, epochs=10)["loss"]
    assert losses[-1] < losses[0] - 0.5
    z = data[0][0]
    # It stays invertible.
    np.testing.assert_allclose(network.invert(network.transform(z)), z, atol=1e-4)


@pytest.mark.parametrize("mixing", ["permutation", "linear"])
def test_every_weight_has_a_gradient(data, mixing):
    network = make(keras.optimizers.SGD(0.01), blocks=2, mixing=mixing, correlation="learned")
    fit(network, *data, batch_size=PAIRS)
    (z_a, z_b), shared = data
    with tf.GradientTape() as tape:
        loss = -tf.reduce_mean(network.pair_log_prob(z_a, z_b, shared))
    variables = network.trainable_variables
    gradients = tape.gradient(loss, [variable.value for variable in variables])
    for variable, gradient in zip(variables, gradients, strict=True):
        assert gradient is not None, variable.path
        blocks = np.abs(gradient).reshape(len(gradient), -1).max(1)
        assert np.all(blocks > 0), variable.path


def test_the_gradient_of_a_step_is_that_of_the_likelihood(data):
    network, rate = make(keras.optimizers.SGD(0.01)), 0.01
    (z_a, z_b), shared = data
    network.adapt(np.concatenate([z_a, z_b]))
    before = weights(network)
    with tf.GradientTape() as tape:
        loss = -tf.reduce_mean(network.pair_log_prob(z_a, z_b, shared))
    gradients = tape.gradient(loss, [v.value for v in network.trainable_variables])
    fit(network, (z_a, z_b), shared, batch_size=PAIRS)
    for old, gradient, new in zip(before, gradients, weights(network), strict=True):
        np.testing.assert_allclose(new, old - rate * gradient, rtol=1e-4, atol=1e-6)


def test_a_learned_correlation_finds_its_value():
    """With the flow frozen at the truth, the likelihood's rho is the sample's."""
    random = np.random.default_rng(0)
    layout = FactorLayout({"digit": 3}, residual=3)
    network = make(layout=layout, correlation="learned")
    network.flow.trainable = False
    network.compile(FusedAdam(0.003))
    network.adapt(random.normal(size=(100, N)))
    a, noise = random.normal(size=(2, 500, N))
    b = np.concatenate([noise[:, :3], 0.5 * a[:, 3:] + np.sqrt(0.75) * noise[:, 3:]], 1)
    z_a, z_b = network.invert(a).numpy(), network.invert(b).numpy()
    fit(network, (z_a, z_b), np.ones(500, int), epochs=60, batch_size=500)
    # 1,500 pairs of numbers tell rho to (1 - rho^2) / sqrt(1500) = 0.02.
    # Nothing shares the residual: its rho stays where it started.
    np.testing.assert_allclose(network.correlation, [0.9, 0.5], atol=0.06)


# Forms of data


def test_arrays_and_data_sets_train_alike(data):
    (z_a, z_b), shared = data
    by_arrays, by_dataset = make(), make()
    fit(by_arrays, (z_a, z_b), shared)
    dataset = tf.data.Dataset.from_tensor_slices(((z_a, z_b), shared)).batch(16)
    by_dataset.fit(dataset, verbose=0)
    assert_equal_weights(by_arrays, by_dataset, rtol=1e-6, atol=1e-7)


def test_unlabelled_arrays_and_data_sets_train_alike(data):
    z = data[0][0]
    by_arrays, by_dataset, by_tuples = make(), make(), make()
    fit(by_arrays, z)
    by_dataset.fit(tf.data.Dataset.from_tensor_slices(z).batch(16), verbose=0)
    by_tuples.fit(tf.data.Dataset.from_tensor_slices((z,)).batch(16), verbose=0)
    assert_equal_weights(by_arrays, by_dataset, rtol=1e-6, atol=1e-7)
    assert_equal_weights(by_arrays, by_tuples, rtol=1e-6, atol=1e-7)


def test_an_endless_data_set_and_validation(data):
    (z_a, z_b), shared = data
    weight = np.ones(PAIRS, "float32")
    dataset = tf.data.Dataset.from_tensor_slices(((z_a, z_b), shared, weight)).batch(16)
    network = make()
    history = network.fit(
        dataset.repeat(),
        steps_per_epoch=3,
        epochs=2,
        validation_data=((z_a, z_b), shared),
        validation_batch_size=10,
        verbose=0,
    ).history
    expected = -np.mean(network.pair_log_prob(z_a, z_b, shared))
    np.testing.assert_allclose(history["val_loss"][-1], expected, rtol=1e-5)


def test_sample_weights_multiply_the_terms(data):
    (z_a, z_b), shared = data
    weight = np.random.default_rng(1).integers(0, 3, PAIRS).astype("float32")
    network = make(keras.optimizers.SGD(0.0))
    history = fit(network, (z_a, z_b), shared, sample_weight=weight)
    expected = -np.mean(weight * network.pair_log_prob(z_a, z_b, shared))
    np.testing.assert_allclose(history["loss"], expected, rtol=1e-5)


def test_a_pair_of_weight_zero_trains_nothing(data):
    (z_a, z_b), shared = data
    weight = np.repeat([1.0, 0.0], PAIRS // 2).astype("float32")
    half = PAIRS // 2
    with_zeros, without = make(), make()
    for network in (with_zeros, without):
        network.adapt(z_a)
    fit(with_zeros, (z_a, z_b), shared, sample_weight=weight, batch_size=PAIRS)
    # The mean is over all rows, whatever their weights, as Keras has it.
    fit(
        without,
        (z_a[:half], z_b[:half]),
        shared[:half],
        sample_weight=0.5 * weight[:half],
        batch_size=half,
    )
    assert_equal_weights(with_zeros, without, rtol=1e-5, atol=1e-6)


# ActNorm's start


def test_fit_starts_actnorm_from_both_members(data):
    (z_a, z_b), shared = data
    by_fit, by_hand = make(keras.optimizers.SGD(0.0)), make()
    fit(by_fit, (z_a, z_b), shared)
    by_hand.adapt(np.concatenate([z_a, z_b]))
    assert_equal_weights(by_fit, by_hand, rtol=1e-6)
    first = by_fit.bijector.steps[0].forward(np.concatenate([z_a, z_b]))
    np.testing.assert_allclose(np.std(first, 0), np.ones(N), rtol=1e-4)


def test_actnorm_starts_once(data):
    (z_a, z_b), shared = data
    network = make(keras.optimizers.SGD(0.0))
    assert not network.adapted.numpy()
    fit(network, (z_a, z_b), shared)
    assert network.adapted.numpy()
    before = weights(network)
    fit(network, (5 * z_a, 5 * z_b), shared)
    network.adapt(5 * z_a)
    for old, new in zip(before, weights(network), strict=True):
        np.testing.assert_array_equal(old, new)


def test_a_generator_needs_a_start_by_hand(data):
    (z_a, z_b), shared = data
    network = make()

    def batches():
        while True:
            yield (z_a, z_b), shared

    with pytest.raises(ValueError, match=r"x is a generator.*call network.adapt\(z\)"):
        network.fit(batches(), steps_per_epoch=1, verbose=0)
    network.adapt(z_a)
    network.fit(batches(), steps_per_epoch=1, verbose=0)


# Policies and compilation


def test_compiled_by_xla_it_trains_alike(data):
    plain, compiled = make(), make(jit_compile=True)
    for network in (plain, compiled):
        fit(network, *data)
    # XLA fuses and reorders float32 sums; four steps.
    assert_equal_weights(plain, compiled, rtol=1e-3, atol=1e-5)


def test_run_eagerly_it_trains_alike(data):
    plain, eager = make(), make()
    eager.compile("sgd", run_eagerly=True)
    for network in (plain, eager):
        fit(network, *data)
    assert_equal_weights(plain, eager, rtol=1e-4, atol=1e-6)


def test_several_steps_per_execution_train_alike(data):
    plain, several = make(), make()
    several.compile("sgd", steps_per_execution=2)
    for network in (plain, several):
        fit(network, *data)
    assert_equal_weights(plain, several, rtol=1e-5, atol=1e-6)


def test_mixed_bfloat16_trains_in_float32_weights(data):
    plain, mixed = make(FusedAdam(0.01)), make(FusedAdam(0.01), dtype="mixed_bfloat16")
    losses = [fit(network, *data, epochs=5)["loss"] for network in (plain, mixed)]
    assert {weight.dtype for weight in mixed.trainable_variables} == {"float32"}
    # bfloat16 has three digits; the losses are near 8.
    np.testing.assert_allclose(losses[1], losses[0], atol=0.2)
    # The products did run in bfloat16.
    assert np.abs(np.subtract(*losses)).max() > 1e-4


def test_float64_trains_in_float64(data):
    network = make(dtype="float64")
    fit(network, *data)
    assert {weight.dtype for weight in network.trainable_variables} == {"float64"}


def test_a_step_is_traced_once(data):
    network, traces = make(FusedAdam()), []
    step = network.train_step

    def counting(batch):
        traces.append(batch)
        return step(batch)

    network.train_step = counting
    fit(network, *data, epochs=2)
    assert len(traces) == 1


# What goes wrong


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
    assert network.non_finite.first() == statistic


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
    assert seen == [0, 1]
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
