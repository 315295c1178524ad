"""Settings of an evaluation, and the record of them that every result carries."""

import dataclasses
import platform

import numpy as np
import scipy
import sklearn

from iin_tf import checks
from iin_tf.checks import InputError

ESTIMATORS = ("gradient_boosting", "hist_gradient_boosting", "lasso", "random_forest")
INFORMATION = ("histogram", "nearest_neighbours")
SAP_CODES = ("raw", "standardised")
# Ends that no study goes beyond, so that a slip of the pen is told before it takes all memory.
BOUNDS = {
    "train": (2, 10**9),
    "test": (2, 10**9),
    "bins": (2, 10**4),
    "batch": (2, 10**6),
    "resamples": (20, 10**6),
    "refits": (0, 10**4),
}


@dataclasses.dataclass(frozen=True)
class Protocol:
    """How the measures are estimated; the defaults are those of the large published study.

    Args:
      train: rows that fits and plug-in estimates use.
      test: held-out rows.  With fewer than `train + test` rows, all rows are used in the
        ratio train : test; the sizes that were used stand in each measure's protocol.
      bins: equal-width bins of a code, or of a factor declared continuous.
      estimator: what DCI, downstream accuracy and unfairness fit: "gradient_boosting"
        (the study's), "hist_gradient_boosting" (much faster; scores shift, so compare them
        only with each other), "lasso" or "random_forest" (continuous factors, as in QEDR).
      information: what InfoMEC reads: "histogram" (the table that MIG uses) or
        "nearest_neighbours" (its authors' choice for continuous codes; slow).
      batch: points averaged into one vote by the BetaVAE and FactorVAE scores.
      resamples: half-samples, bootstrap draws or permutations behind intervals and nulls.
      refits: half-sample repetitions where each one needs new fits (DCI's D and C, IRS, UDR);
        they cost about refits / 2 times the fit itself, which with the study's trees and
        many codes is long; 0 leaves those measures without an interval and says so.
      level: coverage of the intervals.
      sap_codes: what SAP's support vector machines read: "raw" codes (the study's; the score
        then depends on the scale and the origin of the codes) or "standardised" ones.

    Raises:
      InputError: a setting of another type or out of range.

    Source: Locatello et al. 2019, "Challenging Common Assumptions in the Unsupervised Learning
    of Disentangled Representations" (arXiv 1811.12359), appendix on the metrics.
    """

    train: int = 10_000
    test: int = 5_000
    bins: int = 20
    estimator: str = "gradient_boosting"
    information: str = "histogram"
    batch: int = 64
    resamples: int = 200
    refits: int = 4
    level: float = 0.95
    sap_codes: str = "raw"

    def __post_init__(self):
        for name, bounds in BOUNDS.items():
            checks.whole(getattr(self, name), name, *bounds)
        if self.refits == 1:
            raise InputError("refits is 1, and one repetition has no spread; give 0 or at least 2")
        checks.choice(self.estimator, "estimator", ESTIMATORS)
        checks.choice(self.information, "information", INFORMATION)
        checks.choice(self.sap_codes, "sap_codes", SAP_CODES)
        checks.fraction(self.level, "level")


def check_protocol(protocol: Protocol | None) -> Protocol:
    """`protocol`, or the study's where it is None; InputError for anything else."""
    if protocol is None:
        return Protocol()
    if not isinstance(protocol, Protocol):
        raise InputError(f"protocol is {checks.shown(protocol)}; give an iin_tf.measures.Protocol")
    return protocol


def libraries() -> dict[str, str]:
    """Versions of the libraries that the numbers depend on, by name."""
    return {
        "python": platform.python_version(),
        "numpy": np.__version__,
        "scipy": scipy.__version__,
        "scikit-learn": sklearn.__version__,
    }
