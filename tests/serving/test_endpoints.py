import numpy as np
import pytest
import scipy.stats
import tensorflow as tf

# The exported graph runs the network's own operations; only their order of rounding in
# float32 may change, with the number of rows in a product and with the graph optimiser.
CLOSE = {"rtol": 1e-5, "atol": 2e-5}

BATCHES = [0, 1, 3]
NAMES = ["residual", "eye color", "digit"]


def inputs_of(endpoint, rows):
    """Inputs as the signature asks for them, with rows that differ in everything."""
    random = np.random.default_rng(1)
    values = {}
    for name, spec in endpoint.structured_input_signature[1].items():
        shape = (rows, *spec.shape[1:])
        if spec.dtype == tf.bool:
            values[name] = random.random(shape) < 0.5
        elif spec.dtype == tf.int64:
            values[name] = np.arange(rows) % 3
        else:
            draw = random.random if name == "t" else random.normal
            values[name] = draw(size=shape).astype(spec.dtype.as_numpy_dtype)
    return {name: tf.constant(value) for name, value in values.items()}


def test_the_signatures_tell_names_shapes_and_types(endpoints):
    def listing(specs):
        return {name: (spec.dtype.name, tuple(spec.shape)) for name, spec in specs.items()}

    rows, number = ("float32", (None, 12)), ("float32", (None,))
    whole, blocks = ("int64", (None,)), ("bool", (None, 3))
    pair = {"z": rows, "donor": rows, "blocks": blocks}
    factors = {name: ("float32", (None, n)) for name, n in zip(NAMES, (5, 3, 4), strict=True)}
    expected = {
        "serving_default": ({"z": rows}, {"z_tilde": rows}),
        "transform": ({"z": rows}, {"z_tilde": rows}),
        "invert": ({"z_tilde": rows}, {"z": rows}),
        "factors": ({"z": rows}, factors),
        "swap": (pair, {"z_new": rows}),
        "erase": ({"z": rows, "blocks": blocks, "seed": whole}, {"z_new": rows}),
        "interpolate": ({**pair, "t": number}, {"z_new": rows}),
        "log_prob": ({"z": rows}, {"log_prob": number}),
        "pair_log_prob": ({"z_a": rows, "z_b": rows, "shared": blocks}, {"log_prob": number}),
        "same": ({"z_a": rows, "z_b": rows}, {"ratio": ("float32", (None, 3))}),
        "sample": ({"seed": whole}, {"z": rows}),
        "layout": ({"block": whole}, {"name": ("string", (None,)), "size": whole}),
        "description": ({"row": whole}, {"json": ("string", (None,))}),
    }
    found = {
        name: (
            listing(endpoint.structured_input_signature[1]),
            listing(endpoint.structured_outputs),
        )
        for name, endpoint in endpoints.items()
    }
    assert found == expected


def test_no_output_has_the_name_of_an_input(endpoints):
    for endpoint in endpoints.values():
        assert not set(endpoint.structured_input_signature[1]) & set(endpoint.structured_outputs)


@pytest.mark.parametrize("rows", BATCHES)
def test_the_two_directions_equal_the_network(endpoints, network, latents, rows):
    z = tf.constant(latents[:rows])
    z_tilde = endpoints["transform"](z=z)["z_tilde"]
    np.testing.assert_allclose(z_tilde, network.transform(z), **CLOSE)
    np.testing.assert_allclose(endpoints["invert"](z_tilde=z_tilde)["z"], z, **CLOSE)
    np.testing.assert_allclose(endpoints["serving_default"](z=z)["z_tilde"], z_tilde, **CLOSE)


@pytest.mark.parametrize("rows", BATCHES)
def test_factors_and_densities_equal_the_network(endpoints, network, latents, rows):
    z = tf.constant(latents[:rows])
    parts, expected = endpoints["factors"](z=z), network.factors(z)
    assert set(parts) == set(expected)
    for name, part in expected.items():
        np.testing.assert_allclose(parts[name], part, **CLOSE)
    log_prob = endpoints["log_prob"](z=z)["log_prob"]
    np.testing.assert_allclose(log_prob, network.log_prob(z), rtol=1e-5)


