"""What an export answers about inputs, where the first stage travels along."""

from typing import Any

import tensorflow as tf

from iin_tf import algebra
from iin_tf.first_stages import FirstStage
from iin_tf.models.interpretation_network import InterpretationNetwork
from iin_tf.seeds import seed_pair
from iin_tf.serving.endpoints import UNIT, NetworkEndpoints, Outputs, trace_endpoint

# Of each row, for `response`.
DRAWS = 100


class InputEndpoints:
    """Endpoints from inputs x, through the frozen model and the network, and back.

    As in `NetworkEndpoints`, row i of an output depends on row i of the inputs alone.

    Args:
      network: InterpretationNetwork.
      first_stage: FirstStage.
      endpoints: NetworkEndpoints of the network.
    """

    def __init__(
        self,
        network: InterpretationNetwork,
        first_stage: FirstStage,
        endpoints: NetworkEndpoints,
    ):
        self._network, self._first_stage, self._endpoints = network, first_stage, endpoints
        self._layout = network.layout

    def trace(self) -> dict:
        """The concrete functions by name: those that the first stage can serve."""
        z, blocks = self._endpoints.latents("z"), self._endpoints.mask("blocks")
        x, donor = self._inputs("x"), self._inputs("donor")
        t = tf.TensorSpec([None], z.dtype, "t")
        seed = tf.TensorSpec([None], tf.int64, "seed")
        found = {
            "encode": self._traced(self.encode, x),
            "factors_of_input": self._traced(self.factors_of_input, x),
        }
        if self._first_stage.has_decoder:
            found |= {
                "decode": self._traced(self.decode, z),
                "swap_inputs": self._traced(self.swap_inputs, x, donor, blocks),
                "erase_inputs": self._traced(self.erase_inputs, x, blocks, seed),
                "interpolate_inputs": self._traced(self.interpolate_inputs, x, donor, blocks, t),
            }
        if self._first_stage.has_head:
            read = [z, x] if self._first_stage.head_needs_input else [z]
            found["head"] = self._traced(self.head, *read)
            # Classes have no spread.
            if any(spec.dtype.is_floating for spec in found["head"].structured_outputs.values()):
                found["response"] = self._traced(self.response, x, blocks, seed)
        return found

    def _inputs(self, name):
        spec = self._first_stage.input_spec
        return tf.TensorSpec(spec.shape, spec.dtype, name)

    def _traced(self, function, *inputs):
        ends = self._first_stage.input_range
        ranges = UNIT | ({} if ends is None else {"x": ends})
        # Of a network's edit, "donor" is a representation; here it is an input.
        if ends is not None and inputs[0].name == "x":
            ranges["donor"] = ends
        return trace_endpoint(function, *inputs, ranges=ranges)

    def encode(self, x: tf.Tensor) -> Outputs:
        mean, log_variance = self._first_stage.encode(x)
        dtype = self._network.variable_dtype
        return {"mean": tf.cast(mean, dtype), "log_variance": tf.cast(log_variance, dtype)}

    def decode(self, z: tf.Tensor) -> Outputs:
        return {"x": self._first_stage.decode(tf.cast(z, tf.float32))}

    def head(self, z: tf.Tensor, x: Any = None) -> Outputs:
        return by_name(self._first_stage.head(tf.cast(z, tf.float32), x), "output")

    def factors_of_input(self, x: tf.Tensor) -> Outputs:
        return self._network.factors(self._mean(x))

    def swap_inputs(self, x: tf.Tensor, donor: tf.Tensor, blocks: tf.Tensor) -> Outputs:
        z, other = self._means(x, donor)
        return self._decoded(self._endpoints.swap(z, other, blocks))

    def erase_inputs(self, x: tf.Tensor, blocks: tf.Tensor, seed: tf.Tensor) -> Outputs:
        return self._decoded(self._endpoints.erase(self._mean(x), blocks, seed))

    def interpolate_inputs(
        self, x: tf.Tensor, donor: tf.Tensor, blocks: tf.Tensor, t: tf.Tensor
    ) -> Outputs:
        z, other = self._means(x, donor)
        return self._decoded(self._endpoints.interpolate(z, other, blocks, t))

    def response(self, x: tf.Tensor, blocks: tf.Tensor, seed: tf.Tensor) -> Outputs:
        z_tilde = self._network.transform(self._mean(x))
        example = (x, z_tilde, blocks, seed)
        single = tf.function(self._response_of_one, autograph=False)
        specs = [tf.TensorSpec(part.shape[1:], part.dtype) for part in example]
        told = single.get_concrete_function(*specs).structured_outputs
        signature = {name: tf.TensorSpec(one.shape, one.dtype) for name, one in told.items()}
        # One after the other: the draws of each are a batch.
        return tf.map_fn(lambda row: single(*row), example, fn_output_signature=signature)

    def _response_of_one(self, x, z_tilde, blocks, seed):
        return spread_of(self._drawn_outputs(x[None], z_tilde[None], blocks[None], seed))

    def _drawn_outputs(self, x, z_tilde, blocks, seed):
        """Of one example, the head's outputs [DRAWS, ...] with `blocks` drawn anew."""
        shape = [DRAWS, self._layout.latent_size]
        draws = tf.random.stateless_normal(shape, seed_pair(seed), dtype=z_tilde.dtype)
        held = tf.repeat(z_tilde, DRAWS, axis=0)
        edited = algebra.exchange(self._layout, held, draws, tf.repeat(blocks, DRAWS, axis=0))
        read = tf.repeat(x, DRAWS, axis=0) if self._first_stage.head_needs_input else None
        z = tf.cast(self._network.invert(edited), tf.float32)
        return by_name(self._first_stage.head(z, read), "deviation")

    def _decoded(self, edited):
        return {"x_new": self.decode(edited["z_new"])["x"]}

    def _mean(self, x):
        return self.encode(x)["mean"]

    def _means(self, x, donor):
        return tf.split(self._mean(tf.concat([x, donor], 0)), 2)


def by_name(outputs: Any, name: str) -> Outputs:
    """What a head returns, of any structure, as a dict: `name`, or `name_KEY` for each of many."""
    if isinstance(outputs, dict):
        return {f"{name}_{key}": tf.convert_to_tensor(value) for key, value in outputs.items()}
    if isinstance(outputs, tuple | list):
        return by_name(dict(enumerate(outputs)), name)
    return {name: tf.convert_to_tensor(outputs)}


def spread_of(outputs: Outputs) -> Outputs:
    """The standard deviation of each output over its DRAWS rows, from the unbiased variance."""
    return {
        name: tf.math.reduce_std(value, axis=0) * (DRAWS / (DRAWS - 1)) ** 0.5
        for name, value in outputs.items()
        if value.dtype.is_floating
    }
