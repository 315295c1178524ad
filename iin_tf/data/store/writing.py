"""Writing a frozen encoder's outputs to disk: computed once, whole or not at all, checked."""

from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np

from iin_tf.checks import InputError, path, real_array, shown
from iin_tf.data.ids import repeated
from iin_tf.data.label_array import label_array
from iin_tf.data.labels import check_source, mapping
from iin_tf.data.store.manifest import check_dtype, check_label_name, is_store, write_manifest
from iin_tf.files import whole_directory

_CHUNK = 8192


def write_latents(
    directory: str | Path,
    mean: np.ndarray,
    log_variance: np.ndarray,
    labels: Mapping[str, object],
    source: object,
    *,
    id: object = None,
    dtype: str = "float32",
    constant: bool = False,
) -> None:
    """Writes the posteriors N(mean, exp(log_variance)) of n examples as a latent store.

    Args:
      directory: where; a store that is already there is replaced, anything else is refused.
      mean: [n, N], the encoder's means.
      log_variance: [n, N], natural logarithm of the variances.
      labels: mapping name -> [n, ...], or a data frame (whole numbers or texts: categorical;
        floats: values).
      source: whole numbers or texts [n], the original that an example is a view of.
      id: whole numbers or texts [n], distinct, by which tables know the examples; row numbers by
        default.
      dtype: "float32", or "float16" for half the disk.
      constant: whether dimensions may be constant, as in a small part of what a network has
        learned from.

    Raises:
      InputError: lengths that differ, a row that is not finite, a constant dimension.
    """
    if log_variance is None:
        raise InputError(
            "log_variance is None; a deterministic representation needs documented noise, "
            "see iin_tf.first_stages"
        )
    mean, log_variance = real_array(mean, "mean"), real_array(log_variance, "log_variance")
    if mean.ndim != 2 or mean.shape != log_variance.shape:
        raise InputError(
            f"mean has shape {mean.shape} and log_variance {log_variance.shape}; "
            "give both as [examples, latent size]"
        )
    chunks = (
        (mean[start : start + _CHUNK], log_variance[start : start + _CHUNK])
        for start in range(0, len(mean), _CHUNK)
    )
    write_latent_chunks(directory, chunks, labels, source, id=id, dtype=dtype, constant=constant)


def write_latent_chunks(
    directory: str | Path,
    chunks: Iterable[tuple[np.ndarray, np.ndarray]],
    labels: Mapping[str, object],
    source: object,
    *,
    id: object = None,
    dtype: str = "float32",
    constant: bool = False,
) -> None:
    """`write_latents` for more examples than memory holds.

    Args:
      directory: as in `write_latents`.
      chunks: iterable of (mean, log_variance), each [some, N]; together as many rows as `source`.
      labels: as in `write_latents`.
      source: as in `write_latents`.
      id: as in `write_latents`.
      dtype: as in `write_latents`.
      constant: as in `write_latents`.

    Raises:
      InputError: as in `write_latents`.
    """
    directory, dtype = path(directory, "directory"), check_dtype(dtype)
    if not (_is_vacant(directory) or is_store(directory)):
        raise InputError(f"directory {str(directory)!r} holds other things; give a new one")
    columns = _columns(source, id, labels)
    examples, names = len(columns["source"]), list(mapping(labels, "labels"))
    with whole_directory(directory) as temporary:
        (temporary / "labels").mkdir()
        for name, values in columns.items():
            np.save(temporary / f"{name}.npy", values, allow_pickle=False)
        # What was made here is not needed while rows are written.
        del columns, values
        latent_size = _write_rows(temporary, chunks, examples, np.dtype(dtype), constant)
        write_manifest(temporary, examples, latent_size, dtype, names)


def _is_vacant(directory):
    return not directory.exists() or (directory.is_dir() and not any(directory.iterdir()))


