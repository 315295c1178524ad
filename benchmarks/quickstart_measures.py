"""One contender trained on the pairs of a finished quickstart, in a process of its own."""

import time
from pathlib import Path

import numpy as np
import tensorflow as tf
from contenders import CONTENDERS, Size, iin_tf_network

import iin_tf
from iin_tf.algebra import exchange
from iin_tf.audits.likelihood import marginal_nll, pair_nll
from iin_tf.distributions import FactorisedGaussian, PairedGaussian
from iin_tf.experiment.experiment import HELD_OUT_SEED, Experiment
from iin_tf.experiment.held_out import held_out_pairs
from iin_tf.experiment.recorded import recorded_config
from iin_tf.experiment.workdir import Workdir
from iin_tf.optimizers import ConstantThenLinear, FusedAdam


def experiment_of(workdir):
    """The Experiment in `workdir`, with the config that its stages were done with."""
    workdir = Workdir(workdir)
    return Experiment(recorded_config(workdir), workdir, "none")


class TrainingMeasures:
    """A contender, its optimiser and the training pairs.

    Args:
      name: of `CONTENDERS`, this package or plain PyTorch.
      workdir: of a finished quickstart.
      steps: of the whole training, over which the learning rate is scheduled.
      seed: of the initial weights and the pairs.
    """

    def __init__(self, name, workdir, steps, seed):
        self.experiment = experiment_of(workdir)
        self.settings, self.steps, self.done = self.experiment.config.training, steps, 0
        self.seed = seed
        self.layout = self.experiment.workdir.layout()
        entry = CONTENDERS[name]
        self.trainer = (_Ours if entry.ours else _Torch)(self, entry.options)

    def batches(self, steps):
        store = self.experiment.store("train")
        return iin_tf.data.pair_dataset(
            store,
            self.experiment.sampler("train", self.seed),
            self.settings.batch_size,
            start=self.done,
            steps=steps,
            seed=self.seed,
        )

    def train(self, steps):
        """Seconds of the next `steps` steps, input pipeline included."""
        start = time.perf_counter()
        self.trainer.train(self.batches(steps))
        self.done += steps
        return time.perf_counter() - start

    def marginal_nll(self):
        """Held-out marginal nll of posterior samples, nats an example."""
        return marginal_nll(self.trainer, self.experiment.store("test"), HELD_OUT_SEED)

    def pair_nll(self):
        """Held-out nll of pairs, nats a pair."""
        return pair_nll(self.trainer, held_out_pairs(self.experiment))[0]

    def swap(self, path, block):
        """Writes edited latents to the .npy file `path`, beside which z and donors stand."""
        z, donors = (np.load(Path(path).with_name(f"{name}.npy")) for name in ("z", "donors"))
        contender = self.trainer.contender
        z_tilde, donor_tilde = contender.transform(z), contender.transform(donors)
        np.save(path, contender.invert(exchange(self.layout, z_tilde, donor_tilde, block)))


class _Ours:
    def __init__(self, measures, options):
        rate, network = measures.settings, measures.experiment.config.network
        self.layout = measures.layout
        self.contender = iin_tf_network.Contender(_size(measures.layout, network), **options)
        settings = network.to_dict() | {"dtype": self.contender.dtype}
        self.contender.network = iin_tf.InterpretationNetwork(
            measures.layout, seed=measures.seed, **settings
        )
        schedule = ConstantThenLinear(rate.learning_rate, measures.steps, rate.decay)
        self.contender.network.compile(FusedAdam(schedule, beta_1=rate.beta_1, beta_2=rate.beta_2))

    def train(self, batches):
        self.contender.network.fit(batches, verbose=0, shuffle=False)

    def log_prob(self, z):
        return self.contender.network.log_prob(z)

    def pair_log_prob(self, z_a, z_b, shared):
        return self.contender.network.pair_log_prob(z_a, z_b, shared)


class _Torch:
    def __init__(self, measures, options):
        import torch
        from contenders import plain_torch

        self.torch, self.layout = torch, measures.layout
        rate, network = measures.settings, measures.experiment.config.network
        size = _size(measures.layout, network)
        self.contender = plain_torch.Contender(
            size, correlation=network.correlation, seed=measures.seed, **options
        )
        self.correlation = network.correlation
        self.contender.build()
        schedule = ConstantThenLinear(rate.learning_rate, measures.steps, rate.decay)
        # Evaluated before, so that the schedule costs PyTorch nothing.
        self.rates = [float(schedule(tf.constant(step))) for step in range(measures.steps)]
        self.optimizer = torch.optim.Adam(
            self.contender.module.parameters(),
            lr=1.0,
            betas=(rate.beta_1, rate.beta_2),
            eps=1e-7,
            fused=self.contender.fused or None,
        )
        self.step = 0

    def train(self, batches):
        from_numpy = self.torch.from_numpy
        for (z_a, z_b), shared in batches.as_numpy_iterator():
            self.optimizer.param_groups[0]["lr"] = self.rates[self.step]
            self.optimizer.zero_grad()
            block = from_numpy(shared.argmax(axis=1))
            # The pipeline's arrays are read-only views, which PyTorch warns of.
            loss = self.contender.loss(from_numpy(z_a.copy()), from_numpy(z_b.copy()), block)
            loss.backward()
            self.optimizer.step()
            self.step += 1

    def log_prob(self, z):
        z_tilde, log_det = self._forward(z)
        return FactorisedGaussian(self.layout.sizes).log_prob(z_tilde) + log_det

    def pair_log_prob(self, z_a, z_b, shared):
        (a, log_det_a), (b, log_det_b) = self._forward(z_a), self._forward(z_b)
        correlation = tf.cast(shared, tf.float32) * self.correlation
        density = PairedGaussian(correlation, self.layout.sizes)
        return density.log_prob(tf.stack([a, b], axis=-2)) + log_det_a + log_det_b

    def _forward(self, z):
        with self.torch.inference_mode():
            parts = self.contender.forward(self.torch.from_numpy(np.array(z)))
            return [tf.constant(part.numpy()) for part in parts]


def _size(layout, network):
    """The Size that a layout and the `network` part of a config give."""
    return Size(layout.latent_size, network.blocks, network.hidden, network.depth, layout.sizes)
