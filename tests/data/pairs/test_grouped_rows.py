"""Groups of rows are those that a plain loop finds, in a few bytes an example."""

import tracemalloc

import numpy as np
import pytest

from iin_tf.data import LatentStore, PairSampler, write_latents
from iin_tf.data.labels import group_codes
from iin_tf.data.pairs.grouped_rows import GroupedRows, group_rows


def looped(values, source):
    """(group, source, example) of those that have a partner, in order; by hand."""
    members = {}
    for example, value in enumerate(values):
        if value >= 0:
            members.setdefault(value, []).append((source[example], example))
    return [
        (value, *member)
        for value, found in sorted(members.items())
        if len({one for one, _ in found}) > 1
        for member in sorted(found)
    ]


def edges(keys):
    return [row for row, key in enumerate(keys) if row == 0 or key != keys[row - 1]] + [len(keys)]


@pytest.mark.parametrize("sources", [20, 300])
@pytest.mark.parametrize("ordered", [False, True])
@pytest.mark.filterwarnings("ignore:.* groups are left out")
def test_rows_are_those_of_a_loop(sources, ordered):
    random = np.random.default_rng(sources)
    values = random.integers(-2, 60, size=300)
    source = random.integers(sources, size=300)
    source = np.sort(source) if ordered else source
    found, wanted = group_rows(values, ("color",), source), looped(values, source)
    assert found.examples(np.arange(len(found))).tolist() == [example for *_, example in wanted]
    groups = edges([value for value, *_ in wanted])
    own = edges([(value, one) for value, one, _ in wanted])
    assert found.groups.tolist() == groups
    assert found.source_edges().tolist() == own
    for row, span in enumerate(zip(*found.spans(np.arange(len(found))), strict=True)):
        place, own_place = (np.searchsorted(some, row, "right") - 1 for some in (groups, own))
        start, own_start = groups[place], own[own_place]
        assert span == (start, groups[place + 1] - start, own_start, own[own_place + 1] - own_start)


def test_parts_are_joined_as_rows_of_the_whole():
    # Of the second part every example is of a source of its own.
    one = group_rows(np.array([0, 0, 0, 1, 1]), ("a",), np.array([0, 0, 1, 0, 1]))
    other = group_rows(np.array([5, 5, 5]), ("b",), np.arange(3))
    assert one.sources is not None
    assert other.sources is None
    whole = GroupedRows.joined([one, other])
    assert whole.example.tolist() == [0, 1, 2, 3, 4, 0, 1, 2]
    assert whole.groups.tolist() == [0, 3, 5, 8]
    assert whole.sources.tolist() == [0, 2, 3, 4, 5, 6, 7, 8]


@pytest.mark.parametrize("kind", [np.int8, np.int64])
@pytest.mark.parametrize("offset", [0, 100])
def test_codes_by_counting_are_those_of_sorting(kind, offset):
    # Up to 127, the most that int8 holds; and too far apart to be counted.
    values = np.random.default_rng(0).integers(-3, 28, size=120).astype(kind)
    values = np.where(values < 0, values, values + offset - (offset > 0)).astype(kind)
    codes, groups = group_codes(values)
    wanted, inverse = np.unique(values[values >= 0], return_inverse=True)
    assert groups.tolist() == wanted.tolist()
    assert groups.dtype == kind
    assert codes[values >= 0].tolist() == inverse.tolist()
    assert (codes[values < 0] == -1).all()


def test_a_sampler_keeps_four_bytes_an_example(tmp_path):
    rows, none = np.arange(1000), np.zeros((1000, 1), np.float32)
    write_latents(tmp_path / "store", none + rows[:, None], none, {"group": rows // 10}, rows)
    store = LatentStore(tmp_path / "store")
    sampler = PairSampler(store.labels, ["group"], source=store.source)
    # The labels and sources are the files themselves.
    assert np.shares_memory(sampler.source, store.source)
    assert np.shares_memory(sampler.labels["group"], store.labels["group"])
    kept = sampler._rows
    assert kept.example.nbytes == 4 * len(rows)
    assert kept.groups.nbytes == 4 * 101
    assert kept.sources is None


@pytest.mark.parametrize(("views", "made", "kept"), [(1, 28, 4.2), (2, 36, 8.2)])
def test_a_sampler_is_made_in_few_bytes_an_example(views, made, kept):
    # In order of the originals with one view each, and in no order with two of each.
    rows = np.arange(200_000)
    random = np.random.default_rng(0)
    source = rows if views == 1 else random.permutation(rows // 2)
    group = rows // 100 if views == 1 else random.permutation(rows // 100)
    # What is imported at the first call is not counted.
    PairSampler({"group": rows[:200] // 100}, ["group"], source=rows[:200])
    tracemalloc.start()
    sampler = PairSampler({"group": group}, ["group"], source=source)
    left, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak / len(rows) < made
    assert left / len(rows) < kept
    assert len(sampler.draw(10, 0)[0]) == 10