def _columns(source, names, labels):
    """The columns as they are stored: source, id, and labels/NAME."""
    source = label_array(source, "source")
    if source.ndim != 1 or len(source) < 2:
        raise InputError(f"source has shape {source.shape}; give [n], two examples at least")
    # Whatever a sampler would refuse later.
    check_source(source, len(source))
    names = label_array(np.arange(len(source)) if names is None else names, "id")
    if names.shape != source.shape or names.dtype.kind not in "iuU":
        raise InputError(
            f"id has shape {names.shape} and dtype {names.dtype}; give a whole number or text for "
            f"each of {len(source)} examples"
        )
    _check_distinct(names)
    labels = {
        check_label_name(name): label_array(values, f"labels[{name!r}]")
        for name, values in mapping(labels, "labels").items()
    }
    for name, values in labels.items():
        if len(values) != len(source):
            raise InputError(
                f"labels[{name!r}] has shape {values.shape}, but source has {len(source)} rows; "
                "give as many"
            )
    labelled = {f"labels/{name}": values for name, values in labels.items()}
    return {"source": _wide(source), "id": _wide(names), **labelled}


def _check_distinct(names):
    # Sorted as they are: a text for each would take a gigabyte for ten million examples.
    ordered = names if (names[1:] > names[:-1]).all() else np.sort(names)
    if (ordered[1:] == ordered[:-1]).any():
        raise InputError(f"id: {repeated(names.astype(str).tolist())}; give distinct ids")


def _wide(values):
    """Whole numbers as int64."""
    return values.astype(np.int64, copy=False) if values.dtype.kind == "i" else values


def _write_rows(directory, chunks, examples, dtype, constant_too):
    """Streams the chunks into the two files; returns N."""
    files, row = None, 0
    low, high = np.array(np.inf), np.array(-np.inf)
    for chunk in _pairs(chunks):
        mean, log_variance = (
            real_array(rows, name)
            for rows, name in zip(chunk, ("mean", "log_variance"), strict=True)
        )
        if mean.ndim != 2 or mean.size == 0:
            raise InputError(f"mean has a chunk of shape {mean.shape}; give [examples, N] each")
        if files is None:
            files = _open_files(directory, (examples, mean.shape[1]), dtype)
        _append("mean", files[0], mean, row, len(mean))
        _append("log_variance", files[1], log_variance, row, len(mean))
        written = files[0][row : row + len(mean)]
        low, high = np.minimum(low, written.min(0)), np.maximum(high, written.max(0))
        row += len(mean)
    if row != examples:
        raise InputError(f"mean has {row} rows, but source has {examples}; give one for each other")
    if (low == high).any() and not constant_too:
        constant = np.flatnonzero(low == high)
        raise InputError(
            f"mean is constant in {len(constant)} dimensions, first {constant[:3].tolist()}; "
            "leave them out: a first stage with drop='constant' does, or "
            "iin_tf.first_stages.ConstantDimensions"
        )
    return len(low)


def _pairs(chunks):
    """The chunks, each of them a mean and a log-variance."""
    try:
        chunks = iter(chunks)
    except TypeError:
        raise InputError(
            f"chunks is {shown(chunks)}; give an iterable of (mean, log_variance)"
        ) from None
    for chunk in chunks:
        if not isinstance(chunk, tuple | list) or len(chunk) != 2:
            raise InputError(f"chunks holds {shown(chunk)}; give (mean, log_variance) each")
        yield chunk


def _open_files(directory, shape, dtype):
    return [
        np.lib.format.open_memmap(directory / f"{name}.npy", mode="w+", dtype=dtype, shape=shape)
        for name in ("mean", "log_variance")
    ]


def _append(name, file, rows, start, count):
    if rows.shape != (count, file.shape[1]) or start + count > len(file):
        raise InputError(
            f"{name} has rows {start} to {start + len(rows)} of shape {rows.shape}, "
            f"but the store is {file.shape}; give mean and log_variance of one shape"
        )
    with np.errstate(over="ignore"):  # reported below, with its row
        file[start : start + count] = rows
    finite = np.isfinite(file[start : start + count]).all(axis=1)
    if not finite.all():
        raise InputError(
            f"{name} is not finite in row {start + int(np.argmin(finite))} as {file.dtype}; "
            "mend or drop that example"
        )
