"""The network's two directions, edits and densities."""

import numpy as np
import pytest
import scipy.stats
import tensorflow as tf

import iin_tf
from iin_tf import FactorLayout, InterpretationNetwork

LAYOUT = FactorLayout({"digit": 2, "color": 1}, residual=3)
N = LAYOUT.latent_size
# Two blocks of float32 arithmetic on numbers of order 10.
FLOAT32 = {"rtol": 1e-5, "atol": 1e-5}
FLOAT64 = {"rtol": 1e-11, "atol": 1e-11}


def latents(count=9, seed=0):
    return np.random.default_rng(seed).normal(size=(count, N)) * 3 + 1


def make(layout=LAYOUT, **kwargs):
    network = InterpretationNetwork(
        layout, **{"blocks": 2, "hidden": 16, "depth": 1, "seed": 0, **kwargs}
    )
    # Without a start from data every ActNorm would be the identity.
    network.adapt(latents(100, seed=1)[:, : layout.latent_size])
    return network


@pytest.fixture(scope="module")
def network():
    return make()


@pytest.fixture(scope="module")
def exact():
    return make(dtype="float64")


def parts_of(network, z):
    return {name: part.numpy() for name, part in network.factors(z).items()}


# The two directions


def test_transform_call_and_predict_are_one(network):
    z = latents()
    z_tilde = network.transform(z)
    assert z_tilde.shape == (9, N)
    np.testing.assert_allclose(network(z), z_tilde, **FLOAT32)
    np.testing.assert_allclose(network.predict(z, verbose=0), z_tilde, **FLOAT32)
    np.testing.assert_allclose(network.bijector.forward(tf.cast(z, "float32")), z_tilde, **FLOAT32)


@pytest.mark.parametrize("count", [0, 1, 2, 50])
@pytest.mark.parametrize("mixing", ["permutation", "linear"])
def test_invert_undoes_transform(mixing, count):
    network, z = make(mixing=mixing, dtype="float64"), latents(count)
    np.testing.assert_allclose(network.invert(network.transform(z)), z, **FLOAT64)
    np.testing.assert_allclose(network.transform(network.invert(z)), z, **FLOAT64)


@pytest.mark.parametrize("policy", ["float32", "mixed_bfloat16"])
def test_round_trip_is_exact_within_float32(policy):
    """Over many blocks too, where products in bfloat16 would leave errors of 1e-3."""
    network, z = make(blocks=12, hidden=64, dtype=policy), latents(500)
    z_tilde = network.transform(z)
    assert z_tilde.dtype == tf.float32
    # The chain has 48 steps, each adding a rounding of 6e-8 of numbers up to 10.
    np.testing.assert_allclose(network.invert(z_tilde), z, atol=2e-5)


@pytest.mark.parametrize(
    ("policy", "dtype"), [("float64", "float64"), ("mixed_bfloat16", "float32")]
)
def test_results_have_the_variables_dtype(policy, dtype):
    network, z = make(dtype=policy), latents().astype("float32")
    shared = np.ones(9, int)
    for result in (
        network.transform(z),
        network.invert(z),
        network(z),
        network.swap(z, z, "digit"),
        network.interpolate(z, z, "digit", 2),
        network.interpolate(z, z, "digit", 2, path="sphere"),
        network.erase(z, "digit"),
        network.sample(2, seed=0),
        network.log_prob(z),
        network.pair_log_prob(z, z, shared),
        network.correlation,
        network.pair_distribution(shared).sample(seed=1),
    ):
        assert result.dtype == dtype


def test_every_input_type_will_do(network):
    z = latents(2).astype("float32")
    expected = network.transform(z)
    for same in (z.tolist(), tf.constant(z), z.astype("float64"), np.asfortranarray(z)):
        np.testing.assert_allclose(network.transform(same), expected, **FLOAT32)


def test_a_row_does_not_depend_on_its_batch(network):
    z = latents()
    np.testing.assert_allclose(network.transform(z)[3:4], network.transform(z[3:4]), **FLOAT32)


def test_no_factors_at_all():
    network = make(FactorLayout({}, residual=4))
    z = latents()[:, :4]
    assert list(network.factors(z)) == ["residual"]
    np.testing.assert_allclose(network.swap(z, z[::-1], "residual"), z[::-1], **FLOAT32)
    assert network.log_prob(z).shape == (9,)
    marginals = network.log_prob(z) + network.log_prob(z[::-1])
    np.testing.assert_allclose(network.pair_log_prob(z, z[::-1], np.full(9, -1)), marginals, 1e-5)


