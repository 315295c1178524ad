"""Settings of an evaluation, and the record of them that every result carries."""

import dataclasses
import platform

import numpy as np
import scipy
import sklearn

ESTIMATORS = ("gradient_boosting", "hist_gradient_boosting", "lasso", "random_forest")
INFORMATION = ("histogram", "nearest_neighbours")


@dataclasses.dataclass(frozen=True)
class Protocol:
    """How the measures are estimated; the defaults are those of the large published study.

    Locatello et al. 2019, "Challenging Common Assumptions in the Unsupervised Learning of
    Disentangled Representations" (arXiv 1811.12359), appendix on the metrics.

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

    def __post_init__(self):
        least = {"train": 2, "test": 2, "bins": 2, "batch": 2, "resamples": 20, "refits": 0}
        for name, bound in least.items():
            value = getattr(self, name)
            if not isinstance(value, int | np.integer) or value < bound:
                raise ValueError(f"{name}={value!r}: give a whole number of at least {bound}")
        if self.refits == 1:
            raise ValueError("refits=1: one repetition has no spread; give 0 or at least 2")
        for name, known in (("estimator", ESTIMATORS), ("information", INFORMATION)):
            if getattr(self, name) not in known:
                raise ValueError(f"{name}={getattr(self, name)!r}: choose one of {list(known)}")
        if not 0 < self.level < 1:
            raise ValueError(f"level={self.level!r}: give a coverage between 0 and 1")


def libraries():
    """Versions of the libraries that the numbers depend on, by name."""
    return {
        "python": platform.python_version(),
        "numpy": np.__version__,
        "scipy": scipy.__version__,
        "scikit-learn": sklearn.__version__,
    }
