import sys

import numpy as np
import pytest

import iin_tf
from iin_tf.checks import InputError, MissingPackage
from iin_tf.serving import Client, ServerError

# Batches of another size add in another order.
CLOSE = {"rtol": 1e-5, "atol": 2e-5}


@pytest.fixture(scope="module")
def shared():
    return np.random.default_rng(2).random((6, 3)) < 0.5


@pytest.mark.parametrize("rows", [0, 1, 64])
def test_every_method_answers_as_the_network(client, network, latents, rows):
    z, donor = latents[:rows], latents[::-1][:rows]
    z_tilde = client.transform(z)
    assert isinstance(z_tilde, np.ndarray)
    assert z_tilde.dtype == np.float32
    np.testing.assert_allclose(z_tilde, network.transform(z), **CLOSE)
    np.testing.assert_allclose(client.invert(z_tilde), z, **CLOSE)
    np.testing.assert_allclose(client.log_prob(z), network.log_prob(z), rtol=1e-5)
    parts = client.factors(z)
    assert [*parts] == [*network.layout.names]
    for name, part in network.factors(z).items():
        np.testing.assert_allclose(parts[name], part, **CLOSE)
    np.testing.assert_allclose(client.from_factors(parts), z, **CLOSE)
    for factors in ("digit", ["residual", "eye color"]):
        swapped = network.swap(z, donor, factors)
        np.testing.assert_allclose(client.swap(z, donor, factors), swapped, **CLOSE)
    path = client.interpolate(z, donor, ["digit"], steps=5)
    np.testing.assert_allclose(path, network.interpolate(z, donor, ["digit"], 5), **CLOSE)


def test_densities_of_pairs_answer_as_the_network(client, network, latents, shared):
    z_a, z_b = latents[:6], latents[6:12]
    pairs = client.pair_log_prob(z_a, z_b, shared)
    np.testing.assert_allclose(pairs, network.pair_log_prob(z_a, z_b, shared), rtol=1e-5)
    # A difference of log-densities of some 100 nats.
    for name in network.layout.names:
        ratio = client.same(z_a, z_b, name)
        np.testing.assert_allclose(ratio, network.same(z_a, z_b, name), atol=1e-4)


def test_draws_are_the_networks_row_by_row(client, network, latents):
    z = latents[:3]
    erased, sampled = client.erase(z, "digit", seed=5), client.sample(3, seed=5)
    for row in range(3):
        one = network.erase(z[[row]], "digit", seed=5 + row)
        np.testing.assert_allclose(erased[[row]], one, **CLOSE)
        np.testing.assert_allclose(sampled[[row]], network.sample(1, seed=5 + row), **CLOSE)
    again = client.erase(z, "digit", seed=[5, 6, 7])
    np.testing.assert_array_equal(again, erased)


def test_what_is_served_is_told(client, network):
    assert client.version == 1
    assert client.layout == network.layout
    assert {"transform", "swap", "same"} <= set(client.signatures)
    assert str(client.signatures["swap"].inputs["blocks"]) == "bool [B, 3]"


def test_both_forms_give_the_same_numbers(rest_url, grpc_url, latents, shared):
    with Client(rest_url) as rest, Client(grpc_url) as grpc:
        assert rest.signatures == grpc.signatures
        for name, signature in rest.signatures.items():
            draw = np.random.default_rng(0)
            inputs = {key: _drawn(draw, spec) for key, spec in signature.inputs.items()}
            one, other = rest.call(name, **inputs), grpc.call(name, **inputs)
            assert set(one) == set(other) == set(signature.outputs)
            for key, value in one.items():
                assert value.dtype == other[key].dtype
                np.testing.assert_array_equal(value, other[key])


def _drawn(random, spec):
    shape = (3, *spec.shape[1:])
    if spec.dtype == bool:
        return random.random(shape) < 0.5
    if spec.dtype == np.int64:
        return random.integers(3, size=shape)
    return random.random(shape)


def test_many_rows_go_in_batches(rest_url, network, monkeypatch):
    z = np.random.default_rng(3).normal(size=(10, 12)).astype(np.float32)
    sizes = []
    with Client(rest_url, batch_size=4) as client:
        sent = client._transport.predict
        monkeypatch.setattr(
            client._transport,
            "predict",
            lambda *given: sizes.append(len(next(iter(given[3].values())))) or sent(*given),
        )
        z_tilde = client.transform(z)
    # The first asks for the names of the three blocks.
    assert sizes == [3, 4, 4, 2]
    np.testing.assert_allclose(z_tilde, network.transform(z), **CLOSE)


@pytest.mark.parametrize("which", ["/versions/1", "/labels/stable", "/"])
@pytest.mark.parametrize("form", ["rest", "grpc"])
def test_a_version_or_a_label_may_be_meant(request, form, which, latents):
    with Client(request.getfixturevalue(f"{form}_url") + which) as client:
        assert client.version == 1
        assert client.transform(latents).shape == latents.shape


