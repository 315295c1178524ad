"""Latents in memory, with the face of a latent store."""

import numpy as np

from iin_tf.checks import InputError, check_finite_rows, real_array
from iin_tf.data.store.posterior import posterior_sample


class ArrayLatents:
    """Posteriors N(mean, exp(log_variance)) of n examples as arrays, for `pair_dataset`.

    Args:
      mean: float [n, N].
      log_variance: float [n, N], or [N] for noise that is the same for all examples; natural
        logarithm of the variances.

    Raises:
      InputError: shapes that do not fit, or a row that is not finite.
    """

    def __init__(self, mean: np.ndarray, log_variance: np.ndarray):
        self.mean = real_array(mean, "mean").astype(np.float32, copy=False)
        log_variance = real_array(log_variance, "log_variance").astype(np.float32, copy=False)
        if self.mean.ndim != 2 or log_variance.shape not in (self.mean.shape, self.mean.shape[1:]):
            raise InputError(
                f"mean has shape {self.mean.shape} and log_variance {log_variance.shape}; give "
                "[n, N], and [n, N] or [N]"
            )
        check_finite_rows(self.mean, "mean")
        check_finite_rows(np.atleast_2d(log_variance), "log_variance")
        self._deviation = np.exp(0.5 * log_variance)

    @property
    def latent_size(self) -> int:
        """N."""
        return self.mean.shape[1]

    def __len__(self) -> int:
        return len(self.mean)

    def __repr__(self) -> str:
        return f"ArrayLatents({len(self)} x {self.latent_size})"

    def sample(
        self, indices: np.ndarray, seed: int, step: int = 0, noise: float = 1.0
    ) -> np.ndarray:
        """A posterior sample mean + noise * exp(log_variance / 2) * eps of each example.

        Args:
          indices: int [B].
          seed: as `step`.
          step: the draw is a pure function of (indices, seed, step).
          noise: how much of the posterior's noise.

        Returns:
          float32 [B, N].
        """
        deviation = self._deviation if self._deviation.ndim == 1 else self._deviation[indices]
        return posterior_sample(self.mean[indices], noise * deviation, seed, step)
