"""How much what reads the representation responds to each block, in one experiment."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from iin_tf.audits.response import responses
from iin_tf.experiment.experiment import Experiment, one_view_each
from iin_tf.first_stages import map_batches, stack_batches
from iin_tf.models.judges import CategoricalJudge, Judge
from iin_tf.reporting import pictures
from iin_tf.reporting.response_figures import save_responses
from iin_tf.results import Results


def response_metrics(
    experiment: Experiment, network: Any, judges: Mapping[str, Judge], directory: Path
) -> Results:
    """Responses of the rest of the model to each block, with a bar chart.

    A classifier responds by the logits of its head; a model with a decoder by what a judge
    reads in the decoded image, the logits of the first categorical factor if there is one.

    Args:
      experiment: Experiment.
      network: InterpretationNetwork.
      judges: mapping factor -> judge; {} without a decoder.
      directory: Path that `responses.png` is written to.

    Returns:
      `Results`, as `Response.results`; empty where nothing reads the representation.
    """
    function, title = _reader(experiment.first_stage, judges)
    if function is None:
        return Results()
    settings, test = experiment.config.evaluation, experiment.store("test")
    # One view of each original, as views of one are no independent examples.
    rows = one_view_each(test.source)
    rows = np.random.default_rng(experiment.config.seed).permutation(rows)
    rows = rows[: settings.response_examples]
    compiled = tf.function(function, reduce_retracing=True)
    found = responses(
        network,
        np.array(test.mean[rows]),
        lambda z: stack_batches(map_batches(compiled, z.astype(np.float32))),
        _classes(experiment, test.labels, rows),
        draws=settings.response_draws,
        seed=experiment.config.seed,
    )
    save_responses(directory / pictures.RESPONSES, found, title)
    return found.results()


def _reader(first_stage, judges):
    """A function of latents, tensor [B, N] -> tensor [B, O], and the title of its picture."""
    if first_stage.has_head:
        return first_stage.head, "Response of the classifier's logits to each block"
    by_kind = sorted(judges, key=lambda name: not isinstance(judges[name], CategoricalJudge))
    if not by_kind:
        return None, None
    judge = judges[by_kind[0]]
    title = f"Response of what a judge reads of {by_kind[0]}, to each block"
    return lambda z: judge(first_stage.decode(z)), title


def _classes(experiment, labels, rows):
    """Classes of the first factor, if it has classes and each of them has two examples."""
    factors = experiment.config.data.factors
    if not factors or factors[0] not in labels or labels[factors[0]].dtype.kind not in "iub":
        return None
    values = labels[factors[0]]
    _, counts = np.unique(values[rows], return_counts=True)
    return values[rows] if counts.min() > 1 else None
