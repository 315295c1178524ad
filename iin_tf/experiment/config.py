"""Everything that an experiment's config can say, with its defaults."""

from ml_collections import ConfigDict, FieldReference


def default_config():
    """A complete, locked config; a config file changes what it needs to change.

    A key that does not exist cannot be set: `ConfigDict` raises, and names the nearest.
    """
    config = ConfigDict()
    config.seed = 0
    config.data = ConfigDict(
        {
            "name": "colored_digits",  # "rendered_sprites", or a tensorflow-datasets digit set
            "data_dir": "",  # where tensorflow-datasets keeps its files; "" is its default
            "coloring": "strokes",  # or "published"
            "views": 30,  # of each original image, coloured at random
            "test_views": 4,
            "views_change": "",  # the factor in which alone the views of a sprite differ
            "examples": 10000,  # original sprites; a digit set has its own number
            "test_examples": 2000,
            "images_per_color": 8,
            "factors": ("digit", "color"),
            "validation": 0.07,  # fraction of the training examples held out from the flow
        }
    )
    config.pairs = ConfigDict(
        {
            "weights": {},  # factor, or "views" -> how often its pairs are drawn; 1 by default
            "balanced": False,  # draw groups of equal labels, not examples, equally often
            "length_scales": {},  # continuous factor -> length scale, in units of its label
            "periods": {},  # of these, a factor on a circle -> its circumference
            "cap": 0.99,  # correlation of two equal labels of a continuous factor
            "views_residual": 0.0,  # correlation of the residual in two views of one original
            "table": "",  # table of training pairs in place of labels; ids as in docs/experiments.md
            "labels": "",  # table of training labels, some missing, in place of the data's
            "marginal_fraction": 0.0,  # of each batch: unlabelled examples, which share nothing
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
            # A number, a dict factor -> number, or "learned".
            "correlation": FieldReference(0.99, field_type=object),
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
            "measures": (  # of iin_tf.measures, those that are defined by block
                "mig",
                "mig_sup",
                "sap",
                "dci",
                "modularity",
                "explicitness",
                "infomec",
                "identifiability",
            ),
            "resamples": 200,  # bootstrap draws and permutations of those measures
            "response_examples": 100,  # held, while one block is drawn anew
            "response_draws": 100,  # of each block, for each of them
        }
    )
    config.export = ConfigDict({"directory": "saved_models", "name": "colored_digits"})
    config.baselines = ConfigDict(
        {
            "steps": 2000,  # of the beta-VAE and of Ada-GVAE
            "batch_size": 128,
            "learning_rate": 2e-3,
            "kl_weight": 0.1,  # beta of both, against the sum of squared errors of an image
            "pairs": 50000,  # that the linear network learns from
            "rows": 10000,  # training examples that dimensions are assigned to blocks by
        }
    )
    return config.lock()
