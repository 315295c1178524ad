#!/usr/bin/env python3
"""A network whose block is also to tell a class, which the package leaves out: how much it helps.

    python benchmarks/told_classes.py --workdir=runs/fashion_mnist --told=10 --steps=500

Goes on from the network of a finished run whose first stage decodes, at half the rate.  Batches are
labelled examples, and to the log-likelihood of each comes `told` times log p(its class | its
block): of the first factor, by the class means of the batch without the example itself.  Reads
pictures as benchmarks/edited_pictures.py does, and prints a row of the same table.
"""

import argparse
import time

import numpy as np
import tensorflow as tf
from edited_pictures import Pictures
from found import cell
from representations import run

import iin_tf
from iin_tf.data import ArrayLatents, GroupSampler, group_dataset
from iin_tf.models.interpretation_network import InterpretationNetwork
from iin_tf.optimizers import ConstantThenLinear, FusedAdam

# Of the block that tells classes, and of the others, where examples share their value.
OWN, OTHERS = 0.9, 0.99
RATE, CLIP, BATCH, MEMBERS = 5e-4, 100.0, 256, 8


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--workdir", default="runs/fashion_mnist")
    parser.add_argument("--split", choices=["validation", "test"], default="validation")
    parser.add_argument("--rows", type=int, default=1500, help="examples that receive and give")
    parser.add_argument("--donors", type=int, default=2, help="for each of them")
    parser.add_argument("--told", type=float, default=10.0, help="weight of the class's term")
    parser.add_argument("--steps", type=int, default=500)
    parser.add_argument("--seeds", type=int, default=1)
    options = parser.parse_args()
    seen, train = Pictures(options), run(options)[0]
    print(seen.told(), flush=True)
    began = time.process_time()
    networks = [trained(train, seen, options, seed) for seed in range(options.seeds)]
    spent = (time.process_time() - began) / options.seeds
    cells = [cell(values) for values in np.transpose([seen.read(one) for one in networks])]
    print("|", " | ".join([f"told {options.told:g}", *cells, "-", f"{spent:.0f}"]), "|")


def trained(train, seen, options, seed):
    """The run's network, trained further; `train` as benchmarks/representations.py has splits."""
    z, labels, source, log_variance = train
    start = iin_tf.load(seen.experiment.workdir.network)
    others = dict.fromkeys(labels, OTHERS)
    config = start.get_config() | {"correlation": {**others, seen.factor: OWN}, "seed": seed}
    network = ToldNetwork.from_config(config)
    network.set_weights(start.get_weights())
    network.weight, network.classes = options.told, int(labels[seen.factor].max()) + 1
    schedule = ConstantThenLinear(RATE, options.steps)
    network.compile(FusedAdam(schedule, beta_2=0.99, weight_decay=0.1, global_clipnorm=CLIP))
    sampler = ClassSampler(labels, [*labels], source=source, members=MEMBERS, seed=2 * seed)
    batches = group_dataset(ArrayLatents(z, log_variance), sampler, BATCH, seed=2 * seed)
    network.fit(batches, steps_per_epoch=options.steps, verbose=0)
    return network


class ToldNetwork(InterpretationNetwork):
    """Its likelihood has `weight` log p(class | block) of the first factor beside it."""

    weight, classes = 0.0, 0

    def _example_log_prob(self, z_tilde, labels):
        log_prob = super()._example_log_prob(z_tilde, labels)
        if labels is None:
            return log_prob
        block = self.layout.split(z_tilde)[self.layout.names[1]]
        return log_prob + self.weight * log_told(
            block, labels[:, 0], self.correlation[1], self.classes
        )


class ClassSampler(GroupSampler):
    """A `GroupSampler` whose first factor keeps its classes whole, over the whole batch."""

    def draw(self, count, step):
        index, labels = super().draw(count, step)
        own = self.labels[self.factors[0]][index]
        labels[:, 0] = np.where(labels[:, 0] < 0, -1, own)
        return index, labels


def log_told(block, classes, rho, count):
    """Log-probability of each example's own class given its block; 0 where it is unknown.

    With class means `m ~ N(0, rho I)` and `block | m ~ N(m, (1 - rho) I)`, as `GroupedGaussian`
    has them, the block of a class of which m examples are known is normal; classes of the batch
    are equally likely beforehand.

    Args:
      block: float [B, d].
      classes: int [B], below `count`, -1 where unknown.
      rho: scalar.
      count: number of classes.

    Returns:
      float [B], nats.
    """
    member = tf.one_hot(classes, count, dtype=block.dtype)  # [B, C], a row of zeros if unknown
    own = member[..., None]
    known = tf.reduce_sum(member, 0) - member
    total = tf.matmul(member, block, transpose_a=True)[None] - own * block[:, None]
    precision = known / (1 - rho) + 1 / rho
    mean, variance = total / ((1 - rho) * precision)[..., None], 1 - rho + 1 / precision
    square = tf.reduce_sum(tf.square(block[:, None] - mean), -1)
    logits = -0.5 * (square / variance + block.shape[1] * tf.math.log(variance))
    absent = tf.reduce_sum(member, 0) == 0
    logits = tf.where(absent[None], tf.constant(-1e9, logits.dtype), logits)
    return tf.reduce_sum(member * tf.nn.log_softmax(logits), 1)


if __name__ == "__main__":
    main()
