import numpy as np
import pytest
import tensorflow as tf

from iin_tf import FactorLayout
from iin_tf.checks import InputError
from iin_tf.distributions import PairedGaussian
from iin_tf.models import linear_network
from iin_tf.models.linear_network import LinearNetwork, fit_linear_network, pair_moments
from iin_tf.models.walks import random_walk

LAYOUT = FactorLayout({"a": 2, "b": 1}, residual=3)
RHO = 0.9


def pairs(count=6000, seed=0):
    """Pairs of a linear mixture of blocks, alternating in the factor that they share."""
    random = np.random.default_rng(seed)
    mixing = np.random.default_rng(7).normal(size=(6, 6))
    shared = np.zeros((count, 3), bool)
    shared[np.arange(count), 1 + np.arange(count) % 2] = True
    a, noise = random.normal(size=(2, count, 6))
    rho = np.repeat(RHO * shared, LAYOUT.sizes, axis=1)
    b = rho * a + np.sqrt(1 - rho**2) * noise
    return a @ mixing.T + 1, b @ mixing.T + 1, shared, a


def fitted(**settings):
    z_a, z_b, shared, _ = pairs()
    return fit_linear_network(pair_moments(z_a, z_b, shared, ("a", "b")), LAYOUT, RHO, **settings)


def test_the_map_finds_blocks_that_were_mixed_linearly():
    network = fitted()
    z_a, _, _, truth = pairs(2000, seed=1)
    found = network.transform(z_a).numpy()
    correlation = np.corrcoef(found.T, truth.T)[:6, 6:] ** 2
    for name, part in LAYOUT.slices.items():
        # Each block holds its own dimensions, rotated; 6,000 pairs leave errors of about 1 %.
        assert correlation[part, part].sum(axis=0).min() > 0.97, name
    np.testing.assert_allclose(np.cov(found.T), np.eye(6), atol=0.1)


def test_the_likelihood_is_that_of_the_paired_gaussian():
    network = fitted(steps=3)
    z_a, z_b, shared, _ = pairs(400, seed=2)
    rows = np.stack([network.transform(z_a), network.transform(z_b)], axis=1)
    paired = PairedGaussian(tf.constant(RHO * shared, tf.float64), LAYOUT.sizes)
    log_det = np.linalg.slogdet(network.matrix)[1]
    # The factors have equally many pairs here, so that the mean over them is the mean.
    expected = -np.mean(paired.log_prob(rows).numpy() + 2 * log_det)
    assert network.pair_nll(z_a, z_b, shared, RHO) == pytest.approx(expected, rel=1e-9)


def test_the_gradient_is_that_of_finite_differences():
    z_a, z_b, shared, _ = pairs(300)
    moments = pair_moments(z_a, z_b, shared, ("a", "b"))
    matrix = np.random.default_rng(3).normal(size=(6, 6))
    _, gradient = linear_network._objective(matrix, moments, LAYOUT, RHO)
    step = 1e-6 * np.random.default_rng(4).normal(size=(6, 6))
    values = [linear_network._objective(matrix + s, moments, LAYOUT, RHO)[0] for s in (step, -step)]
    # Central differences err by the step squared, 1e-12, beside rounding of 1e-10.
    assert values[0] - values[1] == pytest.approx(2 * np.sum(gradient * step), rel=1e-4)


def test_training_lowers_the_held_out_loss_below_the_start():
    z_a, z_b, shared, _ = pairs(2000, seed=5)
    assert fitted().pair_nll(z_a, z_b, shared, RHO) < fitted(steps=1).pair_nll(
        z_a, z_b, shared, RHO
    )


def test_the_inverse(tmp_path):
    network = fitted(steps=5)
    z, *_ = pairs(50)
    np.testing.assert_allclose(network.invert(network.transform(z)), z, atol=1e-9)
    network.save(tmp_path / "linear.npz")
    again = LinearNetwork.load(tmp_path / "linear.npz")
    assert again.layout == LAYOUT
    np.testing.assert_array_equal(again.transform(z), network.transform(z))


