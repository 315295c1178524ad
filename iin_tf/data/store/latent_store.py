"""A frozen encoder's outputs on disk: memory-mapped, and sampled afresh for every use."""

from pathlib import Path

import numpy as np

from iin_tf.data.stateless import Stream, check_seed, generator
from iin_tf.data.store.random_rows import RandomRows
from iin_tf.data.store.writing import is_store, write_latent_chunks, write_latents
from iin_tf.files import read_json

__all__ = ["LatentStore", "write_latent_chunks", "write_latents"]


class LatentStore:
    """The latent store that `write_latents` wrote at `directory`, memory-mapped.

    Attributes:
        mean, log_variance: [n, N]; rows are read from disk when they are used, in their order.
        random_rows: the same as dict name -> `RandomRows`, to be used in any order.
        labels: dict name -> [n, ...].
        source: int64 [n], the original thing that an example is a view of.
        latent_size: N.
    Errors: ValueError where `directory` is not a whole latent store.
    """

    def __init__(self, directory):
        self.directory = Path(directory)
        if not is_store(self.directory):
            raise ValueError(f"directory {str(directory)!r} is not a latent store; write one first")
        manifest = read_json(self.directory / "manifest.json")
        self.latent_size = manifest["latent_size"]
        examples = manifest["examples"]
        self.mean = self._open("mean.npy", (examples, self.latent_size))
        self.log_variance = self._open("log_variance.npy", (examples, self.latent_size))
        self.random_rows = {
            name: RandomRows(self.directory / f"{name}.npy") for name in ("mean", "log_variance")
        }
        self.source = self._open("source.npy", (examples,))
        self.labels = {
            name: self._open(f"labels/{name}.npy", (examples,)) for name in manifest["labels"]
        }

    def __len__(self):
        return len(self.mean)

    def __repr__(self):
        labels = ", ".join(self.labels)
        return f"LatentStore({str(self.directory)!r}: {len(self)} x {self.latent_size}; {labels})"

    def sample(self, indices, seed, step=0):
        """A posterior sample mean + exp(log_variance / 2) * eps of each example.

        Args:
            indices: int [B].
            seed, step: the draw is a pure function of (indices, seed, step).
        Returns: float32 [B, N].
        """
        seed, step = check_seed(seed), check_seed(step, "step")
        mean, log_variance = (
            self.random_rows[name][indices].astype(np.float32) for name in ("mean", "log_variance")
        )
        deviation = np.exp(0.5 * log_variance)
        random = generator(seed, step, Stream.NOISE)
        return mean + deviation * random.standard_normal(mean.shape, dtype=np.float32)

    def _open(self, name, shape):
        try:
            values = np.load(self.directory / name, mmap_mode="r", allow_pickle=False)
        except (OSError, ValueError) as error:
            raise ValueError(
                f"directory {str(self.directory)!r}: {name} cannot be read ({error}); write it anew"
            ) from error
        if values.shape[: len(shape)] != shape:
            raise ValueError(
                f"directory {str(self.directory)!r}: {name} has shape {values.shape}, "
                f"the manifest says {shape}; write it anew"
            )
        # A plain view of the map: the memmap class costs time at every index.
        return values.view(np.ndarray)
