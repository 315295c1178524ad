"""Stage baselines: other representations of the same images, learned from the same pairs."""

import functools

import numpy as np

import iin_tf
from iin_tf import files
from iin_tf.audits.block_assignment import assign_blocks
from iin_tf.audits.likelihood import pair_nll
from iin_tf.experiment.continuous import targets
from iin_tf.experiment.experiment import HELD_OUT_SEED, Experiment, pair_seed
from iin_tf.experiment.first_stages import freeze
from iin_tf.experiment.held_out import measure_blocks
from iin_tf.experiment.images import unit
from iin_tf.first_stages import decode_in_batches, stack_batches
from iin_tf.models.linear_network import fit_linear_network, pair_moments
from iin_tf.reporting.baselines import baselines_markdown, save_baselines
from iin_tf.results import Result, Results
from iin_tf.training import pretraining


def run(experiment: Experiment) -> None:
    """Measures the other models, and writes table and picture."""
    directory, parts = experiment.workdir.baselines, experiment.workdir.parts("baselines")
    network = iin_tf.load(experiment.workdir.network)
    models = {
        **_networks(experiment, network, directory),
        "raw latents": _units(experiment, network.layout, experiment.first_stage),
    }
    for name, train in _autoencoders(experiment).items():
        model = train(checkpoints=experiment.checkpoints(parts / name))
        with files.whole_file(directory / f"{name}.keras") as temporary:
            model.save(temporary)
        settings, x = experiment.config.first_stage, experiment.train_examples.x
        models[name] = _units(experiment, network.layout, freeze(model, settings, x))
    flat = {name: results.metrics() for name, results in models.items()}
    files.write_json(directory / "metrics.json", flat)
    files.write_text(directory / "baselines.md", baselines_markdown(models))
    save_baselines(directory / "baselines.png", models)


def _networks(experiment, network, directory):
    """The interpretation network and the linear network, in the blocks of one layout."""
    layout, rho = network.layout, network.correlation.numpy()[1:]
    config = experiment.config
    z_a, z_b, shared = _pairs(experiment, "train", pair_seed(config), config.baselines.pairs)
    moments = pair_moments(z_a, z_b, shared, layout.factor_names)
    linear = fit_linear_network(moments, layout, rho)
    linear.save(directory / "linear_network.npz")
    z_a, z_b, shared = _pairs(experiment, "test", HELD_OUT_SEED, experiment.config.evaluation.pairs)
    nll = {
        "interpretation network": pair_nll(network, [((z_a, z_b), shared)])[0],
        "linear network": linear.pair_nll(z_a, z_b, shared, rho),
    }
    z = np.array(experiment.store("test").mean)
    codes = {"interpretation network": network.transform(z).numpy()}
    codes["linear network"] = linear.transform(z).numpy()
    return {
        name: measure_blocks(experiment, codes[name], layout).results()
        | Results([Result("pair_nll/{split}", {"split": "test"}, nll[name])])
        for name in codes
    }


def _pairs(experiment, split, seed, count):
    """Posterior samples z_a, z_b [P, N] of one split's pairs, and what they share."""
    store, sampler = experiment.store(split), experiment.sampler(split, seed)
    index_a, index_b, shared = sampler.draw(count, step=0)
    return store.sample(index_a, seed, 0), store.sample(index_b, seed, 1), shared


def _autoencoders(experiment):
    """Functions that train the beta-VAE and Ada-GVAE on the images behind the training latents."""
    config, train = experiment.config, experiment.train_examples
    images = train.select(~experiment.is_validation(train.source)).x
    settings = config.first_stage.copy_and_resolve_references()
    for key in ("steps", "batch_size", "learning_rate", "kl_weight"):
        settings[key] = config.baselines[key]
    last = (settings, config.seed, experiment.strategy)
    sampler = experiment.sampler("train", pair_seed(config))
    return {
        "beta-VAE": functools.partial(pretraining.train_autoencoder, images, *last),
        "Ada-GVAE": functools.partial(pretraining.train_group_autoencoder, images, sampler, *last),
    }


def _units(experiment, layout, first_stage):
    """Measures of a model whose dimensions belong to no factor: they are assigned to blocks."""
    train, test = experiment.train_examples, experiment.test_examples
    random = np.random.default_rng(experiment.config.seed)
    kept = np.flatnonzero(~experiment.is_validation(train.source))
    rows = np.sort(random.permutation(kept)[: experiment.config.baselines.rows])
    chosen = train.select(rows)
    codes, _ = experiment.encode(first_stage, chosen.x)
    blocks = assign_blocks(codes, targets(experiment, chosen.labels), layout)
    codes, _ = experiment.encode(first_stage, test.x)
    results = measure_blocks(experiment, codes, blocks).results()
    if first_stage.has_decoder:
        decoded = stack_batches(decode_in_batches(first_stage, codes))
        error = decoded - unit(test.x)
        results |= Results([Result("reconstruction/mse", {}, np.mean(np.square(error)))])
    return results
