"""Read-outs of continuous factors: what is there is found, what is not is not."""

import numpy as np
import pytest

from iin_tf.audits.readouts import readout_metrics


@pytest.fixture(scope="module")
def results():
    random = np.random.default_rng(0)
    angle, width = random.uniform(0, 2 * np.pi, 800), random.normal(size=800)
    circle = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    # A rotation in four dimensions, so that no single column holds the angle.
    mixed = np.linalg.qr(random.normal(size=(4, 4)))[0]
    parts = {
        "residual": random.normal(size=(800, 5)),
        "angle": np.concatenate([circle, random.normal(size=(800, 2))], axis=1) @ mixed,
        "half": circle[:, :1],
        "curved": (width**3)[:, None],
    }
    return readout_metrics(parts, {"angle": circle, "width": width}, np.arange(800) // 2, seed=0)


def test_each_block_tells_what_it_holds(results):
    # Two columns of noise beside the circle: 400 rows do not quite remove them.
    assert results["readout/angle/angle/r2"].value > 0.9
    assert results["readout/curved/width/r2"].value > 0.9
    # The cosine, and nothing of the sine.
    assert results["readout/half/angle/r2"].value == pytest.approx(0.5, abs=0.05)


@pytest.mark.parametrize("name", ["residual/angle", "residual/width", "angle/width"])
def test_a_block_without_the_factor_tells_nothing(results, name):
    # 400 scored rows: the spread of an R^2 of zero is below 0.02.
    assert abs(results[f"readout/{name}/r2"].value) < 0.05


def test_the_interval_holds_the_value(results):
    for result in results.values():
        low, high = result.interval
        assert low <= result.value <= high


def test_scale_and_rotation_of_a_block_change_nothing():
    random = np.random.default_rng(1)
    block, values = random.normal(size=(200, 3)), random.normal(size=200)
    values = values + block[:, 0]
    turned = 7 * block @ np.linalg.qr(random.normal(size=(3, 3)))[0]
    parts = {"one": block, "two": turned}
    found = readout_metrics(parts, {"y": values}, np.arange(200), seed=0)
    one, two = (result.value for result in found.values())
    assert one == pytest.approx(two, abs=1e-6)
