"""Read-outs of continuous factors: what is there is found, what is not is not."""

import numpy as np
import pytest

from iin_tf.audits.readouts import readout_metrics


@pytest.fixture(scope="module")
def metrics():
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


def test_each_block_tells_what_it_holds(metrics):
    # Two columns of noise beside the circle: 400 rows do not quite remove them.
    assert metrics["readout/angle/angle/r2"] > 0.9
    assert metrics["readout/curved/width/r2"] > 0.9
    # The cosine, and nothing of the sine.
    assert metrics["readout/half/angle/r2"] == pytest.approx(0.5, abs=0.05)


@pytest.mark.parametrize("name", ["residual/angle", "residual/width", "angle/width"])
def test_a_block_without_the_factor_tells_nothing(metrics, name):
    # 400 scored rows: the spread of an R^2 of zero is below 0.02.
    assert abs(metrics[f"readout/{name}/r2"]) < 0.05


def test_the_interval_holds_the_value(metrics):
    for name, value in metrics.items():
        if name.endswith("/r2"):
            assert metrics[f"{name}/low"] <= value <= metrics[f"{name}/high"]


def test_scale_and_rotation_of_a_block_change_nothing():
    random = np.random.default_rng(1)
    block, values = random.normal(size=(200, 3)), random.normal(size=200)
    values = values + block[:, 0]
    turned = 7 * block @ np.linalg.qr(random.normal(size=(3, 3)))[0]
    parts = {"one": block, "two": turned}
    found = readout_metrics(parts, {"y": values}, np.arange(200), seed=0)
    assert found["readout/one/y/r2"] == pytest.approx(found["readout/two/y/r2"], abs=1e-6)