@pytest.mark.parametrize("rows", BATCHES)
def test_densities_of_pairs_equal_the_network(endpoints, network, latents, rows):
    z_a, z_b = tf.constant(latents[:rows]), tf.constant(latents[8 : 8 + rows])
    shared = np.random.default_rng(2).random((rows, 3)) < 0.5
    pairs = endpoints["pair_log_prob"](z_a=z_a, z_b=z_b, shared=tf.constant(shared))["log_prob"]
    np.testing.assert_allclose(pairs, network.pair_log_prob(z_a, z_b, shared), rtol=1e-5)
    ratio = endpoints["same"](z_a=z_a, z_b=z_b)["ratio"]
    for column, name in enumerate(NAMES):
        # Differences of log-densities that near 100 nats.
        np.testing.assert_allclose(ratio[:, column], network.same(z_a, z_b, name), atol=1e-4)


def test_every_row_swaps_its_own_blocks(endpoints, network, latents):
    z, donor = latents[:8], latents[8:16]
    blocks = np.array([[bit == "1" for bit in f"{row:03b}"] for row in range(8)])
    z_new = endpoints["swap"](z=z, donor=donor, blocks=blocks)["z_new"]
    for row in range(8):
        chosen = [name for name, wanted in zip(NAMES, blocks[row], strict=True) if wanted]
        expected = network.swap(z[[row]], donor[[row]], chosen)
        np.testing.assert_allclose(z_new[row : row + 1], expected, **CLOSE)


def test_every_row_interpolates_to_its_own_point(endpoints, network, latents):
    z, donor = latents[:5], latents[5:10]
    t = np.linspace(0, 1, 5, dtype=np.float32)
    blocks = np.tile([False, False, True], (5, 1))
    z_new = endpoints["interpolate"](z=z, donor=donor, blocks=blocks, t=t)["z_new"]
    path = network.interpolate(z, donor, ["digit"], steps=5)
    np.testing.assert_allclose(z_new, path.numpy()[range(5), range(5)], **CLOSE)


def test_every_row_erases_its_own_blocks(endpoints, network, latents):
    blocks = np.array([[False, True, False], [True, False, True], [False, False, False]])
    seeds = [5, 2**40, -1]
    z = latents[:3]
    z_new = endpoints["erase"](z=z, blocks=blocks, seed=tf.constant(seeds, tf.int64))["z_new"]
    for row, seed in enumerate(seeds):
        chosen = [name for name, wanted in zip(NAMES, blocks[row], strict=True) if wanted]
        expected = network.erase(z[[row]], chosen, seed=seed)
        np.testing.assert_allclose(z_new[row : row + 1], expected, **CLOSE)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_numbers_that_are_not_finite_are_refused_by_name(endpoints, value):
    for endpoint in endpoints.values():
        given = inputs_of(endpoint, 3)
        for argument, tensor in given.items():
            if tensor.dtype.is_floating:
                broken = tensor.numpy()
                broken[1] = value
                message = rf"\[{argument} is not finite in row\] \[1\]"
                with pytest.raises(tf.errors.InvalidArgumentError, match=message):
                    endpoint(**{**given, argument: tf.constant(broken)})


@pytest.mark.parametrize("t", [-0.1, 1.1, 2.0])
def test_a_way_has_two_ends(endpoints, t):
    given = {**inputs_of(endpoints["interpolate"], 2), "t": tf.constant([0.5, t])}
    with pytest.raises(tf.errors.InvalidArgumentError, match="t leaves its range; give 0 to 1"):
        endpoints["interpolate"](**given)


def test_a_sample_is_the_networks_for_its_seed(endpoints, network):
    seeds = [5, 0, 2**31 - 1, 2**31, 2**63 - 1, -1]
    z = endpoints["sample"](seed=tf.constant(seeds, tf.int64))["z"]
    for row, seed in enumerate(seeds):
        expected = network.sample(1, seed=seed)
        np.testing.assert_allclose(z[row : row + 1], expected, **CLOSE)


