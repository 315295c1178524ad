"""Stage encode: every example's posterior, computed once and kept."""

import itertools
from collections.abc import Iterator

import numpy as np
import pyarrow as pa
from pyarrow import csv

from iin_tf import files
from iin_tf.data import Examples, write_latent_chunks
from iin_tf.experiment import automatic
from iin_tf.experiment.checks import check_latent_size
from iin_tf.experiment.encoding import EncodedParts
from iin_tf.experiment.experiment import Experiment
from iin_tf.experiment.pair_audit import audit_examples
from iin_tf.experiment.pairs import elsewhere_of
from iin_tf.experiment.shard import Shard
from iin_tf.first_stages import FirstStage
from iin_tf.limits import check_disk

_BATCH = 256
# Mean and log-variance, as parts and as a store, four bytes each.
_BYTES = 2 * 2 * 4


def run(experiment: Experiment) -> None:
    """Encodes every split into the workdir's latents, and writes down who is where."""
    splits = _splits(experiment)
    check_room(experiment, _rows(splits))
    for split, examples in splits.items():
        # Batch after batch: the whole representation may not fit into memory.
        batches = _parts(experiment, split, examples).batches()
        if not experiment.first_stage.keeps_rows:
            examples, batches = positions_as_examples(
                experiment.first_stage, examples, batches, experiment.config.seed
            )
            splits[split] = examples
        write_latent_chunks(
            experiment.workdir.latents / split,
            batches,
            examples.labels,
            examples.source,
            id=examples.id,
            # A unit that seldom fires may be silent in a small part.
            constant=split != "train",
        )
    _write_splits(experiment.workdir.splits, splits)


def check_room(experiment: Experiment, rows: int) -> None:
    """Raises InputError unless the disk holds the representations of so many rows."""
    needed = _BYTES * rows * experiment.first_stage.latent_size
    kept = experiment.place.parts("encode").rglob("*.npz")
    needed -= sum(path.stat().st_size for path in kept)
    check_disk(needed, experiment.workdir.path, f"the representations of {rows:,} examples")


def run_shard(experiment: Experiment, shard: Shard) -> None:
    """Encodes the parts that are this shard's."""
    splits, numbers = _splits(experiment), itertools.count()
    check_room(experiment, _rows(splits) // shard.count)
    for split, examples in splits.items():
        parts = _parts(experiment, split, examples)
        for number in range(len(parts)):
            if shard.has(next(numbers)):
                parts.part(number)


def _splits(experiment):
    """The examples of every split, once all that can be known before encoding is right."""
    automatic.forget(experiment)
    experiment.check_examples()
    audit_examples(experiment)
    train, test = experiment.train_examples, experiment.test_examples
    held_out = experiment.is_validation(train.source)
    splits = {
        "train": train.select(np.flatnonzero(~held_out)),
        "validation": train.select(np.flatnonzero(held_out)),
        "test": test,
    }
    if experiment.config.auto:
        other = elsewhere_of(splits["validation"].id, train.id, test.id)
        automatic.choose(experiment, splits["train"], other)
    check_latent_size(experiment.config, experiment.first_stage.latent_size)
    return splits


def _rows(splits):
    return sum(len(examples) for examples in splits.values())


def _parts(experiment, split, examples):
    directory = experiment.place.parts("encode") / split
    return EncodedParts(experiment.first_stage, examples.x, _BATCH, directory)


def positions_as_examples(
    first_stage: FirstStage, examples: Examples, batches: Iterator, seed: int
) -> tuple[Examples, Iterator]:
    """Every position that is no padding as an example of its own, with its original as source.

    Those of a batch are shuffled, so that the first row of an original, which stands for it in the
    evaluation, is any of its positions.

    Args:
      first_stage: FirstStage with pool="positions".
      examples: of whole inputs.
      batches: (mean, log_variance) of `_BATCH` of these at a time.
      seed: of the order.

    Returns:
      Examples whose x is (row, position), and whose id "id/position"; and their batches.
    """
    places = first_stage.places(examples.x, _BATCH)
    batch = places[:, 0] // _BATCH
    order = np.lexsort((np.random.default_rng(seed).random(len(places)), batch))
    starts = np.searchsorted(batch, np.unique(batch))
    row, position = places[order].T
    ids = np.char.add(np.char.add(examples.id[row].astype(str), "/"), position.astype(str))
    labels = {name: values[row] for name, values in examples.labels.items()}

    def shuffled():
        for start, moments in zip(starts, batches, strict=True):
            inside = order[start : start + len(moments[0])] - start
            yield tuple(part[inside] for part in moments)

    return Examples(places[order], labels, examples.source[row], ids), shuffled()


def _write_splits(path, splits):
    """A table of who is where: id, source, split."""
    columns = {
        "id": np.concatenate([examples.id.astype(str) for examples in splits.values()]),
        "source": np.concatenate([examples.source.astype(str) for examples in splits.values()]),
        "split": np.repeat([*splits], [len(examples) for examples in splits.values()]),
    }
    with files.whole_file(path) as temporary:
        csv.write_csv(pa.table(columns), temporary)
