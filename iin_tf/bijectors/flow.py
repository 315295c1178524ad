"""The flow: the Keras layer that owns the weights of the whole chain of bijectors."""

import functools
import itertools

import keras
import numpy as np
import scipy.linalg
import scipy.stats
import tensorflow as tf

from iin_tf.bijectors.actnorm import ActNorm, actnorm_start
from iin_tf.bijectors.chain import Chain
from iin_tf.bijectors.conditioner import Conditioner, Network
from iin_tf.bijectors.coupling import AffineCoupling
from iin_tf.bijectors.lu_linear import LULinear
from iin_tf.bijectors.permutation import Permutation

MIXINGS = ("permutation", "linear")
# Two couplings a block: each half conditions the other once.
_COUPLINGS = 2


@keras.saving.register_keras_serializable("iin_tf")
class Flow(keras.layers.Layer):
    """Owns the weights of `blocks` times [ActNorm, coupling, flipped coupling, mixing].

    Weights of one kind stand in one variable, stacked over the blocks: few variables
    keep tracing and the optimiser's update short.  The bijectors read slices of them.

    Args:
      latent_size: N, even.
      blocks: number of blocks.
      hidden: width of the conditioners' hidden layers.
      depth: number of hidden layers beyond the first.
      mixing: "permutation", a fixed random one per block, or "linear", a learned
        invertible map kept as LU factors that starts as a random rotation.
      seed: int that fixes initial weights and permutations.
      dtype: Keras dtype or policy.  Under a mixed policy the conditioners' products run
        in its compute dtype while training; all else is in the variable dtype.
    """

    def __init__(self, latent_size, blocks, hidden, depth, mixing, seed, **kwargs):
        super().__init__(autocast=False, **kwargs)
        for name, value, least in (
            ("blocks", blocks, 1),
            ("hidden", hidden, 1),
            ("depth", depth, 0),
        ):
            if value < least:
                raise ValueError(f"{name} is {value}; give {least} or more")
        if latent_size < 2 or latent_size % 2:
            raise ValueError(
                f"latent_size is {latent_size}, but couplings need two halves of equal size: "
                "give an even number of latents (one more or less, or pad with a noise dimension)"
            )
        if mixing not in MIXINGS:
            raise ValueError(f"mixing is {mixing!r}; give one of {MIXINGS}")
        self.latent_size = latent_size
        self.blocks = blocks
        self.hidden = hidden
        self.depth = depth
        self.mixing = mixing
        self.seed = seed

    def build(self, input_shape=None):
        random = np.random.default_rng(self.seed)
        per_block = (self.blocks, self.latent_size)
        self.shift = self._weight("actnorm_shift", np.zeros(per_block))
        self.log_scale = self._weight("actnorm_log_scale", np.zeros(per_block))
        # What the data start from, in units of each ActNorm's input.  The trained shift and
        # log-scale stand about it in units of the standardised input, so that training
        # takes the same course whatever the units and the origin of z.
        self.start_mean = self._constant("actnorm_mean", np.zeros(per_block))
        self.start_log_deviation = self._constant("actnorm_log_deviation", np.zeros(per_block))
        self._build_conditioners(random)
        if self.mixing == "permutation":
            permutations = np.stack(
                [random.permutation(self.latent_size) for _ in range(self.blocks)]
            )
            self.permutation = self._constant("permutation", permutations, "int32")
        else:
            self._build_linear_maps(random)
        super().build(input_shape)

    def _build_conditioners(self, random):
        half = self.latent_size // 2
        widths = [half, *[self.hidden] * (self.depth + 1), half]
        self.kernels, self.biases = [], []
        for index, (fan_in, fan_out) in enumerate(itertools.pairwise(widths)):
            stack = (self.blocks * _COUPLINGS, 2)
            # The published conditioners' start: PyTorch's default for linear layers.
            bound = 1.0 / np.sqrt(fan_in)
            kernel = random.uniform(-bound, bound, (*stack, fan_in, fan_out))
            bias = random.uniform(-bound, bound, (*stack, fan_out))
            self.kernels.append(self._weight(f"kernel_{index}", kernel))
            self.biases.append(self._weight(f"bias_{index}", bias))

    def _build_linear_maps(self, random):
        size = self.latent_size
        rotations = scipy.stats.special_ortho_group.rvs(size, self.blocks, random_state=random)
        factors = [
            scipy.linalg.lu(rotation, p_indices=True)
            for rotation in rotations.reshape(self.blocks, size, size)
        ]
        upper = np.stack([u for _, _, u in factors])
        lower = np.stack([low for _, low, _ in factors])
        diagonal = np.diagonal(upper, axis1=1, axis2=2)
        self.triangles = self._weight("linear_triangles", np.tril(lower, -1) + np.triu(upper, 1))
        self.log_diagonal = self._weight("linear_log_diagonal", np.log(np.abs(diagonal)))
        self.sign = self._constant("linear_sign", np.sign(diagonal))
        # scipy's W = (L U)[p]; TFP and tf.linalg.lu keep the inverse of p.
        order = np.stack([np.argsort(p) for p, _, _ in factors])
        self.permutation = self._constant("linear_permutation", order, "int32")

    def _weight(self, name, value):
        return self.add_weight(
            shape=value.shape, initializer=_as_initializer(value), name=name, autocast=False
        )

    def _constant(self, name, value, dtype=None):
        # A non-trainable weight rather than a tensor, so that it is saved with the others.
        return self.add_weight(
            shape=value.shape,
            initializer=_as_initializer(value),
            dtype=dtype,
            name=name,
            trainable=False,
            autocast=False,
        )

    @property
    def bijector(self) -> Chain:
        """The chain as a `tfb.Bijector` over the live weights; forward is z -> z_tilde.

        The same object at every call.  In a graph that is being traced it is a new one that
        equals it: what a bijector remembers of a graph knows nothing of weights that the
        graph assigns later.
        """
        return self._bijector if tf.executing_eagerly() else self._chain(self._exact_steps)

    @functools.cached_property
    def _bijector(self):
        return self._chain(self._exact_steps)

    @property
    def training_bijector(self) -> Chain:
        """As `bijector`, with the conditioners' products in the compute dtype.

        On the way back a conditioner sees its input changed in the last bit.  Products in
        bfloat16 can answer that with a change in the third digit, which would ruin the
        round trip; a loss does not mind.
        """
        return self._chain(self._training_steps)

    def _chain(self, steps):
        return Chain(
            steps,
            variables=[weight.value for weight in self.weights],
            event_size=self.latent_size,
            dtype=tf.as_dtype(self.variable_dtype),
            name="flow",
        )

    # Methods of one object are equal wherever they are asked for, and so are their chains.

    def _exact_steps(self):
        return self._steps(self.variable_dtype)

    def _training_steps(self):
        return self._steps(self.compute_dtype)

    @property
    def step_names(self):
        """A name for each step of the chain, in order of application."""
        kinds = ("actnorm", "coupling", "flipped coupling", self.mixing)
        return [f"block {block}, {kind}" for block in range(self.blocks) for kind in kinds]

    def call(self, z):
        return self.bijector.forward(z)

    def adapt(self, z):
        """Starts every ActNorm from the rows of `z` [B, N], block by block, in eager mode."""
        starts = []
        pairs = self._conditioners(self.variable_dtype)
        for conditioners, mixing in zip(pairs, self._mixings(), strict=True):
            mean, log_deviation = actnorm_start(z)
            starts.append((mean, log_deviation))
            for step in self._block(-mean, -log_deviation, conditioners, mixing):
                z = step.forward(z)
        means, log_deviations = zip(*starts, strict=True)
        self.start_mean.assign(tf.stack(means))
        self.start_log_deviation.assign(tf.stack(log_deviations))
        for trained in (self.shift, self.log_scale):
            trained.assign(tf.zeros_like(trained.value))

    def _steps(self, product_dtype):
        pieces = zip(
            *self._actnorms(), self._conditioners(product_dtype), self._mixings(), strict=True
        )
        return [step for piece in pieces for step in self._block(*piece)]

    def _actnorms(self):
        """Shift, in units of the input, and log-scale of each block's ActNorm."""
        log_deviation = self.start_log_deviation.value
        shift = self.shift.value * tf.exp(log_deviation) - self.start_mean.value
        return tf.unstack(shift), tf.unstack(self.log_scale.value - log_deviation)

    def _block(self, shift, log_scale, conditioners, mixing):
        dtype = tf.as_dtype(self.variable_dtype)
        first, second = conditioners
        return [
            ActNorm(shift, log_scale),
            AffineCoupling(first, dtype=dtype),
            AffineCoupling(second, flip=True, dtype=dtype),
            mixing,
        ]

    def _conditioners(self, product_dtype):
        """A pair of conditioners for each block."""
        # One cast and one unstack a variable: a slice a block would make the gradient
        # of every slice as large as the whole stack.
        kernels = [_unstack_networks(tf.cast(k.value, product_dtype)) for k in self.kernels]
        biases = [_unstack_networks(bias.value) for bias in self.biases]
        layers = zip(zip(*kernels, strict=True), zip(*biases, strict=True), strict=True)
        networks = [Network(*layer) for layer in layers]
        nets = list(map(Conditioner, networks[0::2], networks[1::2]))
        return list(zip(nets[0::_COUPLINGS], nets[1::_COUPLINGS], strict=True))

    def _mixings(self):
        dtype = tf.as_dtype(self.variable_dtype)
        permutations = tf.unstack(self.permutation.value)
        if self.mixing == "permutation":
            return [Permutation(permutation, dtype=dtype) for permutation in permutations]
        stacks = (self.triangles, self.log_diagonal, self.sign)
        pieces = zip(*[tf.unstack(stack.value) for stack in stacks], permutations, strict=True)
        return [LULinear(*piece) for piece in pieces]

    def get_config(self):
        return {
            **super().get_config(),
            "latent_size": self.latent_size,
            "blocks": self.blocks,
            "hidden": self.hidden,
            "depth": self.depth,
            "mixing": self.mixing,
            "seed": self.seed,
        }


def _unstack_networks(stack):
    """The weights of each network, in order, from a stack [couplings, 2, ...]."""
    return tf.unstack(tf.reshape(stack, [-1, *stack.shape[2:]]))


def _as_initializer(value):
    return lambda shape, dtype: tf.cast(value, dtype)
