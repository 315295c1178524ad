"""How much what reads the representation responds to each block, in one experiment."""

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from iin_tf.audits.head import decisions
from iin_tf.audits.probes import Probe
from iin_tf.audits.response import responses
from iin_tf.experiment.experiment import Experiment
from iin_tf.experiment.heads import head_reader, reads_head
from iin_tf.experiment.one_view import one_view_each
from iin_tf.first_stages import map_batches, stack_batches
from iin_tf.models.judges import CategoricalJudge, Judge
from iin_tf.reporting import pictures
from iin_tf.reporting.response_figures import save_responses
from iin_tf.results import Results


def response_metrics(
    experiment: Experiment, network: Any, judges: Mapping[str, Judge | Probe], directory: Path
) -> Results:
    """Responses of the rest of the model to each block, with a bar chart.

    A classifier responds by the logits of its head; a model with a decoder by what a judge
    reads in the decoded image, the logits of the first categorical factor if there is one; a
    representation that nothing decodes by what a probe makes of it.

    Args:
      experiment: Experiment.
      network: InterpretationNetwork.
      judges: mapping factor -> what reads it: judges of decoded images, or probes.
      directory: Path that `responses.png` is written to.

    Returns:
      `Results`, as `Response.results`; empty where nothing reads the representation.
    """
    settings, test = experiment.config.evaluation, experiment.store("test")
    # One view of each original, as views of one are no independent examples.
    rows = one_view_each(test, experiment.config.data.factors)
    rows = np.random.default_rng(experiment.config.seed).permutation(rows)
    rows = rows[: settings.response_examples]
    function, title, decides, reads = _reader(experiment, judges, rows)
    if function is None:
        return Results()
    found = responses(
        network,
        np.array(test.mean[rows]),
        function,
        _classes(experiment, test.labels, rows),
        decide=decisions if decides else None,
        draws=settings.response_draws,
        seed=experiment.config.seed,
        with_examples=True,
    )
    save_responses(directory / pictures.RESPONSES, found, title)
    about = {"reads": reads, "note": title.lower()}
    return dataclasses.replace(found, protocol=found.protocol | about).results()


def _reader(experiment, judges, rows):
    """What reads the representation.

    Returns:
      A function of latents, [B, N] -> [B, O], and of the places in `rows` that they are
      edits of; the title of its picture; whether its outputs are a
      decision; and the factor that they are about, or None.
    """
    first_stage, config = experiment.first_stage, experiment.config
    if reads_head(experiment):
        # What is trained here decides on the first factor.
        reads = config.data.factors[0] if config.first_stage.kind == "classifier" else None
        title = "Response of the classifier's logits to each block"
        read = head_reader(experiment, rows)

        def outputs(z: np.ndarray, examples: np.ndarray) -> np.ndarray:
            return np.concatenate([*read(z, examples).values()], axis=1)

        return outputs, title, True, reads
    by_kind = sorted(judges, key=lambda name: not _reads_classes(judges[name]))
    if not by_kind:
        return None, None, False, None
    name, judge = by_kind[0], judges[by_kind[0]]
    decides = _reads_classes(judge)
    if isinstance(judge, Probe):
        return (
            lambda z, _: judge.outputs(z),
            f"Response of a probe of {name}, to each block",
            decides,
            name,
        )
    title = f"Response of what a judge reads of {name}, to each block"
    return _in_batches(lambda z: judge(first_stage.decode(z))), title, decides, name


def _reads_classes(judge):
    return isinstance(judge, CategoricalJudge) or (
        isinstance(judge, Probe) and not judge.continuous
    )


def _in_batches(function):
    """A function of tensors as one of arrays of any length."""
    compiled = tf.function(function, reduce_retracing=True)
    return lambda z, _: stack_batches(map_batches(compiled, z.astype(np.float32)))


def _classes(experiment, labels, rows):
    """Classes of the first factor, if it has classes and each of them has two examples."""
    factors = experiment.config.data.factors
    if not factors or factors[0] not in labels or labels[factors[0]].dtype.kind not in "iub":
        return None
    values = labels[factors[0]]
    _, counts = np.unique(values[rows], return_counts=True)
    return values[rows] if counts.min() > 1 else None
