"""Measures that intervene, and the ranking of several models."""

import numpy as np
import pytest

from iin_tf.measures import Protocol, interventions, udr

SMALL = Protocol(train=2_000, test=2_000, batch=5)


class Integers:
    """K independent integer factors from 1 to 10, observed as they are."""

    def __init__(self, count=10):
        self.count = count

    def sample_factors(self, count, rng):
        return rng.integers(1, 11, (count, self.count))

    def observe(self, factors, rng):
        return factors.astype(float)


def test_identity_codes():
    result = interventions(Integers(), lambda x: x, protocol=SMALL)
    assert result["beta_vae"].value >= 0.9
    assert result["factor_vae"].value >= 0.9
    low, high = result["beta_vae"].interval
    assert low <= result["beta_vae"].value <= high


def test_zero_codes():
    result = interventions(Integers(), np.zeros_like, protocol=SMALL)
    assert result["factor_vae"].value == 0
    # Chance is 0.1; three standard deviations of 2,000 draws are 0.02.
    assert result["beta_vae"].value == pytest.approx(0.1, abs=0.03)


def test_dead_dimensions_never_vote():
    def represent(observations):
        return np.hstack([np.zeros((len(observations), 3)), observations])

    result = interventions(Integers(), represent, "factor_vae", protocol=SMALL)
    assert result["factor_vae"].value >= 0.9
    np.testing.assert_array_equal(result["factor_vae"].parts["live"], np.arange(3, 13))


def test_one_factor_only():
    protocol = Protocol(train=50, test=50, batch=5)
    result = interventions(Integers(1), lambda x: x, protocol=protocol)
    assert result["beta_vae"].value == 1
    assert result["factor_vae"].value == 1


def test_blocks_do_not_see_rotations_and_see_mixing():
    rng = np.random.default_rng(0)
    inside = np.zeros((6, 6))
    for start in (0, 2, 4):
        inside[start : start + 2, start : start + 2] = np.linalg.qr(rng.normal(size=(2, 2)))[0]
    across = np.linalg.qr(rng.normal(size=(6, 6)))[0]
    blocks = {"a": slice(0, 2), "b": slice(2, 4), "c": [4, 5]}

    def scores(rotation):
        def represent(observations):
            return np.repeat(observations, 2, axis=1) @ rotation

        protocol = Protocol(train=500, test=500, batch=16)
        found = interventions(Integers(3), represent, blocks=blocks, protocol=protocol)
        return [measure.value for measure in found.values()]

    np.testing.assert_allclose(scores(inside), scores(np.eye(6)), atol=1e-9)
    assert scores(across)[1] < scores(np.eye(6))[1] - 0.1


def test_the_same_seed_gives_the_same_result():
    protocol = Protocol(train=200, test=200, batch=5)
    noise = np.random.default_rng(7).normal(size=(10, 4))
    first, second = (
        interventions(Integers(), lambda x: x @ noise, seed=3, protocol=protocol).metrics()
        for _ in range(2)
    )
    assert first == second


def test_unfairness_under_interventions():
    protocol = Protocol(train=1_000, test=500, resamples=20, estimator="hist_gradient_boosting")

    class Bits(Integers):
        def sample_factors(self, count, rng):
            return rng.integers(0, 2, (count, 2))

    def clean(x):
        return x

    def tainted(x):
        # The first factor shows only where the second is 1.
        return np.stack([x[:, 0] * x[:, 1], x[:, 1]], axis=1)

    fair = interventions(Bits(2), clean, "unfairness", protocol=protocol)
    assert fair["unfairness/mean"].value == 0
    unfair = interventions(Bits(2), tainted, "unfairness", protocol=protocol)
    table = unfair["unfairness/maximum"].parts["target_by_sensitive"]
    # Predictions are 0 or 1 alike under one value and one class only under the other: at
    # least 1/4 from the overall distribution, less the noise of 500 draws.
    assert table[0, 1] > 0.2
    assert table[1, 0] == 0


@pytest.mark.parametrize("similarity", ["lasso", "spearman"])
def test_udr_of_permuted_codes_with_flipped_signs(similarity):
    rng = np.random.default_rng(0)
    codes = rng.normal(size=(1_000, 6))
    models = [codes[:, rng.permutation(6)] * rng.choice([-1, 1], 6) for _ in range(3)]
    assert 0.8 <= udr(models, similarity=similarity)["udr"].value <= 1
    mixed = [codes @ np.linalg.qr(rng.normal(size=(6, 6)))[0] for _ in range(3)]
    assert udr(mixed, similarity=similarity)["udr"].value < 0.6


def test_udr_leaves_out_codes_that_are_not_informative():
    rng = np.random.default_rng(0)
    codes, noise = rng.normal(size=(1_000, 4)), [rng.normal(size=(1_000, 2)) for _ in range(2)]
    models = [np.hstack([codes, noise[0]]), np.hstack([codes, noise[1]])]
    masks = [np.array([True] * 4 + [False] * 2)] * 2
    assert udr(models, masks)["udr"].value >= 0.8
    assert udr(models)["udr"].value < 0.7
    assert udr([np.hstack([codes, np.zeros((1_000, 2))]), codes])["udr"].value >= 0.8


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: udr([np.ones((5, 2))]), "at least two"),
        (lambda: udr([np.eye(5), np.eye(6)]), "same observations"),
        (lambda: udr([np.eye(5), np.eye(5)], [np.ones(5), np.ones(4)]), "one bool a code"),
        (lambda: udr([np.eye(5), np.eye(5)], similarity="cosine"), "give one of"),
        (lambda: interventions(Integers(), lambda x: x, "mig"), "give one of"),
        (lambda: interventions(Integers(), lambda x: x * np.nan), "not finite"),
        (
            lambda: interventions(Integers(1), lambda x: x, "unfairness"),
            "one factor, and unfairness",
        ),
        (
            lambda: interventions(Integers(2), lambda x: x, "unfairness", {"a": [0, 1]}),
            "not defined by block",
        ),
        (lambda: interventions(Integers(), lambda x: x[:1]), "one code a row"),
        (lambda: interventions(Integers(), lambda x: x, blocks={"a": [0]}), "do not cover"),
    ],
)
def test_bad_input_is_one_clear_line(call, words):
    with pytest.raises(ValueError, match=words) as error:
        call()
    assert "\n" not in str(error.value)
