"""What the stages of one run share: the config, the working directory, images and stores."""

import contextlib
import functools
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import keras
import numpy as np
from ml_collections import ConfigDict

from iin_tf import data
from iin_tf.checks import InputError
from iin_tf.data.examples import Examples
from iin_tf.experiment.automatic import settled
from iin_tf.experiment.checks import check_held_out, check_labels
from iin_tf.experiment.first_stages import FIRST_STAGES, check_rows
from iin_tf.experiment.groups import group_sampler
from iin_tf.experiment.one_view import one_view_each
from iin_tf.experiment.pairs import check_all_varied, elsewhere_of, pair_sampler
from iin_tf.experiment.sources import load_examples
from iin_tf.experiment.strategies import STRATEGIES
from iin_tf.experiment.workdir import Workdir
from iin_tf.first_stages import (
    FirstStage,
    decode_in_batches,
    encode_in_batches,
    stack_batches,
)
from iin_tf.models.unit_images import SLACK
from iin_tf.training.checkpoints import Checkpoints
from iin_tf.workers.together import Workers

# The seed of the posterior samples and pairs of every measurement on held-out examples.
HELD_OUT_SEED = 12345
# Examples that are looked at together.
_TOGETHER = 1024


class Experiment:
    """The inputs of the stages, loaded when they are first needed.

    Args:
      config: ConfigDict with the keys of `default_config`.
      workdir: Workdir.
      strategy: name of the tf.distribute strategy that stages train under.
      place: Workdir for what is made here, where that is a shard's own; None for `workdir`.

    Raises:
      InputError: an unknown strategy.
    """

    def __init__(
        self, config: ConfigDict, workdir: Workdir, strategy: str, place: Workdir | None = None
    ):
        if strategy not in STRATEGIES:
            raise InputError(f"strategy is {strategy!r}; give one of {list(STRATEGIES)}")
        self.given, self.config = config, settled(config, workdir)
        self.workdir, self.place = workdir, place or workdir
        self.strategy = STRATEGIES[strategy]()
        self.workers = Workers(self.strategy)
        self._warned: set[str] = set()
        keras.utils.set_random_seed(config.seed)

    @functools.cached_property
    def train_examples(self) -> Examples:
        """Examples that first stages and judges learn from."""
        return load_examples(self.config, "train")

    @functools.cached_property
    def test_examples(self) -> Examples:
        """Examples whose originals nothing has seen."""
        return load_examples(self.config, "test")

    def check_examples(self) -> None:
        """Checks, before anything is trained, that the data serve all that the config asks.

        Raises:
          InputError: labels, pairs or held-out originals are missing.
        """
        config, train, test = self.config, self.train_examples, self.test_examples
        if train.x.shape[1:] != test.x.shape[1:]:
            raise InputError(
                f"x of an example is {list(train.x.shape[1:])} in the training split and "
                f"{list(test.x.shape[1:])} in the test split; give one shape, images by data.size"
            )
        check_labels(config, train.labels)
        check_all_varied(config, train, test)
        if config.first_stage.kind == "none":
            check_rows(train.x)
        factors = [name for name in config.data.factors if name in test.labels]
        rows = one_view_each(test, factors)
        labels = {name: test.labels[name][rows] for name in factors}
        check_held_out(config, labels, test.source[rows], grids=are_images(test.x))
        if not config.data.factors:
            return
        held_out = self.is_validation(train.source)
        with _named(f"data.validation={config.data.validation}", held_out.sum()):
            elsewhere = elsewhere_of(train.id[~held_out], train.id, test.id)
            pair_sampler(config, train.select(held_out), 0, elsewhere)
        with _named("the test split", len(test)):
            _held_out_sampler(config, test, 0, train.id)

    def warn(self, lines: Iterable[str]) -> None:
        """Says each of some lines on the screen, once in the life of this object."""
        for line in [one for one in lines if one not in self._warned]:
            print(f"[iin] warning: {line}", flush=True)
        self._warned.update(lines)

    def is_validation(self, source: np.ndarray) -> np.ndarray:
        """Which of the training examples are held out from the flow: bool [n].

        Chosen by original, so that no view of one is on both sides.

        Args:
          source: [n], the original behind each example.

        Raises:
          InputError: no original would be held out, or all.
        """
        originals, fraction = np.unique(source), self.config.data.validation
        random = np.random.default_rng([self.config.seed, 1])
        count = round(fraction * len(originals))
        if not 0 < count < len(originals):
            raise InputError(
                f"data.validation is {fraction}, which holds out {count} of {len(originals)} "
                "originals; give another fraction, so that both parts have some"
            )
        return np.isin(source, random.choice(originals, count, replace=False))

    @functools.cached_property
    def first_stage(self) -> FirstStage:
        """The frozen model."""
        return FIRST_STAGES[self.config.first_stage.kind](self)

    def encode(self, first_stage: FirstStage, x: Any) -> tuple[np.ndarray, np.ndarray]:
        """Mean and log-variance, float32 arrays [n, N] each, of inputs `x` [n, ...]."""
        return stack_batches(encode_in_batches(first_stage, x))

    def store(self, split: str) -> data.LatentStore:
        """LatentStore of "train", "validation" or "test"."""
        return data.LatentStore(self.workdir.latents / split)

    def sampler(self, split: str, seed: int) -> Any:
        """The sampler of the pairs of one split.

        For "test" by the data's own labels; where these know none of the factors, by the config's
        table of pairs.

        Args:
          split: "train", "validation" or "test".
          seed: pairs are a pure function of (seed, step).

        Raises:
          InputError: factors without pairs.
        """
        ids = {name: self.store(name).id for name in ("train", "validation", "test")}
        store, trained = self.store(split), np.concatenate([ids["train"], ids["validation"]])
        if split == "test":
            return _held_out_sampler(self.config, store, seed, trained)
        other = ids["validation" if split == "train" else "train"]
        elsewhere = elsewhere_of(other, trained, ids["test"])
        return pair_sampler(self.config, store, seed, elsewhere)

    def group_sampler(self, seed: int) -> data.GroupSampler:
        """The sampler of groups of training examples.

        Args:
          seed: batches are a pure function of (seed, step).

        Raises:
          InputError: factors without groups.
        """
        elsewhere = self.store("validation").id
        return group_sampler(self.config, self.store("train"), seed, elsewhere)

    def checkpoints(self, directory: Path, **settings: Any) -> Checkpoints:
        """`Checkpoints` in a directory of the workdir, as often as the config says."""
        return Checkpoints(directory, **settings, **self.config.checkpoints)

    def decode(self, z: np.ndarray) -> np.ndarray:
        """What the first stage decodes latents [B, N] to, in batches; images in [0, 1]."""
        return stack_batches(decode_in_batches(self.first_stage, np.asarray(z, np.float32)))


