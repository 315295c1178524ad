"""Parts of an evaluation, and of an encoding, that an interruption leaves."""

from types import SimpleNamespace

import numpy as np
import pytest
from damage import emptied, flipped, removed, truncated

from iin_tf import limits
from iin_tf.checks import InputError
from iin_tf.experiment.encoding import EncodedParts
from iin_tf.experiment.parts import Parts
from iin_tf.experiment.stages.encode import check_room
from iin_tf.experiment.workdir import Workdir
from iin_tf.first_stages import FunctionFirstStage, encode_in_batches
from iin_tf.results import Result


def result(value=0.25):
    about = {"note": "by hand", "rows": np.int64(3), "levels": (0.5, 0.9)}
    fields = {"block": "digit", "factor": "color"}
    return Result(
        "leakage/{block}/{factor}", fields, value, (0.1, np.inf), null=0.01, protocol=about
    )


def test_a_part_is_measured_once_and_comes_back_whole(tmp_path):
    calls = []

    def measure(directory):
        calls.append(directory)
        (directory / "a.png").write_bytes(b"picture")
        return [result(), Result("examples/{split}", {"split": "test"}, 7)]

    parts = Parts(tmp_path / "parts")
    for _ in range(2):
        one, count = parts.results("blocks", measure)
        assert one.metrics() == result().metrics()
        assert (one.interval, one.null, one.measured) == ((0.1, np.inf), 0.01, result().measured)
        assert count.value == 7
        assert isinstance(count.value, int)
    assert len(calls) == 1
    parts.copy_files(tmp_path)
    assert (tmp_path / "a.png").read_bytes() == b"picture"


def test_a_part_that_was_not_finished_leaves_nothing(tmp_path):
    def broken(directory):
        (directory / "a.png").write_bytes(b"picture")
        raise KeyboardInterrupt

    parts = Parts(tmp_path)
    with pytest.raises(KeyboardInterrupt):
        parts.results("blocks", broken)
    assert [*tmp_path.iterdir()] == []


@pytest.mark.parametrize("name", ["results.json", "a.png", "manifest.json"])
@pytest.mark.parametrize("damage", [truncated, flipped, emptied, removed])
def test_a_damaged_part_is_named_and_measured_again(tmp_path, name, damage):
    def measure(value):
        def work(directory):
            (directory / "a.png").write_bytes(b"picture")
            return [result(value)]

        return work

    parts = Parts(tmp_path)
    parts.results("blocks", measure(0.5))
    damage(tmp_path / "blocks" / name)
    with pytest.warns(UserWarning, match=r"blocks/\w+\.\w+ .*measured again") as warned:
        (again,) = parts.results("blocks", measure(0.75))
    # Of a damaged manifest, what it says no longer of the others may be named too.
    assert name == "manifest.json" or name in str(warned[0].message)
    assert again.value == 0.75
    parts.copy_files(tmp_path)
    assert (tmp_path / "a.png").read_bytes() == b"picture"


class Encoder:
    """Counts rows; may stop."""

    def __init__(self, most=10**9):
        self.rows, self.most = 0, most

    def __call__(self, x):
        self.rows += len(x)
        if self.rows > self.most:
            raise KeyboardInterrupt
        return x * 2.0


def first_stage(encoder):
    stage = FunctionFirstStage(encoder, latent_size=2, noise=0.1)
    stage.adapt(np.random.default_rng(0).normal(size=(50, 2)).astype(np.float32))
    encoder.rows = 0
    return stage


def test_encoding_goes_on_with_the_parts_that_are_missing(tmp_path, monkeypatch):
    monkeypatch.setattr("iin_tf.experiment.encoding._VALUES", 16)
    x = np.random.default_rng(1).normal(size=(23, 2)).astype(np.float32)
    encoder = Encoder()
    expected = [*encode_in_batches(first_stage(encoder), x, 4)]
    stopped = Encoder()
    stage = first_stage(stopped)
    stopped.most = 12
    with pytest.raises(KeyboardInterrupt):
        [*EncodedParts(stage, x, 4, tmp_path).batches()]
    # Two batches a part: eight rows were whole.
    assert [path.name for path in tmp_path.iterdir()] == ["rows_000000000000.npz"]
    encoder.rows = 0
    found = [*EncodedParts(first_stage(encoder), x, 4, tmp_path).batches()]
    assert encoder.rows == 15
    assert len(found) == len(expected) == 6
    for one, two in zip(found, expected, strict=True):
        np.testing.assert_array_equal(one, two)
    part = tmp_path / "rows_000000000008.npz"
    part.write_bytes(part.read_bytes()[:-40])
    encoder.rows = 0
    with pytest.warns(UserWarning, match=r"rows_000000000008\.npz .* encoded again"):
        again = [*EncodedParts(first_stage(encoder), x, 4, tmp_path).batches()]
    assert encoder.rows == 8
    for one, two in zip(again, expected, strict=True):
        np.testing.assert_array_equal(one, two)


def test_a_disk_without_room_for_the_representations_is_refused_before_they_are_made(
    tmp_path, monkeypatch
):
    stage, place = SimpleNamespace(latent_size=8), Workdir(tmp_path)
    experiment = SimpleNamespace(first_stage=stage, workdir=place, place=place)
    # Mean and log-variance of 1,000 rows of 8, four bytes each, as parts and as a store.
    needed = 2 * 4 * 8 * 1000 * 2
    monkeypatch.setattr(limits, "free_disk", lambda path: needed)
    check_room(experiment, 1000)
    monkeypatch.setattr(limits, "free_disk", lambda path: needed - 1)
    with pytest.raises(InputError, match=r"representations of 1,000 examples take about .*room"):
        check_room(experiment, 1000)
    # Of an interrupted run, what is there needs no more room.
    part = experiment.workdir.parts("encode") / "train/rows_0.npz"
    part.parent.mkdir(parents=True)
    part.write_bytes(b"1")
    check_room(experiment, 1000)
