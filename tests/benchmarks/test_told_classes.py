"""The probability of a class given its block, against the normals written out."""

import numpy as np
from scipy.special import logsumexp
from scipy.stats import multivariate_normal


def by_hand(block, classes, rho, count):
    """Example by example, each class from the stacked normal of its other members and this one."""

    def log_normal(rows):
        m = len(rows)
        covariance = np.kron((1 - rho) * np.eye(m) + rho, np.eye(block.shape[1]))
        return multivariate_normal.logpdf(rows.ravel(), cov=covariance) if m else 0.0

    found = np.zeros(len(block))
    for i in np.flatnonzero(classes >= 0):
        logits = {}
        for c in range(count):
            others = block[(classes == c) & (np.arange(len(block)) != i)]
            if (classes == c).any():
                logits[c] = log_normal(np.vstack([others, block[i]])) - log_normal(others)
        found[i] = logits[classes[i]] - logsumexp([*logits.values()])
    return found


def test_classes_are_told_by_the_other_members():
    from told_classes import log_told

    random = np.random.default_rng(0)
    block = random.normal(size=(9, 3)).astype(np.float32)
    # One class with a single member, one unknown example, and a class that the batch lacks.
    classes = np.array([0, 0, 0, 1, 1, 1, 3, -1, 0])
    found = log_told(block, classes, 0.7, 5).numpy()
    # Nine products of float32 numbers of size 10.
    np.testing.assert_allclose(found, by_hand(block, classes, 0.7, 5), atol=2e-5)
    assert found[7] == 0
