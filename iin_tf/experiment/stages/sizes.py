"""Stage sizes: how many dimensions of the representation each factor gets."""

from iin_tf import FactorLayout, estimate_factor_sizes, files
from iin_tf.data import audit_pairs
from iin_tf.experiment.experiment import Experiment
from iin_tf.experiment.stages.pretrain import train_classifier


def run(experiment: Experiment) -> None:
    """Estimates the sizes of the blocks, or takes the fixed ones, and keeps the layout."""
    config = experiment.config
    factors, fixed = config.data.factors, config.sizes.fixed
    sampler = experiment.sampler("train", seed=config.seed) if factors else None
    estimated = {}
    if fixed:
        used = FactorLayout(dict(zip(factors, fixed[1:], strict=True)), residual=fixed[0])
    elif factors:
        estimated = _estimate_all(experiment, sampler)
        used = estimated[config.first_stage.kind]
    else:
        used = FactorLayout({}, residual=experiment.store("train").latent_size)
    files.write_json(
        experiment.workdir.factor_sizes,
        {
            "used": used.get_config(),
            "estimated": {
                name: dict(zip(layout.names, layout.sizes, strict=True))
                for name, layout in estimated.items()
            },
            "pairs": audit_pairs(sampler) if factors else None,
        },
    )


def _estimate_all(experiment, sampler):
    """FactorLayouts by model."""
    config, store = experiment.config, experiment.store("train")
    pairs = sampler.draw(config.sizes.pairs, step=0)
    kind = config.first_stage.kind
    estimated = {kind: _estimate(config, store.mean, pairs)}
    if config.sizes.compare and kind != "classifier":
        train = experiment.train_examples
        kept = ~experiment.is_validation(train.source)
        first_stage = experiment.freeze(train_classifier(experiment, config.sizes.compare_steps))
        mean, _ = experiment.encode(first_stage, train.x[kept])
        estimated["classifier"] = _estimate(config, mean, pairs)
    return estimated


def _estimate(config, mean, pairs):
    index_a, index_b, shared = pairs
    return estimate_factor_sizes(
        mean[index_a],
        mean[index_b],
        shared,
        names=config.data.factors,
        rounding=config.sizes.rounding,
    )
