"""Everything that an experiment's config can say, with its defaults."""

from ml_collections import ConfigDict


def default_config():
    """A complete, locked config; a config file changes what it needs to change.

    A key that does not exist cannot be set: `ConfigDict` raises, and names the nearest.
    """
    config = ConfigDict()
    config.seed = 0
    config.data = ConfigDict(
        {
            "name": "colored_digits",  # or a digit set of tensorflow-datasets
            "data_dir": "",  # where tensorflow-datasets keeps its files; "" is its default
            "coloring": "strokes",  # or "published"
            "views": 30,  # coloured views of each training image
            "test_views": 4,
            "images_per_color": 8,
            "factors": ("digit", "color"),
            "validation": 0.07,  # fraction of the training images held out from the flow
        }
    )
    config.first_stage = ConfigDict(
        {
            "kind": "autoencoder",  # or "classifier"
            "latent_size": 64,
            "steps": 2500,
            "batch_size": 128,
            "learning_rate": 2e-3,
            "kl_weight": 2e-3,
            "noise": 0.05,  # of a deterministic representation, per dimension's deviation
        }
    )
    config.sizes = ConfigDict(
        {
            "fixed": (),  # sizes [residual, factors...] in place of estimated ones
            "pairs": 20000,
            "rounding": "largest_remainder",
            "compare": True,  # train a classifier too, and show its sizes beside
            "compare_steps": 1000,  # training steps of that classifier
        }
    )
    config.network = ConfigDict(
        {
            "blocks": 8,
            "hidden": 256,
            "depth": 2,
            "correlation": 0.99,
            "mixing": "permutation",
            "dtype": "float32",  # or "mixed_bfloat16"
        }
    )
    config.training = ConfigDict(
        {
            "steps": 2500,
            "steps_per_epoch": 250,
            "batch_size": 128,  # pairs, over all replicas
            "learning_rate": 1e-3,
            "beta_1": 0.9,
            "beta_2": 0.99,
            "weight_decay": 0.0,
            "decay": 0.5,  # the last part of training, over which the rate falls to zero
            "patience": 5,  # epochs without a better held-out likelihood
            "validation_batches": 10,
            "jit_compile": False,
            "pictures_every": 5,  # epochs between swap pictures in TensorBoard
        }
    )
    config.evaluation = ConfigDict(
        {
            "judge_steps": 800,
            "judge_batch_size": 128,
            "donors": 20,  # for each held-out recipient
            "pairs": 20000,
            "grid": 8,  # rows and columns of the swap grids
        }
    )
    config.export = ConfigDict({"directory": "saved_models", "name": "colored_digits"})
    return config.lock()
