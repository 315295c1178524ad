"""Stage sizes: how many dimensions of the representation each factor gets."""

import numpy as np

from iin_tf import FactorLayout, estimate_factor_sizes, files
from iin_tf.bijectors.principal_axes import principal_axes_start
from iin_tf.data import audit_pairs
from iin_tf.experiment.experiment import Experiment
from iin_tf.experiment.first_stages import freeze
from iin_tf.experiment.stages.pretrain import train_classifier

# Enough for a mean of variances.
_NOISE_ROWS = 10_000
# Of a wide representation no more pairs, or rows, than so many values: 128 MB of float32.
_VALUES = 2**25


def run(experiment: Experiment) -> None:
    """Estimates the sizes of the blocks, or takes the fixed ones, and keeps the layout."""
    config = experiment.config
    factors, fixed = config.data.factors, config.sizes.fixed
    sampler = experiment.sampler("train", seed=config.seed) if factors else None
    audit = None
    if factors:
        audit = audit_pairs(sampler, ids=experiment.store("train").id)
        experiment.warn(audit["warnings"])
    estimated = {}
    if fixed:
        used = _fixed(factors, fixed, experiment.store("train").latent_size)
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
            "pairs": audit,
        },
    )


def _fixed(factors, sizes, latent_size):
    """The layout of sizes with the residual's, or of the factors' alone."""
    if len(sizes) == len(factors):
        sizes = (latent_size - sum(sizes), *sizes)
    return FactorLayout(dict(zip(factors, sizes[1:], strict=True)), residual=sizes[0])


def _estimate_all(experiment, sampler):
    """FactorLayouts by model."""
    config, store = experiment.config, experiment.store("train")
    most = max(1000, _VALUES // store.latent_size)
    pairs = sampler.draw(min(config.sizes.pairs, most), step=0)
    kind = config.first_stage.kind
    estimated = {kind: _estimate(config, store.mean, store.log_variance, pairs)}
    if config.sizes.compare and kind != "classifier":
        train = experiment.train_examples
        kept = ~experiment.is_validation(train.source)
        model = train_classifier(experiment, config.sizes.compare_steps, "sizes")
        first_stage = freeze(model, config.first_stage, train.x)
        mean, log_variance = experiment.encode(first_stage, train.select(kept).x)
        estimated["classifier"] = _estimate(config, mean, log_variance, pairs)
    return estimated


def _estimate(config, mean, log_variance, pairs):
    index_a, index_b, shared = pairs
    method = config.sizes.method
    variance = np.exp(log_variance[:_NOISE_ROWS].astype(np.float64)).mean(axis=0)
    through, noise, around = _front(config, mean, variance)
    layout = estimate_factor_sizes(
        through(mean[index_a]),
        through(mean[index_b]),
        shared,
        names=config.data.factors,
        rounding=config.sizes.rounding,
        method=method,
        noise=noise if method == "directions" else None,
    )
    residual, *sizes = layout.sizes
    return FactorLayout(dict(zip(config.data.factors, sizes, strict=True)), residual + around)


def _front(config, mean, noise):
    """The flow's front: a function of rows, the noise behind it, how many dimensions go around."""
    front, latent_size = config.network.front, mean.shape[1]
    if front is None:
        return np.asarray, noise, 0
    width = latent_size if front == "whiten" else front
    rows = np.random.default_rng(config.seed).permutation(len(mean))[: _VALUES // latent_size]
    centre, axes, log_spread = principal_axes_start(mean[np.sort(rows)])
    # The widest axis comes last.
    scaled = (axes / np.exp(log_spread))[:, latent_size - width :]

    def through(z):
        return ((z - centre) @ scaled).astype(np.float32)

    return through, noise @ np.square(scaled), latent_size - width
