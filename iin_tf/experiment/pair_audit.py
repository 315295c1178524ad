"""What is said of the training pairs before anything learns from them, and kept for the report."""

from collections.abc import Iterable, Mapping

from iin_tf.data import audit_pairs
from iin_tf.experiment.experiment import Experiment, training_sampler
from iin_tf.results import Result


def audit_examples(experiment: Experiment) -> None:
    """Says what may spoil the training pairs, before a first stage is trained or run."""
    if experiment.config.data.factors:
        sampler, ids = training_sampler(experiment, experiment.config.seed)
        experiment.warn(audit_pairs(sampler, ids=ids)["warnings"])


def pair_results(audit: Mapping) -> Iterable[Result]:
    """What `audit_pairs` found of each factor, as results."""
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