# Factors and edits


def test_factors_are_the_blocks_and_go_back(network):
    z = latents()
    parts = network.factors(z)
    assert {name: part.shape[1] for name, part in parts.items()} == {
        "residual": 3,
        "digit": 2,
        "color": 1,
    }
    np.testing.assert_array_equal(np.concatenate(list(parts.values()), 1), network.transform(z))
    np.testing.assert_allclose(network.from_factors(parts), z, **FLOAT32)
    numpy_parts = {name: part.numpy() for name, part in parts.items()}
    np.testing.assert_allclose(network.from_factors(numpy_parts), z, **FLOAT32)


@pytest.mark.parametrize("factors", ["digit", ["color"], ["residual"], ["digit", "residual"], []])
def test_swap_exchanges_these_blocks_and_no_other(exact, factors):
    z, donor = latents(), latents(seed=2)
    z_new = parts_of(exact, exact.swap(z, donor, factors=factors))
    own, other = parts_of(exact, z), parts_of(exact, donor)
    for name in LAYOUT.names:
        source = other if name in ([factors] if isinstance(factors, str) else factors) else own
        np.testing.assert_allclose(z_new[name], source[name], **FLOAT64)


def test_swapping_everything_gives_the_donor(exact):
    z, donor = latents(), latents(seed=2)
    np.testing.assert_allclose(exact.swap(z, donor, LAYOUT.names), donor, **FLOAT64)


def test_interpolation_is_a_line_between_both_ends(exact):
    z, donor = latents(), latents(seed=2)
    path = exact.interpolate(z, donor, ["digit"], steps=5)
    assert path.shape == (9, 5, N)
    np.testing.assert_allclose(path[:, 0], z, **FLOAT64)
    np.testing.assert_allclose(path[:, -1], exact.swap(z, donor, ["digit"]), **FLOAT64)
    own, other = parts_of(exact, z), parts_of(exact, donor)
    for step, t in enumerate(np.linspace(0, 1, 5)):
        parts = parts_of(exact, path[:, step])
        np.testing.assert_allclose(
            parts["digit"], (1 - t) * own["digit"] + t * other["digit"], **FLOAT64
        )
        np.testing.assert_allclose(parts["color"], own["color"], **FLOAT64)
        np.testing.assert_allclose(parts["residual"], own["residual"], **FLOAT64)


def test_the_sphere_has_the_ends_of_the_line_and_a_norm_between(exact):
    z, donor = latents(), latents(seed=2)
    path = exact.interpolate(z, donor, ["digit"], steps=5, path="sphere")
    np.testing.assert_allclose(path[:, 0], z, **FLOAT64)
    np.testing.assert_allclose(path[:, -1], exact.swap(z, donor, ["digit"]), **FLOAT64)
    norms = [
        np.linalg.norm(parts_of(exact, rows)["digit"], axis=1)
        for rows in (z, path[:, 1], path[:, 2], path[:, 3], donor)
    ]
    for step in (1, 2, 3):
        expected = norms[0] + step / 4 * (norms[4] - norms[0])
        np.testing.assert_allclose(norms[step], expected, **FLOAT64)


def test_erasing_leaves_nothing_of_a_block_and_all_of_the_others(exact):
    z = latents(2000)
    own, mean = parts_of(exact, z), parts_of(exact, exact.erase(z, ["digit"], by="mean"))
    drawn = parts_of(exact, exact.erase(z, ["digit"], by="sample", seed=3))
    np.testing.assert_allclose(mean["digit"], np.zeros((2000, 2)), **FLOAT64)
    assert scipy.stats.kstest(drawn["digit"].ravel(), "norm").pvalue > 1e-3
    # The correlation of 2,000 independent pairs deviates by 0.022.
    assert np.abs(np.corrcoef(drawn["digit"].T, own["digit"].T)[:2, 2:]).max() < 0.1
    for parts in (mean, drawn):
        np.testing.assert_allclose(parts["color"], own["color"], **FLOAT64)
        np.testing.assert_allclose(parts["residual"], own["residual"], **FLOAT64)
    again, other = (exact.erase(z, "digit", seed=seed) for seed in (3, 2**40))
    np.testing.assert_array_equal(again, exact.erase(z, ["digit"], by="sample", seed=3))
    assert np.all(parts_of(exact, other)["digit"] != drawn["digit"])


