"""Concepts defined by programs: the copies, what their pairs share, bad input."""

import numpy as np
import pytest

from iin_tf.data.pairs.audit import audit_pairs
from iin_tf.data.pairs.transformations import TransformationPairs, transformed_copies

EXAMPLES = np.random.default_rng(0).random((6, 3, 3))


def brighten(examples, random):
    return examples + random.uniform(0.1, 0.5, size=(len(examples), 1, 1))


def flip(examples, random):
    return examples[:, :, ::-1]


def test_copies_stand_behind_their_originals():
    images, source, name = transformed_copies(
        EXAMPLES, {"brighten": brighten, "flip": flip}, copies=1, seed=3
    )
    assert images.shape == (18, 3, 3)
    np.testing.assert_array_equal(images[:6], EXAMPLES)
    np.testing.assert_array_equal(images[name == "flip"], EXAMPLES[:, :, ::-1])
    difference = images[name == "brighten"] - EXAMPLES[source[name == "brighten"]]
    # One shift for each image, up to the rounding of a float64 sum.
    np.testing.assert_allclose(difference - difference[:, :1, :1], 0, atol=1e-15)
    assert source.tolist() == list(range(6)) * 3
    again = transformed_copies(EXAMPLES, {"brighten": brighten, "flip": flip}, copies=1, seed=3)
    np.testing.assert_array_equal(images, again[0])
    other = transformed_copies(EXAMPLES, {"brighten": brighten}, copies=2, seed=4)
    assert (other[0][6:12] != images[6:12]).all()
    assert (other[0][6:12] != other[0][12:]).all()


def test_an_original_is_safe_from_a_program_that_writes_into_it():
    def inplace(examples, random):
        examples += 1
        return examples

    images, _, _ = transformed_copies(EXAMPLES, {"inplace": inplace})
    np.testing.assert_array_equal(images[6:], images[:6] + 1)


def test_pairs_share_all_but_what_changes_or_only_what_is_kept():
    _, source, name = transformed_copies(EXAMPLES, {"brighten": brighten}, copies=3)
    source = np.concatenate([source, source[:6]])
    name = np.concatenate([name, ["scramble"] * 6])
    sampler = TransformationPairs(
        name,
        ["light", "texture"],
        source=source,
        changes={"brighten": "light"},
        keeps={"scramble": ["texture"]},
        weights={"brighten": 3},
    )
    a, b, shared = sampler.draw(4000, step=0)
    assert (source[a] == source[b]).all()
    assert (a != b).all()
    bright = name[a] == "brighten"
    assert bright.sum() == 3000
    assert (name[a][~bright] == "scramble").all()
    np.testing.assert_array_equal(np.unique(shared[bright], axis=0), [[True, False, True]])
    np.testing.assert_array_equal(np.unique(shared[~bright], axis=0), [[False, False, True]])
    assert (name[b][~bright] == "").all()
    # Of the three other versions of a brightened copy one is the original.
    assert np.mean(name[b][bright] == "") == pytest.approx(1 / 3, abs=0.05)
    # 18 copies x 3 partners, and 6 scrambled ones with their original each: all occur.
    assert len({(i, j) for i, j in zip(a.tolist(), b.tolist(), strict=True)}) == 18 * 3 + 6
    assert sampler.blocks.tolist() == [True, False, True]
    again = sampler.draw(4000, step=0)
    np.testing.assert_array_equal(b, again[1])
    assert audit_pairs(sampler, count=100)["same_source"] == 1


def test_copies_without_company_are_left_out_with_a_warning():
    name = np.array(["", "flip", "flip"])
    with pytest.warns(UserWarning, match=r"1 copies are left out.*\[5\]") as caught:
        sampler = TransformationPairs(name, ["side"], source=[2, 2, 5], changes={"flip": "side"})
    assert caught[0].filename == __file__
    assert set(sampler.draw(10, 0)[0]) == {1}


@pytest.mark.parametrize(
    ("function", "copies", "message"),
    [
        (lambda x, random: x, 1, "changes nothing"),
        (lambda x, random: x[:, :2], 1, r"turns shape \(6, 3, 3\) into \(6, 2, 3\)"),
        (flip, 2, "makes equal copies"),
        (flip, 0, "copies is 0"),
    ],
)
def test_bad_programs_are_named(function, copies, message):
    with pytest.raises(ValueError, match=message):
        transformed_copies(EXAMPLES, {"f": function}, copies)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"changes": None}, "changes and keeps are empty"),
        ({"keeps": {"flip": "side"}}, "both in changes and keeps"),
        ({"changes": {"flip": "hue"}}, "changes names 'hue'"),
        ({"changes": {"flip": []}}, "changes is empty"),
        ({"changes": {"turn": "side"}}, "0 copies were made by 'turn'"),
        ({"source": [0, 1]}, "1 copies were made by 'flip', and none"),
        ({"transformation": [0, 1]}, "transformation has dtype int64"),
        ({"source": [0]}, "source has shape"),
    ],
)
def test_bad_input_is_named(change, message):
    arguments = {
        "transformation": ["", "flip"],
        "source": [4, 4],
        "factors": ["side"],
        "changes": {"flip": "side"},
    } | change
    with pytest.raises(ValueError, match=message):
        TransformationPairs(**arguments)
