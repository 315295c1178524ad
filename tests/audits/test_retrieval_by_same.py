"""Retrieval whose nearest likeliest share the block."""

import numpy as np
import pytest

from iin_tf import FactorLayout
from iin_tf.audits import (
    exact_neighbors,
    retrieval_by_block,
)
from iin_tf.checks import InputError

LAYOUT = FactorLayout({"digit": 2, "shade": 1}, residual=2)


def test_the_nearest_by_same_are_those_of_the_highest_likelihood_ratio(examples):
    codes, labels = examples
    codes = codes[:200]
    rho = np.array([0.9, 0.3, 0.6])
    found = {}

    def watched(part, queries, count):
        rows = exact_neighbors(part, queries, count)
        found.setdefault(part.shape[1], []).append((part, rows))
        return rows

    retrieval_by_block(
        codes,
        {"digit": labels["digit"][:200]},
        LAYOUT,
        k=5,
        queries=200,
        search=watched,
        metric="same",
        correlation=rho,
        resamples=20,
    )
    chosen = np.random.default_rng(0).permutation(200)
    part, rows = found[2][1]  # the block "digit"
    a, b = part[chosen][:, None], part[None]
    # log N(b | rho a, 1 - rho^2) - log N(b | 0, 1), summed over the dimensions.
    ratio = -0.5 * ((b - 0.3 * a) ** 2 / (1 - 0.3**2) - b**2).sum(axis=-1)
    np.testing.assert_array_equal(rows, np.argsort(-ratio, axis=1)[:, : rows.shape[1]])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"metric": "cosine"}, "metric is 'cosine'"),
        ({"metric": "same"}, "correlation is None; give network.correlation"),
        ({"metric": "same", "correlation": [0.5, 0.5]}, "for each of"),
        ({"metric": "same", "correlation": [0.5, 0.0, 0.5]}, r"in \(0, 1\)"),
        ({"correlation": [0.5] * 3}, 'give metric="same"'),
    ],
)
def test_a_wrong_metric_is_named(examples, change, message):
    with pytest.raises(InputError, match=message):
        retrieval_by_block(*examples, LAYOUT, **change)
