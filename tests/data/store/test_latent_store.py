"""The latent store: what is written is read, samples have the posterior's moments, bad input."""

import contextlib
import json

import numpy as np
import pytest

from iin_tf.checks import InputError
from iin_tf.data import LatentStore, PairSampler, write_latent_chunks, write_latents


def posteriors(examples=50, latent_size=6, seed=0):
    random = np.random.default_rng(seed)
    mean = random.normal(size=(examples, latent_size)).astype(np.float32)
    log_variance = random.normal(-2, 1, size=(examples, latent_size)).astype(np.float32)
    labels = {
        "digit": random.integers(10, size=examples),
        "color": random.random((examples, 3), dtype=np.float32),
        "writer": np.array(["ann", "bo"])[random.integers(2, size=examples)],
    }
    return mean, log_variance, labels, np.arange(examples) // 5


def test_a_store_holds_what_was_written(tmp_path):
    mean, log_variance, labels, source = posteriors()
    write_latents(tmp_path / "latents", mean, log_variance, labels, source)
    store = LatentStore(tmp_path / "latents")
    assert len(store) == 50
    assert store.latent_size == 6
    np.testing.assert_array_equal(store.mean, mean)
    np.testing.assert_array_equal(store.log_variance, log_variance)
    np.testing.assert_array_equal(store.source, source)
    assert set(store.labels) == set(labels)
    for name, values in labels.items():
        np.testing.assert_array_equal(store.labels[name], values)
        assert store.labels[name].dtype == values.dtype
    manifest = json.loads((tmp_path / "latents" / "manifest.json").read_text())
    assert (manifest["examples"], manifest["latent_size"]) == (50, 6)


def test_rows_stay_on_disk_until_they_are_used(tmp_path):
    write_latents(tmp_path / "latents", *posteriors())
    store = LatentStore(tmp_path / "latents")
    base = store.mean
    while isinstance(base, np.ndarray) and not isinstance(base, np.memmap):
        base = base.base
    assert isinstance(base, np.memmap)
    assert not store.mean.flags.writeable


def test_a_part_may_be_constant_where_that_is_asked_for(tmp_path):
    mean = np.ones((3, 2), np.float32)
    write_latents(tmp_path / "part", mean, mean, {}, np.arange(3), constant=True)
    np.testing.assert_array_equal(LatentStore(tmp_path / "part").mean, mean)


def test_ids_and_sources_may_be_texts(tmp_path):
    mean, log_variance, labels, source = posteriors()
    names = np.array([f"{row:03}" for row in range(50)])
    writer = np.array(["007", "7"])[source % 2]
    write_latents(tmp_path / "latents", mean, log_variance, labels, writer, id=names)
    store = LatentStore(tmp_path / "latents")
    assert store.id.tolist() == names.tolist()
    assert store.source.tolist() == writer.tolist()
    a, b, _ = PairSampler(store.labels, ["digit"], source=store.source).draw(100, 0)
    assert (writer[a] != writer[b]).all()


def test_chunks_give_the_same_files(tmp_path):
    mean, log_variance, labels, source = posteriors()
    write_latents(tmp_path / "whole", mean, log_variance, labels, source)
    chunks = ((mean[i : i + 7], log_variance[i : i + 7]) for i in range(0, 50, 7))
    write_latent_chunks(tmp_path / "chunks", chunks, labels, source)
    for name in ("mean.npy", "log_variance.npy", "source.npy", "labels/color.npy"):
        whole, parts = tmp_path / "whole" / name, tmp_path / "chunks" / name
        assert whole.read_bytes() == parts.read_bytes()


def test_samples_have_the_moments_of_the_posterior(tmp_path):
    mean, log_variance, labels, source = posteriors(examples=5)
    write_latents(tmp_path / "latents", mean, log_variance, labels, source)
    store = LatentStore(tmp_path / "latents")
    count = 20_000
    z = store.sample(np.full(count, 3), seed=1)
    assert z.dtype == np.float32
    deviation = np.exp(log_variance[3] / 2)
    # Five standard errors of the mean, and of the standard deviation.
    assert (np.abs(z.mean(0) - mean[3]) < 5 * deviation / np.sqrt(count)).all()
    assert (np.abs(z.std(0) / deviation - 1) < 5 / np.sqrt(2 * count)).all()
    correlation = np.corrcoef(z.T) - np.eye(6)
    assert (np.abs(correlation) < 5 / np.sqrt(count)).all()


