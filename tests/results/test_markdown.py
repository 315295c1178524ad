import pytest

from iin_tf.results.markdown import interval_text, markdown, number_text


def test_cells_hold_their_texts_whatever_they_are():
    table = markdown(["a|b", "c"], [["two\nlines", "<script>"], ["x\\", "`code` *x* &lt;"]])
    assert table.splitlines() == [
        "| a\\|b | c |",
        "| --- | --- |",
        "| two lines | \\<script> |",
        "| x\\\\ | \\`code\\` \\*x\\* \\&lt; |",
    ]


@pytest.mark.parametrize("text", ["p <= 0.05", "a_b", "95 % & more", "digit (precision)", "-3"])
def test_ordinary_texts_stay_as_they_are(text):
    assert markdown([text], []).splitlines()[0] == f"| {text} |"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "-"),
        (3, "3"),
        (0.5, "0.5000"),
        (0.0, "0.0000"),
        (1.2e-7, "1.2e-07"),
        (-12.5, "-12.5000"),
    ],
)
def test_numbers_show_what_counts(value, text):
    assert number_text(value) == text


def test_intervals_are_one_text():
    assert interval_text((0.25, 0.5)) == "0.2500 to 0.5000"
    assert interval_text(None) is None
