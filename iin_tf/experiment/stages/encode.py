"""Stage encode: every example's posterior, computed once and kept."""

import numpy as np
import pyarrow as pa
from pyarrow import csv

from iin_tf import files
from iin_tf.data import write_latent_chunks
from iin_tf.experiment import automatic
from iin_tf.experiment.checks import check_latent_size
from iin_tf.experiment.experiment import Experiment, elsewhere_of
from iin_tf.experiment.pair_audit import audit_examples
from iin_tf.first_stages import encode_in_batches


def run(experiment: Experiment) -> None:
    """Encodes every split into the workdir's latents, and writes down who is where."""
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
    for split, examples in splits.items():
        write_latent_chunks(
            experiment.workdir.latents / split,
            # Batch after batch: the whole representation may not fit into memory.
            encode_in_batches(experiment.first_stage, examples.x),
            examples.labels,
            examples.source,
            id=examples.id,
            # A unit that seldom fires may be silent in a small part.
            constant=split != "train",
        )
    _write_splits(experiment.workdir.splits, splits)


def _write_splits(path, splits):
    """A table of who is where: id, source, split."""
    columns = {
        "id": np.concatenate([examples.id.astype(str) for examples in splits.values()]),
        "source": np.concatenate([examples.source.astype(str) for examples in splits.values()]),
        "split": np.repeat([*splits], [len(examples) for examples in splits.values()]),
    }
    with files.whole_file(path) as temporary:
        csv.write_csv(pa.table(columns), temporary)
