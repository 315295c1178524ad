"""Training from a latent store on disk, in a process that limits its own memory."""

import mmap
import os
import resource
import threading
import time

import numpy as np
from contenders import Size, iin_tf_network

from iin_tf.data.pairs.by_label import PairSampler
from iin_tf.data.store.latent_store import LatentStore
from iin_tf.data.store.pipeline import pair_dataset


class StoreMeasures:
    """A network that trains on the pairs of one store.

    Args:
      directory: of the latent store; its label "group" makes the pairs.
      size: mapping, the fields of `contenders.Size`.
      pairs: of a batch.
      limit: bytes that the process may allocate.
    """

    def __init__(self, directory, size, pairs, limit):
        # RLIMIT_DATA counts what a process allocates for itself (heap, anonymous maps,
        # stacks).  Read-only maps of files do not count, rightly: their pages are the
        # kernel's to drop.  RLIMIT_AS would count the whole file however little is read.
        resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
        store = LatentStore(directory)
        labels = {name: np.asarray(values) for name, values in store.labels.items()}
        self.sampler = PairSampler(labels, ["group"], source=store.source)
        self.store, self.pairs = store, pairs
        self.contender = iin_tf_network.Contender(Size(**size))
        self.contender.build()
        self.contender.compile()
        self.done = 0

    def step(self, steps):
        """Median seconds of a step, peak anonymous resident bytes, bytes read from disk a step.

        Latents are read from the disk: the kernel has forgotten the files before.
        """
        forget(self.store)
        data = pair_dataset(self.store, self.sampler, self.pairs, start=self.done, steps=steps + 1)
        self.done += steps + 1
        blocks = blocks_read()
        with MemorySamples() as memory:
            seconds = self.contender.fit(data)
        read = (blocks_read() - blocks) * 512 / (steps + 1)
        return float(np.median(seconds[1:])), memory.peak, read


class MemorySamples:
    """Samples, while a block runs, the resident memory that is no file's: it cannot be dropped.

    Attributes:
      samples: (seconds since the beginning, bytes), the first of them at once.
    """

    def __init__(self, every=0.05):
        self.samples, self._every = [], every
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    @property
    def peak(self):
        """Bytes."""
        return max(taken for _, taken in self.samples)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        self._thread.join()

    def _watch(self):
        start = time.monotonic()
        while True:
            self.samples.append((time.monotonic() - start, anonymous_bytes()))
            if self._stop.wait(self._every):
                return


def forget(store):
    """Makes the kernel forget what it keeps in memory of the latents of `store` (Linux)."""
    for rows in store.random_rows.values():
        # Neither mapped pages nor unwritten ones can be dropped.
        rows.memory.madvise(mmap.MADV_DONTNEED)
        with open(rows.path, "rb") as file:
            os.fsync(file.fileno())
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def blocks_read():
    """Blocks of 512 bytes that this process has had read from disks (Linux)."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_inblock


def anonymous_bytes(process="self"):
    """RssAnon of a process, this one by default (Linux)."""
    with open(f"/proc/{process}/status") as status:
        line = next(line for line in status if line.startswith("RssAnon:"))
    return int(line.split()[1]) * 1024
