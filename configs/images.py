"""Your own folder of images: an autoencoder learns them here, and the network interprets it.

Command:  iin_run --config=configs/images.py --config.data.path=pictures \
              --config.data.factors="('class',)" --workdir=runs/pictures
          with a table:  --config.data.labels=labels.csv --config.data.factors="('class','tone')"
Data:     data.path: one folder a class, whose name is the label "class"; or any folder and a table
          (CSV or Parquet) with a column id, the files' names, and one for each factor; a few
          hundred images of each value at least, 64 x 64 or larger
Result:   iin.keras, evaluation/report.html, evaluation/metrics.json, splits.csv in the workdir;
          saved_models/images/1
Time:     two minutes on two busy cores for 2,400 images with --config.data.size=32
          --config.first_stage.steps=800 --config.training.steps=500, five for 4,000 images with
          1,500 and 800 steps; as it stands, far longer
"""

from iin_tf.experiment.config import default_config
from iin_tf.experiment.small import shrunk


def get_config():
    config = default_config()
    config.data.source = "images"
    config.data.factors = ("class",)
    config.data.size = 64
    config.data.resize = "crop"
    config.data.channels = 3
    config.network.correlation = 0.975
    config.sizes.compare = False
    config.export.name = "images"
    return config


def small():
    """The same experiment in about a minute: nothing is learned."""
    config = shrunk(get_config())
    config.data.size = 16
    return config
