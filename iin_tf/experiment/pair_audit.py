"""What is said of the training pairs before anything learns from them, and kept for the report."""

from collections.abc import Mapping
from pathlib import Path

from iin_tf.checks import InputError
from iin_tf.data import audit_pairs
from iin_tf.experiment.experiment import Experiment, training_sampler
from iin_tf.results import Result


def audit_examples(experiment: Experiment) -> None:
    """Says what may spoil the training pairs, before a first stage is trained or run."""
    if experiment.config.data.factors:
        sampler, ids = training_sampler(experiment, experiment.config.seed)
        experiment.warn(audit_pairs(sampler, ids=ids)["warnings"])


def kept_audit(audit: Mapping | None, path: Path) -> tuple[list[Result], list[str]]:
    """What `audit_pairs` found of each factor, as results, and its warnings.

    Args:
      audit: as stage sizes keeps it; None or empty where there were no pairs.
      path: the file that it was read from, for messages.

    Raises:
      InputError: it lacks what today's `audit_pairs` says.
    """
    if not audit:
        return [], []
    try:
        return [*_results(audit)], list(audit["warnings"])
    except (KeyError, TypeError, AttributeError) as error:
        raise InputError(
            f"{path} does not say all of the pairs that is read today ({type(error).__name__}: "
            f"{error}): another version of iin_tf wrote it, or it is damaged; give another "
            "--workdir, or remove this one, and run again"
        ) from error


def _results(audit):
    for factor, entry in audit["factors"].items():
        one = {"factor": factor}
        yield Result("pairs/{factor}/originals", one, entry["originals"])
        if "commonest" in entry:
            yield Result("pairs/{factor}/commonest", one, entry["commonest"])
        for other, association in entry["others"].items():
            told = association.get("correlation", association["excess"])
            yield Result("pairs/{factor}/{other}", {**one, "other": other}, told)
    for label, found in audit["varying"].items():
        share = found["differ"] / found["originals"]
        yield Result("views/{label}/differ", {"label": label}, share)
