"""Verification on codes drawn from the model itself, where every answer is known."""

import numpy as np
import pytest
import scipy.stats

from iin_tf import FactorLayout
from iin_tf.audits import calibrated_same, verification_errors
from iin_tf.checks import InputError

LAYOUT = FactorLayout({"voice": 3, "text": 1}, residual=2)
RHO = 0.8
ROWS = 3000


class Model:
    """A network whose representation is z_tilde, and the likelihood ratio by SciPy."""

    layout = LAYOUT
    scale = 1.0

    def transform(self, z):
        return z

    def same(self, z_a, z_b, factor):
        block = self.layout.slices[factor]
        pairs = np.stack([z_a[:, block], z_b[:, block]], axis=-1)
        together = scipy.stats.multivariate_normal(cov=[[1, RHO], [RHO, 1]]).logpdf(pairs)
        apart = scipy.stats.norm.logpdf(pairs).sum(axis=-1)
        return self.scale * (together.reshape(len(z_a), -1) - apart.reshape(len(z_a), -1)).sum(1)


@pytest.fixture(scope="module")
def drawn():
    """Voices of five examples each; texts that the representation does not tell."""
    random = np.random.default_rng(0)
    voice = np.arange(ROWS) // 5
    z = random.normal(size=(ROWS, 6))
    block = LAYOUT.slices["voice"]
    means = random.normal(size=(ROWS // 5, 3))
    z[:, block] = np.sqrt(RHO) * means[voice] + np.sqrt(1 - RHO) * z[:, block]
    return z.astype("float32"), {"voice": voice, "text": random.integers(4, size=ROWS)}


def test_it_finds_what_the_codes_tell(drawn):
    found = verification_errors(Model(), *drawn, pairs=4000, resamples=50)
    assert found.factors == ("voice", "text")
    same, block, raw = found.error[0]
    # A cosine knows nothing of the length; other dimensions are noise to the raw one.
    assert same < block < raw < 0.45
    # Of a factor that is nowhere every answer is a guess: 4,000 pairs of each kind.
    np.testing.assert_allclose(found.error[1], 0.5, atol=0.03)
    assert (found.interval[..., 0] <= found.error).all()
    assert (found.interval[..., 1] >= found.error).all()
    assert (found.cost_interval[:, 0] <= found.cost).all()


def test_the_cost_is_least_where_the_ratio_is_calibrated(drawn):
    z, labels = drawn
    costs = []
    for scale in (0.5, 1.0, 2.0):
        model = Model()
        model.scale = scale
        costs.append(
            verification_errors(model, z, {"voice": labels["voice"]}, resamples=20).cost[0]
        )
    assert costs[1] < min(costs[0], costs[2])
    assert costs[1] < 1
    model.scale = 0.0
    # "As likely as not", always: one bit.
    np.testing.assert_allclose(
        verification_errors(model, z, {"voice": labels["voice"]}, resamples=20).cost, 1, rtol=1e-12
    )


@pytest.mark.parametrize("scale", [0.25, 1.0, 3.0])
def test_a_calibration_undoes_what_a_network_is_too_sure_of(drawn, scale):
    z, labels = drawn
    model = Model()
    model.scale = scale
    labels, half = {"voice": labels["voice"]}, ROWS // 2
    one, other = slice(half), slice(half, None)
    calibration = calibrated_same(model, z[one], {"voice": labels["voice"][one]}, pairs=8000)
    # The true ratio is the model's at scale 1; the slope of 16,000 pairs has an error of 2 %.
    np.testing.assert_allclose(calibration.scale[0], 1 / scale, rtol=0.1)
    np.testing.assert_allclose(calibration.shift[0], 0, atol=0.15)
    np.testing.assert_allclose(
        calibration([2.0], "voice"), calibration.scale * 2 + calibration.shift, rtol=1e-12
    )
    held_out = {"voice": labels["voice"][other]}
    found = verification_errors(model, z[other], held_out, calibration=calibration, resamples=20)
    truth = verification_errors(Model(), z[other], held_out, resamples=20)
    np.testing.assert_allclose(found.calibrated, truth.cost, atol=0.01)
    assert found.metrics()["verification/voice/calibrated_cost"] == found.calibrated[0]
    assert np.isnan(truth.calibrated).all()
    assert "verification/voice/calibrated_cost" not in truth.metrics()


def test_scores_that_lie_apart_have_a_finite_calibration():
    class Sure(Model):
        def same(self, z_a, z_b, factor):
            return np.where(z_a[:, 0] == z_b[:, 0], 50.0, -50.0)

    voice = np.arange(100) // 10
    z = np.zeros((100, 6), "float32")
    z[:, 0] = voice
    found = calibrated_same(Sure(), z, {"voice": voice}, pairs=100)
    assert 0 < found.scale[0] < 1
    assert found([50.0], "voice")[0] > 2


def test_what_is_not_calibrated_is_named(drawn):
    z, labels = drawn
    found = calibrated_same(Model(), z, {"voice": labels["voice"]}, pairs=100)
    with pytest.raises(InputError, match=r"factor is 'text'; give one of"):
        found([1.0], "text")
    with pytest.raises(
        InputError, match=r"calibration is 2\.0; give what calibrated_same returned"
    ):
        verification_errors(Model(), z, labels, calibration=2.0)
    part = verification_errors(Model(), z, labels, pairs=200, calibration=found, resamples=20)
    np.testing.assert_array_equal(np.isnan(part.calibrated), [False, True])
    assert len(part.markdown().splitlines()) == 4


def test_the_error_rate_of_a_known_normal_score():
    # |a - b| of two independent standard normals against half that spread.
    class Line(Model):
        layout = FactorLayout({"voice": 1}, residual=1)

        def same(self, z_a, z_b, factor):
            return -np.abs(z_a[:, 1] - z_b[:, 1])

    random = np.random.default_rng(1)
    voice = np.arange(20_000) // 2
    means = random.normal(size=10_000)
    z = np.zeros((20_000, 2), "float32")
    z[:, 1] = np.sqrt(RHO) * means[voice] + np.sqrt(1 - RHO) * random.normal(size=20_000)
    found = verification_errors(Line(), z, {"voice": voice}, pairs=8000, resamples=20)
    near, far = np.sqrt(2 * (1 - RHO)), np.sqrt(2)
    grid = np.linspace(0, 3, 100_000)
    missed = 2 * scipy.stats.norm.sf(grid / near)
    accepted = 1 - 2 * scipy.stats.norm.sf(grid / far)
    expected = missed[np.argmin(np.abs(missed - accepted))]
    # A standard error of sqrt(0.27 * 0.73 / 8,000) = 0.005, for both kinds together less.
    np.testing.assert_allclose(found.error[0, 0], expected, atol=0.015)


def test_results_have_names_and_the_table_a_row_a_factor(drawn):
    found = verification_errors(Model(), *drawn, pairs=200, resamples=20)
    metrics = found.metrics()
    assert metrics["verification/voice/raw cosine/error"] == found.error[0, 2]
    assert metrics["verification/text/cost"] == found.cost[1]
    assert len(found.markdown().splitlines()) == 4
    again = verification_errors(Model(), *drawn, pairs=200, resamples=20)
    assert metrics == again.metrics()


def test_pairs_are_of_two_sources_and_of_known_labels():
    class Watched(Model):
        def same(self, z_a, z_b, factor):
            rows = np.stack([z_a[:, 0], z_b[:, 0]]).astype(int)
            assert (rows // 4 != np.flip(rows, 0) // 4).all()
            assert (rows >= 40).all()
            equal = voice[rows[0]] == voice[rows[1]]
            assert equal.tolist() == [True] * 50 + [False] * 50
            return equal * 1.0

    voice = np.resize(np.repeat([0, 1, 2], 2), 120)
    voice[:40] = -1
    z = np.zeros((120, 6), "float32")
    z[:, 0] = np.arange(120)
    found = verification_errors(
        Watched(), z, {"voice": voice}, np.arange(120) // 4, pairs=50, resamples=20
    )
    assert found.error[0, 0] == 0


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ({"pitch": np.zeros(ROWS, int)}, "factor 'pitch' is unknown"),
        ({"voice": np.zeros(ROWS)}, r"labels\['voice'\] holds floats"),
        ({"voice": np.zeros(ROWS, int)}, "hardly two examples of different sources differ in it"),
        ({"voice": np.arange(ROWS)}, "hardly two examples of different sources share it"),
    ],
)
def test_what_cannot_be_verified_is_named(drawn, labels, message):
    with pytest.raises(InputError, match=message):
        verification_errors(Model(), drawn[0], labels)