def test_samples_are_standard_normal_behind_the_network(network):
    z = network.sample(5000, seed=3)
    z_tilde = network.transform(z).numpy()
    assert scipy.stats.kstest(z_tilde.ravel(), "norm").pvalue > 1e-3
    np.testing.assert_allclose(np.cov(z_tilde.T), np.eye(N), atol=0.1)


def test_a_seed_fixes_the_samples(network):
    np.testing.assert_array_equal(network.sample(4, seed=7), network.sample(4, seed=7))
    assert np.all(network.sample(4, seed=7) != network.sample(4, seed=8))
    assert np.all(network.sample(4) != network.sample(4))
    assert network.sample(0, seed=7).shape == (0, N)


def test_a_seed_has_64_bits(network):
    seeds = [1, 2**31, 2**32 + 1, 2**63 - 1, np.int64(2**40), tf.constant(2)]
    samples = np.concatenate([network.sample(1, seed=seed) for seed in seeds])
    assert len(np.unique(samples, axis=0)) == len(seeds)
    # Small seeds are what they were when a seed had 32 bits.
    marginal = network._marginal().sample(1, seed=(0, 7))
    np.testing.assert_allclose(network.sample(1, seed=7), network.invert(marginal), **FLOAT32)


@pytest.mark.parametrize("count", [0, 1])
def test_the_smallest_batches(network, count):
    z, shared = latents(count), np.zeros(count, int)
    assert network.transform(z).shape == (count, N)
    assert network(z).shape == (count, N)
    assert network.invert(z).shape == (count, N)
    assert network.from_factors(network.factors(z)).shape == (count, N)
    assert network.swap(z, z, "digit").shape == (count, N)
    assert network.interpolate(z, z, "digit", 3).shape == (count, 3, N)
    assert network.interpolate(z, z, "digit", 3, path="sphere").shape == (count, 3, N)
    assert network.erase(z, "digit").shape == (count, N)
    assert network.sample(count).shape == (count, N)
    assert network.log_prob(z).shape == (count,)
    assert network.pair_log_prob(z, z, shared).shape == (count,)
    assert network.pair_distribution(shared).log_prob(np.stack([z, z], 1)).shape == (count,)


# Densities


def log_det_of_jacobian(network, z):
    z = tf.constant(z)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(z)
        z_tilde = network.transform(z)
    return np.linalg.slogdet(tape.batch_jacobian(z_tilde, z, experimental_use_pfor=False))[1]


def test_log_prob_is_the_density_behind_the_network(exact):
    z = latents()
    expected = scipy.stats.norm.logpdf(exact.transform(z)).sum(1) + log_det_of_jacobian(exact, z)
    np.testing.assert_allclose(exact.log_prob(z), expected, **FLOAT64)
    np.testing.assert_allclose(exact.distribution().log_prob(z), expected, **FLOAT64)


def equation(network, z_a, z_b, factor, rho):
    """The pair's log-likelihood as in the paper, with every constant."""
    t_a, t_b = network.transform(z_a).numpy(), network.transform(z_b).numpy()
    negative = 0.5 * (t_a**2).sum(1) - log_det_of_jacobian(network, z_a)
    negative -= log_det_of_jacobian(network, z_b)
    for name, part in LAYOUT.slices.items():
        if name == factor:
            negative += 0.5 * ((t_b - rho * t_a)[:, part] ** 2).sum(1) / (1 - rho**2)
            negative += 0.5 * (part.stop - part.start) * np.log(1 - rho**2)
        else:
            negative += 0.5 * (t_b[:, part] ** 2).sum(1)
    return -negative - N * np.log(2 * np.pi)


@pytest.mark.parametrize("factor", ["residual", "digit", "color", None])
def test_pair_log_prob_is_the_equation(exact, factor):
    z_a, z_b = latents(), latents(seed=2)
    expected = equation(exact, z_a, z_b, factor, rho=0.975)
    rows = np.tile(LAYOUT.shared(factor), (9, 1))
    block = -1 if factor is None else LAYOUT.index(factor)
    for shared in (rows, np.full(9, block), 0.975 * rows):
        np.testing.assert_allclose(exact.pair_log_prob(z_a, z_b, shared), expected, **FLOAT64)


