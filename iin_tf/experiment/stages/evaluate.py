"""Stage evaluate: held-out measures, figures and the report."""

import datetime
import functools

import numpy as np

import iin_tf
from iin_tf import files
from iin_tf.audits.likelihood import marginal_nll, pair_nll, round_trip_error
from iin_tf.audits.probes import probe_metrics, train_probes
from iin_tf.experiment import images
from iin_tf.experiment.continuous import continuous_metrics, known_factors, targets
from iin_tf.experiment.experiment import HELD_OUT_SEED, Experiment, are_images
from iin_tf.experiment.heads import measure_head
from iin_tf.experiment.held_out import (
    held_out_correlations,
    held_out_pairs,
    measure_blocks,
    measure_swaps,
    paired_factors,
)
from iin_tf.experiment.noise import samples
from iin_tf.experiment.pair_audit import kept_audit
from iin_tf.experiment.parts import Parts
from iin_tf.experiment.responses import response_metrics
from iin_tf.experiment.retrieval import retrieval_metrics, show_neighbors
from iin_tf.experiment.run_record import run_record
from iin_tf.experiment.shard import Shard
from iin_tf.experiment.strongest import strongest_metrics
from iin_tf.experiment.verification import verification_metrics
from iin_tf.reporting import charts, pictures
from iin_tf.reporting.maps import save_maps
from iin_tf.reporting.report import write_report
from iin_tf.reporting.tensorboard import write_tensorboard
from iin_tf.reporting.verdict import verdicts
from iin_tf.results import Result, Results
from iin_tf.training.tensorboard import losses
from iin_tf.versions import library_versions

# The parts that judges or probes read.
_READ = ("swaps", "responses")


def run(experiment: Experiment) -> None:
    """Measures the network on held-out examples, and writes all of `evaluation/`."""
    experiment.check_examples()
    # Whole: what an earlier evaluation drew must not be taken for this one's.
    with files.whole_directory(experiment.workdir.evaluation) as directory:
        _evaluate(experiment, directory)


def run_shard(experiment: Experiment, shard: Shard) -> None:
    """Measures the parts that are this shard's; nothing is drawn or reported."""
    experiment.check_examples()
    network = iin_tf.load(experiment.workdir.network)
    parts = Parts(experiment.place.parts("evaluate"))
    measures = _measures(experiment, network, _codes(experiment, network))
    # One shard trains the judges.
    together = [name for name in measures if name not in _READ[1:]]
    for number, name in enumerate(together):
        if shard.has(number):
            for one in _READ if name in _READ else (name,):
                parts.results(one, measures[one])


def _evaluate(experiment, directory):
    network = iin_tf.load(experiment.workdir.network)
    chosen = files.read_json(experiment.workdir.factor_sizes, {"estimated": dict})
    audited, warnings = kept_audit(chosen.get("pairs"), experiment.workdir.factor_sizes)
    sizes = chosen["estimated"]
    results = [
        Result("sizes/{model}/{block}", {"model": model, "block": block}, size)
        for model, blocks in sizes.items()
        for block, size in blocks.items()
    ]
    results += audited
    results += _counts(experiment.store("test").source)
    codes = _codes(experiment, network)
    parts = Parts(experiment.place.parts("evaluate"))
    for name, measure in _measures(experiment, network, codes).items():
        results += parts.results(name, measure)
    if images.are_decoded(experiment):
        images.draw(experiment, network, directory)
    curves = losses(experiment.workdir.tensorboard)
    if curves:
        charts.save_losses(directory / pictures.TRAINING, curves)
    if sizes:
        charts.save_factor_sizes(directory / pictures.SIZES, sizes)
    parts.copy_files(directory)
    near = show_neighbors(experiment, codes, network.layout, directory)
    _write(experiment, network, Results(results), directory, warnings, near)


def _codes(experiment, network):
    return network.transform(np.array(experiment.store("test").mean)).numpy()


def _measures(experiment, network, codes):
    """The parts of an evaluation: name -> function of a folder for files, to results."""

    def values(measure, *arguments):
        return lambda _: measure(experiment, *arguments).values()

    found = {"likelihood": lambda _: _likelihood(experiment, network)}
    if known_factors(experiment):
        found["blocks"] = lambda to: _blocks(experiment, network, codes, to)
        found["strongest"] = values(strongest_metrics, network)
    found |= _read_measures(experiment, network)
    found["head"] = values(measure_head, network)
    found["retrieval"] = values(retrieval_metrics, codes, network.layout)
    found["verification"] = values(verification_metrics, network)
    return found


