"""Scale and origin of the codes: measures that should not depend on them do not."""

import numpy as np
import pytest

from iin_tf.checks import InputError
from iin_tf.measures import (
    FAMILIES,
    Protocol,
    disentanglement,
    frechet_distance,
    interventions,
    udr,
)
from iin_tf.measures.infomec import active_units
from iin_tf.measures.sample import Sample

QUICK = Protocol(
    train=200, test=100, resamples=20, refits=2, bins=8, estimator="hist_gradient_boosting"
)
# What is in units of the codes, and SAP of raw codes, as in the study.
IN_UNITS = {"gaussian/wasserstein_correlation", "sap"}


def made(rows=300):
    rng = np.random.default_rng(0)
    factors = rng.integers(0, 3, (rows, 2))
    noise = rng.normal(size=(rows, 2))
    return np.hstack([factors + 0.5 * noise, rng.normal(size=(rows, 1))]), factors


@pytest.mark.parametrize("scale", [2.0**-44, 2.0**40])
def test_scale_changes_nothing(scale):
    # Powers of two, 6e-14 and 1e12, so that no code is rounded.
    codes, factors = made()
    names = [name for name, family in FAMILIES.items() if family.codes]
    here = disentanglement(codes, factors, names, protocol=QUICK)
    there = disentanglement(scale * codes, factors, names, protocol=QUICK)
    for name, result in here.items():
        if name not in IN_UNITS:
            # Rounding, and iterations that end a step sooner or later.
            assert there[name].value == pytest.approx(result.value, abs=1e-6), name
    wasserstein = "gaussian/wasserstein_correlation"
    assert there[wasserstein].value == pytest.approx(scale**2 * here[wasserstein].value, rel=1e-6)


@pytest.mark.parametrize("estimator", ["gradient_boosting", "random_forest"])
def test_trees_see_codes_of_any_scale(estimator):
    codes, factors = made()
    protocol = Protocol(train=200, test=100, resamples=20, refits=0, estimator=estimator)
    here, there = (
        disentanglement(scale * codes, factors, "dci", protocol=protocol) for scale in (1, 2.0**-44)
    )
    assert here["dci/informativeness"].value > 0.7
    for name, result in here.items():
        assert there[name].value == pytest.approx(result.value, abs=1e-6)


@pytest.mark.parametrize("scale", [1e-13, 1e12])
def test_scale_changes_no_block(scale):
    codes, factors = made()
    names = [name for name, family in FAMILIES.items() if family.blocks]
    blocks = {"a": [0], "b": [1], "residual": [2]}
    here, there = (
        disentanglement(s * codes, factors, names, blocks, protocol=QUICK) for s in (1, scale)
    )
    for name, result in here.items():
        if name not in IN_UNITS - {"sap"}:
            # Here scaling rounds: fits may end a step sooner or later.
            assert there[name].value == pytest.approx(result.value, abs=1e-4), name


def test_robustness_by_hand():
    # Values 0 and 1; the code is the value plus 0 or 0.5 in turn: it lies 0.25 about the mean of
    # its value, and at most 0.75 about the mean of all, 0.75.
    factors = np.tile([0, 1], 20)[:, None]
    codes = factors + np.tile([0, 0, 0.5, 0.5], 10)[:, None]
    for scale in (1.0, 1e-13):
        protocol = Protocol(resamples=20, refits=0, bins=8)
        result = disentanglement(scale * codes, factors, "irs", protocol=protocol)["irs"]
        assert result.value == pytest.approx(1 - 0.25 / 0.75)


def test_interventions_of_small_codes():
    class Identity:
        def sample_factors(self, count, rng):
            return rng.integers(5, size=(count, 3))

        def observe(self, factors, rng):
            return factors.astype(float)

    protocol = Protocol(train=60, test=60, batch=16, resamples=20)
    here, there = (
        interventions(Identity(), lambda o, s=s: s * o, protocol=protocol) for s in (1, 2.0**-44)
    )
    assert here["factor_vae"].value == there["factor_vae"].value == 1
    assert here["beta_vae"].value == pytest.approx(there["beta_vae"].value, abs=1e-6)


def test_agreement_of_models_does_not_depend_on_their_scale():
    codes, _ = made()
    models = [codes, codes[:, ::-1]]
    small = [2.0**-44 * codes, 2.0**40 * codes[:, ::-1]]
    assert udr(small, protocol=QUICK)["udr"].value == udr(models, protocol=QUICK)["udr"].value


def test_one_outlier_switches_no_code_off():
    codes = np.random.default_rng(0).normal(size=(1000, 4))
    codes[0, 0] = 60
    assert active_units(Sample(codes, ())).all()
    blocks = {"a": np.array([0, 1]), "b": np.array([2, 3])}
    assert active_units(Sample(codes, (), blocks)).all()


def test_codes_of_a_twentieth_are_the_border_of_activity():
    # Uniform codes: 99 % of the rows lie within 0.99 of half of their range.
    codes = np.random.default_rng(0).uniform(-1, 1, (2000, 3)) * [1, 0.06, 0.04]
    np.testing.assert_array_equal(active_units(Sample(codes, ())), [True, True, False])


def test_separated_predictability_of_standardised_codes():
    codes, factors = made(600)
    raw, standard = Protocol(), Protocol(sap_codes="standardised")
    found = {
        (scale, protocol.sap_codes): disentanglement(
            scale * codes + shift, factors, "sap", protocol=protocol
        )["sap"]
        for scale, shift in ((1, 0), (1e-3, 0), (1, 1e6))
        for protocol in (raw, standard)
    }
    values = {key: result.value for key, result in found.items()}
    assert values[1e-3, "raw"] < 0.5 * values[1, "standardised"]
    # The fit's tolerance: at most a test row or two of 200 falls on the other side.
    assert values[1e-3, "standardised"] == pytest.approx(values[1, "standardised"], abs=0.01)
    assert "standardised codes" in found[1, "standardised"].protocol["estimator"]


@pytest.mark.parametrize("size", [1e300, 1e31, 1e-31, 1e-300, 5e-324])
def test_sizes_whose_squares_are_lost_are_refused(size):
    codes, factors = made()
    calls = (
        lambda: disentanglement(size * np.sign(codes), factors, "sap"),
        lambda: disentanglement(codes, size * codes[:, :1], "mig", continuous=[0]),
        lambda: udr([codes, size * np.sign(codes)]),
        lambda: frechet_distance(codes, size * np.sign(codes)),
    )
    for call in calls:
        with pytest.raises(InputError, match="scale it into 1e-30 to 1e"):
            call()


@pytest.mark.parametrize("size", [9e29, 9e-30])
def test_every_measure_returns_at_the_largest_and_the_smallest_sizes(size):
    codes, factors = made()
    codes = size * codes / np.abs(codes).max()
    for blocks in (None, {"a": [0, 1], "residual": [2]}):
        result = disentanglement(codes, factors, "all", blocks, protocol=QUICK)
        assert all(np.isfinite(one.value) for one in result.values())
    assert np.isfinite(frechet_distance(codes, codes[:100]).value)
    assert np.isfinite(udr([codes, codes], protocol=QUICK)["udr"].value)
