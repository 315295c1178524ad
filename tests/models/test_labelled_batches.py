"""Training on whole labelled batches: the exact likelihood, every form of labels and data."""

import warnings

import keras
import numpy as np
import pandas as pd
import pytest
import scipy.stats
import tensorflow as tf

from iin_tf import FactorLayout, FusedAdam, InterpretationNetwork
from iin_tf.distributions import GroupedGaussian

LAYOUT = FactorLayout({"digit": 2, "color": 1}, residual=3)
N, ROWS = LAYOUT.latent_size, 24
RHO = {"digit": 0.9, "color": 0.6}


def make(optimizer="sgd", **kwargs):
    network = InterpretationNetwork(
        LAYOUT, **{"blocks": 1, "hidden": 8, "depth": 0, "seed": 0, "correlation": RHO, **kwargs}
    )
    network.compile(optimizer)
    return network


@pytest.fixture
def z():
    return (2 * np.random.default_rng(0).normal(size=(ROWS, N)) + 1).astype("float32")


@pytest.fixture
def labels():
    """Groups of every size from one on, and some unknown labels."""
    random = np.random.default_rng(1)
    return np.stack([random.integers(-1, 3, ROWS), random.integers(-1, 10, ROWS)], axis=1)


def fit(network, *data, **kwargs):
    settings = {"batch_size": 8, "shuffle": False, "verbose": 0, **kwargs}
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="a batch of")
        return network.fit(*data, **settings).history


def stacked_log_prob(network, z, labels, rho=(0.9, 0.6)):
    """Log-density of the batch by SciPy: each dimension of a factor is one normal vector [B]."""
    codes = {name: block.numpy() for name, block in network.factors(z).items()}
    total = np.sum(network.bijector.forward_log_det_jacobian(tf.constant(z)))
    total += scipy.stats.norm.logpdf(codes["residual"]).sum()
    for name, column, correlation in zip(LAYOUT.factor_names, labels.T, rho, strict=True):
        together = (column[:, None] == column) & (column >= 0)
        covariance = np.where(together, correlation, 0.0)
        np.fill_diagonal(covariance, 1)
        normal = scipy.stats.multivariate_normal(cov=covariance)
        total += normal.logpdf(codes[name].T).sum()
    return total


def assert_equal_weights(a, b, **tolerance):
    for one, other in zip(a.trainable_variables, b.trainable_variables, strict=True):
        np.testing.assert_allclose(one, other, err_msg=one.path, **tolerance)


# The likelihood


def test_the_loss_is_the_density_of_the_stacked_batch_by_its_rows(z, labels):
    network = make(dtype="float64")
    network.adapt(z)
    z = z.astype("float64")
    expected = stacked_log_prob(network, z, labels)
    np.testing.assert_allclose(network.grouped_log_prob(z, labels), expected, rtol=1e-10)
    loss = network.evaluate(z, labels, batch_size=ROWS, verbose=0)
    # Keras's mean is of float32.
    np.testing.assert_allclose(loss, -expected / ROWS, rtol=1e-6)
    parts = [
        stacked_log_prob(network, z[rows], labels[rows]) for rows in (slice(16), slice(16, 24))
    ]
    loss = network.evaluate(z, labels, batch_size=16, verbose=0)
    np.testing.assert_allclose(loss, -sum(parts) / ROWS, rtol=1e-6)


def test_groups_of_two_are_pairs(z):
    network = make(dtype="float64")
    network.adapt(z)
    half = ROWS // 2
    for block, column in ((1, 0), (2, 1)):
        labels = np.full((ROWS, 2), -1)
        labels[:, column] = np.arange(ROWS) % half
        pairs = network.pair_log_prob(z[:half], z[half:], np.full(half, block))
        np.testing.assert_allclose(network.grouped_log_prob(z, labels), np.sum(pairs), rtol=1e-12)
        as_pairs = network.evaluate((z[:half], z[half:]), np.full(half, block), verbose=0)
        as_groups = network.evaluate(z, labels, batch_size=ROWS, verbose=0)
        # A pair has two rows.
        np.testing.assert_allclose(2 * as_groups, as_pairs, rtol=1e-6)


def test_a_step_goes_down_the_gradient_of_the_density(z, labels):
    network = make(keras.optimizers.SGD(1.0), correlation="learned", blocks=2)
    network.adapt(z)
    variables = network.trainable_variables
    with tf.GradientTape() as tape:
        loss = -network.grouped_log_prob(z, labels) / ROWS
    gradients = tape.gradient(loss, [variable.value for variable in variables])
    assert all(gradient is not None for gradient in gradients)
    expected = [v.numpy() - g.numpy() for v, g in zip(variables, gradients, strict=True)]
    fit(network, z, labels, batch_size=ROWS)
    for variable, wanted in zip(variables, expected, strict=True):
        # Sums of float32 in another order, in gradients of up to a few hundred.
        np.testing.assert_allclose(variable, wanted, rtol=1e-4, atol=1e-3, err_msg=variable.path)


