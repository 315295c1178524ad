"""What an exported network answers: one traced function an endpoint, every input row-wise."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import tensorflow as tf

from iin_tf import algebra
from iin_tf.distributions import FactorisedGaussian, PairedGaussian
from iin_tf.models.interpretation_network import InterpretationNetwork
from iin_tf.seeds import seed_pair
from iin_tf.serving.inputs import checked

# Of an endpoint, by name; each [B, ...].
Outputs = dict[str, tf.Tensor]
# What `t` may be.
UNIT = {"t": (0.0, 1.0)}


class NetworkEndpoints:
    """The endpoints of an interpretation network.

    Each method maps tensors with B rows to a dict of tensors with B rows, and row i of an
    output depends on row i of the inputs alone; so a server may put requests together.

    Args:
      network: InterpretationNetwork.
    """

    def __init__(self, network: InterpretationNetwork):
        self._network = network
        self._layout = network.layout
        self._dtype = tf.as_dtype(network.variable_dtype)

    def trace(self) -> dict:
        """The concrete functions by name."""
        z, donor, z_tilde = (self.latents(name) for name in ("z", "donor", "z_tilde"))
        z_a, z_b = self.latents("z_a"), self.latents("z_b")
        blocks = self.mask("blocks")
        t = tf.TensorSpec([None], self._dtype, "t")
        seed = tf.TensorSpec([None], tf.int64, "seed")
        block, last = tf.TensorSpec([None], tf.int64, "block"), len(self._layout.names) - 1
        return {
            "transform": trace_endpoint(self.transform, z),
            "invert": trace_endpoint(self.invert, z_tilde),
            "factors": trace_endpoint(self.factors, z),
            "swap": trace_endpoint(self.swap, z, donor, blocks),
            "erase": trace_endpoint(self.erase, z, blocks, seed),
            "interpolate": trace_endpoint(self.interpolate, z, donor, blocks, t, ranges=UNIT),
            "log_prob": trace_endpoint(self.log_prob, z),
            "pair_log_prob": trace_endpoint(self.pair_log_prob, z_a, z_b, self.mask("shared")),
            "same": trace_endpoint(self.same, z_a, z_b),
            "sample": trace_endpoint(self.sample, seed),
            "layout": trace_endpoint(self.layout, block, ranges={"block": (0, last)}),
        }

    def latents(self, name: str) -> tf.TensorSpec:
        """The specification of an input of representations, [None, N]."""
        return tf.TensorSpec([None, self._layout.latent_size], self._dtype, name)

    def mask(self, name: str) -> tf.TensorSpec:
        """The specification of an input that says which blocks, [None, K+1]."""
        return tf.TensorSpec([None, len(self._layout.names)], tf.bool, name)

    def transform(self, z: tf.Tensor) -> Outputs:
        return {"z_tilde": self._network.transform(z)}

    def invert(self, z_tilde: tf.Tensor) -> Outputs:
        return {"z": self._network.invert(z_tilde)}

    def factors(self, z: tf.Tensor) -> Outputs:
        return self._network.factors(z)

    def log_prob(self, z: tf.Tensor) -> Outputs:
        return {"log_prob": self._network.log_prob(z)}

    def pair_log_prob(self, z_a: tf.Tensor, z_b: tf.Tensor, shared: tf.Tensor) -> Outputs:
        return {"log_prob": self._network.pair_log_prob(z_a, z_b, shared)}

    def same(self, z_a: tf.Tensor, z_b: tf.Tensor) -> Outputs:
        pairs = tf.stack(self._factorised(z_a, z_b), axis=-2)
        shared = [*np.eye(len(self._layout.names), dtype=bool), self._layout.shared(None)]
        *together, apart = (self._paired(row).log_prob(pairs) for row in shared)
        return {"ratio": tf.stack(together, axis=-1) - apart[:, None]}

    def _paired(self, shared):
        return PairedGaussian(self._network.correlation_of(shared), self._layout.sizes)

    def swap(self, z: tf.Tensor, donor: tf.Tensor, blocks: tf.Tensor) -> Outputs:
        z_tilde, donor_tilde = self._factorised(z, donor)
        edited = algebra.exchange(self._layout, z_tilde, donor_tilde, blocks)
        return {"z_new": self._network.invert(edited)}

    def erase(self, z: tf.Tensor, blocks: tf.Tensor, seed: tf.Tensor) -> Outputs:
        shape = [self._layout.latent_size]
        draws = self._draws(
            seed, lambda pair: tf.random.stateless_normal(shape, pair, dtype=self._dtype)
        )
        edited = algebra.exchange(self._layout, self._network.transform(z), draws, blocks)
        return {"z_new": self._network.invert(edited)}

    def interpolate(
        self, z: tf.Tensor, donor: tf.Tensor, blocks: tf.Tensor, t: tf.Tensor
    ) -> Outputs:
        z_tilde, donor_tilde = self._factorised(z, donor)
        edited = algebra.interpolate(self._layout, z_tilde, donor_tilde, blocks, t)
        return {"z_new": self._network.invert(edited)}

    def sample(self, seed: tf.Tensor) -> Outputs:
        marginal = FactorisedGaussian(self._layout.sizes, dtype=self._dtype)
        z_tilde = self._draws(seed, lambda pair: marginal.sample(seed=pair))
        return {"z": self._network.invert(z_tilde)}

    def _draws(self, seed, draw):
        """One draw [N] a seed: a row of a batch must not know of its neighbours."""
        return tf.map_fn(
            lambda row: draw(seed_pair(row)),
            seed,
            fn_output_signature=tf.TensorSpec([self._layout.latent_size], self._dtype),
        )

    def layout(self, block: tf.Tensor) -> Outputs:
        sizes = tf.constant(self._layout.sizes, tf.int64)
        names = tf.constant(self._layout.names)
        return {"name": tf.gather(names, block), "size": tf.gather(sizes, block)}

    def _factorised(self, z, donor):
        """T(z) and T(donor), [B, N] each, from one pass."""
        return tf.split(self._network.transform(tf.concat([z, donor], 0)), 2)


def trace_endpoint(
    function: Callable, *inputs: tf.TensorSpec, ranges: Mapping | None = None
) -> Any:
    """The concrete function of an endpoint.

    A server passes on whatever it is sent; hence the checks inside of the graph.

    Args:
      function: tensors -> dict of tensors.
      inputs: specification of each tensor, with the name that clients give it.
      ranges: mapping name -> least and largest value of that input.
    """

    def endpoint(*tensors):
        return function(*checked(tensors, inputs, ranges or {}))

    return tf.function(endpoint, input_signature=inputs).get_concrete_function()