def test_every_bit_of_a_seed_counts(endpoints):
    seeds = tf.constant([1, -1, 2**31 + 1, 2**32 + 1, 2**62 + 1], tf.int64)
    z = endpoints["sample"](seed=seeds)["z"]
    assert len(np.unique(z, axis=0)) == len(seeds)


def test_samples_of_neighbouring_seeds_are_independent_draws(endpoints, network):
    z = endpoints["sample"](seed=tf.range(500, dtype=tf.int64))["z"]
    z_tilde = network.transform(z).numpy()
    # One test on fixed seeds: a probability below 1e-3 would be bad luck fixed for ever.
    assert scipy.stats.kstest(z_tilde.ravel(), "norm").pvalue > 1e-3
    lagged = np.corrcoef(z_tilde[:-1].ravel(), z_tilde[1:].ravel())[0, 1]
    # 5,988 pairs of independent numbers correlate by 0.013 or so; four deviations.
    assert abs(lagged) < 0.052


def test_a_row_knows_nothing_of_its_neighbours(endpoints):
    for name, endpoint in endpoints.items():
        inputs = inputs_of(endpoint, rows=4)
        together = endpoint(**inputs)
        for row in range(4):
            alone = endpoint(**{key: value[row : row + 1] for key, value in inputs.items()})
            for key, value in alone.items():
                if value.dtype.is_floating:
                    np.testing.assert_allclose(together[key][row : row + 1], value, **CLOSE)
                else:
                    assert together[key][row] == value[0], name


@pytest.mark.parametrize("rows", BATCHES)
def test_every_endpoint_takes_any_number_of_rows(endpoints, rows):
    for endpoint in endpoints.values():
        outputs = endpoint(**inputs_of(endpoint, rows))
        for key, spec in endpoint.structured_outputs.items():
            assert outputs[key].shape == (rows, *spec.shape[1:])


def test_the_layout_is_told_block_by_block(endpoints):
    told = endpoints["layout"](block=tf.constant([2, 0, 1], tf.int64))
    assert told["name"].numpy().tolist() == [b"digit", b"residual", b"eye color"]
    assert told["size"].numpy().tolist() == [4, 5, 3]
    for unknown in (-1, 3):
        with pytest.raises(
            tf.errors.InvalidArgumentError, match="block leaves its range; give 0 to 2"
        ):
            endpoints["layout"](block=tf.constant([0, unknown], tf.int64))


# One column would broadcast over all dimensions, 24 would split into two examples.
@pytest.mark.parametrize("columns", [1, 11, 24])
def test_a_wrong_width_is_refused(endpoints, columns):
    for name in ("transform", "factors", "log_prob"):
        with pytest.raises(tf.errors.InvalidArgumentError, match=rf"z \[2,{columns}\] is not"):
            endpoints[name](z=tf.zeros([2, columns]))


def test_inputs_of_different_length_are_refused(endpoints):
    # Together 8 rows, which split into two halves without complaint.
    inputs = {"z": tf.zeros([2, 12]), "donor": tf.zeros([6, 12]), "blocks": tf.fill([2, 3], True)}
    with pytest.raises(tf.errors.InvalidArgumentError, match="z and donor differ"):
        endpoints["swap"](**inputs)
    inputs |= {"donor": tf.zeros([2, 12]), "blocks": tf.fill([1, 3], True)}
    with pytest.raises(tf.errors.InvalidArgumentError, match="z and blocks differ"):
        endpoints["swap"](**inputs)
    inputs |= {"blocks": tf.fill([2, 3], True), "t": tf.zeros([1])}
    with pytest.raises(tf.errors.InvalidArgumentError, match="z and t differ"):
        endpoints["interpolate"](**inputs)


def test_gradients_pass_through_an_export(endpoints, network, latents):
    def gradient(transform):
        z = tf.constant(latents[:3])
        with tf.GradientTape() as tape:
            tape.watch(z)
            value = tf.reduce_sum(transform(z) ** 2)
        return tape.gradient(value, z)

    exported = gradient(lambda z: endpoints["transform"](z=z)["z_tilde"])
    np.testing.assert_allclose(exported, gradient(network.transform), rtol=1e-4, atol=1e-4)
