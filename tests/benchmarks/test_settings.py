"""The program that tries settings: its rows, splits and regularisation."""

import json
from types import SimpleNamespace

import numpy as np
import pytest
import tensorflow as tf

from iin_tf.bijectors import conditioner


def test_a_row_is_what_differs_from_the_defaults():
    import settings

    train = (np.zeros((2, 1)), {}, None, None)
    chosen = settings.chosen_of("steps=5 kind=proportional sizes=[3,4]", {"steps": 9}, train)
    expected = {**settings.TRAINING, "steps": 5, "kind": "proportional", "sizes": [3, 4]}
    assert chosen == expected


def test_splits_share_no_original():
    import representations

    splits = representations.digits(SimpleNamespace())
    assert [len(z) for z, *_ in splits] == [1207, 90, 500]
    assert not np.isin(splits[0][2], splits[1][2]).any()
    everything = np.concatenate([z for z, *_ in splits])
    # A turn keeps a digit's pixels: 1,797 digits, of which none occurs twice in any turn.
    assert len(np.unique(np.sort(everything, axis=1), axis=0)) == 1797
    assert np.unique(splits[0][1]["turn"]).tolist() == [0, 1, 2, 3]


def test_all_but_one_factor():
    import settings

    assert settings.but_one(["a", "b", "c"]) == [("b", "c"), ("a", "c"), ("a", "b")]


@pytest.mark.parametrize("rate", [0.0, 0.25])
def test_dropout_keeps_the_mean_of_the_outputs(rate):
    from regularisation import dropout

    random = np.random.default_rng(0)
    kernels = [tf.constant(random.normal(size=size), tf.float32) for size in ((3, 40), (40, 2))]
    biases = [tf.constant(random.normal(size=size), tf.float32) for size in (40, 2)]
    networks = (conditioner.Network(tuple(kernels), tuple(biases)),)
    x = tf.ones([20_000, 3])
    (expected,) = conditioner.network_outputs(x, networks)
    with dropout(rate):
        (found,) = conditioner.network_outputs(x, networks)
    found = found.numpy().astype(np.float64)
    # Four standard errors of a mean of 20,000, and the rounding of float32.
    error = 4 * np.std(found, axis=0) / np.sqrt(20_000)
    assert (np.abs(np.mean(found, axis=0) - expected[0]) <= error + 1e-5).all()
    assert (np.std(found, axis=0) > 0.1).all() == bool(rate)


def test_a_rate_warms_up():
    from regularisation import WarmUp

    rates = [float(WarmUp(1e-3, 100, 4)(step)) for step in (0, 1, 3, 10, 75)]
    np.testing.assert_allclose(rates, [2.5e-4, 5e-4, 1e-3, 1e-3, 5e-4], rtol=1e-6)


def test_what_a_run_chose_itself_counts(tmp_path):
    import representations

    given = {"network.blocks": 8, "training.steps": 2500}
    stages = {"train": {"config": given}}
    (tmp_path / "config.json").write_text(json.dumps({"stages": stages}))
    options = SimpleNamespace(workdir=str(tmp_path))
    assert representations.recorded(options) == given
    (tmp_path / "settings.json").write_text(json.dumps({"values": {"network.blocks": 4}}))
    assert representations.recorded(options) == {**given, "network.blocks": 4}
