"""What judges read of pictures, all of them or some at a time."""

import numpy as np
import pytest

from iin_tf.audits.judging import TOGETHER, judge_metrics
from iin_tf.checks import InputError
from iin_tf.data import LazyRows

ROWS = 2 * TOGETHER + 300


class Reads:
    """A judge that reads one column, as a class or as a number."""

    def __init__(self, column, kind):
        self.column, self.kind = column, kind
        self.most = 0

    def read(self, images):
        self.most = max(self.most, len(images))
        return np.rint(images[:, self.column]).astype(self.kind)


def examples():
    """Pictures of two numbers, noisy reconstructions, and labels of which some are missing."""
    random = np.random.default_rng(0)
    pictures = random.integers(4, size=(ROWS, 2)).astype(np.float32)
    noisy = pictures + random.normal(scale=0.4, size=pictures.shape).astype(np.float32)
    known = random.random((2, ROWS)) < 0.9
    # No value is known in a part of the rows that is read at once.
    known[0, TOGETHER : 2 * TOGETHER] = False
    labels = {
        "digit": np.where(known[0], pictures[:, 0], -1).astype(int),
        "shade": np.where(known[1], pictures[:, 1] + 0.5, np.nan),
    }
    return pictures, noisy, labels, known


def lazy(rows):
    return LazyRows(lambda some: rows[some], rows.shape, rows.dtype)


def test_what_is_read_in_parts_is_what_is_read_at_once():
    pictures, noisy, labels, known = examples()
    judges = {"digit": Reads(0, int), "shade": Reads(1, np.float64)}
    found = judge_metrics(judges, lazy(pictures), lazy(noisy), labels).metrics()
    assert found == judge_metrics(judges, pictures, noisy, labels).metrics()
    assert {judge.most for judge in judges.values()} == {TOGETHER}
    right = np.rint(noisy[:, 0]) == pictures[:, 0]
    off = np.abs(np.rint(noisy[:, 1]) - pictures[:, 1] - 0.5)
    # Sums of whole and half numbers: equal to the last bit.
    assert found == {
        "judge/digit/original": 1,
        "judge/digit/reconstruction": right[known[0]].mean(),
        "judge/shade/original_error": 0.5,
        "judge/shade/reconstruction_error": off[known[1]].mean(),
    }


def test_no_pictures_and_pictures_of_two_lengths_are_refused():
    pictures, noisy, _, _ = examples()
    with pytest.raises(InputError, match=r"images are \(0,\) and reconstructions \(0,\)"):
        judge_metrics({}, pictures[:0], noisy[:0], {})
    with pytest.raises(InputError, match=r"images are \(2348,\) and reconstructions \(9,\)"):
        judge_metrics({}, lazy(pictures), lazy(noisy[:9]), {})
