"""The program that says what networks find: its noise and its cells."""

import numpy as np


def test_rows_have_the_noise_that_training_has():
    import found

    random = np.random.default_rng(0)
    splits = [(scale * random.normal(size=(4000, 3)), {}, None, None) for scale in (2, 1, 1)]
    for before, after in zip(
        splits, found.noisy(splits, {"noise": 0.5, "kind": "isotropic"}), strict=True
    ):
        # A half of the spread of the training rows; four standard errors of 12,000 draws.
        np.testing.assert_allclose((after[0] - before[0]).std(), 1.0, atol=4 / np.sqrt(24_000))


def test_a_cell_has_the_range_where_there_is_one():
    import found

    assert found.cell([0.5, 0.75, 1.0]) == "0.750 (0.500 to 1.000)"
    assert found.cell([0.25, 0.25]) == "0.250"