def test_a_seed_and_step_fix_the_sample(tmp_path):
    write_latents(tmp_path / "latents", *posteriors())
    store, again = LatentStore(tmp_path / "latents"), LatentStore(tmp_path / "latents")
    indices = np.array([4, 4, 0])
    z = store.sample(indices, seed=3, step=8)
    np.testing.assert_array_equal(z, again.sample(indices, seed=3, step=8))
    assert (z != store.sample(indices, seed=3, step=9)).all()
    assert (z != store.sample(indices, seed=4, step=8)).all()
    # Two uses of one example within a draw have noise of their own.
    assert (z[0] != z[1]).all()


def test_float16_halves_the_disk_and_samples_are_float32(tmp_path):
    mean, log_variance, labels, source = posteriors(500)
    write_latents(tmp_path / "full", mean, log_variance, labels, source)
    write_latents(tmp_path / "half", mean, log_variance, labels, source, dtype="float16")
    full, half = LatentStore(tmp_path / "full"), LatentStore(tmp_path / "half")
    assert half.mean.nbytes * 2 == full.mean.nbytes
    indices = np.arange(500)
    z = half.sample(indices, seed=0)
    assert z.dtype == np.float32
    # float16 keeps 11 bits: half a unit in the last place of values below 4 is 1e-3, and the
    # deviation (below 3) times a draw (below 5) inherits the log-variance's error (below 2e-3).
    np.testing.assert_allclose(z, full.sample(indices, seed=0), atol=2e-2)


def test_a_store_is_replaced_but_nothing_else_is(tmp_path):
    mean, log_variance, labels, source = posteriors()
    write_latents(tmp_path / "latents", mean, log_variance, labels, source)
    write_latents(tmp_path / "latents", mean + 1, log_variance, labels, source)
    np.testing.assert_array_equal(LatentStore(tmp_path / "latents").mean, mean + 1)
    precious = tmp_path / "thesis"
    precious.mkdir()
    (precious / "chapter.txt").write_text("1")
    with pytest.raises(ValueError, match="holds other things"):
        write_latents(precious, mean, log_variance, labels, source)
    with pytest.raises(ValueError, match="holds other things"):
        write_latents(precious / "chapter.txt", mean, log_variance, labels, source)
    assert (precious / "chapter.txt").read_text() == "1"


def test_a_failed_write_leaves_the_old_store(tmp_path):
    mean, log_variance, labels, source = posteriors()
    write_latents(tmp_path / "latents", mean, log_variance, labels, source)
    broken = mean.copy()
    broken[49, 0] = np.inf
    with pytest.raises(ValueError, match="row 49"):
        write_latents(tmp_path / "latents", broken, log_variance, labels, source)
    np.testing.assert_array_equal(LatentStore(tmp_path / "latents").mean, mean)
    assert [path.name for path in tmp_path.iterdir()] == ["latents"]


def put(values, place, value):
    values = values.copy()
    values[place] = value
    return values


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda m, v, lab, s: (put(m, (7, 2), np.nan), v, lab, s), "mean is not finite in row 7"),
        (lambda m, v, lab, s: (m, put(v, 9, -np.inf), lab, s), "log_variance .* row 9"),
        (lambda m, v, lab, s: (put(m, (slice(None), 4), 2), v, lab, s), r"constant .* \[4\]"),
        (lambda m, v, lab, s: (m, None, lab, s), "log_variance is None"),
        (lambda m, v, lab, s: (m, v[:, :3], lab, s), r"log_variance \(50, 3\)"),
        (lambda m, v, lab, s: (m, v, {"digit": [1, 2]}, s), r"labels\['digit'\] has shape \(2,\)"),
        (lambda m, v, lab, s: (m, v, {"a/b": s}, s), "labels names 'a/b'"),
        (lambda m, v, lab, s: (m, v, {"x": [object()] * 50}, s), "other objects"),
        (lambda m, v, lab, s: (m, v, {}, s[:-1]), "49"),
        (lambda m, v, lab, s: (m[:-1], v[:-1], lab, s), "mean has 49 rows"),
        (lambda m, v, lab, s: (m, v, lab, s.astype(float)), "one whole number or text per example"),
        (lambda m, v, lab, s: (m[:0], v[:0], {}, s[:0]), "two examples at least"),
        (lambda m, v, lab, s: (m * 1j, v, lab, s), "mean is complex"),
        (lambda m, v, lab, s: (np.ma.masked_less(m, 0), v, lab, s), "mean is a masked array"),
        (lambda m, v, lab, s: (m, v, lab, s, np.zeros(50, int)), "id: 1 ids occur more than once"),
        (lambda m, v, lab, s: (m, v, lab, s, np.arange(49)), r"id has shape \(49,\)"),
        (lambda m, v, lab, s: (m, v, {".." * 150: s}, s), "labels names '"),
        (lambda m, v, lab, s: (m, v, lab, s, None, "float8"), "'float8'"),
        (lambda m, v, lab, s: (put(m, 3, 1e5), v, lab, s, None, "float16"), "row 3 as float16"),
    ],
)
def test_bad_input_is_named(tmp_path, change, message):
    given = change(*posteriors())
    more = dict(zip(("id", "dtype"), given[4:], strict=False))
    with pytest.raises(InputError, match=message) as caught:
        write_latents(tmp_path / "latents", *given[:4], **more)
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "latents").exists()


