"""Random numbers as a pure function of (seed, step): what makes a data order resumable."""

import enum

import numpy as np

from iin_tf.checks import whole

# More of anything than one array of this machine holds: a slip, said before memory is taken.
MOST = 2**31 - 1


class Stream(enum.IntEnum):
    """What the numbers are for; two purposes never read the same numbers."""

    PAIRS = 0
    NOISE = 1
    MARGINAL = 2
    ORDER = 3
    MIXTURE = 4
    NEIGHBOURS = 5
    TRANSFORMATIONS = 6
    SPLITS = 7
    GROUPS = 8


def check_seed(seed: object, argument: str = "seed") -> int:
    """`seed` as a Python int in [0, 2^63); InputError otherwise."""
    return whole(seed, argument, least=0, most=2**63 - 1)


def generator(seed: int, step: int, stream: Stream) -> np.random.Generator:
    """A NumPy generator that starts afresh at (seed, step, stream).

    Philox is counter-based: `seed` and `step` are its key, `stream` the highest word of its
    counter, so no two triples overlap.

    Source: Salmon et al., "Parallel Random Numbers: As Easy as 1, 2, 3", SC 2011.
    """
    key = np.array([check_seed(seed), check_seed(step, "step")], dtype=np.uint64)
    counter = np.array([0, 0, 0, stream], dtype=np.uint64)
    return np.random.Generator(np.random.Philox(key=key, counter=counter))


def draw_by_weight(random: np.random.Generator, count: int, cumulative: np.ndarray) -> np.ndarray:
    """Which of the kinds each of `count` draws is, int64 [count]; `cumulative` ends in 1.

    Systematic sampling: every kind gets its expected number up to one in every batch, so that
    a kind of small weight never starves; the order is shuffled.
    """
    count = whole(count, "count", least=0, most=MOST)
    points = (np.arange(count) + random.random()) / max(count, 1)
    # The last kind also takes what rounding leaves above the last boundary.
    return random.permutation(np.searchsorted(cumulative[:-1], points, side="right"))