def test_the_face_is_that_of_the_interpretation_network():
    """Values by hand, in blocks [residual 3, a 2, b 1]."""
    network, z, donor = fitted(steps=5), pairs(9)[0], pairs(9, seed=1)[0]
    code, other = ((rows - network.mean) @ network.matrix.T for rows in (z, donor))

    def back(z_tilde):
        return np.linalg.solve(network.matrix, z_tilde.T).T + network.mean

    parts = network.factors(tf.constant(z))
    np.testing.assert_allclose(parts["a"], code[:, 3:5], atol=1e-12)
    np.testing.assert_allclose(network.from_factors(parts), z, atol=1e-12)
    exchanged = np.concatenate([code[:, :3], other[:, 3:5], code[:, 5:]], axis=1)
    np.testing.assert_allclose(network.swap(z, donor, "a"), back(exchanged), atol=1e-12)
    erased = np.concatenate([code[:, :5], np.zeros((9, 1))], axis=1)
    np.testing.assert_allclose(network.erase(z, "b", by="mean"), back(erased), atol=1e-12)
    path = network.interpolate(z, donor, ["a"], steps=3)
    assert path.shape == (9, 3, 6)
    np.testing.assert_allclose(path[:, 1], back((code + exchanged) / 2), atol=1e-12)
    assert random_walk(network, z, "a", steps=4).shape == (9, 4, 6)
    for result in (network.transform(z), network.invert(z), path):
        assert tf.is_tensor(result)
        assert result.dtype == tf.float64


def test_a_damaged_file_is_named(tmp_path):
    path = tmp_path / "linear.npz"
    with pytest.raises(InputError, match=r"linear\.npz' is not a file"):
        LinearNetwork.load(path)
    LinearNetwork(LAYOUT, np.eye(6), np.zeros(6)).save(path)
    whole = path.read_bytes()
    flipped = bytearray(whole)
    flipped[100] ^= 255
    for damaged in (b"", whole[:200], whole[:-30], b"text", bytes(flipped)):
        path.write_bytes(damaged)
        with pytest.raises(InputError, match=r"linear\.npz' is not a saved LinearNetwork: ."):
            LinearNetwork.load(path)
    np.savez(path, other=np.ones(3))
    with pytest.raises(InputError, match=r"is not a saved LinearNetwork: .*layout"):
        LinearNetwork.load(path)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((LAYOUT, np.eye(5), np.zeros(6)), r"matrix has shape \(5, 5\); the layout's N is 6"),
        ((LAYOUT, np.eye(6), np.zeros(5)), r"mean has shape \(5,\)"),
        ((LAYOUT, np.eye(6) * np.nan, np.zeros(6)), "matrix: row 0 is not finite"),
    ],
)
def test_a_map_that_does_not_fit_is_named(arguments, message):
    with pytest.raises(InputError, match=message):
        LinearNetwork(*arguments)


@pytest.mark.parametrize("name", ["linear", "linear.npz", "linear.of.run.3"])
def test_a_file_has_the_name_that_was_asked_for(tmp_path, name):
    network = LinearNetwork(LAYOUT, np.eye(6), np.zeros(6))
    network.save(tmp_path / name)
    assert [path.name for path in tmp_path.iterdir()] == [name]
    with np.load(tmp_path / name) as saved:
        np.testing.assert_array_equal(saved["matrix"], network.matrix)
        np.testing.assert_array_equal(saved["mean"], network.mean)


def test_what_does_not_fit_is_one_clear_line():
    z_a, z_b, shared, _ = pairs(100)
    with pytest.raises(InputError, match="'b' has no pair"):
        pair_moments(z_a, z_b, shared & [False, True, False], ("a", "b"))
    moments = pair_moments(z_a, z_b, shared, ("a", "b"))
    with pytest.raises(InputError, match="the same factors"):
        fit_linear_network(moments, FactorLayout({"b": 1, "a": 2}, residual=3), RHO)
    z_a[:, 0] = z_b[:, 0] = 0
    with pytest.raises(InputError, match="does not vary"):
        fit_linear_network(pair_moments(z_a, z_b, shared, ("a", "b")), LAYOUT, RHO)