def test_a_learned_correlation_finds_its_value():
    network = make(FusedAdam(0.01), correlation="learned")
    network.adapted.assign(True)
    network.flow.trainable = False
    labels = np.stack([np.arange(2000) % 500, np.arange(2000) // 5], axis=1)
    drawn = GroupedGaussian(labels, np.float32([0, 0.7, 0.3]), LAYOUT.sizes).sample(seed=3)
    fit(network, network.invert(drawn), labels, batch_size=2000, epochs=150)
    # 2,000 rows of two and of one dimension: a standard error of about 0.02 and 0.03.
    np.testing.assert_allclose(network.correlation[1:], [0.7, 0.3], atol=0.09)


def test_without_labels_it_is_the_marginal(z):
    network = make()
    network.adapt(z)
    unknown = np.full((ROWS, 2), -1)
    loss = network.evaluate(z, unknown, verbose=0)
    np.testing.assert_allclose(loss, network.evaluate(z, verbose=0), rtol=1e-6)


# What fit takes


def as_texts(labels):
    return np.array([["", *"abcdefghij"][code + 1] for code in labels])


FORMS = {
    "tensor": lambda z, labels: (z, tf.constant(labels)),
    "mapping": lambda z, labels: (z, {"color": labels[:, 1], "digit": labels[:, 0]}),
    "frame": lambda z, labels: (
        pd.DataFrame(z),
        pd.DataFrame(labels, columns=["digit", "color"]).astype("Int64").mask(labels < 0),
    ),
    "texts, and None": lambda z, labels: (
        z,
        {
            "digit": as_texts(labels[:, 0]),
            "color": [None if code < 0 else str(code) for code in labels[:, 1]],
        },
    ),
    "floats with NaN": lambda z, labels: (z, np.where(labels < 0, np.nan, labels / 7)),
    "vectors": lambda z, labels: (
        z,
        {
            "digit": labels[:, 0],
            "color": np.where(labels[:, 1:] < 0, np.nan, labels[:, 1:] * [0.1, 0.5, 0.3]),
        },
    ),
    "large numbers": lambda z, labels: (z, np.where(labels < 0, -1, labels + 2**40)),
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_labels_trains_alike(z, labels, form):
    by_numbers, by_form = make(), make()
    expected = fit(by_numbers, z, labels)["loss"]
    assert fit(by_form, *FORMS[form](z, labels))["loss"] == expected
    assert_equal_weights(by_numbers, by_form, rtol=0, atol=0)


def batches(*parts):
    for start in range(0, ROWS, 8):
        yield tuple(part[start : start + 8] for part in parts)


class Sequence(keras.utils.PyDataset):
    def __init__(self, *parts):
        super().__init__()
        self.batches = list(batches(*parts))

    def __len__(self):
        return len(self.batches)

    def __getitem__(self, index):
        return self.batches[index]


DATA_SETS = {
    "data set": lambda *parts: tf.data.Dataset.from_tensor_slices(parts).batch(8),
    "generator": batches,
    "PyDataset": Sequence,
}


@pytest.mark.filterwarnings("ignore:Your input ran out of data")
@pytest.mark.parametrize("form", DATA_SETS)
def test_every_form_of_data_trains_alike(z, labels, form):
    weight = np.linspace(0, 2, ROWS, dtype="float32")
    by_arrays, by_form = make(), make()
    for network in (by_arrays, by_form):
        network.adapt(z)
    expected = fit(by_arrays, z, labels, sample_weight=weight)["loss"]
    found = by_form.fit(DATA_SETS[form](z, labels, weight), shuffle=False, verbose=0)
    if form != "PyDataset":  # of which Keras shuffles the batches
        np.testing.assert_allclose(found.history["loss"], expected, rtol=1e-6)
        assert_equal_weights(by_arrays, by_form, rtol=1e-6, atol=1e-6)


def test_validation_and_single_batches(z, labels):
    network = make(keras.optimizers.SGD(0.0))
    network.adapt(z)
    expected = network.evaluate(z, labels, batch_size=8, verbose=0)
    data = DATA_SETS["data set"](z, labels)
    for validation in (data, (z, {"digit": labels[:, 0], "color": labels[:, 1]})):
        history = fit(network, data, batch_size=None, validation_data=validation)
        rows = {"rtol": 1e-6} if validation is data else {"rtol": 1}
        np.testing.assert_allclose(history["val_loss"], [expected], **rows)
    whole = -network.grouped_log_prob(z, labels) / ROWS
    for call in (network.train_on_batch, network.test_on_batch):
        np.testing.assert_allclose(call(z, labels), whole, rtol=1e-5)
        network.reset_metrics()
