"""Everything that an experiment's config can say: each key with its default and what it takes."""

from ml_collections import ConfigDict, FieldReference

from iin_tf import checks
from iin_tf.checks import InputError
from iin_tf.experiment import key_checks as takes
from iin_tf.experiment.automatic_keys import automatic
from iin_tf.experiment.data_keys import DATA
from iin_tf.experiment.first_stage_keys import FIRST_STAGE
from iin_tf.experiment.key_checks import Key
from iin_tf.factor_sizes import METHODS, ROUNDINGS

_COUNT, _POSITIVE = takes.at_least(1), takes.number(above=0)
# A correlation of fewer pairs, or an assignment by fewer rows, says nothing.
_ENOUGH = takes.at_least(100)

KEYS: dict[str, Key | dict[str, Key]] = {
    "seed": Key(0, takes.at_least(0, 2**31 - 1)),
    # The Python file with get_data and get_first_stage, for those two set to "python", and
    # get_callbacks; programs take the config file itself.
    "code": Key("", takes.file_or_nothing),
    # Keys whose values follow the data, and sections, for all such keys in them; the stage encode
    # chooses them, and says why.
    "auto": Key((), automatic),
    "data": DATA,
    "pairs": {
        # What a training batch is: pairs, or labelled examples in groups.
        "kind": Key("pairs", takes.one_of(("pairs", "groups"))),
        "members": Key(4, takes.at_least(2)),  # most examples of a group
        # Factor, or "views" -> how often its pairs are drawn; 1 by default.
        "weights": Key({}, takes.by_name(_POSITIVE)),
        # Draw groups of equal labels, not examples, equally often.
        "balanced": Key(False, checks.flag),
        # Continuous factor -> length scale, in units of its label.
        "length_scales": Key({}, takes.by_name(takes.positive_channels)),
        # Of these, a factor on a circle -> its circumference.
        "periods": Key({}, takes.by_name(takes.positive_channels)),
        # Correlation of two equal labels of a continuous factor.
        "cap": Key(0.99, takes.inside_one),
        # Correlation of the residual in two views of one original.
        "views_residual": Key(0.0, takes.below_one),
        # Factors that two views of one original (one source) share, and nothing else.
        "views_share": Key((), takes.factor_names),
        # Table of pairs in place of labels, its columns id_a and id_b; ids as in
        # docs/experiments.md.
        "table": Key("", takes.file_or_nothing),
        # Table of training labels, some missing, in place of the data's.
        "labels": Key("", takes.file_or_nothing),
        # Of each batch: unlabelled examples, which share nothing.
        "marginal_fraction": Key(0.0, takes.number(least=0, below=1)),
    },
    "first_stage": FIRST_STAGE,
    "sizes": {
        # Sizes [residual, factors...] in place of estimated ones, or of the factors alone: the
        # residual gets the rest.
        "fixed": Key((), takes.each(_COUNT)),
        "pairs": Key(20000, _ENOUGH),
        # By the variance that pairs share, as published, or by how many directions they agree in.
        "method": Key("variance", takes.one_of(METHODS)),
        "rounding": Key("largest_remainder", takes.one_of(ROUNDINGS)),
        # Train a classifier too, and show its sizes beside.
        "compare": Key(True, checks.flag),
        "compare_steps": Key(1000, _COUNT),  # training steps of that classifier
    },
    "network": {
        "blocks": Key(8, _COUNT),
        "hidden": Key(256, _COUNT),
        "depth": Key(2, takes.at_least(0)),
        # A number, a dict factor -> number, or "learned".
        "correlation": Key(0.99, takes.correlation),
        "mixing": Key("permutation", takes.steps_of("MIXINGS", ("permutation", "linear"))),
        "coupling": Key("affine", takes.steps_of("COUPLINGS", ("affine", "spline"))),
        # None, "whiten", or how many leading principal components go through the flow.
        "front": Key(None, takes.front),
        "dtype": Key("float32", takes.one_of(("float32", "mixed_bfloat16"))),
    },
    "training": {
        # Of initial weights, pairs and their noise; None for the seed above, which fixes the data,
        # the first stage and the evaluation too.
        "seed": Key(None, takes.or_none(takes.at_least(0, 2**31 - 1))),
        "steps": Key(2500, _COUNT),
        "steps_per_epoch": Key(250, _COUNT),
        "batch_size": Key(128, _COUNT),  # pairs, or examples in groups, over all replicas
        "learning_rate": Key(1e-3, _POSITIVE),
        "beta_1": Key(0.9, takes.number(least=0, below=1)),
        "beta_2": Key(0.99, takes.number(least=0, below=1)),
        "weight_decay": Key(0.0, takes.number(least=0)),
        # Most of a gradient's norm, over all weights and replicas; 0 leaves it as it is.
        "clip_norm": Key(0.0, takes.number(least=0)),
        # The last part of training, over which the rate falls to zero.
        "decay": Key(0.5, takes.number(least=0, most=1)),
        # Of the representation's noise, what is left at the end of training; it falls late.
        "noise_end": Key(1.0, takes.number(above=0, most=1)),
        # After it, take out of the residual what is linear in the factors' blocks.
        "decorrelate": Key(False, checks.flag),
        "patience": Key(5, _COUNT),  # epochs without a better held-out likelihood
        # Where training diverges: stop, or go on from the best weights at half the rate.
        "on_divergence": Key("stop", takes.one_of(("stop", "halve"))),
        "validation_batches": Key(10, _COUNT),
        "jit_compile": Key(False, checks.flag),
        "pictures_every": Key(5, _COUNT),  # epochs between swap pictures in TensorBoard
    },
    # Of whatever is trained; no result depends on them.
    "checkpoints": {
        "steps": Key(0, takes.at_least(0)),  # between two within an epoch; 0: by minutes alone
        "minutes": Key(5.0, takes.number(least=0)),  # after which one is due; 0: by steps alone
        "keep": Key(2, _COUNT),  # of the newest; the best stays too
    },
    "evaluation": {
        "judge_steps": Key(800, _COUNT),
        "judge_batch_size": Key(128, _COUNT),
        "donors": Key(20, _COUNT),  # for each held-out recipient
        "pairs": Key(20000, _ENOUGH),
        "grid": Key(8, _COUNT),  # rows and columns of the swap grids
        # Of iin_tf.measures, those that are defined by block.
        "measures": Key(
            (
                "mig",
                "mig_sup",
                "sap",
                "dci",
                "modularity",
                "explicitness",
                "infomec",
                "identifiability",
            ),
            takes.block_measures,
        ),
        # Bootstrap draws and permutations of those measures.
        "resamples": Key(200, takes.at_least(20)),
        # Training examples that the strongest readers of the blocks learn from, at most.
        "reader_rows": Key(4000, takes.at_least(100)),
        # Held, while one block is drawn anew; draws of each block, for each of them.
        "response_examples": Key(100, takes.at_least(2)),
        "response_draws": Key(100, takes.at_least(2)),
    },
    "export": {
        "directory": Key("saved_models", takes.directory),
        "name": Key("colored_digits", takes.model_name),
    },
    "baselines": {
        "steps": Key(2000, _COUNT),  # of the beta-VAE and of Ada-GVAE
        "batch_size": Key(128, takes.at_least(2)),
        "learning_rate": Key(2e-3, _POSITIVE),
        # Beta of both, against the sum of squared errors of an image.
        "kl_weight": Key(0.1, takes.number(least=0)),
        "pairs": Key(50000, _ENOUGH),  # that the linear network learns from
        "rows": Key(10000, _ENOUGH),  # training examples that dimensions are assigned by
    },
    "few_labels": {
        # Labelled originals of each class of the first factor: "all", or numbers as texts.
        "labelled": Key(("all", "14", "3"), takes.all_or_counts),
        "seeds": Key(3, _COUNT),  # runs of each kind
        # Of each batch, where marginal terms take part.
        "marginal_fraction": Key(0.5, checks.fraction),
        # Factors that an original without labels has no label of.
        "missing": Key(("digit", "color"), takes.factor_names),
    },
}
# Values of several types: ConfigDict would hold them to the type of the default.
_FREE = ("data.size", "data.channels", "first_stage.pool", "first_stage.value_range",
         "network.correlation", "network.front", "training.seed")  # fmt: skip


