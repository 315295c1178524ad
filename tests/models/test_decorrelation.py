"""The residual without what is linear in the factors, against NumPy's least squares."""

import numpy as np
import pytest

from iin_tf import FactorLayout, InterpretationNetwork, load
from iin_tf.checks import InputError

RANDOM = np.random.default_rng(0)
Z = (RANDOM.normal(size=(300, 6)) @ RANDOM.normal(size=(6, 6)) + 1).astype(np.float32)
OTHER = (RANDOM.normal(size=(40, 6)) * 3).astype(np.float32)
LAYOUT = FactorLayout({"a": 2, "b": 1}, residual=3)


def network(**changes):
    settings = {"blocks": 2, "hidden": 8, "depth": 0, "mixing": "linear", "seed": 1, **changes}
    net = InterpretationNetwork(LAYOUT, **settings)
    net.compile()
    net.fit(Z, epochs=1, verbose=0)
    return net


def left_by_least_squares(codes, others, first, last):
    """Columns first..last of `others`, less their fit on `codes`' factors, by hand."""
    design = np.column_stack([codes[:, 3:], np.ones(len(codes))])
    slopes = np.linalg.lstsq(design, codes[:, first:last], rcond=None)[0][:-1]
    return others[:, first:last] - others[:, 3:] @ slopes


@pytest.mark.parametrize(("front", "first"), [(None, 0), ("whiten", 0), (5, 1)])
def test_the_residual_is_what_least_squares_leaves_of_it(front, first):
    net = network(front=front)
    before, others = net.transform(Z).numpy(), net.transform(OTHER).numpy()
    assert np.abs(np.cov(before, rowvar=False)[:3, 3:]).max() > 0.05
    net.decorrelate(Z)
    after, found = net.transform(Z).numpy(), net.transform(OTHER).numpy()
    # Float32 through a flow, at codes of up to about ten.
    expected = left_by_least_squares(before, others, first, 3)
    np.testing.assert_allclose(found[:, first:3], expected, atol=1e-4)
    np.testing.assert_allclose(found[:, 3:], others[:, 3:], atol=1e-4)
    np.testing.assert_allclose(found[:, :first], others[:, :first], atol=1e-4)
    np.testing.assert_allclose(np.cov(after, rowvar=False)[first:3, 3:], 0, atol=1e-4)


def test_log_determinant_stays_and_the_inverse_is_exact():
    net = network()
    before = net.bijector.forward_log_det_jacobian(OTHER).numpy()
    net.decorrelate(Z)
    np.testing.assert_allclose(
        net.bijector.forward_log_det_jacobian(OTHER).numpy(), before, atol=1e-4
    )
    np.testing.assert_allclose(net.invert(net.transform(OTHER)), OTHER, atol=1e-4)


def test_it_is_saved_and_trains_on(tmp_path):
    net = network()
    net.decorrelate(Z)
    net.save(tmp_path / "n.keras")
    np.testing.assert_array_equal(load(tmp_path / "n.keras").transform(Z), net.transform(Z))
    assert np.isfinite(net.fit(Z, epochs=1, verbose=0).history["loss"]).all()


@pytest.mark.parametrize(
    ("make", "z", "message"),
    [
        (lambda: network(mixing="permutation"), Z, "mixing is 'permutation', which takes up no"),
        (lambda: InterpretationNetwork(LAYOUT, mixing="linear"), Z, "has not been trained"),
        (network, Z[:5], "z has 5 rows, too few for factors of 3 dimensions; give at least 6"),
        (network, Z[:, :4], "z"),
    ],
)
def test_wrong_use_is_named(make, z, message):
    with pytest.raises(InputError, match=message):
        make().decorrelate(z)
