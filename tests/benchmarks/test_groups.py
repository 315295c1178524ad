"""The program that compares pairs with groups: steps to equal swaps."""

import numpy as np


def test_steps_to_an_aim_are_the_first_that_reach_it():
    import groups

    donor = np.array([0.3, 0.5, 0.4])
    assert groups.steps_to(0.5, donor, 100) == "200"
    assert groups.steps_to(0.3, donor, 100) == "100"
    assert groups.steps_to(0.6, donor, 100) == "-"