def default_config() -> ConfigDict:
    """A complete, locked config; a config file changes what it needs to change.

    A key that does not exist cannot be set: `ConfigDict` raises, and names the nearest.
    """
    config = ConfigDict()
    for path, key in key_paths().items():
        section, _, name = path.rpartition(".")
        if section and section not in config:
            config[section] = ConfigDict()
        value = FieldReference(key.default, field_type=object) if path in _FREE else key.default
        (config[section] if section else config)[name] = value
    return config.lock()


def key_paths() -> dict[str, Key]:
    """Dotted name -> Key, of every key there is."""
    paths = {}
    for name, entry in KEYS.items():
        if isinstance(entry, Key):
            paths[name] = entry
        else:
            paths |= {f"{name}.{key}": one for key, one in entry.items()}
    return paths


def check_values(config: ConfigDict) -> None:
    """Checks every value of a config by itself.

    Args:
      config: ConfigDict.

    Raises:
      InputError: a key is not there, or has a value that it does not take; the message names it.
    """
    if not isinstance(config, ConfigDict):
        raise InputError(
            f"config is {checks.shown(config)}; give a ConfigDict, such as default_config()"
        )
    values = config.to_dict()
    for path, key in key_paths().items():
        section, _, name = path.rpartition(".")
        holder = values.get(section) if section else values
        if not isinstance(holder, dict) or name not in holder:
            raise InputError(
                f"{path} is not in the config; begin with default_config(), and change it"
            )
        key.check(holder[name], path)