def test_a_mixed_batch_is_its_pairs(exact):
    z_a, z_b = latents(), latents(seed=2)
    rho = np.random.default_rng(3).uniform(0, 0.95, (9, 3))
    # One, several and no shared blocks, the residual among them.
    rho[[0, 1, 2, 3]] *= [[0, 1, 0], [1, 0, 1], [0, 0, 0], [1, 1, 1]]
    t = np.stack([exact.transform(z_a), exact.transform(z_b)], 1).reshape(9, -1)
    expected = log_det_of_jacobian(exact, z_a) + log_det_of_jacobian(exact, z_b)
    for row, correlation in enumerate(rho):
        cross = np.diag(np.repeat(correlation, LAYOUT.sizes))
        covariance = np.block([[np.eye(N), cross], [cross, np.eye(N)]])
        expected[row] += scipy.stats.multivariate_normal(cov=covariance).logpdf(t[row])
    np.testing.assert_allclose(exact.pair_log_prob(z_a, z_b, rho), expected, **FLOAT64)


def test_pair_log_prob_is_symmetric(network):
    z_a, z_b, shared = latents(), latents(seed=2), np.arange(9) % 4 - 1
    # Another place in the batch may change the order of a sum.
    np.testing.assert_allclose(
        network.pair_log_prob(z_a, z_b, shared), network.pair_log_prob(z_b, z_a, shared), rtol=1e-5
    )


def test_pair_distribution_is_pair_log_prob(exact):
    z_a, z_b = latents(), latents(seed=2)
    pairs = np.stack([z_a, z_b], -2)
    for shared in (np.arange(9) % 4 - 1, np.arange(27).reshape(9, 3) % 2 == 0):
        distribution = exact.pair_distribution(shared)
        assert distribution.event_shape == (2, N)
        assert distribution.batch_shape == (9,)
        expected = exact.pair_log_prob(z_a, z_b, shared)
        np.testing.assert_allclose(distribution.log_prob(pairs), expected, **FLOAT64)
        part = distribution[3:5]
        np.testing.assert_allclose(part.log_prob(pairs[3:5]), expected[3:5], **FLOAT64)
        np.testing.assert_allclose(distribution[0].log_prob(pairs[0]), expected[0], **FLOAT64)


def test_pair_distribution_of_one_row(exact):
    z_a, z_b = latents(), latents(seed=2)
    distribution = exact.pair_distribution(LAYOUT.shared("digit"))
    assert distribution.batch_shape == ()
    np.testing.assert_allclose(
        distribution.log_prob(np.stack([z_a, z_b], -2)),
        exact.pair_log_prob(z_a, z_b, np.ones(9, int)),
        **FLOAT64,
    )


def test_pairs_that_are_drawn_share_what_they_should(network):
    a, b = tf.unstack(
        network.pair_distribution(LAYOUT.shared("digit")).sample(4000, seed=1), axis=1
    )
    t_a, t_b = network.transform(a).numpy(), network.transform(b).numpy()
    correlation = [np.corrcoef(t_a[:, i], t_b[:, i])[0, 1] for i in range(N)]
    # The correlation of n = 4,000 independent pairs deviates by 1 / sqrt(n) = 0.016.
    np.testing.assert_allclose(correlation, [0, 0, 0, 0.975, 0.975, 0], atol=0.07)


def test_distributions_follow_the_weights():
    network = make(correlation="learned", dtype="float64")
    pairs = np.stack([latents(), latents(seed=2)], 1)
    shared = np.arange(9) % 3
    kept = network.pair_distribution(shared), network.distribution()
    before = kept[0].log_prob(pairs), kept[1].log_prob(pairs[:, 0])
    for weight in network.trainable_weights:
        weight.assign(weight + 0.01)
    fresh = network.pair_distribution(shared), network.distribution()
    for distribution, same, old, value in zip(
        kept, fresh, before, (pairs, pairs[:, 0]), strict=True
    ):
        now = distribution.log_prob(value)
        assert np.abs(now - old).min() > 1e-6
        np.testing.assert_array_equal(now, same.log_prob(value))
    expected = network.pair_log_prob(pairs[:, 0], pairs[:, 1], shared)
    np.testing.assert_allclose(kept[0].log_prob(pairs), expected, **FLOAT64)
    np.testing.assert_allclose(kept[0][0].log_prob(pairs[0]), expected[0], **FLOAT64)


