"""Noise that falls over a training, as a config asks for it."""

import numpy as np
import pytest

from iin_tf import FactorLayout, files
from iin_tf.data import write_latents
from iin_tf.experiment import default_config
from iin_tf.experiment.experiment import Experiment
from iin_tf.experiment.noise import first_epoch, samples
from iin_tf.experiment.stages import train
from iin_tf.experiment.workdir import Workdir


@pytest.fixture
def experiment(tmp_path):
    config = default_config()
    config.data.factors = ("kind",)
    config.network.update(blocks=1, hidden=4)
    config.training.steps = config.training.steps_per_epoch = 10
    config.training.noise_end = 0.01
    workdir = Workdir(tmp_path / "run")
    workdir.make()
    for split, first in (("train", 0), ("validation", 400), ("test", 800)):
        rows = np.arange(first, first + 400)
        # A constant dimension is refused; a ten-thousandth is nothing beside the least noise.
        latents = 1e-4 * np.random.default_rng(first).normal(size=(400, 4)), np.zeros((400, 4))
        write_latents(workdir.latents / split, *latents, {"kind": rows % 2}, rows, id=rows)
    layout = FactorLayout({"kind": 2}, residual=2)
    files.write_json(workdir.factor_sizes, {"used": layout.get_config()})
    return Experiment(config, workdir, "none")


@pytest.mark.parametrize("kind", ["pairs", "groups"])
def test_training_begins_with_the_whole_noise_and_ends_with_a_part_as_held_out(
    experiment, monkeypatch, kind
):
    experiment.config.pairs.kind = kind
    seen = []
    monkeypatch.setattr(train.images, "are_decoded", lambda experiment: False)
    monkeypatch.setattr(train, "fit_network", lambda *arguments: seen.append(arguments))
    train.run(experiment)
    _, batches, validation, *_ = seen[0]

    def deviation(data):
        z, _ = next(iter(data))
        return np.std(np.concatenate([np.ravel(part) for part in z]))

    # 0 and noise, 512 numbers and more: 20 % are six deviations of their deviation.
    assert deviation(batches(0)) == pytest.approx(1, rel=0.2)
    assert deviation(batches(7)) == pytest.approx(0.1, rel=0.2)
    assert deviation(batches(9)) == pytest.approx(0.01, rel=0.2)
    assert deviation(validation) == pytest.approx(0.01, rel=0.2)
    held_out = samples(experiment, "test").sample(np.arange(400), seed=0)
    assert np.std(held_out) == pytest.approx(0.01, rel=0.2)


def test_without_the_key_samples_are_the_stores_own(experiment):
    experiment.config.training.noise_end = 1.0
    rows = np.arange(400)
    found = samples(experiment, "train", training=True).sample(rows, 3, 9)
    np.testing.assert_array_equal(found, experiment.store("train").sample(rows, 3, 9))


def test_the_best_epoch_is_one_at_whose_end_the_noise_has_fallen(experiment):
    training = experiment.config.training
    training.steps, training.steps_per_epoch = 100, 10
    # 80 % of ten epochs are over at the end of the eighth.
    assert first_epoch(training) == 7
    training.noise_end = 1.0
    assert first_epoch(training) == 0
