"""ColorMNIST with the published hyper-parameters.

Command:    iin_run --config=configs/cmnist.py --workdir=runs/cmnist
Data:       mnist of tensorflow-datasets (pip install 'iin_tf[datasets]'), prepared once by
            python -c "import tensorflow_datasets as tfds; tfds.load('mnist')"
            in ~/tensorflow_datasets, or in --config.data.data_dir
Time:       120,000 steps of 25 pairs; hours on two cores, meant for a GPU
Published:  (Esser et al. 2020, and their code) equal chunks [digit 22, colour 22, residual 20]
            for the autoencoder; estimated sizes [digit, colour, residual] of the autoencoder
            [13, 17, 34], of the classifier [22, 11, 31]; response of a classifier to one "7":
            digit 2.74, colour 0.19, residual 0.0.
Variants:   --config.data.source=fashion_mnist, kmnist;  --config.sizes.fixed="()" estimates sizes
"""

from iin_tf.experiment.config import default_config
from iin_tf.experiment.small import shrunk


def get_config():
    config = default_config()
    config.data.source = "mnist"
    config.data.coloring = "published"
    config.data.views = 4
    config.data.test_views = 1
    config.sizes.fixed = (20, 22, 22)
    config.network.blocks = 12
    config.network.hidden = 512
    config.network.correlation = 0.975
    config.training.batch_size = 25
    config.training.steps = 120_000
    config.training.steps_per_epoch = 2400
    config.training.learning_rate = 25 * 4.5e-6
    config.training.beta_1 = 0.5
    config.training.beta_2 = 0.9
    config.training.decay = 0.5
    config.training.patience = 50
    config.training.validation_batches = 100
    config.export.name = "cmnist"
    return config


def small():
    """The same experiment on the bundled digits in about a minute: nothing is learned."""
    config = shrunk(get_config())
    config.data.source = "colored_digits"
    return config
