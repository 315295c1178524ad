"""Plain PyTorch of the same architecture, module by module as the published code has it."""

import torch

from contenders.torch_training import TorchContender, mlp


class ActNorm(torch.nn.Module):
    """Scale and shift, started from the first rows that come."""

    def __init__(self, size):
        super().__init__()
        self.shift = torch.nn.Parameter(torch.zeros(size))
        self.log_scale = torch.nn.Parameter(torch.zeros(size))
        self.register_buffer("started", torch.tensor(False))

    def forward(self, x):
        if not self.started:
            with torch.no_grad():
                self.shift.copy_(-x.mean(0))
                self.log_scale.copy_(-x.std(0).log())
                self.started.fill_(True)
        return (x + self.shift) * self.log_scale.exp(), self.log_scale.sum().expand(len(x))

    def inverse(self, y):
        return y * (-self.log_scale).exp() - self.shift


class Coupling(torch.nn.Module):
    """One half scales and shifts the other; networks of their own for scale and shift."""

    def __init__(self, widths, flip):
        super().__init__()
        self.flip = flip
        self.scale = mlp(widths)
        self.shift = mlp(widths)

    def forward(self, x):
        fixed, moved = self.halves(x)
        log_scale = self.scale(fixed).tanh()
        return self.join(fixed, moved * log_scale.exp() + self.shift(fixed)), log_scale.sum(-1)

    def inverse(self, y):
        fixed, moved = self.halves(y)
        log_scale = self.scale(fixed).tanh()
        return self.join(fixed, (moved - self.shift(fixed)) * (-log_scale).exp())

    def halves(self, x):
        first, second = x.chunk(2, dim=-1)
        return (second, first) if self.flip else (first, second)

    def join(self, fixed, moved):
        return torch.cat([moved, fixed] if self.flip else [fixed, moved], dim=-1)


class Shuffle(torch.nn.Module):
    """A fixed permutation."""

    def __init__(self, size):
        super().__init__()
        self.register_buffer("order", torch.randperm(size))
        self.register_buffer("back", torch.argsort(self.order))

    def forward(self, x):
        return x[:, self.order], x.new_zeros(len(x))

    def inverse(self, y):
        return y[:, self.back]


class Contender(TorchContender):
    """12 blocks of [ActNorm, coupling, flipped coupling, shuffle] at the published size."""

    def flow(self, size):
        steps = []
        for _ in range(size.blocks):
            steps.append(ActNorm(size.latents))
            steps += [Coupling(size.widths, flip) for flip in (False, True)]
            steps.append(Shuffle(size.latents))
        return torch.nn.ModuleList(steps)

    def forward(self, z):
        log_det = z.new_zeros(len(z))
        for step in self.module:
            z, term = step(z)
            log_det = log_det + term
        return z, log_det

    def inverse(self, z_tilde):
        for step in reversed(self.module):
            z_tilde = step.inverse(z_tilde)
        return z_tilde
