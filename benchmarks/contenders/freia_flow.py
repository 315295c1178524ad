"""FrEIA: its RNVP block is the same two couplings with separate scale and shift networks."""

from FrEIA.framework import SequenceINN
from FrEIA.modules import ActNorm, PermuteRandom, RNVPCouplingBlock

from contenders.torch_training import TorchContender, mlp


class Contender(TorchContender):
    """SequenceINN of [ActNorm, RNVPCouplingBlock, PermuteRandom], log-scale bounded by tanh."""

    def flow(self, size):
        def subnet(fan_in, fan_out):
            return mlp([fan_in, *[size.hidden] * (size.depth + 1), fan_out])

        flow = SequenceINN(size.latents)
        for block in range(size.blocks):
            flow.append(ActNorm)
            flow.append(
                RNVPCouplingBlock, subnet_constructor=subnet, clamp=1.0, clamp_activation="TANH"
            )
            flow.append(PermuteRandom, seed=block)
        return flow

    def forward(self, z):
        return self.module(z)

    def inverse(self, z_tilde):
        return self.module(z_tilde, rev=True, jac=False)[0]
