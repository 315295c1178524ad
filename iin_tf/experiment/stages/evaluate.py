"""Stage evaluate: held-out measures, figures and the report."""

import numpy as np

import iin_tf
from iin_tf import files
from iin_tf.audits.correlation import correlation_metrics
from iin_tf.audits.interchange import judge_metrics
from iin_tf.audits.likelihood import marginal_nll, pair_nll, round_trip_error
from iin_tf.data import PairSampler
from iin_tf.experiment.continuous import continuous_metrics, known_factors, targets
from iin_tf.experiment.experiment import HELD_OUT_SEED, one_view_each
from iin_tf.experiment.held_out import (
    held_out_pairs,
    measure_blocks,
    measure_swaps,
    train_judges,
)
from iin_tf.experiment.pairs import categorical_factors
from iin_tf.experiment.responses import response_metrics
from iin_tf.reporting import charts, figures, pictures
from iin_tf.reporting.report import write_report
from iin_tf.reporting.tensorboard import write_tensorboard
from iin_tf.results import Result, Results


def run(experiment):
    experiment.check_examples()
    # Whole: what an earlier evaluation drew must not be taken for this one's.
    with files.whole_directory(experiment.workdir.evaluation) as directory:
        _evaluate(experiment, directory)


def _evaluate(experiment, directory):
    network = iin_tf.load(experiment.workdir.network)
    sizes = files.read_json(experiment.workdir.factor_sizes, {"estimated": dict})["estimated"]
    results = [
        Result("sizes/{model}/{block}", {"model": model, "block": block}, size)
        for model, blocks in sizes.items()
        for block, size in blocks.items()
    ]
    results += _counts(experiment.store("test").source)
    results += _likelihood(experiment, network)
    if known_factors(experiment):
        results += _blocks(experiment, network, directory)
    judges = train_judges(experiment) if experiment.first_stage.has_decoder else {}
    if judges:
        results += _swaps(experiment, network, judges)
    results += response_metrics(experiment, network, judges, directory).values()
    if experiment.first_stage.has_decoder:
        _draw(experiment, network, directory)
    if sizes:
        charts.save_factor_sizes(directory / pictures.SIZES, sizes)
    _write(experiment, network, Results(results), directory)


def _write(experiment, network, results, directory):
    """Numbers, page, tables and TensorBoard's files."""
    results.write(directory / "metrics.json")
    write_report(directory, results, network.layout.names, experiment.config.to_dict())
    test = experiment.store("test")
    write_tensorboard(
        experiment.workdir.tensorboard / "evaluation",
        results,
        sorted(directory.glob("*.png")),
        {name: part.numpy() for name, part in network.factors(np.array(test.mean)).items()},
        {name: test.labels[name] for name in known_factors(experiment)},
        experiment.test_examples.x,
    )


def _counts(source):
    """How many held-out examples there are, and how many originals behind them."""
    split = {"split": "test"}
    return [
        Result("examples/{split}", split, len(source)),
        Result("originals/{split}", split, len(np.unique(source))),
    ]


def _likelihood(experiment, network):
    nll = {
        split: marginal_nll(network, experiment.store(split), HELD_OUT_SEED)
        for split in ("train", "test")
    }
    results = [Result("nll/{split}", {"split": split}, value) for split, value in nll.items()]
    test, split = experiment.store("test"), {"split": "test"}
    bits = nll["test"] / (network.layout.latent_size * np.log(2))
    results.append(Result("bits_per_dimension/{split}", split, bits))
    factors = known_factors(experiment)
    if factors:
        mean, by_kind = pair_nll(network, held_out_pairs(experiment), factors)
        results.append(Result("pair_nll/{split}", split, mean))
        results += [
            Result("pair_nll/{split}/{shared}", {**split, "shared": shared}, value)
            for shared, value in by_kind.items()
        ]
        results += _correlations(experiment, network, test)
        results += continuous_metrics(experiment, network, test).values()
    error = round_trip_error(network, np.array(test.mean))
    return [*results, Result("round_trip/max_error", {}, error)]


def _blocks(experiment, network, directory):
    """Disentanglement and leakage of the held-out codes, by block."""
    z = np.array(experiment.store("test").mean)
    found = measure_blocks(experiment, network.transform(z).numpy(), network.layout)
    title = "variance told by each block, held-out"
    path = directory / pictures.LEAKAGE
    charts.save_heat_map(path, found.told, found.blocks, found.factors, title)
    return found.results().values()


def _correlations(experiment, network, test):
    """Held-out correlations of the factors that pairs share by equal labels."""
    factors = categorical_factors(experiment.config, test.labels)
    if not factors:
        return []
    labels = {factor: test.labels[factor] for factor in factors}
    sampler = PairSampler(labels, factors, source=test.source, seed=HELD_OUT_SEED)
    count = experiment.config.evaluation.pairs
    return correlation_metrics(network, test, sampler, count, HELD_OUT_SEED).values()


def _swaps(experiment, network, judges):
    test = experiment.test_examples
    labels = targets(experiment, test.labels)
    originals = test.x.astype(np.float32) / 255
    reconstructions = experiment.decode(experiment.store("test").mean)
    error = np.mean(np.square(reconstructions - originals))
    return [
        *judge_metrics(judges, originals, reconstructions, labels).values(),
        Result("reconstruction/mse", {}, error),
        *measure_swaps(experiment, network, judges).values(),
    ]


def _draw(experiment, network, directory):
    """All pictures of the run, from held-out examples."""
    grid = experiment.config.evaluation.grid
    test = experiment.store("test")
    rows = one_view_each(test.source)
    chosen = np.random.default_rng(experiment.config.seed).permutation(rows)
    z, donors = np.array(test.mean[chosen[:grid]]), np.array(test.mean[chosen[grid : 2 * grid]])
    decode = experiment.decode
    seed = experiment.config.seed
    for block in network.layout.names:
        edge = {"row_label": "recipients", "column_label": "donors across the top"}
        drawn = {
            "swap": (figures.swap_grid(network, decode, z, donors, block), edge),
            "interpolation": (figures.interpolation_strip(network, decode, z, donors, block), {}),
            "walk": (figures.walk_strip(network, decode, z, block, seed=seed), {}),
        }
        for kind, (tiles, labels) in drawn.items():
            picture = pictures.picture_of_block(kind, block)
            figures.save_tiles(directory / picture.file, tiles, picture.title, **labels)
    samples = figures.sample_tiles(network, decode, seed=seed)
    figures.save_tiles(directory / pictures.SAMPLES, samples, "samples")
