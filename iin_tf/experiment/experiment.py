"""What the stages of one run share: the config, the working directory, images and stores."""

import functools

import keras
import numpy as np
import tensorflow as tf

from iin_tf import data
from iin_tf.checks import InputError
from iin_tf.experiment.checks import check_labels
from iin_tf.experiment.pairs import pair_sampler
from iin_tf.first_stages import (
    KerasFirstStage,
    encode_in_batches,
    map_batches,
    stack_batches,
)
from iin_tf.models.loading import load_model

# The seed of the posterior samples and pairs of every measurement on held-out examples.
HELD_OUT_SEED = 12345
# Enough for the spread of every dimension within a percent or two.
_NOISE_EXAMPLES = 5000


def _mirrored():
    """A MirroredStrategy over all GPUs of this machine, or over its logical CPUs.

    The default's collectives are not used: replicas can take part in them in different
    orders, and then wait for each other forever or mix up what they reduce.
    """
    gpus = tf.config.list_logical_devices("GPU")
    devices = [device.name for device in gpus or tf.config.list_logical_devices("CPU")]
    reduction = (
        tf.distribute.HierarchicalCopyAllReduce() if gpus else tf.distribute.ReductionToOneDevice()
    )
    return tf.distribute.MirroredStrategy(devices, cross_device_ops=reduction)


STRATEGIES = {"none": tf.distribute.get_strategy, "mirrored": _mirrored}


class Experiment:
    """The inputs of the stages, loaded when they are first needed.

    Args:
      config: ConfigDict with the keys of `default_config`.
      workdir: Workdir.
      strategy: name of the tf.distribute strategy that stages train under.

    Raises:
      InputError: an unknown strategy.
    """

    def __init__(self, config, workdir, strategy):
        if strategy not in STRATEGIES:
            raise InputError(f"strategy is {strategy!r}; give one of {list(STRATEGIES)}")
        self.config = config
        self.workdir = workdir
        self.strategy = STRATEGIES[strategy]()
        keras.utils.set_random_seed(config.seed)

    @functools.cached_property
    def train_examples(self):
        """Examples that first stages and judges learn from."""
        examples = self._load_examples("train")
        check_labels(self.config, examples.labels)
        return examples

    @functools.cached_property
    def test_examples(self):
        """Examples whose originals nothing has seen."""
        return self._load_examples("test")

    def is_validation(self, source):
        """Which of the training examples are held out from the flow: bool [n].

        Chosen by original image, so that no view of one is on both sides.
        """
        originals = np.unique(source)
        random = np.random.default_rng([self.config.seed, 1])
        count = round(self.config.data.validation * len(originals))
        return np.isin(source, random.choice(originals, count, replace=False))

    @functools.cached_property
    def first_stage(self):
        """The frozen model."""
        return self.freeze(load_model(self.workdir.first_stage))

    def freeze(self, model):
        """The trained `model` as a first stage; a deterministic one gets its noise."""
        if hasattr(model, "decode"):
            return KerasFirstStage(model)
        first_stage = KerasFirstStage(model, noise=self.config.first_stage.noise)
        first_stage.adapt(self.train_examples.x[:_NOISE_EXAMPLES])
        return first_stage

    def encode(self, first_stage, images):
        """Mean and log-variance, float32 arrays [n, N] each."""
        return stack_batches(encode_in_batches(first_stage, images))

    def store(self, split):
        """LatentStore of "train", "validation" or "test"."""
        return data.LatentStore(self.workdir.latents / split)

    def sampler(self, split, seed):
        """The sampler of the pairs of one split; for "test", by the data's own labels."""
        store = self.store(split)
        if split == "test":
            return pair_sampler(self.config, store, seed)
        other = self.store("validation" if split == "train" else "train")
        return pair_sampler(self.config, store, seed, other.id)

    def decode(self, z):
        """Images [B, h, w, c] in [0, 1] of latents [B, N], in batches."""
        return stack_batches(map_batches(self._decoder, np.asarray(z, np.float32)))

    @functools.cached_property
    def _decoder(self):
        return tf.function(self.first_stage.decode, reduce_retracing=True)

    def _load_examples(self, split):
        config = self.config.data
        if config.name == "rendered_sprites":
            return self._sprites(split)
        if config.views_change:
            raise ValueError(
                f"data.views_change is {config.views_change!r}, but views of {config.name!r} "
                "differ in more than one factor; leave it empty"
            )
        settings = {
            "views": config.views if split == "train" else config.test_views,
            "coloring": config.coloring,
            "seed": self.config.seed,
            "images_per_color": config.images_per_color,
        }
        if config.name == "colored_digits":
            return data.colored_digits(split, **settings)
        return data.digit_set(config.name, split, data_dir=config.data_dir or None, **settings)

    def _sprites(self, split):
        config = self.config.data
        count = config.examples if split == "train" else config.test_examples
        views = config.views if split == "train" else config.test_views
        # The parts of a split must not share a seed.
        seed = 2 * self.config.seed + (split == "test")
        if config.views_change:
            return data.sprite_views(count, views, config.views_change, seed)
        if views != 1:
            raise ValueError(
                f"data.views is {views}, but data.views_change is empty; name the factor in which "
                "views of a sprite differ, or give 1"
            )
        return data.sprites(count, seed)
