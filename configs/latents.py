"""Your own vectors and a table of labels: no model, no images.

Command:  iin_run --config=configs/latents.py --config.data.path=z.npy \
              --config.data.labels=labels.csv --config.data.factors="('speaker','style')" \
              --workdir=runs/mine
Data:     data.path: rows of a representation, .npy, .npz, .h5, .parquet, .tfrecord (the array,
          column or feature "x", or --config.data.key), or a latent store; data.labels: CSV or
          Parquet with a column id (row numbers from 0 where the file has no ids) and one for each
          factor, an empty cell for "unknown"; columns source (the original behind a row) and split
          (train, test) if you like.  Labels may stand in the file of rows; pairs may come from
          pairs.table, or from a second file, data.paired_path (docs/latents.md)
Result:   iin.keras, evaluation/report.html, evaluation/metrics.json, splits.csv in the workdir;
          saved_models/latents/1
Time:     three to five minutes on two cores for 5,000 rows of 64 dimensions
"""

from iin_tf.experiment.config import default_config
from iin_tf.experiment.small import shrunk


def get_config():
    config = default_config()
    config.data.source = "latents"
    config.data.factors = ()
    config.first_stage.kind = "none"
    # What nobody chose here follows the data: docs/settings.md.
    config.auto = ("first_stage", "sizes", "network", "pairs", "training")
    # A classifier for comparison needs images.
    config.sizes.compare = False
    config.export.name = "latents"
    return config


def small():
    """The same experiment in seconds: nothing is learned."""
    return shrunk(get_config())
