"""Neighbours by an index of cells, against the exact search."""

import sys

import numpy as np
import pytest

from iin_tf import FactorLayout
from iin_tf.audits import (
    block_index,
    exact_neighbors,
    index_neighbors,
    neighbors_in,
    retrieval_by_block,
)
from iin_tf.checks import InputError, MissingPackage

LAYOUT = FactorLayout({"digit": 2, "shade": 1}, residual=2)


def test_an_index_of_all_cells_is_exact():
    random = np.random.default_rng(0)
    codes, queries = random.normal(size=(2000, 8)), random.normal(size=(50, 8))
    index = block_index(codes)
    np.testing.assert_array_equal(
        neighbors_in(index, queries, 10, probes=index.nlist), exact_neighbors(codes, queries, 10)
    )
    # The usual settings, here a tenth of the cells, find most.
    found = index_neighbors(codes, queries, 10)
    exact = exact_neighbors(codes, queries, 10)
    assert np.mean([np.isin(a, b).mean() for a, b in zip(exact, found, strict=True)]) > 0.7
    np.testing.assert_array_equal(found, index_neighbors(codes, queries, 10))


def test_an_index_serves_the_audit(examples):
    codes, labels = examples
    found = retrieval_by_block(codes, labels, LAYOUT, queries=100, search=index_neighbors)
    assert found.score[1, 0] == 1
    assert found.protocol["search"] == "index_neighbors"


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: block_index(np.full((3, 2), np.nan)), "codes: row 0 is not finite"),
        (lambda: block_index(np.zeros(3)), r"codes has shape \(3,\)"),
        (lambda: block_index(1j * np.eye(3)), "codes is complex"),
        (lambda: block_index(np.eye(5), cells=9), "cells is 9; give a whole number from 1 to 5"),
        (lambda: block_index(np.eye(5), cells=2.5), "cells is 2.5"),
        (lambda: neighbors_in(block_index(np.eye(5)), np.eye(4), 1), "queries has 4 columns"),
        (lambda: neighbors_in(block_index(np.eye(5)), np.eye(5), 0), "count is 0"),
        (lambda: neighbors_in(block_index(np.eye(5)), np.eye(5), 1, probes=0), "probes is 0"),
        (lambda: neighbors_in(np.eye(5), np.eye(5), 1), "give what block_index returned"),
    ],
)
def test_bad_input_of_an_index_is_one_clear_line(call, message):
    with pytest.raises(InputError, match=message):
        call()


def test_a_missing_library_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "faiss", None)
    with pytest.raises(MissingPackage, match=r"pip install 'iin_tf\[index\]'"):
        block_index(np.eye(5))
