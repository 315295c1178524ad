"""Writing a frozen encoder's outputs to disk: computed once, whole or not at all, checked."""

import re
from pathlib import Path

import numpy as np

from iin_tf.files import read_json, whole_directory, write_json

_FORMAT = "iin_tf latent store 1"
_CHUNK = 8192


def write_latents(directory, mean, log_variance, labels, source, dtype="float32"):
    """Writes the posteriors N(mean, exp(log_variance)) of n examples as a latent store.

    Args:
        directory: where; a store that is already there is replaced, anything else is refused.
        mean: [n, N], the encoder's means.
        log_variance: [n, N], natural logarithm of the variances.
        labels: mapping name -> [n, ...] (integers or strings: categorical; floats: values).
        source: int [n], the original thing that an example is a view of.
        dtype: "float32", or "float16" for half the disk.
    Errors: ValueError for lengths that differ, a row that is not finite, a constant dimension.
    """
    if log_variance is None:
        raise ValueError(
            "log_variance is None; a deterministic representation needs documented noise, "
            "see iin_tf.first_stages"
        )
    mean, log_variance = np.asarray(mean), np.asarray(log_variance)
    if mean.ndim != 2 or mean.shape != log_variance.shape:
        raise ValueError(
            f"mean has shape {mean.shape} and log_variance {log_variance.shape}; "
            "give both as [examples, latent size]"
        )
    chunks = (
        (mean[start : start + _CHUNK], log_variance[start : start + _CHUNK])
        for start in range(0, len(mean), _CHUNK)
    )
    write_latent_chunks(directory, chunks, labels, source, dtype)


def write_latent_chunks(directory, chunks, labels, source, dtype="float32"):
    """`write_latents` for more examples than memory holds.

    Args:
        chunks: iterable of (mean, log_variance), each [some, N]; together as many rows as `source`.
        directory, labels, source, dtype: as in `write_latents`.
    """
    directory = Path(directory)
    if dtype not in ("float32", "float16"):
        raise ValueError(f"dtype is {dtype!r}; give 'float32' or 'float16'")
    if not (_is_vacant(directory) or is_store(directory)):
        raise ValueError(f"directory {str(directory)!r} holds other things; give a new one")
    source, labels = _check_description(source, labels)
    with whole_directory(directory) as temporary:
        latent_size = _write_rows(temporary, chunks, len(source), np.dtype(dtype))
        np.save(temporary / "source.npy", source, allow_pickle=False)
        (temporary / "labels").mkdir()
        for name, values in labels.items():
            np.save(temporary / "labels" / f"{name}.npy", values, allow_pickle=False)
        manifest = {"format": _FORMAT, "examples": len(source), "latent_size": latent_size}
        manifest |= {"dtype": dtype, "labels": sorted(labels)}
        write_json(temporary / "manifest.json", manifest)


def is_store(directory):
    """Whether a latent store of this format stands at the path `directory`."""
    try:
        return read_json(directory / "manifest.json").get("format") == _FORMAT
    except (OSError, ValueError, AttributeError):
        return False


def _is_vacant(directory):
    return not directory.exists() or (directory.is_dir() and not any(directory.iterdir()))


def _check_description(source, labels):
    source = np.asarray(source)
    if source.ndim != 1 or source.dtype.kind not in "iu":
        raise ValueError(
            f"source has shape {source.shape} and dtype {source.dtype}; "
            "give one integer per example"
        )
    if len(source) < 2:
        raise ValueError(f"source names {len(source)} examples; a store needs at least two")
    labels = {name: np.asarray(values) for name, values in labels.items()}
    for name, values in labels.items():
        if not isinstance(name, str) or not re.fullmatch(r"\w[\w. -]*", name):
            raise ValueError(f"labels names {name!r}; use letters, digits, spaces and _ . -")
        if values.dtype.kind not in "biufU":
            raise ValueError(
                f"labels[{name!r}] has dtype {values.dtype}; give integers, floats or strings"
            )
        if values.ndim == 0 or len(values) != len(source):
            raise ValueError(
                f"labels[{name!r}] has shape {values.shape}, but there are {len(source)} examples"
            )
    return source.astype(np.int64), labels


def _write_rows(directory, chunks, examples, dtype):
    """Streams the chunks into the two files; returns N."""
    files, row = None, 0
    for mean, log_variance in chunks:
        mean, log_variance = np.asarray(mean), np.asarray(log_variance)
        if mean.ndim != 2 or mean.size == 0:
            raise ValueError(f"mean has a chunk of shape {mean.shape}; give [examples, N] each")
        if files is None:
            files = _open_files(directory, (examples, mean.shape[1]), dtype)
            low, high = np.inf, -np.inf
        _append("mean", files[0], mean, row, len(mean))
        _append("log_variance", files[1], log_variance, row, len(mean))
        written = files[0][row : row + len(mean)]
        low, high = np.minimum(low, written.min(0)), np.maximum(high, written.max(0))
        row += len(mean)
    if row != examples:
        raise ValueError(f"mean has {row} rows, but source names {examples} examples")
    if (low == high).any():
        constant = np.flatnonzero(low == high)
        raise ValueError(
            f"mean is constant in {len(constant)} dimensions, first {constant[:3].tolist()}; "
            "leave them out: a first stage with drop='constant' does, or "
            "iin_tf.first_stages.ConstantDimensions"
        )
    return len(low)


def _open_files(directory, shape, dtype):
    return [
        np.lib.format.open_memmap(directory / f"{name}.npy", mode="w+", dtype=dtype, shape=shape)
        for name in ("mean", "log_variance")
    ]


def _append(name, file, rows, start, count):
    if rows.shape != (count, file.shape[1]) or start + count > len(file):
        raise ValueError(
            f"{name} has rows {start} to {start + len(rows)} of shape {rows.shape}, "
            f"but the store is {file.shape}; give mean and log_variance of one shape"
        )
    with np.errstate(over="ignore"):  # reported below, with its row
        file[start : start + count] = rows
    finite = np.isfinite(file[start : start + count]).all(axis=1)
    if not finite.all():
        raise ValueError(
            f"{name} is not finite in row {start + int(np.argmin(finite))} as {file.dtype}; "
            "mend or drop that example"
        )
