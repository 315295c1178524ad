"""Stage evaluate: held-out measures, figures and the report."""

import numpy as np

import iin_tf
from iin_tf import files
from iin_tf.audits.likelihood import marginal_nll, pair_nll, round_trip_error
from iin_tf.audits.probes import probe_metrics, train_probes
from iin_tf.experiment import images
from iin_tf.experiment.continuous import continuous_metrics, known_factors, targets
from iin_tf.experiment.experiment import HELD_OUT_SEED, Experiment, are_images
from iin_tf.experiment.held_out import (
    held_out_correlations,
    held_out_pairs,
    measure_blocks,
    measure_swaps,
    paired_factors,
)
from iin_tf.experiment.pair_audit import pair_results
from iin_tf.experiment.responses import response_metrics
from iin_tf.reporting import charts, pictures
from iin_tf.reporting.report import write_report
from iin_tf.reporting.tensorboard import write_tensorboard
from iin_tf.reporting.verdict import verdicts
from iin_tf.results import Result, Results


def run(experiment: Experiment) -> None:
    """Measures the network on held-out examples, and writes all of `evaluation/`."""
    experiment.check_examples()
    # Whole: what an earlier evaluation drew must not be taken for this one's.
    with files.whole_directory(experiment.workdir.evaluation) as directory:
        _evaluate(experiment, directory)


def _evaluate(experiment, directory):
    network = iin_tf.load(experiment.workdir.network)
    chosen = files.read_json(experiment.workdir.factor_sizes, {"estimated": dict})
    sizes, audit = chosen["estimated"], chosen.get("pairs")
    results = [
        Result("sizes/{model}/{block}", {"model": model, "block": block}, size)
        for model, blocks in sizes.items()
        for block, size in blocks.items()
    ]
    results += pair_results(audit) if audit else []
    results += _counts(experiment.store("test").source)
    results += _likelihood(experiment, network)
    if known_factors(experiment):
        results += _blocks(experiment, network, directory)
    seen = images.are_decoded(experiment)
    judges = images.train_judges(experiment) if seen else {}
    if judges:
        results += images.measure_decoder(experiment, judges)
        results += measure_swaps(experiment, network, judges, experiment.decode).values()
    elif known_factors(experiment):
        results += _read_by_probes(experiment, network)
    results += response_metrics(experiment, network, judges, directory).values()
    if seen:
        images.draw(experiment, network, directory)
    if sizes:
        charts.save_factor_sizes(directory / pictures.SIZES, sizes)
    warnings = audit["warnings"] if audit else []
    _write(experiment, network, Results(results), directory, warnings)


def _read_by_probes(experiment, network):
    """What probes read in held-out representations, untouched and with exchanged blocks."""
    train, test = experiment.store("train"), experiment.store("test")
    labels = targets(experiment, train.labels)
    # A map of the file, of which the probes read some rows.
    probes = train_probes(train.mean, labels, train.source, experiment.config.seed)
    held_out = targets(experiment, test.labels)
    return [
        *probe_metrics(probes, np.array(test.mean), held_out).values(),
        *measure_swaps(experiment, network, probes, lambda z: z).values(),
    ]


def _write(experiment, network, results, directory, warnings):
    """Numbers, page, tables and TensorBoard's files; and each factor's verdict on the screen."""
    results.write(directory / "metrics.json")
    config = experiment.config.to_dict()
    write_report(directory, results, network.layout.names, config, warnings)
    for verdict in verdicts(results, experiment.config.data.factors):
        print(f"[iin] {verdict.factor}: {verdict.found}", flush=True)
    test, x = experiment.store("test"), experiment.test_examples.x
    write_tensorboard(
        experiment.workdir.tensorboard / "evaluation",
        results,
        sorted(directory.glob("*.png")),
        {name: part.numpy() for name, part in network.factors(np.array(test.mean)).items()},
        {name: test.labels[name] for name in known_factors(experiment)},
        images.grey_levels(x) if are_images(x) else None,
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
    factors = paired_factors(experiment)
    if factors:
        mean, by_kind = pair_nll(network, held_out_pairs(experiment), factors)
        results.append(Result("pair_nll/{split}", split, mean))
        results += [
            Result("pair_nll/{split}/{shared}", {**split, "shared": shared}, value)
            for shared, value in by_kind.items()
        ]
        results += held_out_correlations(experiment, network)
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
