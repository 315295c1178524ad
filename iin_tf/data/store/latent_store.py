"""A frozen encoder's outputs on disk: memory-mapped, and sampled afresh for every use."""

from pathlib import Path

import numpy as np

from iin_tf.checks import InputError, path
from iin_tf.data.store.manifest import read_manifest
from iin_tf.data.store.posterior import posterior_sample
from iin_tf.data.store.random_rows import RandomRows
from iin_tf.files import reading


class LatentStore:
    """The latent store that `write_latents` wrote at `directory`, memory-mapped.

    Args:
      directory: path of the store.

    Attributes:
      mean, log_variance: [n, N]; rows are read from disk when they are used, in their order.
      random_rows: the same as dict name -> `RandomRows`, to be used in any order.
      labels: dict name -> [n, ...].
      source: int64 or text [n], the original that an example is a view of.
      id: int64 or text [n], the names by which tables know the examples.
      latent_size: N.

    Raises:
      InputError: `directory` is not a whole latent store; the message names the file.
    """

    def __init__(self, directory: str | Path):
        self.directory = path(directory, "directory")
        manifest = read_manifest(self.directory)
        examples, self.latent_size = manifest["examples"], manifest["latent_size"]
        self.mean = self._open("mean.npy", (examples, self.latent_size), manifest["dtype"])
        self.log_variance = self._open("log_variance.npy", self.mean.shape, manifest["dtype"])
        self.random_rows = {
            name: RandomRows(self.directory / f"{name}.npy") for name in ("mean", "log_variance")
        }
        self.source = self._open("source.npy", (examples,))
        self.id = self._open("id.npy", (examples,))
        self.labels = {
            name: self._open(f"labels/{name}.npy", (examples,)) for name in manifest["labels"]
        }

    def __len__(self) -> int:
        return len(self.mean)

    def __repr__(self) -> str:
        labels = ", ".join(self.labels)
        return f"LatentStore({str(self.directory)!r}: {len(self)} x {self.latent_size}; {labels})"

    def sample(
        self, indices: np.ndarray, seed: int, step: int = 0, noise: float = 1.0
    ) -> np.ndarray:
        """A posterior sample mean + noise * exp(log_variance / 2) * eps of each example.

        Args:
          indices: int [B], rows from 0 to n - 1.
          seed: whole number.
          step: the draw is a pure function of (indices, seed, step).
          noise: how much of the posterior's noise.

        Returns:
          float32 [B, N].

        Raises:
          InputError: no whole numbers, or a row that is not there.
        """
        indices = self._rows(indices)
        mean, log_variance = (
            self.random_rows[name][indices].astype(np.float32) for name in ("mean", "log_variance")
        )
        return posterior_sample(mean, noise * np.exp(0.5 * log_variance), seed, step)

    def _rows(self, indices):
        indices = np.asarray(indices)
        if indices.ndim != 1 or indices.dtype.kind not in "iu":
            raise InputError(
                f"indices has shape {indices.shape} and dtype {indices.dtype}; give whole numbers, "
                "[B]"
            )
        if indices.size and not (indices.min() >= 0 and indices.max() < len(self)):
            raise InputError(
                f"indices reach from {indices.min()} to {indices.max()}; give 0 to {len(self) - 1}"
            )
        return indices

    def _open(self, name, shape, dtype=None):
        file = self.directory / name
        with reading(file):
            values = np.load(file, mmap_mode="r", allow_pickle=False)
        if values.shape[: len(shape)] != shape or dtype not in (None, values.dtype.name):
            raise InputError(
                f"{file} is {values.dtype.name} {list(values.shape)}, the manifest says "
                f"{dtype or ''} {list(shape)}; write the store anew"
            )
        # A plain view of the map: the memmap class costs time at every index.
        return values.view(np.ndarray)
