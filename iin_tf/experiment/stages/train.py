"""Stage train: the interpretation network, on pairs of stored latents."""

from pathlib import Path

import numpy as np

from iin_tf import InterpretationNetwork
from iin_tf.audits.likelihood import pair_nll
from iin_tf.data import group_dataset, latent_dataset, pair_dataset
from iin_tf.experiment import images
from iin_tf.experiment.experiment import Experiment, pair_seed, training_seed
from iin_tf.experiment.groups import network_settings
from iin_tf.experiment.noise import first_epoch, samples
from iin_tf.experiment.own_code import own_callbacks
from iin_tf.reporting.figures import swap_grid, tile_image
from iin_tf.reporting.pictures import picture_of_block
from iin_tf.results.patterns import shared_text
from iin_tf.training.checkpoints import Checkpoints
from iin_tf.training.fit import fit_network
from iin_tf.training.forecast import begin

# That the residual is decorrelated on.
_MOST_ROWS = 20_000


def run(experiment: Experiment) -> None:
    """Trains the network, and keeps it."""
    config, settings = experiment.config, experiment.config.training
    layout = experiment.workdir.layout()
    callbacks = own_callbacks(config)
    with experiment.strategy.scope():
        network = InterpretationNetwork(
            layout, seed=training_seed(config), **network_settings(config)
        )
    checkpoints = training_checkpoints(experiment, experiment.workdir.checkpoints)
    members = 1 if config.pairs.kind == "groups" or not config.data.factors else 2
    rows, left = members * settings.batch_size, settings.steps - checkpoints.step
    expected = begin(network, rows, left, experiment.workdir.path)
    is_chief = experiment.workers.is_chief
    if is_chief:
        print(f"[iin] train: {expected}", flush=True)
    fit_network(
        network,
        lambda start: _training_batches(experiment, start),
        _batches(experiment, "validation", steps=settings.validation_batches),
        settings,
        checkpoints,
        experiment.workdir.tensorboard if is_chief else None,
        _swap_pictures(experiment, layout),
        _factor_terms(experiment),
        callbacks,
    )
    if settings.decorrelate:
        mean = experiment.store("train").mean
        network.decorrelate(np.array(mean[:: -(-len(mean) // _MOST_ROWS)]))
    if is_chief:
        network.save(experiment.workdir.network)


def training_checkpoints(experiment: Experiment, directory: Path) -> Checkpoints:
    """Checkpoints that keep the best held-out loss, and stop a training that gets no better."""
    settings = experiment.config.training
    return experiment.checkpoints(
        directory,
        monitor="val_loss",
        patience=settings.patience,
        first=first_epoch(settings),
    )


def _training_batches(experiment, start):
    pairs = experiment.config.pairs
    if pairs.kind == "groups":
        return _groups(experiment, start)
    return _batches(experiment, "train", start=start, marginal_fraction=pairs.marginal_fraction)


def _groups(experiment, start):
    """Training batches of labelled examples; what is held out stays pairs, to compare by."""
    config = experiment.config
    seed = pair_seed(config)
    return group_dataset(
        samples(experiment, "train", training=True),
        experiment.group_sampler(seed),
        config.training.batch_size,
        start=start,
        seed=seed,
        marginal_fraction=config.pairs.marginal_fraction,
    )


def _batches(experiment, split, marginal_fraction=0.0, **span):
    """Batches of one split; without factors, of latents alone."""
    config = experiment.config
    held_out = split == "validation"
    store = samples(experiment, split, training=not held_out)
    seed = pair_seed(config, held_out=held_out)
    if not config.data.factors:
        return latent_dataset(store, config.training.batch_size, seed=seed, **span)
    sampler = experiment.sampler(split, seed)
    return pair_dataset(
        store,
        sampler,
        config.training.batch_size,
        seed=seed,
        marginal_fraction=marginal_fraction,
        **span,
    )


def _factor_terms(experiment):
    """A function that measures the held-out likelihood of each kind of pairs, or None."""
    factors = experiment.config.data.factors
    if not factors:
        return None
    # The same few pairs after every epoch.
    steps = experiment.config.training.validation_batches
    pairs = list(_batches(experiment, "validation", steps=steps))

    def measure(network):
        by_kind = pair_nll(network, pairs)[1]
        return {shared_text(shared): nll for shared, nll in by_kind.items()}

    return measure


def _swap_pictures(experiment, layout):
    """A function that draws a swap grid for every block, or None without images."""
    if not images.are_decoded(experiment):
        return None
    z = np.array(experiment.store("validation").mean[:12])
    half = len(z) // 2
    if half == 0:
        return None

    def draw(network):
        return {
            picture_of_block("swap", block).title: tile_image(
                swap_grid(network, experiment.decode, z[:half], z[half:], block)
            )
            for block in layout.names
        }

    return draw
