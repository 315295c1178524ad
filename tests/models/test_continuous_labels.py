"""Training on batches with a continuous factor: the exact likelihood, its forms, wrong ones."""

import warnings

import numpy as np
import pytest
import scipy.stats
import tensorflow as tf

from iin_tf import FactorLayout, FusedAdam, InterpretationNetwork
from iin_tf.checks import InputError
from iin_tf.data import (
    ArrayLatents,
    GroupSampler,
    KernelLabels,
    SquaredExponential,
    group_dataset,
)

LAYOUT = FactorLayout({"angle": 2, "shape": 1}, residual=3)
N, ROWS = LAYOUT.latent_size, 24
RHO = {"angle": 0.95, "shape": 0.6}
KERNEL = SquaredExponential(40.0, period=360.0)


def make(**kwargs):
    network = InterpretationNetwork(
        LAYOUT, **{"blocks": 1, "hidden": 8, "depth": 0, "seed": 0, "correlation": RHO, **kwargs}
    )
    network.compile("sgd")
    return network


@pytest.fixture
def z():
    return (2 * np.random.default_rng(0).normal(size=(ROWS, N)) + 1).astype("float32")


@pytest.fixture
def angle():
    angle = np.random.default_rng(1).uniform(0, 360, ROWS)
    angle[[3, 17]] = np.nan
    angle[5] = angle[6]
    return angle


@pytest.fixture
def labels(angle):
    shape = np.random.default_rng(2).integers(-1, 3, ROWS)
    return {"shape": shape, "angle": KernelLabels(angle, KERNEL)}


def fit(network, *data, **kwargs):
    settings = {"batch_size": 8, "shuffle": False, "verbose": 0, **kwargs}
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="a batch of")
        return network.fit(*data, **settings).history


def stacked_log_prob(network, z, angle, shape):
    """By SciPy: each dimension of a factor is one normal vector [B]."""
    codes = {name: block.numpy() for name, block in network.factors(z).items()}
    total = np.sum(network.bijector.forward_log_det_jacobian(tf.constant(z)))
    total += scipy.stats.norm.logpdf(codes["residual"]).sum()
    together = (shape[:, None] == shape) & (shape >= 0)
    turned = [KERNEL.correlation(np.full(len(angle), one), angle) for one in np.nan_to_num(angle)]
    known = np.isfinite(angle)
    turned = np.where(known & known[:, None], turned, 0)
    for name, covariance in (("shape", 0.6 * together), ("angle", 0.95 * turned)):
        np.fill_diagonal(covariance, 1)
        total += scipy.stats.multivariate_normal(cov=covariance).logpdf(codes[name].T).sum()
    return total


def test_the_loss_is_the_density_of_the_stacked_batch(z, angle, labels):
    network = make(dtype="float64")
    network.adapt(z)
    z = z.astype("float64")
    expected = stacked_log_prob(network, z, angle, labels["shape"])
    np.testing.assert_allclose(network.grouped_log_prob(z, labels), expected, rtol=1e-10)
    loss = network.evaluate(z, labels, batch_size=ROWS, verbose=0)
    # Keras's mean is of float32, and so it hands on the points.
    np.testing.assert_allclose(loss, -expected / ROWS, rtol=1e-5)


def test_batches_of_two_are_pairs(z):
    network = make(dtype="float64")
    network.adapt(z)
    angle = np.array([350.0, 20.0])
    shared = [[0, 0.95 * KERNEL.correlation(angle[:1], angle[1:])[0], 0]]
    pair = network.pair_log_prob(z[:1], z[1:2], np.array(shared))[0]
    labels = {"angle": KernelLabels(angle, KERNEL), "shape": [-1, -1]}
    np.testing.assert_allclose(network.grouped_log_prob(z[:2], labels), pair, rtol=1e-12)


def test_every_form_of_data_trains_alike(z, labels):
    points = labels["angle"].points().astype("float32")
    parts = (z, {"angle": points, "shape": labels["shape"]})
    data = tf.data.Dataset.from_tensor_slices(parts).batch(8)

    def batches():
        # Batch by batch the mean that is moved to 0 is another; distances stay.
        for rows in (slice(0, 8), slice(8, 16), slice(16, 24)):
            values = KernelLabels(labels["angle"].values[rows], KERNEL)
            yield z[rows], {"angle": values, "shape": labels["shape"][rows]}

    networks = [make() for _ in range(3)]
    for network in networks:
        network.adapt(z)
    expected = fit(networks[0], z, labels, validation_data=(z, labels))
    for network, form in zip(networks[1:], (data, batches()), strict=True):
        found = network.fit(form, shuffle=False, verbose=0).history
        np.testing.assert_allclose(found["loss"], expected["loss"], rtol=1e-5)
    whole = -networks[0].grouped_log_prob(z, labels) / ROWS
    # Keras 3.10 counts on from the validation of `fit`.
    networks[0].reset_metrics()
    np.testing.assert_allclose(networks[0].test_on_batch(z, labels), whole, rtol=1e-5)
    assert np.isfinite(expected["val_loss"][0])


