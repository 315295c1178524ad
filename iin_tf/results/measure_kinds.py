"""The measures of disentanglement: the kinds of results of codes and factors alone."""

from iin_tf.results.run_kinds import BLOCKS
from iin_tf.results.vocabulary import SECTIONS, Expected, Kind, declare, kind_of

DISTANCES = "Distances between sets"
SECTIONS[DISTANCES] = (
    "Both fall with more examples; compare them at equal numbers only, or take the extrapolated "
    "value that stands among the parts."
)

_UNIT = Expected("higher", 1, 0)
_CHANCE = Expected("higher", 1, "chance")
_DEPENDENCE = Expected("lower", 0, "no bound")
_UNFAIR = Expected("lower", 0, "no bound but 1")
_GAP = "gap of mutual information"
_READ = "held-out score of a read-out"
_INTERVENED = "sets of observations that agree in one factor"

# Pattern after "disentanglement/" -> title, expectation, unit, how it is measured.
_MEASURES = {
    "mig": ("MIG", _UNIT, "", f"{_GAP} of a factor's two best units"),
    "mig_sup": ("MIG-sup", _UNIT, "", f"{_GAP} of a unit's two best factors"),
    "jemmig": ("JEMMIG", _UNIT, "", "1 - (joint entropy - gap of information) / its largest"),
    "sap": ("SAP", _UNIT, "", "separated predictability: gap of two best linear scores"),
    "dci/disentanglement": ("DCI disentanglement", _UNIT, "", "a unit matters for one factor only"),
    "dci/completeness": ("DCI completeness", _UNIT, "", "a factor needs one unit only"),
    "dci/informativeness": ("DCI informativeness", _CHANCE, "", _READ),
    "dci_es/explicitness": ("DCI-ES explicitness", _UNIT, "", "loss over capacity of read-outs"),
    "dci_es/size": ("DCI-ES size", _UNIT, "factors per dimension", "a ratio of two counts"),
    "modularity": ("Modularity", _UNIT, "", "how nearly a unit informs about one factor only"),
    "explicitness": ("Explicitness", Expected("higher", 1, 0.5), "", "area under the ROC curve"),
    "infomec/infom": ("InfoMEC modularity", _UNIT, "", "concentration of a unit's information"),
    "infomec/infoc": ("InfoMEC compactness", _UNIT, "", "concentration of a factor's information"),
    "infomec/infoe": ("InfoMEC explicitness", _UNIT, "", "entropy that a linear read-out removes"),
    "irs": ("IRS", _UNIT, "", "interventional robustness: spread while one factor is held"),
    "tad": ("TAD", Expected("higher", "number of attributes", 0), "",
            "best minus second best area under the ROC curve, summed over attributes"),
    "gaussian/total_correlation": ("Total correlation of a Gaussian", _DEPENDENCE, "nats",
                                   "closed form on the sample covariance"),
    "gaussian/wasserstein_correlation": ("Wasserstein correlation of a Gaussian", _DEPENDENCE,
                                         "squared units of the codes",
                                         "closed form on the sample covariance"),
    "gaussian/wasserstein_correlation_norm": ("Wasserstein correlation over the variance",
                                              _DEPENDENCE, "",
                                              "closed form on the sample covariance"),
    "gaussian/mutual_information": ("Mutual information of two codes", _DEPENDENCE, "nats",
                                    "mean over pairs of discretised codes"),
    "mcc/strong": ("MCC, strong", _UNIT, "",
                   "mean correlation of matched units and factors"),
    "mcc/weak": ("MCC, weak", _UNIT, "",
                 "mean correlation after a linear map, held-out"),
    "identifiability": ("Identifiability", _UNIT, "R²",
                        "kernel ridge regression from the own block, held-out"),
    "downstream/{rows}": ("Downstream score from {rows} rows", _CHANCE, "", _READ),
    "downstream/efficiency": ("Downstream score at 100 rows over that at all", _UNIT, "", _READ),
    "downstream/without_{removed}": ("Downstream score without the {removed} best codes",
                                     Expected("neither"), "", _READ),
    "downstream/unseen": ("Downstream score at unseen values of another factor", _CHANCE, "",
                          _READ),
    "unfairness/mean": ("Unfairness, mean", _UNFAIR, "total variation",
                        "shift of predictions with another factor, mean over its values"),
    "unfairness/maximum": ("Unfairness, largest", _UNFAIR, "total variation",
                           "shift of predictions with another factor, largest over its values"),
    "leakage/residual": ("Leakage of the residual", Expected("lower", 0, "no bound but 1"),
                         "share of variance", "mean over factors of what the residual tells"),
    "leakage/others": ("Leakage of foreign blocks", Expected("lower", 0, "no bound but 1"),
                       "share of variance", "mean over factors of the most a foreign block tells"),
    "beta_vae": ("BetaVAE score", _CHANCE, "", f"linear classifier of {_INTERVENED}"),
    "factor_vae": ("FactorVAE score", _CHANCE, "", f"majority vote on {_INTERVENED}"),
    "udr": ("UDR", _UNIT, "", "median agreement of models of other seeds"),
}  # fmt: skip

# Of these no value lies outside of [0, 1].
_WITHIN_ONE = {"mig", "mig_sup", "jemmig", "sap", "dci/disentanglement", "dci/completeness",
               "modularity", "explicitness", "irs", "mcc/strong", "mcc/weak", "beta_vae",
               "factor_vae", "udr"}  # fmt: skip


def measure_kind(pattern: str) -> Kind:
    """The kind of a measure of codes and factors.

    Args:
      pattern: without the start that all of them have in common, such as "mig".

    Raises:
      InputError: it is not declared.
    """
    return kind_of(f"disentanglement/{pattern}")


for _pattern, (_title, _expected, _unit, _how) in _MEASURES.items():
    _limits = (0, 1) if _pattern in _WITHIN_ONE else None
    declare(
        Kind(f"disentanglement/{_pattern}", _title, BLOCKS, _expected, _unit, _how, limits=_limits)
    )

_EQUAL = Expected("lower", 0, "no bound")
declare(Kind("frechet_distance", "Fréchet distance", DISTANCES, _EQUAL,
             "squared units of the features", "of Gaussians with the sets' moments"))  # fmt: skip
declare(Kind("kernel_distance", "Kernel distance", DISTANCES, _EQUAL, "",
             "unbiased squared maximum mean discrepancy, cubic kernel"))  # fmt: skip
