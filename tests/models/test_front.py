"""A network behind a linear front: what goes through the flow, and that nothing is lost."""

import numpy as np
import pytest
import tensorflow as tf

import iin_tf
from iin_tf import FactorLayout, InterpretationNetwork
from iin_tf.bijectors.principal_axes import principal_axes_start


def rows(count, size, seed=0):
    """Rows whose principal components fall off by a factor of ten a dimension."""
    random = np.random.default_rng(seed)
    rotation, _ = np.linalg.qr(random.normal(size=(size, size)))
    spread = 10.0 ** -np.linspace(0, 2, size)
    return (random.normal(size=(count, size)) * spread @ rotation.T + 1).astype(np.float32)


def network(front, size=10, **settings):
    layout = FactorLayout({"digit": 2}, residual=size - 2)
    settings = {"blocks": 2, "hidden": 8, "depth": 0, "seed": 0, **settings}
    return InterpretationNetwork(layout, front=front, **settings)


@pytest.mark.parametrize("front", ["whiten", 4, 10])
def test_there_and_back_with_the_log_det_of_the_jacobian(front):
    model = network(front, dtype="float64")
    z = rows(200, 10).astype(np.float64)
    model.adapt(z)
    some = tf.constant(z[:3])
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(some)
        z_tilde = model.bijector.forward(some)
    jacobian = tape.batch_jacobian(z_tilde, some, experimental_use_pfor=False)
    # Sums of a hundred float64 numbers; spreads of 0.01 magnify them a hundredfold.
    np.testing.assert_allclose(
        model.bijector.forward_log_det_jacobian(tf.identity(some)),
        np.linalg.slogdet(jacobian)[1],
        rtol=1e-10,
    )
    np.testing.assert_allclose(model.invert(model.transform(z)), z, rtol=1e-9)


def test_minor_components_join_the_residual_white_and_untouched():
    model = network(4, dtype="float64")
    z = rows(500, 10).astype(np.float64)
    model.adapt(z)
    mean, axes, log_spread = principal_axes_start(z)
    white = (z - mean) @ axes / np.exp(log_spread)
    np.testing.assert_allclose(model.factors(z)["residual"][:, :6], white[:, :6], atol=1e-9)
    # The flow's part starts from ActNorm: white too.
    np.testing.assert_allclose(np.std(model.transform(z), axis=0).min(), 1, atol=0.5)


def test_fit_starts_the_front_and_saving_keeps_it(tmp_path):
    z_a, z_b = rows(256, 10, seed=1), rows(256, 10, seed=2)
    model = network(6)
    model.compile("adam")
    model.fit((z_a, z_b), np.ones(256, int), batch_size=64, verbose=0)
    assert not np.allclose(model.flow.front_weights.axes, np.eye(10))
    model.save(tmp_path / "front.keras")
    again = iin_tf.load(tmp_path / "front.keras")
    np.testing.assert_array_equal(again.transform(z_a), model.transform(z_a))
    assert again.flow.front == 6
    swapped = model.swap(z_a, z_b, ["digit"])
    np.testing.assert_allclose(
        model.factors(swapped)["digit"], model.factors(z_b)["digit"], atol=1e-3
    )


@pytest.mark.slow
@pytest.mark.parametrize("front", [None, 64, "whiten"])
def test_thousands_of_dimensions_train_and_invert(front):
    size = 4096
    z = rows(9000, size, seed=3)
    layout = FactorLayout({"digit": 8}, residual=size - 8)
    model = InterpretationNetwork(layout, blocks=2, hidden=64, depth=0, front=front, seed=0)
    model.compile(iin_tf.FusedAdam(1e-4))
    model.fit((z[:4500], z[4500:]), np.ones(4500, int), batch_size=256, verbose=0)
    back = model.invert(model.transform(z[:64])).numpy()
    # Rounding of float32 in sums of 4,096 numbers of order 1.
    assert np.abs(back - z[:64]).max() < 1e-4


@pytest.mark.parametrize(
    ("front", "message"),
    [
        ("white", "front is 'white'; give None, 'whiten', or the number of leading"),
        (1, "front is 1; give a whole number from 2 to 10"),
        (11, "front is 11; give a whole number from 2 to 10"),
        (2.5, "front is 2.5"),
        (True, "front is True"),
    ],
)
def test_a_wrong_front_is_named(front, message):
    with pytest.raises(ValueError, match=message):
        network(front)


def test_a_residual_too_small_for_the_front_is_named():
    with pytest.raises(ValueError, match=r"8 dimensions join the residual, which has 3; give a"):
        InterpretationNetwork(FactorLayout({"digit": 7}, residual=3), front=2)


def test_fit_gives_a_front_as_many_rows_as_its_covariance_needs():
    assert network(None, size=1000).flow.start_rows == 1024
    assert network("whiten", size=1000).flow.start_rows == 4000
