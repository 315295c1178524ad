"""What all PyTorch contenders share: the published pair loss, Adam, and an eager loop."""

import abc
import itertools
import time

import numpy as np
import torch


class TorchContender(abc.ABC):
    """A flow in eager PyTorch.  A subclass makes `flow(size)`, a module, and its two directions.

    Args:
      size: Size.
      members_together: both members of a pair go through the flow as one batch; the
        published code sends them one after the other.
      fused: Adam's fused kernel in place of PyTorch's default.
      correlation: of a shared block.
      seed: of the initial weights.
    """

    def __init__(self, size, members_together=True, fused=False, correlation=0.975, seed=0):
        self.size = size
        self.members_together = members_together
        self.fused = fused
        self.seed = seed
        # Row k tells which dimensions block k has: shared -> correlation of each dimension.
        masks = np.repeat(np.eye(len(size.block_sizes)), size.block_sizes, axis=1)
        self.correlation = torch.tensor(correlation * masks, dtype=torch.float32)

    @abc.abstractmethod
    def flow(self, size):
        """The torch.nn.Module."""

    @abc.abstractmethod
    def forward(self, z):
        """z_tilde [B, N] and log|det| [B]."""

    @abc.abstractmethod
    def inverse(self, z_tilde):
        """z [B, N]."""

    def build(self):
        torch.manual_seed(self.seed)
        self.module = self.flow(self.size)

    def compile(self):
        self.optimizer = torch.optim.Adam(
            self.module.parameters(), lr=1e-4, betas=(0.5, 0.9), fused=self.fused or None
        )

    def train(self, batch, steps):
        z_a, z_b, shared = (torch.from_numpy(part) for part in batch)
        seconds = []
        for _ in range(steps):
            start = time.perf_counter()
            self.optimizer.zero_grad()
            loss = self.loss(z_a, z_b, shared)
            loss.backward()
            self.optimizer.step()
            loss.item()
            seconds.append(time.perf_counter() - start)
        return seconds

    def loss(self, z_a, z_b, shared):
        """Mean negative log-likelihood of the pairs but for constants, as published."""
        if self.members_together:
            z_tilde, log_det = self.forward(torch.cat([z_a, z_b]))
            (a, b), (log_det_a, log_det_b) = z_tilde.chunk(2), log_det.chunk(2)
        else:
            (a, log_det_a), (b, log_det_b) = self.forward(z_a), self.forward(z_b)
        rho = self.correlation[shared]
        squares = a**2 + (b - rho * a) ** 2 / (1 - rho**2)
        return (0.5 * squares.sum(-1) - log_det_a - log_det_b).mean()

    def transform(self, z):
        with torch.inference_mode():
            return self.forward(torch.from_numpy(z))[0].numpy()

    def invert(self, z_tilde):
        with torch.inference_mode():
            return self.inverse(torch.from_numpy(z_tilde)).numpy()


def mlp(widths):
    """Linear layers with the published LeakyReLU between them."""
    layers = []
    for fan_in, fan_out in itertools.pairwise(widths):
        layers += [torch.nn.Linear(fan_in, fan_out), torch.nn.LeakyReLU()]
    return torch.nn.Sequential(*layers[:-1])
