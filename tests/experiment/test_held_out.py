"""What stages ask of held-out examples: how much of them is in memory."""

from types import SimpleNamespace

import numpy as np
import pytest

from iin_tf.experiment import held_out
from iin_tf.experiment.config import default_config
from iin_tf.experiment.experiment import one_view_each


@pytest.mark.parametrize(
    ("width", "pairs"),
    # 2^25 values: 8,192 pairs of 4,096 dimensions, never fewer than 1,000 nor more than asked for.
    [(64, 20_000), (1600, 20_000), (4096, 8192), (200_000, 1000)],
)
def test_of_wide_representations_fewer_pairs_correlate(width, pairs, monkeypatch):
    drawn = []

    def correlation_metrics(network, store, sampler, count, seed):
        drawn.append(count)
        return {}

    monkeypatch.setattr(held_out, "correlation_metrics", correlation_metrics)
    config = default_config()
    config.data.factors = ("kind",)
    labels = {"kind": np.arange(40) % 2}
    test = SimpleNamespace(labels=labels, source=np.arange(40), latent_size=width)
    experiment = SimpleNamespace(config=config, store=lambda split: test)
    assert held_out.held_out_correlations(experiment, None) == []
    assert drawn == [pairs]


def views(turn):
    """Ten originals, one after the other, four times."""
    labels = {"turn": turn, "same": np.zeros(40, int)}
    return SimpleNamespace(source=np.tile(np.arange(10), 4), labels=labels)


def test_of_views_the_first_is_taken():
    # A factor that does not vary at all hides nothing.
    np.testing.assert_array_equal(one_view_each(views(np.arange(40) % 3)), np.arange(10))


@pytest.mark.parametrize("value", [str, float])
def test_views_in_the_order_of_a_factor_do_not_hide_it(value):
    examples = views(np.array([value(number) for number in np.repeat(np.arange(4), 10)]))
    rows = one_view_each(examples)
    np.testing.assert_array_equal(examples.source[rows], np.arange(10))
    assert len(np.unique(examples.labels["turn"][rows])) == 4
    np.testing.assert_array_equal(one_view_each(examples), rows)
