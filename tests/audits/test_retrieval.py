"""Neighbours by block in codes that are built for it, and in random ones."""

import functools

import numpy as np
import pytest

from iin_tf import FactorLayout
from iin_tf.audits import (
    exact_neighbors,
    retrieval_by_block,
)
from iin_tf.checks import InputError

LAYOUT = FactorLayout({"digit": 2, "shade": 1}, residual=2)


def test_a_block_finds_its_factor_and_others_by_chance(examples):
    codes, labels = examples
    found = retrieval_by_block(codes, labels, LAYOUT, k=10, queries=500)
    assert found.blocks == ("residual", "digit", "shade")
    assert found.kind == ("precision", "difference")
    assert found.score[1, 0] == 1
    assert found.interval[1, 0].tolist() == [1, 1]
    # Ten nearest of 1,500 uniform numbers lie within 5 / 1,500 on either side.
    assert found.score[2, 1] < 0.005
    # Independent: 1/10 and 1/3.  5,000 neighbours: standard errors 0.004 and 0.003.
    np.testing.assert_allclose(found.score[[0, 2], 0], 0.1, atol=0.02)
    np.testing.assert_allclose(found.score[[0, 1], 1], 1 / 3, atol=0.02)
    np.testing.assert_allclose(found.chance, [0.1, 1 / 3], atol=0.01)
    for b, f in ((0, 0), (2, 0), (0, 1), (1, 1)):
        low, high = found.interval[b, f]
        assert low - 0.01 < found.chance[f] < high + 0.01


def test_chance_is_exact_for_few_rows():
    labels = np.array([0, 0, 0, 1, 1])
    codes = np.random.default_rng(0).normal(size=(5, 5))
    found = retrieval_by_block(codes, {"digit": labels}, LAYOUT, k=1, queries=5)
    # Three rows meet 2 of 4 of their kind, two rows 1 of 4.
    assert found.chance[0] == pytest.approx((3 * 2 / 4 + 2 * 1 / 4) / 5)


def test_views_of_the_query_do_not_count(examples):
    codes, _ = examples
    twice = np.concatenate([codes[:300], codes[:300] + 1e-6])
    own = np.tile(np.arange(300), 2)
    found = retrieval_by_block(twice, {"own": own}, LAYOUT, k=1, source=own, queries=600)
    assert not found.score.any()
    assert found.chance[0] == 0
    found = retrieval_by_block(twice, {"own": own}, LAYOUT, k=1, queries=600)
    assert np.all(found.score == 1)


def test_what_a_search_does_not_find_is_left_out(examples):
    codes, labels = examples

    def misses_one(codes, queries, count):
        rows = exact_neighbors(codes, queries, count + 1)
        rows[:, 1] = -1
        return rows

    found = retrieval_by_block(codes, labels, LAYOUT, k=5, queries=50, search=misses_one)
    assert found.score[1, 0] == 1
    assert found.protocol["search"] == "misses_one"
    with pytest.raises(ValueError, match="search found fewer than 5 rows"):
        retrieval_by_block(
            codes, labels, LAYOUT, k=5, search=lambda c, q, count: misses_one(c, q, count - 3)
        )


def test_unknown_labels_are_left_out(examples):
    codes, labels = examples
    random = np.random.default_rng(1)
    known = {"digit": random.random(1500) < 0.5, "shade": random.random(1500) < 0.7}
    some = {
        "digit": np.where(known["digit"], labels["digit"], -1),
        "shade": np.where(known["shade"], labels["shade"], np.nan),
    }
    found = retrieval_by_block(codes, some, LAYOUT, k=10, queries=300)
    assert found.known == (known["digit"].sum(), known["shade"].sum())
    for f, (name, rows) in enumerate(known.items()):
        alone = retrieval_by_block(codes[rows], {name: labels[name][rows]}, LAYOUT, queries=300)
        np.testing.assert_array_equal(found.score[:, f], alone.score[:, 0])
        np.testing.assert_array_equal(found.interval[:, f], alone.interval[:, 0])
        assert found.chance[f] == alone.chance[0]
    assert found.score[1, 0] == 1


