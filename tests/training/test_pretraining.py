"""First stages, baselines and judges that were interrupted end as undisturbed ones."""

import numpy as np
import pytest
import tensorflow as tf

from iin_tf.data import PairSampler
from iin_tf.experiment.config import default_config
from iin_tf.models.judges import train_judge
from iin_tf.training import Checkpoints, pretraining

IMAGES = np.random.default_rng(0).integers(256, size=(24, 8, 8, 3), dtype=np.uint8)
CLASSES = np.arange(24) % 3


def settings():
    made = default_config().first_stage
    made.update({"steps": 6, "batch_size": 8, "latent_size": 4})
    return made


def last():
    return settings(), 0, tf.distribute.get_strategy()


def sampler():
    return PairSampler({"class": CLASSES}, ["class"], source=np.arange(24), seed=0)


TRAININGS = {
    "autoencoder": lambda saved: pretraining.train_autoencoder(IMAGES, *last(), saved),
    "group autoencoder": lambda saved: pretraining.train_group_autoencoder(
        IMAGES, sampler(), *last(), saved
    ),
    "classifier": lambda saved: pretraining.train_classifier(IMAGES, CLASSES, *last(), saved),
    "judge of classes": lambda saved: train_judge(
        IMAGES, CLASSES, steps=6, batch_size=8, checkpoints=saved
    ),
    "judge of values": lambda saved: train_judge(
        IMAGES, CLASSES / 2, steps=6, batch_size=8, checkpoints=saved
    ),
}


@pytest.mark.parametrize("name", TRAININGS)
def test_an_interrupted_training_goes_on_bit_equal(tmp_path, monkeypatch, name):
    train, real = TRAININGS[name], Checkpoints._save

    def killed(self, place):
        real(self, place)
        if place["step"] == 4:
            raise KeyboardInterrupt

    # Without checkpoints, as a script would.
    expected = train(None).get_weights()
    with monkeypatch.context() as patch:
        patch.setattr(Checkpoints, "_save", killed)
        with pytest.raises(KeyboardInterrupt):
            train(Checkpoints(tmp_path, steps=1))
    again = Checkpoints(tmp_path, steps=1)
    assert again.step == 4
    for one, two in zip(train(again).get_weights(), expected, strict=True):
        np.testing.assert_array_equal(one, two)