@pytest.mark.parametrize(
    ("which", "words"),
    [("/versions/9", "Specific(small, 9)"), ("/labels/old", "version label: old")],
)
@pytest.mark.parametrize("form", ["rest", "grpc"])
def test_the_servers_own_words_are_raised(request, form, which, words, latents):
    with Client(request.getfixturevalue(f"{form}_url") + which) as client:
        with pytest.raises(ServerError) as caught:
            client.transform(latents)
        assert words in str(caught.value)


def test_what_the_graph_refuses_is_raised_in_its_words(client):
    with pytest.raises(ServerError, match=r"block leaves its range; give 0 to 2, not\] \[7\]"):
        client.call("layout", block=[7])


BAD = [
    (
        lambda client, z: client.transform(z[:, :11]),
        r"z has shape \[64, 11\]; give float32 \[B, 12",
    ),
    (lambda client, z: client.transform(z[0]), r"z has shape \[12\]"),
    (lambda client, z: client.transform("text"), "z has dtype"),
    (lambda client, z: client.transform(np.where(z > 1, np.nan, z)), "z: row 0 is not finite"),
    (lambda client, z: client.transform(z * np.float64(1e300)), "z: row 0 is not finite"),
    (lambda client, z: client.swap(z, z[:3], "digit"), "different numbers of rows"),
    (lambda client, z: client.swap(z, z, "colour"), r"'colour' is unknown.*'eye color'"),
    (lambda client, z: client.same(z, z, "colour"), r"'colour' is unknown.*'eye color'"),
    (lambda client, z: client.swap(z, z, 3), "names is 3"),
    (lambda client, z: client.swap(3.0, z, "digit"), "z is 3.0; give rows"),
    (lambda client, z: client.erase(None, "digit"), "z is None; give rows"),
    (lambda client, z: client.interpolate(0, z, "digit", 3), "z is 0; give rows"),
    (lambda client, z: client.interpolate(z, z, "digit", 1), "steps is 1"),
    (lambda client, z: client.sample(-1), "n is -1"),
    (lambda client, z: client.sample(2, seed=0.5), "seed is 0.5"),
    (lambda client, z: client.sample(2, seed=2**63), "seed is"),
    (lambda client, z: client.pair_log_prob(z, z, np.ones((64, 3))), "shared has dtype float64"),
    (lambda client, z: client.encode(z), r"no signature 'encode'; it has \['description', 'erase'"),
    (lambda client, z: client.call("transform", q=z), r"inputs \['q'\]; give \['z'\]"),
    (lambda client, z: client.call("sample", seed=[2**63]), "seed has values beyond int64"),
    (lambda client, z: client.from_factors({"digit": z}), r"blocks \['digit'\]; give"),
]


@pytest.mark.parametrize(("ask", "message"), BAD)
def test_bad_input_is_named_before_it_is_sent(rest_url, latents, ask, message):
    with Client(rest_url) as client, pytest.raises(InputError, match=message) as caught:
        ask(client, latents)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        *("http://host/v1/models/", "host:8501/v1/models/a", "ftp://host/v1/models/a", 3),
        *("http://host/v1/models/a:predict", "http://host/v1/models/a/versions/x"),
        f"http://host/v1/models/a/versions/{'9' * 5000}",
    ],
)
def test_another_url_is_refused(url):
    with pytest.raises(InputError, match=r"url is .*; give http://HOST:8501/v1/models/NAME"):
        Client(url)


def test_a_host_that_is_none_is_refused():
    with pytest.raises(InputError, match=r"url has the host '\[::1'"):
        Client("http://[::1/v1/models/a")


@pytest.mark.parametrize(
    "wrong", [{"timeout": 0}, {"retries": -1}, {"batch_size": 0}, {"batch_size": 1.5}]
)
def test_other_arguments_are_checked(wrong):
    (name,) = wrong
    with pytest.raises(InputError, match=f"{name} is"):
        Client("http://host/v1/models/a", **wrong)


@pytest.mark.parametrize(
    ("scheme", "module", "extra"), [("http", "httpx2", "client"), ("grpc", "grpc", "grpc")]
)
def test_a_missing_library_is_named(monkeypatch, scheme, module, extra):
    for name in ("rest", "grpc_transport"):
        monkeypatch.delitem(sys.modules, f"iin_tf.serving.client.{name}", raising=False)
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(MissingPackage, match=rf'{module}: pip install "iin_tf\[{extra}\]"'):
        Client(f"{scheme}://host/v1/models/a")


def test_the_client_is_the_documented_one():
    assert iin_tf.serving.Client is Client
