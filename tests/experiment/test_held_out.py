"""What stages ask of held-out examples: how much of them is in memory."""

from types import SimpleNamespace

import numpy as np
import pytest

from iin_tf.experiment import held_out
from iin_tf.experiment.config import default_config


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