def test_a_factor_is_found_and_its_correlation_learned():
    # 400 rows of a known network: the flow stays, rho is learned.
    network = make(correlation="learned")
    network.adapted.assign(True)
    network.flow.trainable = False
    network.compile(FusedAdam(0.01))
    random = np.random.default_rng(3)
    angle, shape = random.uniform(0, 360, 400), np.arange(400) % 100
    labels = {"angle": KernelLabels(angle, KERNEL), "shape": shape}
    truth = make(correlation={"angle": 0.8, "shape": 0.5})
    drawn = truth.grouped_distribution(labels).sample(seed=0)
    fit(network, drawn, labels, batch_size=400, epochs=80)
    # 800 numbers whose noise is 0.2 of their variance: a standard error of about 0.01; of the
    # shape's 400, in groups of four, about 0.05.
    np.testing.assert_allclose(network.correlation[1:], [0.8, 0.5], atol=0.12)


def test_batches_of_a_sampler_train(z, angle, labels):
    store = ArrayLatents(z, np.full_like(z, -4.0))
    sampler = GroupSampler(
        {"angle": angle, "shape": labels["shape"]}, LAYOUT.factor_names, kernels={"angle": KERNEL}
    )
    data = group_dataset(store, sampler, 10, steps=3, marginal_fraction=0.2)
    (_, first), *_ = data
    assert np.isnan(first["angle"][-2:]).all()
    assert (first["shape"].numpy()[-2:] == -1).all()
    network = make()
    assert np.isfinite(network.fit(data, verbose=0).history["loss"][0])


WRONG = {
    "one value": (np.ones(ROWS), r"labels\['angle'\] has one value in all its 24 known rows"),
    "nothing known": (np.full(ROWS, np.nan), r"labels\['angle'\] is unknown in every row"),
    "infinite": (np.r_[np.inf, np.ones(ROWS - 1)], r"labels\['angle'\] is infinite in row 0"),
    "texts": (np.full(ROWS, "a"), r"labels\['angle'\] is .*a continuous factor needs numbers"),
    "rows": (np.arange(3.0), "labels differ in length: {'angle': 3, 'shape': 24}"),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_values_are_named(z, labels, name):
    values, message = WRONG[name]
    with pytest.raises(InputError, match=message) as error:
        make().fit(z, {**labels, "angle": KernelLabels(values, KERNEL)}, verbose=0)
    assert "\n" not in str(error.value)


def test_a_kernel_must_be_one():
    with pytest.raises(InputError, match=r"kernel is 40.0; give a SquaredExponential"):
        KernelLabels(np.arange(3.0), 40.0)


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ({"angle": tf.zeros([8, 1])}, r"labels names \['angle'\]; give one for each of"),
        (
            {"angle": tf.zeros([8]), "shape": tf.zeros([8], tf.int32)},
            r"labels\['angle'\] has dtype float32 and shape \(8,\); give whole numbers \[B\], or",
        ),
        (
            {"angle": tf.fill([8, 1], np.float32(np.inf)), "shape": tf.zeros([8], tf.int32)},
            r"labels\['angle'\] is infinite in row 0 of batch 0",
        ),
        (
            {"angle": tf.zeros([8, 1]), "shape": tf.constant([0, -2] * 4)},
            r"labels\['shape'\] is below -1 in row 1 of batch 0",
        ),
    ],
)
def test_a_data_set_of_wrong_labels_is_named(z, labels, message):
    network = make()
    network.adapt(z)
    with pytest.raises(InputError, match=message):
        network.fit(tf.data.Dataset.from_tensors((tf.zeros([8, N]), labels)), verbose=0)


def test_values_too_far_apart_are_warned_of(z, labels):
    far = KernelLabels(np.arange(ROWS) * 100.0, SquaredExponential(1.0))
    network = make()
    network.adapt(z)
    with pytest.warns(UserWarning, match="holds 0 others with the same 'angle' for each"):
        network.fit(z, {**labels, "angle": far}, batch_size=8, verbose=0)