def test_what_is_no_store_is_refused(tmp_path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "manifest.json").write_text("[1]")
    for name in ("missing", "empty", "other"):
        with pytest.raises(ValueError, match=f"{name}' is not a latent store"):
            LatentStore(tmp_path / name)


def test_a_damaged_store_is_refused(tmp_path):
    mean, log_variance, labels, source = posteriors()
    write_latents(tmp_path / "cut", mean, log_variance, labels, source)
    content = (tmp_path / "cut" / "mean.npy").read_bytes()
    (tmp_path / "cut" / "mean.npy").write_bytes(content[:-8])
    with pytest.raises(ValueError, match=r"mean.npy cannot be read"):
        LatentStore(tmp_path / "cut")
    write_latents(tmp_path / "mixed", mean, log_variance, labels, source)
    np.save(tmp_path / "mixed" / "source.npy", source[:-1])
    with pytest.raises(ValueError, match=r"source.npy is int64 \[49\], the manifest says"):
        LatentStore(tmp_path / "mixed")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"labels": ["../../secret"]}, "labels names '../../secret'"),
        ({"labels": ["/etc/secret"]}, "labels names '/etc/secret'"),
        ({"labels": [3]}, "labels names 3"),
        ({"labels": "digit"}, "has no list 'labels'"),
        ({"labels": ["taste"]}, r"taste.npy cannot be read"),
        ({"examples": 51}, r"mean.npy is float32 \[50, 6\]"),
        ({"examples": True}, "of rows and dimensions"),
        ({"latent_size": -6}, "of rows and dimensions"),
        ({"dtype": "float16"}, "mean.npy is float32"),
        ({"dtype": "../x"}, "dtype is '../x'"),
        ({"format": "iin_tf latent store 1"}, "this version reads 'iin_tf latent store 2'"),
    ],
)
def test_a_manifest_that_lies_is_named(tmp_path, change, message):
    write_latents(tmp_path / "latents", *posteriors())
    np.save(tmp_path / "secret.npy", np.zeros(50))
    path = tmp_path / "latents" / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(InputError, match=message):
        LatentStore(tmp_path / "latents")


def test_every_damaged_byte_of_a_store_is_harmless_or_named(tmp_path):
    """A seeded fuzz: bytes changed, files cut, emptied and removed."""
    random = np.random.default_rng(0)
    write_latents(tmp_path / "good", *posteriors())
    paths = [path for path in (tmp_path / "good").rglob("*") if path.is_file()]
    for round_ in range(300):
        path = paths[round_ % len(paths)]
        content = path.read_bytes()
        damaged = bytearray(content)
        match int(random.integers(3)):
            case 0:
                # The header is what is parsed.
                damaged[random.integers(min(len(damaged), 128))] = random.integers(256)
            case 1:
                del damaged[random.integers(len(damaged)) :]
            case _:
                damaged = random.bytes(int(random.integers(200)))
        path.write_bytes(damaged)
        with contextlib.suppress(InputError):
            LatentStore(tmp_path / "good").sample([0, 49], seed=0)
        path.write_bytes(content)


def test_a_manifest_nested_without_end_is_no_store(tmp_path):
    write_latents(tmp_path / "latents", *posteriors())
    (tmp_path / "latents" / "manifest.json").write_text("[" * 100_000)
    with pytest.raises(InputError, match="is not a latent store"):
        LatentStore(tmp_path / "latents")


@pytest.mark.parametrize("indices", [[50], [-1], [0.5], [[0]], 0, ["a"]])
def test_rows_that_are_not_there_are_named(tmp_path, indices):
    write_latents(tmp_path / "latents", *posteriors())
    with pytest.raises(InputError, match="indices"):
        LatentStore(tmp_path / "latents").sample(indices, seed=0)
