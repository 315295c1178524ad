"""The stages of an experiment: one file each, and one entry below."""

from iin_tf.checks import InputError
from iin_tf.experiment.first_stage_checks import GIVEN_MODEL_KEYS
from iin_tf.experiment.key_checks import TRAINED
from iin_tf.experiment.stages.registry import Stage, register_built_in

_ROOM = "iin_tf.experiment.stages"
# What only concerns held-out examples changes no training.
_HELD_OUT = ("data.test_views", "data.test_examples", "data.validation")
# Of a first stage: what trains it, what gives its noise, and what only concerns edits.
_TRAINING = tuple(
    f"first_stage.{key}"
    for key in ("latent_size", "steps", "batch_size", "learning_rate", "kl_weight")
)
_NOISE = ("first_stage.noise", "first_stage.noise_kind")
_EDITS = ("first_stage.clip", "first_stage.value_range")
_GIVEN_MODEL = tuple(f"first_stage.{key}" for key in GIVEN_MODEL_KEYS)


def _pretrain_reads(config):
    # An autoencoder knows no factors; a classifier learns the classes of the first.
    kind = config["first_stage"]["kind"]
    factors = ["data.factors"] if kind == "classifier" else []
    keys = [f"data.{key}" for key in config["data"] if key != "factors"]
    return ["seed", *keys, *factors, "first_stage.kind", *_TRAINING]


def _encode_reads(config):
    keys = [f"data.{key}" for key in config["data"] if key != "factors"]
    given = [] if _is_trained(config) else [key for key in _GIVEN_MODEL if key not in _EDITS]
    automatic = ["auto", "data.factors", "pairs"] if config["auto"] else []
    return ["seed", *keys, "first_stage.kind", *_NOISE, *given, *automatic]


def _is_trained(config):
    return config["first_stage"]["kind"] in TRAINED


def _sizes_reads(config):
    # Pairs of continuous factors are mixed with others by the network's correlations.
    mixed = ["network.correlation"] if config["pairs"]["length_scales"] else []
    return ["data.factors", "pairs", "sizes", "network.front", *mixed]


def _train_reads(config):
    # A seed of training's own only where there is one.
    keys = [key for key, value in config["training"].items() if (key, value) != ("seed", None)]
    return ["network", *(f"training.{key}" for key in keys)]


def _check_baselines(config):
    _check_trained(config, "baselines")
    if not config.data.factors or config.pairs.length_scales:
        raise InputError(
            f"data.factors is {tuple(config.data.factors)} and pairs.length_scales "
            f"{dict(config.pairs.length_scales)}; baselines learn from pairs that share one factor "
            "by equal labels: give factors, and no length scales"
        )


def _check_trained(config, stage):
    if config.first_stage.kind not in TRAINED:
        raise InputError(
            f"first_stage.kind is {config.first_stage.kind!r}; stage {stage} learns from images, "
            f"and compares with a first stage that is trained here: {list(TRAINED)}"
        )


def _check_few_labels(config):
    _check_trained(config, "few_labels")
    factors, settings = list(config.data.factors), config.few_labels
    if not factors or config.pairs.length_scales:
        raise InputError(
            f"data.factors is {tuple(factors)} and pairs.length_scales "
            f"{dict(config.pairs.length_scales)}; few labels are compared on pairs that share one "
            "factor by equal labels: give factors, and no length scales"
        )
    unknown = [name for name in settings.missing if name not in factors]
    if unknown or not settings.missing:
        raise InputError(f"few_labels.missing is {tuple(settings.missing)}; give some of {factors}")


register_built_in(
    (
        Stage(
            "pretrain",
            f"{_ROOM}.pretrain",
            reads=_pretrain_reads,
            writes=("first_stage.keras",),
            ignores=_HELD_OUT,
            applies=_is_trained,
            workers=True,
        ),
        Stage(
            "encode",
            f"{_ROOM}.encode",
            needs=("pretrain",),
            reads=_encode_reads,
            writes=("latents", "splits.csv"),
            shards=True,
        ),
        Stage(
            "sizes",
            f"{_ROOM}.sizes",
            needs=("encode",),
            reads=_sizes_reads,
            writes=("factor_sizes.json",),
        ),
        Stage(
            "train",
            f"{_ROOM}.train",
            needs=("sizes",),
            reads=_train_reads,
            resumes=("checkpoints", "tensorboard"),
            workers=True,
        ),
        Stage(
            "evaluate",
            f"{_ROOM}.evaluate",
            needs=("train",),
            reads=("evaluation", *_EDITS),
            shards=True,
        ),
        Stage("export", f"{_ROOM}.export", needs=("train",), reads=("export", *_EDITS)),
        # It serves comparison; an experiment is whole without it.
        Stage(
            "baselines",
            f"{_ROOM}.baselines",
            needs=("train",),
            reads=(
                "evaluation.measures",
                "evaluation.resamples",
                "evaluation.pairs",
                "baselines",
            ),
            default=False,
            check=_check_baselines,
            shards=True,
        ),
        Stage(
            "few_labels",
            f"{_ROOM}.few_labels",
            needs=("sizes",),
            reads=(
                "network",
                "training",
                "evaluation.donors",
                "evaluation.judge_steps",
                "evaluation.judge_batch_size",
                "few_labels",
            ),
            # It has seeds of its own.
            ignores=("training.seed",),
            resumes=("few_labels",),
            default=False,
            check=_check_few_labels,
        ),
    )
)
