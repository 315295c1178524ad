"""Medians, ratios and what is written."""

import csv


def test_ratio_is_taken_round_by_round():
    import results

    # The second round is ten times slower for everybody, the machine too: the ratios stay.
    values = {"torch": [1.0, 10.0, 1.0], "iin_tf": [2.0, 20.0, 2.0]}
    torch, ours = results.summarise("step", "s", values, {"iin_tf": [0.5, 5.0, 0.5]})
    assert (torch.ratio, ours.ratio) == (1.0, 2.0)
    assert (ours.median, ours.low, ours.high, ours.repetitions) == (2.0, 2.0, 20.0, 3)
    assert (ours.floor, ours.fraction) == (0.5, 0.25)
    assert torch.floor is None


def test_no_ratio_without_the_reference():
    import results

    (only,) = results.summarise("step", "s", {"iin_tf": [1.0]})
    assert only.ratio is None


def test_csv_and_plot(tmp_path):
    import results

    found = results.summarise("step", "s", {"torch": [1.0], "iin_tf": [0.5]}, {"torch": [0.1]})
    results.write_csv(tmp_path / "r.csv", found)
    results.write_plot(tmp_path / "r.png", found)
    rows = list(csv.DictReader((tmp_path / "r.csv").open()))
    assert [row["ratio"] for row in rows] == ["1.0", "0.5"]
    assert (tmp_path / "r.png").read_bytes().startswith(b"\x89PNG")
    assert len(results.as_table(found).splitlines()) == 4
