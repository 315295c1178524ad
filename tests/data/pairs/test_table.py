"""Pairs written by hand: both forms of the file, how often they are drawn, bad input."""

import numpy as np
import pandas
import pytest

from iin_tf.checks import InputError
from iin_tf.data.pairs.audit import audit_pairs
from iin_tf.data.pairs.table import PairTable

IDS = ["cat", "dog", "cow", "hen"]


def write(tmp_path, text):
    path = tmp_path / "pairs.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_pairs_that_name_their_factors(tmp_path):
    text = "id_a,id_b,factor\ncat,dog,legs\ncow,dog,legs;size\nhen,cat,residual\ncat,cow,legs\n"
    table = PairTable(write(tmp_path, text), ["size", "legs"], ids=IDS)
    assert len(table) == 4
    assert table.blocks.tolist() == [True, True, True]
    a, b, shared = table.draw(300, step=1)
    assert shared.dtype == bool
    expected = {
        (0, 1): [False, False, True],
        (2, 1): [False, True, True],
        (3, 0): [True, False, False],
        (0, 2): [False, False, True],
    }
    assert set(zip(a.tolist(), b.tolist(), strict=True)) == set(expected)
    for pair, row in zip(zip(a.tolist(), b.tolist(), strict=True), shared.tolist(), strict=True):
        assert row == expected[pair]
    # Each block a third of the draws: the residual's only pair is drawn as often as "size".
    assert ((a == 3) & (b == 0)).sum() == 100
    again = table.draw(300, step=1)
    np.testing.assert_array_equal(a, again[0])
    assert audit_pairs(table, count=30)["same_source"] == 0


def test_pairs_with_a_correlation_for_each_factor(tmp_path):
    text = "id_a,id_b,legs,size\n0,1,0.9,\n1,2,0.5,0.25\n2,0,0,0.75\n"
    table = PairTable(write(tmp_path, text), ["size", "legs"], ids=3, weights={"size": 3})
    a, _, shared = table.draw(400, step=0)
    assert shared.dtype == np.float32
    expected = np.float32([[0, 0, 0.9], [0, 0.25, 0.5], [0, 0.75, 0]])
    np.testing.assert_array_equal(shared, expected[a])
    # A quarter of the draws is for "legs", of which about half is the first pair.
    assert 20 < (a == 0).sum() < 80


def test_pairs_with_members_elsewhere_are_left_out(tmp_path):
    path = write(tmp_path, "id_a,id_b,factor\ncat,dog,legs\ncow,dog,legs\nhen,cat,legs\n")
    with pytest.warns(UserWarning, match="2 of 3 pairs have their members in two splits"):
        table = PairTable(path, ["legs"], ids=["dog", "cat"], elsewhere=["cow", "hen"])
    assert [column[0].tolist() for column in table.draw(1, step=0)] == [1, 0, [False, True]]
    with pytest.raises(ValueError, match="each pair of it has a member elsewhere"):
        PairTable(path, ["legs"], ids=["cow", "hen"], elsewhere=["dog", "cat"])


def test_labels_of_pairs_can_be_audited(tmp_path):
    path = write(tmp_path, "id_a,id_b,factor\n0,1,legs\n0,2,legs\n")
    labels = {"legs": np.array([4, 4, 2])}
    report = audit_pairs(
        PairTable(path, ["legs"], ids=3, source=[0, 0, 1], labels=labels), count=1000
    )
    assert report["same_source"] == pytest.approx(0.5, abs=0.1)
    assert report["factors"]["legs"]["own"]["agreement"] == pytest.approx(0.5, abs=0.1)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "id_a,id_b,factor\ncat,emu,legs\nyak,ox,legs\n",
            r"'id_a': 1 of 2 rows join the 4 examples; .*'yak'",
        ),
        (
            "id_a,id_b,factor\ncat,a,legs\ncat,b,legs\ncat,c,legs\ncat,d,legs\n",
            r"'id_b': 0 of 4 rows .* do not: \['a', 'b', 'c'\]; .*'cat'",
        ),
        ("id_a,id_b,factor\ncat,dog,tail\n", "a factor not among"),
        ("id_a,id_b,factor\ncat,dog,\n", "a factor not among"),
        ("id_a,id_b,legs\ncat,dog,1\n", r"outside \[0, 1\) for 'legs' in 1 pairs, first pair 1"),
        ("id_a,id_b,legs\ncat,dog,0.5\ncat,cow,-0.1\n", "first pair 2"),
        ("id_a,id_b,legs\ncat,dog,much\n", r"'legs' holds other things than numbers"),
        ("id_a,id_b,legs\ncat,dog,1e999\n", r"outside \[0, 1\)"),
        ("id_a,id_b,legs\ncat,dog,0.99999999999\n", r"outside \[0, 1\)"),
        ("id_a,id_b,legs\ncat,dog,0.5\ncat,cow,\n", "shares nothing in 1 pairs, first pair 2"),
        ("id_a,id_b,tail\ncat,dog,0.5\n", r"columns \['tail'\]"),
        ("id_a,id_b\ncat,\n", "column 'id_b' is empty in row 1"),
        ("id_a,id_b,factor,legs\ncat,dog,legs,0.5\n", "beside 'factor'"),
        ("a,b,factor\ncat,dog,legs\n", "no column 'id_a'"),
        ("id_a,id_b,factor\ncat,cat,legs\n", "paired with itself in 1 pairs"),
        ("id_a,id_b,factor\ncat,dog,residual\n", "no pair of the table shares 'legs'"),
        ("id_a,id_b,factor\n", "no rows"),
    ],
)
def test_bad_input_is_named(tmp_path, text, message):
    with pytest.raises(ValueError, match=message) as caught:
        PairTable(write(tmp_path, text), ["legs"], ids=IDS)
    assert "\n" not in str(caught.value)


def test_a_table_is_a_data_frame_or_parquet_too(tmp_path):
    frame = pandas.DataFrame(
        {"id_a": ["01", "1"], "id_b": ["1", "001"], "legs": [0.5, None], "size": [None, 0.25]}
    )
    frame.to_parquet(tmp_path / "pairs.parquet")
    frame.to_csv(tmp_path / "pairs.csv", index=False, sep=";")
    for table in (frame, tmp_path / "pairs.parquet", str(tmp_path / "pairs.csv")):
        found = PairTable(table, ["size", "legs"], ids=["001", "1", "01"])
        a, b, shared = found.draw(20, step=0)
        # Text ids keep their zeros.
        assert set(zip(a.tolist(), b.tolist(), strict=True)) == {(2, 1), (1, 0)}
        np.testing.assert_array_equal(shared[a == 2], np.tile(np.float32([0, 0, 0.5]), (10, 1)))


def test_two_columns_share_the_only_factor():
    table = pandas.DataFrame({"id_a": ["007", "7", "a"], "id_b": ["a", "b", "b"]})
    sampler = PairTable(table, ["taste"], ids=["a", "b", "7", "007"])
    a, b, shared = sampler.draw(300, step=0)
    assert sorted(set(zip(a.tolist(), b.tolist(), strict=True))) == [(0, 1), (2, 1), (3, 0)]
    assert shared.dtype == bool
    assert shared.tolist() == [[False, True]] * 300
    # Of two factors it is not said which.
    with pytest.raises(InputError, match=r"columns \[\] beside id_a and id_b; give 'factor'"):
        PairTable(table, ["taste", "smell"], ids=["a", "b", "7", "007"])
