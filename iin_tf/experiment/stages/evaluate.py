"""Stage evaluate: held-out measures, figures and the report."""

import numpy as np

import iin_tf
from iin_tf import files
from iin_tf.audits.correlation import correlation_metrics
from iin_tf.audits.interchange import judge_metrics
from iin_tf.audits.likelihood import marginal_nll, pair_nll, round_trip_error
from iin_tf.data import PairSampler
from iin_tf.experiment.continuous import continuous_metrics, known_factors, targets
from iin_tf.experiment.experiment import HELD_OUT_SEED
from iin_tf.experiment.held_out import (
    held_out_pairs,
    measure_blocks,
    measure_swaps,
    one_view_each,
    train_judges,
)
from iin_tf.experiment.pairs import categorical_factors
from iin_tf.experiment.responses import response_metrics
from iin_tf.reporting import figures
from iin_tf.reporting.report import write_report
from iin_tf.reporting.tensorboard import write_tensorboard


def run(experiment):
    # Whole: what an earlier evaluation drew must not be taken for this one's.
    with files.whole_directory(experiment.workdir.evaluation) as directory:
        _evaluate(experiment, directory)


def _evaluate(experiment, directory):
    network = iin_tf.load(experiment.workdir.network)
    sizes = files.read_json(experiment.workdir.factor_sizes)["estimated"]
    metrics = {
        f"sizes/{model}/{block}": size
        for model, blocks in sizes.items()
        for block, size in blocks.items()
    }
    metrics |= _likelihood(experiment, network)
    if known_factors(experiment):
        metrics |= _blocks(experiment, network, directory)
    judges = train_judges(experiment) if experiment.first_stage.has_decoder else {}
    if judges:
        metrics |= _swaps(experiment, network, judges)
    metrics |= response_metrics(experiment, network, judges, directory)
    if experiment.first_stage.has_decoder:
        _draw(experiment, network, directory)
    if sizes:
        figures.save_factor_sizes(directory / "factor_sizes.png", sizes)
    files.write_json(directory / "metrics.json", metrics)
    write_report(directory, metrics, network.layout, experiment.config.to_dict())
    test = experiment.store("test")
    write_tensorboard(
        experiment.workdir.tensorboard / "evaluation",
        metrics,
        sorted(directory.glob("*.png")),
        {name: part.numpy() for name, part in network.factors(np.array(test.mean)).items()},
        {name: test.labels[name] for name in known_factors(experiment)},
        experiment.test_examples.x,
    )


def _likelihood(experiment, network):
    test = experiment.store("test")
    metrics = {
        f"nll/{split}": marginal_nll(network, experiment.store(split), HELD_OUT_SEED)
        for split in ("train", "test")
    }
    dimensions = network.layout.latent_size
    metrics["bits_per_dimension/test"] = metrics["nll/test"] / (dimensions * np.log(2))
    factors = known_factors(experiment)
    if factors:
        mean, by_kind = pair_nll(network, held_out_pairs(experiment), factors)
        metrics["pair_nll/test"] = mean
        metrics |= {f"pair_nll/test/{kind}": nll for kind, nll in by_kind.items()}
        metrics |= _correlations(experiment, network, test)
        metrics |= continuous_metrics(experiment, network, test)
    metrics["round_trip/max_error"] = round_trip_error(network, np.array(test.mean))
    return metrics


def _blocks(experiment, network, directory):
    """Disentanglement and leakage of the held-out codes, by block."""
    z = np.array(experiment.store("test").mean)
    found = measure_blocks(experiment, network.transform(z).numpy(), network.layout)
    title = "variance told by each block, held-out"
    path = directory / "leakage.png"
    figures.save_heat_map(path, found.told, found.blocks, found.factors, title)
    return found.metrics()


def _correlations(experiment, network, test):
    """Held-out correlations of the factors that pairs share by equal labels."""
    factors = categorical_factors(experiment.config, test.labels)
    if not factors:
        return {}
    labels = {factor: test.labels[factor] for factor in factors}
    sampler = PairSampler(labels, factors, test.source, seed=HELD_OUT_SEED)
    count = experiment.config.evaluation.pairs
    return correlation_metrics(network, test, sampler, count, HELD_OUT_SEED)


def _swaps(experiment, network, judges):
    test = experiment.test_examples
    labels = targets(experiment, test.labels)
    originals = test.x.astype(np.float32) / 255
    reconstructions = experiment.decode(experiment.store("test").mean)
    metrics = judge_metrics(judges, originals, reconstructions, labels)
    metrics["reconstruction/mse"] = float(np.mean(np.square(reconstructions - originals)))
    return metrics | measure_swaps(experiment, network, judges)


def _draw(experiment, network, directory):
    """All pictures of the run, from held-out examples."""
    grid = experiment.config.evaluation.grid
    test = experiment.store("test")
    rows = one_view_each(test.source)
    chosen = np.random.default_rng(experiment.config.seed).permutation(rows)
    z, donors = np.array(test.mean[chosen[:grid]]), np.array(test.mean[chosen[grid : 2 * grid]])
    decode = experiment.decode
    for block in network.layout.names:
        figures.save_tiles(
            directory / f"swap_{block}.png",
            figures.swap_grid(network, decode, z, donors, block),
            f"{block} exchanged",
            row_label="recipients",
            column_label="donors across the top",
        )
        figures.save_tiles(
            directory / f"interpolation_{block}.png",
            figures.interpolation_strip(network, decode, z, donors, block),
            f"{block}: from recipient to donor",
        )
        figures.save_tiles(
            directory / f"walk_{block}.png",
            figures.walk_strip(network, decode, z, block, seed=experiment.config.seed),
            f"{block}: random walks",
        )
    figures.save_tiles(
        directory / "samples.png",
        figures.sample_tiles(network, decode, seed=experiment.config.seed),
        "samples",
    )