def test_labels_may_be_texts_and_objects(examples):
    codes, labels = examples
    whole = retrieval_by_block(codes, {"digit": labels["digit"]}, LAYOUT, queries=50)
    # Ids beyond what a float64 holds exactly.
    for values in (
        labels["digit"].astype(str),
        labels["digit"].astype(object),
        labels["digit"] + 2**60,
    ):
        same = retrieval_by_block(codes, {"digit": values}, LAYOUT, queries=50)
        np.testing.assert_array_equal(same.score, whole.score)
        assert same.chance[0] == whole.chance[0]


def test_a_search_may_be_any_callable(examples):
    codes, labels = examples

    class Search:
        def __call__(self, codes, queries, count):
            return exact_neighbors(codes, queries, count)

    some = functools.partial(
        lambda codes, queries, count, more: exact_neighbors(codes, queries, count), more=3
    )
    for search, name in (
        (Search(), "Search"),
        (some, "<lambda>(more=3)"),
        (functools.partial(Search()), "Search()"),
    ):
        found = retrieval_by_block(codes, labels, LAYOUT, queries=20, search=search)
        assert found.score[1, 0] == 1
        assert found.protocol["search"] == name


def test_what_cannot_work_is_said_before_any_search(examples):
    codes, labels = examples

    def search(codes, queries, count):
        raise AssertionError("searched")

    few = {"digit": labels["digit"], "shade": np.where(np.arange(1500) < 8, 0.5, np.nan)}
    for change in ({"k": 2000}, {"level": 2}, {"resamples": 3}, {"seed": -1}, {"labels": few}):
        with pytest.raises(InputError):
            retrieval_by_block(
                **{"codes": codes, "labels": labels, "blocks": LAYOUT, "search": search} | change
            )


def test_results_carry_interval_and_chance(examples):
    codes, labels = examples
    found = retrieval_by_block(codes, labels, LAYOUT, queries=50)
    one = found.results()["retrieval/digit/digit/precision"]
    assert (one.value, one.interval, one.null) == (1, (1, 1), found.chance[0])
    assert found.results()["retrieval/digit/digit/precision"].expected.direction == "higher"
    foreign = found.results()["retrieval/residual/shade/difference"]
    assert (foreign.value, foreign.expected.direction) == (found.score[0, 1], "higher")
    assert len(found.as_dict()) == len(found.results()) == 6


def test_the_table_ends_with_chance(examples):
    codes, labels = examples
    table = retrieval_by_block(codes, labels, LAYOUT, queries=20).markdown().splitlines()
    assert table[0] == "| neighbours in | digit (precision) | shade (difference) |"
    assert table[-1].startswith("| chance | 0.")
    assert len(table) == 6


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"k": 0}, "k is 0; give a whole number from 1 to 1500"),
        ({"k": 1500}, "k=1500, but a query may find only 1499 rows"),
        ({"queries": 2.5}, "queries is 2.5"),
        ({"labels": {"digit": [1, 2]}}, r"labels\['digit'\] has shape \(2,\)"),
        ({"labels": {"digit": np.full(1500, np.nan)}}, "no known value; leave the factor out"),
        ({"labels": {"shade": np.full(1500, np.inf)}}, "infinite in row 0"),
        (
            {"labels": {"digit": np.arange(1500) < 4}, "k": 1496, "source": np.arange(1500) // 5},
            "1495 rows",
        ),
        (
            {"labels": {"shade": np.where(np.arange(1500) < 8, 0.5, np.nan)}},
            "only 7 rows whose 'shade' is known",
        ),
        ({"labels": [1, 2]}, "labels is .*; give a mapping"),
        ({"search": "exact"}, "search is 'exact'; give a function"),
        (
            {"search": lambda c, q, count: np.zeros((3, count), int)},
            r"search returned shape \(3, 11\)",
        ),
        ({"search": lambda c, q, count: np.full((len(q), count), 1500)}, "row 1500 of 1500"),
        ({"labels": {"digit": np.zeros((1500, 2), int)}}, r"dtype int64; give whole"),
        ({"labels": {}}, "labels is {}; give a mapping"),
        ({"source": [0]}, r"source has shape \(1,\)"),
        ({"blocks": {"digit": slice(0, 2)}}, "do not cover the 5 code columns"),
        ({"codes": np.full((1500, 5), np.inf)}, "codes: row 0 is not finite"),
    ],
)
def test_bad_input_is_one_clear_line(examples, change, message):
    codes, labels = examples
    arguments = {"codes": codes, "labels": labels, "blocks": LAYOUT} | change
    with pytest.raises(ValueError, match=message):
        retrieval_by_block(**arguments)
