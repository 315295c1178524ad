"""What audits find: the kinds of results of a model through its network."""

import iin_tf.results.measure_kinds  # noqa: F401, whose sections come first
from iin_tf.results.vocabulary import SECTIONS, Expected, Kind, declare

INFLUENCE, FIXED = "Indirect influence", "A block made the same for all"
RETRIEVAL, NOVELTY = "Retrieval by block", "Novelty"
VERIFICATION = "Verification"

SECTIONS |= {
    INFLUENCE: "Shapley values of a decision over the blocks, whatever inputs carry them to it. "
    "Intervals resample the examples' sources.",
    FIXED: "Unfairness of a decision before and after one block is the same for everybody. The "
    "null is the mean of the same decisions when the sensitive labels are permuted. Intervals "
    "resample the examples' sources.",
    RETRIEVAL: "What the nearest neighbours in one block only have in common. The null is what "
    "other examples at random have. Intervals resample the queries' sources.",
    VERIFICATION: "Whether two held-out examples share a factor: the network's log-likelihood "
    "ratio beside cosines. Intervals resample the sources of both.",
    NOVELTY: "How well each block alone, all together and the density tell examples of a kind "
    "that the network never saw from known ones. Intervals resample the sources of both.",
}

_NEITHER = Expected("neither")


def _declare_influence() -> None:
    title, unit = "Influence of {block} on the decision", "units of the decision"
    how = "root mean square Shapley value over the blocks"
    declare(Kind("influence/{block}", title, INFLUENCE, _NEITHER, unit, how))
    title = "Mean decision over the network's marginal"
    declare(Kind("influence_baseline", title, INFLUENCE, _NEITHER, unit, "mean over draws"))


def _declare_fixed() -> None:
    measures = {
        "unfairness_mean": ("unfairness, mean", "total variation", Expected("lower", 0)),
        "unfairness_maximum": ("unfairness, largest", "total variation", Expected("lower", 0)),
        "accuracy": ("accuracy", "fraction", Expected("higher", 1)),
    }
    times = {"before": "before", "after": "afterwards", "change": "change"}
    for measure, (words, unit, expected) in measures.items():
        for time, when in times.items():
            title = "{block} fixed: " + f"{words}, {when}"
            how = "decisions on held-out examples, with the block as it is and fixed"
            pattern, limits = f"fixed/{{block}}/{measure}/{time}", (-1, 1)
            declare(Kind(pattern, title, FIXED, expected, unit, how, limits=limits))
    title, how = "{block} fixed: decisions that changed", "fraction of held-out examples"
    declare(Kind("fixed/{block}/changed", title, FIXED, _NEITHER, "fraction", how))


def _declare_retrieval() -> None:
    title = "{factor} of neighbours in {block}: precision"
    own, foreign = Expected("higher", 1, "chance"), Expected("lower", "chance", "chance")
    how = "share of the k nearest neighbours that have the query's label"
    pattern = "retrieval/{block}/{factor}/precision"
    declare(Kind(pattern, title, RETRIEVAL, own, "fraction", how, foreign))
    title = "{factor} of neighbours in {block}: difference"
    own, foreign = Expected("lower", 0, "chance"), Expected("higher", "chance", "chance")
    how = "mean absolute difference of the k nearest neighbours' values from the query's"
    pattern = "retrieval/{block}/{factor}/difference"
    declare(Kind(pattern, title, RETRIEVAL, own, "units of the label", how, foreign))


def _declare_verification() -> None:
    title, how = "{factor} shared or not, by {score}", "as many false alarms as misses"
    pattern, error = "verification/{factor}/{score}/error", Expected("lower", 0, 0.5)
    declare(Kind(pattern, title, VERIFICATION, error, "equal error rate", how))
    title = "{factor} shared or not: cost of the log-likelihood ratio"
    how = "mean log2(1 + exp(-s)) of pairs that share, log2(1 + exp(s)) of others, both halved"
    cost = Expected("lower", 0, 1)
    declare(Kind("verification/{factor}/cost", title, VERIFICATION, cost, "bits", how))
    title = "{factor} shared or not: cost of the calibrated ratio"
    how += "; s = scale same + shift, fitted on other examples"
    declare(Kind("verification/{factor}/calibrated_cost", title, VERIFICATION, cost, "bits", how))


def _declare_novelty() -> None:
    title, how = "Novelty by {score}", "probability that a novel example scores higher"
    unit = "area under the ROC curve"
    auroc = Expected("higher", 1, 0.5)
    declare(Kind("novelty/{score}/auroc", title, NOVELTY, auroc, unit, how))
    title, how = "Known examples that {score} finds novel", "p-values of at most alpha"
    alarms = Expected("neither", "alpha")
    declare(Kind("novelty/{score}/false_alarms", title, NOVELTY, alarms, "fraction", how))
    title = "Novel examples that {score} finds novel"
    detected = Expected("higher", 1, "alpha")
    declare(Kind("novelty/{score}/detected", title, NOVELTY, detected, "fraction", how))


_declare_influence()
_declare_fixed()
_declare_retrieval()
_declare_verification()
_declare_novelty()
