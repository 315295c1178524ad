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
from iin_tf.experiment.parts import Parts
from iin_tf.experiment.shard import Shard
from iin_tf.first_stages import decode_in_batches, stack_batches
from iin_tf.models.linear_network import fit_linear_network, pair_moments
from iin_tf.reporting.baselines import baselines_markdown, save_baselines
from iin_tf.results import Result, Results
from iin_tf.training import pretraining


def run(experiment: Experiment) -> None:
    """Measures the other models, and writes table and picture."""
    parts = Parts(experiment.place.parts("baselines"))
    models = {
        name: Results(parts.results(name, measure))
        for name, measure in _measures(experiment).items()
    }
    with files.whole_directory(experiment.workdir.baselines) as directory:
        parts.copy_files(directory)
        flat = {name: results.metrics() for name, results in models.items()}
        files.write_json(directory / "metrics.json", flat)
        files.write_text(directory / "baselines.md", baselines_markdown(models))
        save_baselines(directory / "baselines.png", models)


def run_shard(experiment: Experiment, shard: Shard) -> None:
    """Measures the models that are this shard's."""
    parts = Parts(experiment.place.parts("baselines"))
    for number, (name, measure) in enumerate(_measures(experiment).items()):
        if shard.has(number):
            parts.results(name, measure)


def _measures(experiment):
    """The parts of the stage, one for each model: name -> function of a folder, to results."""
    network = iin_tf.load(experiment.workdir.network)

    def trained(name, train, directory):
        checkpoints = experiment.place.parts("baselines") / "checkpoints" / name
        model = train(checkpoints=experiment.checkpoints(checkpoints))
        model.save(directory / f"{name}.keras")
        settings, x = experiment.config.first_stage, experiment.train_examples.x
        return _units(experiment, network.layout, freeze(model, settings, x))

    return {
        "interpretation network": lambda _: _network(experiment, network),
        "linear network": lambda to: _linear_network(experiment, network, to),
        "raw latents": lambda _: _units(experiment, network.layout, experiment.first_stage),
    } | {
        name: functools.partial(trained, name, train)
        for name, train in _autoencoders(experiment).items()
    }


def _network(experiment, network):
    z_a, z_b, shared = _held_out_pairs(experiment)
    nll = pair_nll(network, [((z_a, z_b), shared)])[0]
    return _measured(experiment, network.layout, network.transform, nll)


def _linear_network(experiment, network, directory):
    """The linear network, in the blocks of the other's layout."""
    config, layout, rho = experiment.config, network.layout, network.correlation.numpy()[1:]
    z_a, z_b, shared = _pairs(experiment, "train", pair_seed(config), config.baselines.pairs)
    moments = pair_moments(z_a, z_b, shared, layout.factor_names)
    linear = fit_linear_network(moments, layout, rho)
    linear.save(directory / "linear_network.npz")
    z_a, z_b, shared = _held_out_pairs(experiment)
    nll = linear.pair_nll(z_a, z_b, shared, rho)
    return _measured(experiment, layout, linear.transform, nll)


def _measured(experiment, layout, transform, nll):
    """Results of held-out codes in blocks, and of the likelihood of pairs."""
    codes = transform(np.array(experiment.store("test").mean)).numpy()
    blocks = measure_blocks(experiment, codes, layout).results()
    return [*blocks.values(), Result("pair_nll/{split}", {"split": "test"}, nll)]


def _held_out_pairs(experiment):
    return _pairs(experiment, "test", HELD_OUT_SEED, experiment.config.evaluation.pairs)


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
    return results.values()