def are_images(x: Any) -> bool:
    """Whether the examples `x` are images [n, height, width, channels], uint8 or in [0, 1]."""
    return len(x.shape) == 4 and x.shape[-1] in (1, 3, 4) and (x.dtype == np.uint8 or is_unit(x))


def is_unit(x: Any) -> bool:
    """Whether `x` holds floats in [0, 1]."""
    if x.dtype.kind != "f":
        return False
    low, high = value_range(x)
    # Resizing and half precision leave [0, 1] a little; written so that NaN fails.
    return low >= -SLACK and high <= 1 + SLACK


def value_range(x: Any) -> tuple[float, float]:
    """The least and the largest value of `x` [n, ...], read in parts."""
    starts = range(0, len(x), _TOGETHER)
    ends = [(part.min(), part.max()) for part in (x[at : at + _TOGETHER] for at in starts)]
    return float(np.min(ends)), float(np.max(ends))


def training_seed(config: ConfigDict) -> int:
    """The seed of initial weights and training pairs: training's own, or that of the run."""
    return config.seed if config.training.seed is None else config.training.seed


def pair_seed(config: ConfigDict, held_out: bool = False) -> int:
    """The seed of a run's training pairs and their noise, or of those it is stopped by.

    The two of one run differ from each other, and from those of every other seed.
    """
    return 2 * training_seed(config) + held_out


def training_sampler(experiment: Experiment, seed: int) -> tuple[Any, np.ndarray]:
    """The sampler of the training pairs over the examples themselves, and their ids.

    For what is to be known before anything is encoded.
    """
    train, test = experiment.train_examples, experiment.test_examples
    held_out = experiment.is_validation(train.source)
    elsewhere = elsewhere_of(train.id[held_out], train.id, test.id)
    kept = train.select(np.flatnonzero(~held_out))
    return pair_sampler(experiment.config, kept, seed, elsewhere), kept.id


def _held_out_sampler(config, test, seed, trained):
    known = any(name in test.labels for name in config.data.factors)
    if known or not config.pairs.table or np.isin(test.id, trained).any():
        return pair_sampler(config, test, seed)
    return pair_sampler(config, test, seed, trained)


@contextlib.contextmanager
def _named(split, examples):
    """Errors of pairs say which split they are about."""
    try:
        yield
    except InputError as error:
        raise InputError(f"among the {examples} examples of {split}: {error}") from error
