"""What a training is said to take, before it begins."""

import numpy as np
import pytest

import iin_tf
from iin_tf import limits
from iin_tf.checks import InputError
from iin_tf.training import forecast as forecasts
from iin_tf.training.forecast import begin, forecast, time_text

LAYOUT = iin_tf.FactorLayout({"digit": 30}, residual=34)
PUBLISHED = {"blocks": 12, "hidden": 512, "depth": 2}


@pytest.fixture
def network():
    return iin_tf.InterpretationNetwork(LAYOUT, seed=0, blocks=2, hidden=64)


def test_work_and_memory_are_those_of_the_published_size(monkeypatch):
    # A thousand million operations a second, and as many bytes.
    monkeypatch.setattr(forecasts, "_speed", lambda network, rows: (1e9, 1e18))
    network = iin_tf.InterpretationNetwork(LAYOUT, seed=0, **PUBLISHED)
    found = forecast(network, rows=512, steps=1)
    made = sum(int(np.prod(weight.shape)) for weight in network.flow.weights)
    assert found.weights == made
    # 26.8 million weights, 82 thousand million operations with 256 pairs: published figures.
    assert found.weights == pytest.approx(26.8e6, rel=0.01)
    assert found.seconds == pytest.approx(82, rel=0.01)
    assert forecast(network, 512, 10).seconds == pytest.approx(10 * found.seconds)
    # Five copies of the weights, 536 MB, and what 512 rows leave for the way back.
    hidden = 512 * 12 * 2 * 2 * 3 * 512 * 4
    assert 5 * 4 * made + hidden < found.memory < 5 * 4 * made + 1.3 * hidden


def test_the_line_says_what_is_there(network, monkeypatch, tmp_path):
    monkeypatch.setattr(forecasts, "_speed", lambda network, rows: (1e9, 1e18))
    line = begin(network, 64, 1000, tmp_path)
    assert line.startswith(f"{network.flow.weight_count:,} weights, about ")
    assert "are free) and" in line
    assert line.endswith(" for 1000 steps")


def test_what_does_not_fit_is_refused_before_it_begins(network, monkeypatch, tmp_path):
    with pytest.raises(InputError, match=r"training with 1000000000 representations a step asks"):
        begin(network, 10**9, 1, tmp_path)
    monkeypatch.setattr(limits, "free_disk", lambda path: 10**6)
    with pytest.raises(InputError, match="has room for 1 MB; make room"):
        begin(network, 64, 1, tmp_path)
    monkeypatch.setattr(limits, "free_memory", lambda: 10**6)
    with pytest.raises(InputError, match="of memory, and 1 MB are free"):
        begin(network, 64, 1, tmp_path)


def test_the_speed_is_measured(network):
    flops, bandwidth = forecasts._speed(network, 64)
    # Of anything that computes: between a clock of 10 MHz and a thousand accelerators.
    assert 1e7 < flops < 1e18
    assert 1e7 < bandwidth < 1e16


@pytest.mark.parametrize(
    ("seconds", "text"), [(3.4, "3 s"), (720, "12 minutes"), (12600, "3.5 hours")]
)
def test_times_are_said_as_people_say_them(seconds, text):
    assert time_text(seconds) == text
