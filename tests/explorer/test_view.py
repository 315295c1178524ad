import pytest

from iin_tf import FactorLayout
from iin_tf.checks import InputError
from iin_tf.explorer import Change, View

LAYOUT = FactorLayout({"digit": 2, "it's": 3}, residual=3)


def test_the_code_of_a_view_makes_an_equal_view():
    view = View(
        "a 'b'",
        "7",
        {"digit": Change(towards=0.5, axes=(0.0, -1.5)), "it's": Change(erase="mean")},
        "sphere",
        3,
    )
    assert eval(view.code()) == view
    assert View("3").code() == "View(example='3')"
    assert eval(View("3", changes={"digit": Change()}).code()) == View("3")


@pytest.mark.parametrize(
    ("view", "message"),
    [
        (View("1", changes={"digits": Change()}), "'digits' is unknown; this layout has"),
        (View("1", path="arc"), "path is 'arc'"),
        (View("1", seed=-1), "seed is -1"),
        (View("1", changes={"digit": Change(erase="zero")}), "erase of 'digit' is 'zero'"),
        (View("1", changes={"digit": Change(walk=-2)}), "walk of 'digit' is -2"),
        (View("1", changes={"digit": Change(towards=0.5)}), "but no donor; give one"),
        (View("1", "2", {"digit": Change(towards=float("nan"))}), "a change of 'digit' is nan"),
    ],
)
def test_what_cannot_be_shown_is_said_on_one_line(view, message):
    with pytest.raises(InputError, match=message) as caught:
        view.check(LAYOUT)
    assert "\n" not in str(caught.value)