def test_methods_follow_the_weights():
    network, z = make(), latents()
    before = network.transform(z), network.log_prob(z)
    network.flow.actnorms.shift.assign(network.flow.actnorms.shift + 1.0)
    for now, old in zip((network.transform(z), network.log_prob(z)), before, strict=True):
        assert np.abs(now - old).max() > 1e-3


@pytest.mark.parametrize(
    "call",
    {
        "transform": lambda net, z, shared: net.transform(z),
        "call": lambda net, z, shared: net(z),
        "invert": lambda net, z, shared: net.invert(z),
        "factors": lambda net, z, shared: net.factors(z),
        "from_factors": lambda net, z, shared: net.from_factors(net.factors(z)),
        "swap": lambda net, z, shared: net.swap(z, z[::-1], ["digit"]),
        "interpolate": lambda net, z, shared: net.interpolate(z, z[::-1], ["digit"], 3),
        "sphere": lambda net, z, shared: net.interpolate(z, z[::-1], ["digit"], 3, "sphere"),
        "erase": lambda net, z, shared: net.erase(z, ["digit"], seed=4),
        "sample": lambda net, z, shared: net.sample(5, seed=2),
        "log_prob": lambda net, z, shared: net.log_prob(z),
        "pair_log_prob": lambda net, z, shared: net.pair_log_prob(z, z[::-1], shared),
        "pair_distribution": lambda net, z, shared: net.pair_distribution(shared).log_prob(
            tf.stack([z, z[::-1]], 1)
        ),
    }.items(),
    ids=lambda item: item[0],
)
def test_a_graph_of_unknown_batch_gives_the_eager_answer(network, call):
    z, shared = tf.constant(latents(), tf.float32), tf.constant(np.arange(9) % 4 - 1)
    compiled = tf.function(
        lambda z, shared: call[1](network, z, shared),
        input_signature=[tf.TensorSpec([None, N]), tf.TensorSpec([None], tf.int64)],
    )
    for count in (9, 0):
        results = compiled(z[:count], shared[:count]), call[1](network, z[:count], shared[:count])
        for in_graph, eager in zip(*map(tf.nest.flatten, results), strict=True):
            np.testing.assert_allclose(in_graph, eager, **FLOAT32)


def test_correlation_per_block():
    np.testing.assert_allclose(make().correlation, [0.975] * 3)
    own = make(correlation={"digit": 0.5, "color": 0.25})
    np.testing.assert_allclose(own.correlation, [0.975, 0.5, 0.25])
    z_a, z_b = latents(), latents(seed=2)
    np.testing.assert_allclose(
        own.pair_log_prob(z_a, z_b, np.arange(9) % 3),
        own.pair_log_prob(z_a, z_b, np.diag([0.975, 0.5, 0.25])[np.arange(9) % 3]),
        rtol=1e-6,
    )
    assert make(correlation=1 - 1e-9, dtype="float64").correlation.numpy().max() < 1
    learned = make(correlation="learned").correlation
    np.testing.assert_allclose(learned, [0.9] * 3, rtol=1e-5)


def test_a_seed_fixes_the_network():
    z = latents()
    np.testing.assert_array_equal(make(seed=3).transform(z), make(seed=3).transform(z))
    assert np.abs(make(seed=3).transform(z) - make(seed=4).transform(z)).max() > 1e-2
    assert make(seed=None).seed != make(seed=None).seed


def test_the_published_size():
    network = InterpretationNetwork(FactorLayout({"digit": 13, "color": 17}, residual=34), seed=0)
    assert sum(int(np.prod(w.shape)) for w in network.trainable_variables) == 26_815_488
    assert network.count_params() >= 26_815_488


# Bad input