def _read_measures(experiment, network):
    """Those that need judges or probes, which are trained when the first of them is measured."""
    seen = images.are_decoded(experiment)

    @functools.cache
    def judges():
        if not seen:
            return _train_probes(experiment)
        return images.train_judges(experiment, experiment.place.parts("evaluate"))

    def read(_):
        return _read(experiment, network, judges(), seen) if judges() else []

    def respond(directory):
        return response_metrics(experiment, network, judges(), directory).values()

    return dict(zip(_READ, (read, respond), strict=True))


def _train_probes(experiment):
    """A probe of each known factor, for representations that nothing decodes to images."""
    train = experiment.store("train")
    labels = targets(experiment, train.labels)
    if not labels:
        return {}
    # A map of the file, of which the probes read some rows.
    seed = experiment.config.seed
    return train_probes(train.mean, labels, train.source, seed, train.log_variance)


def _read(experiment, network, judges, decoded):
    """What judges or probes read of held-out examples, untouched and with exchanged blocks."""
    if decoded:
        untouched = images.measure_decoder(experiment, judges)
    else:
        test = experiment.store("test")
        labels = targets(experiment, test.labels)
        untouched = probe_metrics(judges, np.array(test.mean), labels).values()
    decode = experiment.decode if decoded else lambda z: z
    return [*untouched, *measure_swaps(experiment, network, judges, decode).values()]


def _write(experiment, network, results, directory, warnings, near):
    """Numbers, page, tables and TensorBoard's files; and each factor's verdict on the screen."""
    results.write(directory / "metrics.json")
    config = experiment.config.to_dict()
    about = _about(experiment, network)
    record = run_record(experiment.config, network, directory / "metrics.json", experiment.strategy)
    machine = record["machine"]
    about["processor"] = f"{machine['processor']}, {machine['cores']} cores"
    write_report(directory, results, network.layout.names, config, warnings, near, about, record)
    for verdict in verdicts(results, experiment.config.data.factors):
        print(f"[iin] {verdict.factor}: {verdict.found}", flush=True)
    test, x = experiment.store("test"), experiment.test_examples.x
    shown = are_images(x) and experiment.first_stage.keeps_rows
    write_tensorboard(
        experiment.workdir.tensorboard / "evaluation",
        results,
        sorted(directory.glob("*.png")),
        {name: part.numpy() for name, part in network.factors(np.array(test.mean)).items()},
        {name: test.labels[name] for name in known_factors(experiment)},
        images.grey_levels(x) if shown else None,
    )


def _about(experiment, network):
    """What stands under the report's title: name -> text."""
    config, layout = experiment.config, network.layout
    counts = {
        split: f"{len(store):,} examples of {len(np.unique(store.source)):,} originals"
        for split in ("train", "test")
        for store in [experiment.store(split)]
    }
    sizes = zip(layout.names, layout.sizes, strict=True)
    return {
        "Data": config.data.source,
        "first stage": config.first_stage.kind,
        "blocks": ", ".join(f"{name} {size}" for name, size in sizes),
        "learned from": counts["train"],
        "measured on": counts["test"],
        "seed": str(config.seed),
        "date": f"{datetime.datetime.now():%Y-%m-%d %H:%M}",
        "versions": ", ".join(f"{name} {one}" for name, one in library_versions().items()),
    }


def _counts(source):
    """How many held-out examples there are, and how many originals behind them."""
    split = {"split": "test"}
    return [
        Result("examples/{split}", split, len(source)),
        Result("originals/{split}", split, len(np.unique(source))),
    ]


def _likelihood(experiment, network):
    nll = {
        split: marginal_nll(network, samples(experiment, split), HELD_OUT_SEED)
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


def _blocks(experiment, network, codes, directory):
    """Disentanglement, leakage and maps of the held-out codes, by block."""
    test = experiment.store("test")
    parts = {name: codes[:, part] for name, part in network.layout.slices.items()}
    labels = {name: test.labels[name] for name in known_factors(experiment)}
    save_maps(directory / pictures.MAPS, parts, labels, experiment.config.pairs.periods)
    found = measure_blocks(experiment, codes, network.layout)
    title = "variance told by each block, held-out"
    path = directory / pictures.LEAKAGE
    charts.save_heat_map(path, found.told, found.blocks, found.factors, title)
    return found.results().values()
