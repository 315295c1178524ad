"""Latents whose noise falls while a training runs."""

from typing import Any

import numpy as np

from iin_tf.checks import InputError, number, shown, whole

# Of the steps: before the first the noise is whole, after the second it has fallen.
_FALLS, FALLEN = 0.6, 0.8


class FallingNoise:
    """Posteriors whose noise falls late in a training, to a part of it: for `pair_dataset`.

    Much noise shows a network the directions in which a representation spreads widely, and hides
    all others, which then keep what they tell wherever they end up, mostly in the residual.  Edits
    are made on rows without noise, in which nothing is hidden.  Noise that falls teaches first the
    wide directions, then the others, by the same labels.

    Args:
      store: `LatentStore` or `ArrayLatents`.
      end: the part of the noise that is left at the end, in (0, 1].
      steps: of the training: the noise is whole for 60 % of them, and falls geometrically over the
        next 20 %; 0 for `end` from the first step on, as held-out rows are looked at.

    Raises:
      InputError: numbers out of range, or no store.
    """

    def __init__(self, store: Any, end: float, steps: int):
        if not (hasattr(store, "sample") and hasattr(store, "latent_size")):
            raise InputError(f"store is {shown(store)}; give a LatentStore or ArrayLatents")
        self.store = store
        self.end = number(end, "end", above=0, most=1)
        self.steps = whole(steps, "steps", least=0)

    @property
    def latent_size(self) -> int:
        """N."""
        return self.store.latent_size

    @property
    def source(self) -> np.ndarray:
        """The store's own, where it has one: the original behind each example."""
        return self.store.source

    def __len__(self) -> int:
        return len(self.store)

    def level(self, step: int) -> float:
        """The part of the noise that a step has."""
        done = step / self.steps if self.steps else 1.0
        return float(self.end ** np.clip((done - _FALLS) / (FALLEN - _FALLS), 0, 1))

    def sample(self, indices: np.ndarray, seed: int, step: int = 0) -> np.ndarray:
        """A sample of each example with the noise of a step: as the store's, float32 [B, N]."""
        return self.store.sample(indices, seed, step, noise=self.level(step))
