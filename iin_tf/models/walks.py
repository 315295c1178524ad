"""Random walks of single factors."""

import numpy as np
import tensorflow as tf


def random_walk(network, z, factors, steps, correlation=0.9, seed=0):
    """Walks in the blocks `factors` while the others hold still.

    An Ornstein-Uhlenbeck process, `f_{t+1} = rho f_t + sqrt(1 - rho^2) eps`, which keeps
    the standard normal: however long the walk, it stays among plausible values.

    Args:
      network: InterpretationNetwork.
      z: float [B, N], where the walks start.
      factors: names of the blocks that move.
      steps: number of points, the start included.
      correlation: rho of one step, in [0, 1).
      seed: int.

    Returns:
      float array [B, steps, N].

    Raises:
      ValueError: an unknown name, fewer than one step, or a correlation outside [0, 1).
    """
    if steps < 1:
        raise ValueError(f"steps is {steps}; give 1 or more")
    if not 0 <= correlation < 1:
        raise ValueError(f"correlation is {correlation}; give a number in [0, 1)")
    moving = np.repeat(network.layout.mask(factors), network.layout.sizes)
    z_tilde = network.transform(z).numpy()
    random = np.random.default_rng(seed)
    path = [z_tilde]
    for _ in range(steps - 1):
        noise = random.standard_normal(z_tilde.shape)
        step = correlation * path[-1] + np.sqrt(1 - correlation**2) * noise
        path.append(np.where(moving, step, z_tilde))
    path = np.stack(path, axis=1)
    flat = network.invert(tf.reshape(path, [-1, z_tilde.shape[1]])).numpy()
    return flat.reshape(path.shape)
