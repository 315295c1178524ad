import numpy as np

from iin_tf.statistics.bootstrap import two_way_interval


def test_scores_that_are_all_equal_have_no_interval():
    assert two_way_interval([0.5] * 4, [0, 0, 1, 1], [2, 3, 2, 3], seed=0) == (0.5, 0.5, 0.5)


def test_seed_fixes_the_interval():
    random = np.random.default_rng(0)
    scores, first, second = random.random(200), random.integers(20, size=200), np.arange(200) % 20
    once = two_way_interval(scores, first, second, seed=1)
    assert once == two_way_interval(scores, first, second, seed=1)
    assert once != two_way_interval(scores, first, second, seed=2)


def test_images_that_decide_their_pairs_widen_the_interval():
    # 20 images, each of which is right or wrong with all of its 100 donors: the effective
    # number of observations is near 20, not 2,000, so the standard error is near
    # sqrt(0.25 / 20) = 0.11; treating pairs as independent would give 0.011.
    right = np.arange(20) % 2
    first = np.repeat(np.arange(20), 100)
    second = 20 + np.tile(np.arange(100), 20)
    _, low, high = two_way_interval(right[first], first, second, seed=0)
    # 1.96 standard errors on either side, within the noise of 1,000 resamples.
    assert 0.3 < high - low < 0.6