NAN = latents()
NAN[[2, 5], 3] = np.nan
Z = latents()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda net: net.transform(NAN), r"z: row 2 is not finite \(2 of 9 rows\)"),
        (lambda net: net.transform(np.where(np.isnan(NAN), np.inf, NAN)), "z: row 2"),
        (lambda net: net.invert(NAN), "z_tilde: row 2 is not finite"),
        (lambda net: net.swap(Z, NAN, "digit"), "donor: row 2 is not finite"),
        (lambda net: net.pair_log_prob(Z, NAN, [0] * 9), "z_b: row 2 is not finite"),
        (lambda net: net.transform(Z[0]), r"z has shape \(6,\); give rows of latents"),
        (lambda net: net.transform(Z[:, :4]), r"z has shape \(9, 4\).*sum to 6"),
        (lambda net: net.swap(Z, Z[:3], "digit"), "z has 9 rows and donor has 3"),
        (lambda net: net.interpolate(Z, Z[:3], "digit", 3), "z has 9 rows and donor has 3"),
        (lambda net: net.pair_log_prob(Z, Z[:3], [0] * 9), "z_a has 9 rows and z_b has 3"),
        (lambda net: net.swap(Z, Z, "shape"), "factor 'shape' is unknown; this layout has"),
        (lambda net: net.swap(Z, Z, ["digit", "digit"]), "factor 'digit' is given twice"),
        (
            lambda net: net.interpolate(Z, Z, "digit", 1),
            "steps is 1; give a whole number",
        ),
        (lambda net: net.interpolate(Z, Z, "digit", 2.0), r"steps is 2\.0; give a whole number"),
        (lambda net: net.interpolate(Z, Z, "digit", 2, path="arc"), "path is 'arc'; give one"),
        (lambda net: net.erase(Z, "digit", by="zero"), "by is 'zero'; give one of"),
        (lambda net: net.erase(Z, "digit", seed=[1, 2]), r"seed is \[1, 2\]; give a whole"),
        (lambda net: net.erase(Z, "shape"), "factor 'shape' is unknown"),
        (lambda net: net.swap(Z, Z, 3), "names is 3; give a name or several"),
        (lambda net: net.from_factors({"digit": Z}), r"parts has the blocks \['digit'\]"),
        (lambda net: net.from_factors({**net.factors(Z), "digit": Z[:2, :2]}), r"rows \(2,\)"),
        (lambda net: net.pair_log_prob(Z, Z, [3] * 9), "from -1 to 2, but it holds 3"),
        (lambda net: net.pair_log_prob(Z, Z, np.eye(9, 3)), r"in \[0, 1\), but it holds 1.0"),
        (lambda net: net.pair_log_prob(Z, Z, [0] * 8), r"shared has shape \(8,\), but.* 9 pairs"),
        (lambda net: net.pair_log_prob(Z, Z, np.ones((9, 2), bool)), "each of the 3 blocks"),
        (lambda net: net.pair_log_prob(Z, Z, LAYOUT.shared("digit")), r"shape \(3,\), but.* 9"),
        (lambda net: net.pair_log_prob(Z, Z, np.eye(9, 3, dtype=int)), r"shape \(9, 3\), but.* 9"),
        (lambda net: net.pair_log_prob(Z, Z, 1), r"shared has shape \(\), but there are 9 pairs"),
        (lambda net: net.pair_log_prob(Z, Z, ["digit"] * 9), "shared has dtype string"),
        (lambda net: net.adapt(Z[:0]), "z has no rows"),
        (lambda net: net.sample(1, seed=2**63), "seed is 9223372036854775808; give a whole"),
        (lambda net: net.sample(1, seed=1.5), r"seed is 1\.5; give a whole number"),
    ],
)
def test_wrong_input_is_named(network, call, message):
    with pytest.raises(ValueError, match=message) as error:
        call(network)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"coupling": "none"}, "coupling is 'none'"),
        ({"correlation": 1.0}, "correlation of 'residual' is 1.0; give a number in"),
        ({"correlation": 1 - 1e-9}, r"is 0\.999999999; give a number in \[0, 1\) as float32 has"),
        ({"correlation": {"digit": 1 - 1e-9, "color": 0.5}}, r"'digit' is 0\.999999999; give"),
        ({"correlation": -0.1}, "is -0.1; give a number in"),
        ({"correlation": float("nan")}, "is nan; give a number in"),
        ({"correlation": "high"}, "is 'high'; give a number in"),
        ({"correlation": None}, "is None; give a number in"),
        ({"correlation": {"digit": 0.5}}, r"correlation names \['digit', 'residual'\]; give"),
        ({"correlation": {"digit": 0.5, "color": 2}}, "correlation of 'color' is 2"),
        ({"mixing": "none"}, "mixing is 'none'"),
        ({"blocks": 0}, "blocks is 0"),
    ],
)
def test_wrong_arguments_are_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        InterpretationNetwork(**{"layout": LAYOUT, "hidden": 8, **arguments})


def test_the_public_names_are_there():
    assert iin_tf.InterpretationNetwork is InterpretationNetwork
    assert iin_tf.FactorLayout is FactorLayout
