"""Stage sizes: how many dimensions of the representation each factor gets."""

from iin_tf import FactorLayout, estimate_factor_sizes, files
from iin_tf.data import audit_pairs
from iin_tf.experiment.stages.first_stage import train_classifier


def run(experiment):
    if experiment.config.data.factors:
        estimated, pairs = _estimate_all(experiment)
        used = estimated[experiment.config.first_stage.kind]
    else:
        estimated, pairs = {}, None
        used = FactorLayout({}, residual=experiment.store("train").latent_size)
    if experiment.config.sizes.fixed:
        used = _fixed(experiment)
    files.write_json(
        experiment.workdir.factor_sizes,
        {
            "used": used.get_config(),
            "estimated": {
                name: dict(zip(layout.names, layout.sizes, strict=True))
                for name, layout in estimated.items()
            },
            "pairs": pairs,
        },
    )


def _estimate_all(experiment):
    """FactorLayouts by model, and the audit of the pairs that they come from."""
    config = experiment.config
    store = experiment.store("train")
    sampler = experiment.sampler("train", seed=config.seed)
    index_a, index_b, shared = sampler.draw(config.sizes.pairs, step=0)
    pairs = index_a, index_b, shared > 0
    kind = config.first_stage.kind
    estimated = {kind: _estimate(config, store.mean, pairs)}
    if config.sizes.compare and kind != "classifier":
        train = experiment.train_images
        kept = ~experiment.is_validation(train.source)
        first_stage = experiment.freeze(train_classifier(experiment, config.sizes.compare_steps))
        mean, _ = experiment.encode(first_stage, train.images[kept])
        estimated["classifier"] = _estimate(config, mean, pairs)
    return estimated, audit_pairs(sampler)


def _fixed(experiment):
    """The layout that the config prescribes."""
    config, latent_size = experiment.config, experiment.store("train").latent_size
    residual, *sizes = config.sizes.fixed
    layout = FactorLayout(dict(zip(config.data.factors, sizes, strict=True)), residual=residual)
    if layout.latent_size != latent_size:
        raise ValueError(
            f"sizes.fixed is {tuple(config.sizes.fixed)}, which sums to {layout.latent_size}; "
            f"the representation has {latent_size} dimensions"
        )
    return layout


def _estimate(config, mean, pairs):
    index_a, index_b, shared = pairs
    return estimate_factor_sizes(
        mean[index_a],
        mean[index_b],
        shared,
        names=config.data.factors,
        rounding=config.sizes.rounding,
    )
