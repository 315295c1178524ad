"""Layouts of blocks."""

import numpy as np
import pytest
import tensorflow as tf

from iin_tf import FactorLayout
from iin_tf.checks import InputError

LAYOUT = FactorLayout({"digit": 2, "color": 1}, residual=3)


def test_the_residual_comes_first():
    assert LAYOUT.names == ("residual", "digit", "color")
    assert LAYOUT.factor_names == ("digit", "color")
    assert LAYOUT.sizes == (3, 2, 1)
    assert LAYOUT.latent_size == 6
    assert LAYOUT.slices == {"residual": slice(0, 3), "digit": slice(3, 5), "color": slice(5, 6)}
    assert [LAYOUT.index(name) for name in LAYOUT.names] == [0, 1, 2]
    assert repr(LAYOUT) == "FactorLayout({'digit': 2, 'color': 1}, residual=3)"


def test_no_factors_is_a_layout():
    layout = FactorLayout({}, residual=4)
    assert layout.names == ("residual",)
    assert list(layout.split(np.ones((2, 4)))) == ["residual"]
    np.testing.assert_array_equal(layout.shared(None), [False])


@pytest.mark.parametrize("convert", [np.asarray, tf.constant], ids=["numpy", "tensorflow"])
@pytest.mark.parametrize("batch", [(), (4,), (0,), (2, 3)])
def test_merge_undoes_split(convert, batch):
    z_tilde = convert(np.random.default_rng(0).normal(size=(*batch, 6)))
    parts = LAYOUT.split(z_tilde)
    assert {name: part.shape for name, part in parts.items()} == {
        "residual": (*batch, 3),
        "digit": (*batch, 2),
        "color": (*batch, 1),
    }
    # Merged by name, whatever their order.
    merged = LAYOUT.merge(dict(reversed(parts.items())))
    assert type(merged) is type(z_tilde)
    np.testing.assert_array_equal(merged, z_tilde)


def test_shared_rows():
    for row, expected in (
        (LAYOUT.shared(), [0, 0, 0]),
        (LAYOUT.shared(None), [0, 0, 0]),
        (LAYOUT.shared("digit"), [0, 1, 0]),
        (LAYOUT.shared("residual"), [1, 0, 0]),
        (LAYOUT.shared(["color", "digit"]), [0, 1, 1]),
        (LAYOUT.shared(all_but="color"), [1, 1, 0]),
        (LAYOUT.shared(all_but=["color", "residual"]), [0, 1, 0]),
        (LAYOUT.shared(all_but=[]), [1, 1, 1]),
    ):
        assert row.dtype == bool
        np.testing.assert_array_equal(row, expected)


def test_the_config_makes_an_equal_layout():
    again = FactorLayout(**LAYOUT.get_config())
    assert again == LAYOUT
    assert hash(again) == hash(LAYOUT)
    assert again.names == LAYOUT.names
    # The order of the factors is the order of the blocks.
    assert FactorLayout({"color": 1, "digit": 2}, residual=3) != LAYOUT
    assert LAYOUT != "digit"


@pytest.mark.parametrize(
    ("factors", "residual", "message"),
    [
        ({"digit": 0}, 3, "size of 'digit' is 0; give a whole number"),
        ({"digit": -1}, 3, "size of 'digit' is -1"),
        ({"digit": 1.5}, 3, r"size of 'digit' is 1\.5"),
        ({"digit": True}, 3, "size of 'digit' is True"),
        ({"digit": "2"}, 3, "size of 'digit' is '?2"),
        ({"digit": None}, 3, "size of 'digit' is None"),
        ({"digit": float("nan")}, 3, "size of 'digit' is nan"),
        ({"digit": 2}, 0, "size of 'residual' is 0"),
        ({"residual": 2}, 3, "factor name 'residual' cannot be used"),
        ({"": 2}, 3, "factor name '' cannot be used"),
        ({"a/b": 2}, 3, "factor name 'a/b' cannot be used"),
        ({5: 2}, 3, "factor name 5 cannot be used"),
        ([("digit", 2), ("digit", 1)], 3, "factor 'digit' is given twice"),
        (3, 3, "factors is 3; give a mapping from names to sizes"),
        ("digit", 3, "factors is 'digit'; give a mapping"),
        ([1, 2], 3, r"factors is \[1, 2\]; give a mapping"),
        ({"digit": 2}, {}, r"size of 'residual' is \{\}; give a whole number"),
    ],
)
def test_wrong_layouts_are_named(factors, residual, message):
    with pytest.raises(InputError, match=message):
        FactorLayout(factors, residual)


@pytest.mark.parametrize(
    "name",
    ["low", "null", "metadata", "log_prob", "z", "a|b", "a b", "Größe", "色", "a" * 50, "-1", "."],
)
def test_any_short_line_of_text_is_a_name(name):
    layout = FactorLayout({name: 2}, residual=1)
    assert layout.factor_names == (name,)
    assert FactorLayout(**layout.get_config()) == layout


@pytest.mark.parametrize(
    "name", ["a" * 51, "a\nb", "a\rb", "a\tb", "a\0b", "\u2028", " a", "a ", "\ud800", "a/b", b"a"]
)
def test_names_that_files_tables_or_messages_cannot_hold(name):
    with pytest.raises(
        InputError, match=r"the factor name .* cannot be used; give a text"
    ) as error:
        FactorLayout({name: 2}, residual=1)
    # Every message is one line, whatever stands in the name.
    assert len(str(error.value).splitlines()) == 1
    assert len(str(error.value)) < 300


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: LAYOUT.shared("shape"), r"factor 'shape' is unknown; this layout has \['residual"),
        (lambda: LAYOUT.index("shape"), "factor 'shape' is unknown"),
        (lambda: LAYOUT.mask(["digit", "digit"]), "factor 'digit' is given twice"),
        (lambda: LAYOUT.shared("digit", all_but="color"), "give one of them"),
        (lambda: LAYOUT.split(np.ones((2, 5))), r"z_tilde has shape \(2, 5\).*sum to 6"),
        (lambda: LAYOUT.check_latents(np.float32(1)), r"z has shape \(\)"),
        (lambda: LAYOUT.merge({"digit": np.ones((1, 2))}), r"parts has the blocks \['digit'\]"),
        (lambda: LAYOUT.merge({1: np.ones((1, 2)), "a": 3}), r"parts has the blocks \[1, 'a'\]"),
        (lambda: LAYOUT.merge(3), "parts has the blocks 3; give"),
        (lambda: LAYOUT.split("z"), "z_tilde has dtype"),
        (lambda: LAYOUT.index(["digit"]), r"factor \['digit'\] is unknown"),
        (lambda: LAYOUT.mask(1.5), r"names is 1\.5; give a name or several"),
    ],
)
def test_wrong_calls_are_named(call, message):
    with pytest.raises(InputError, match=message):
        call()


@pytest.mark.parametrize("convert", [np.asarray, tf.constant], ids=["numpy", "tensorflow"])
def test_parts_that_do_not_fit_are_named(convert):
    parts = {name: convert(part) for name, part in LAYOUT.split(np.ones((4, 6))).items()}
    with pytest.raises(InputError, match=r"parts\['digit'\] has shape \(4, 1\); give 2 columns"):
        LAYOUT.merge({**parts, "digit": parts["digit"][:, :1]})
    with pytest.raises(InputError, match=r"rows \(2,\), but the residual has \(4,\)"):
        LAYOUT.merge({**parts, "digit": parts["digit"][:2]})
