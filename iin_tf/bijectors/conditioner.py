"""The conditioner: what a coupling computes from the half that it leaves alone."""

import functools
from typing import NamedTuple

import tensorflow as tf

from iin_tf.bijectors.rational_quadratic import Bends

# The slope of the published conditioners (PyTorch's default LeakyReLU).
LEAKY_SLOPE = 0.01
# Measured with 256 and 512, on two cores.
_LEAST_WIDTH_OF_CONVOLUTIONS = 512


class Network(NamedTuple):
    """The weights of one MLP, layer by layer.

    Attributes:
      kernels: tensors [fan_in, fan_out].  Their dtype is the dtype of the products.
      biases: float tensors [fan_out].
    """

    kernels: tuple
    biases: tuple


class Conditioner(NamedTuple):
    """Two MLPs of one shape; the log-scale is bounded by tanh to at most a factor of e.

    Attributes:
      log_scale, shift: `Network`s, [..., fan_in] -> [..., fan_out].
    """

    log_scale: Network
    shift: Network

    def __call__(self, x: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Returns log-scale and shift, each [..., fan_out], from `x` [..., fan_in]."""
        log_scale, shift = network_outputs(x, tuple(self))
        return tf.tanh(log_scale), shift


class SplineConditioner(NamedTuple):
    """One MLP that bends a spline for each dimension.

    Attributes:
      network: `Network`, [..., fan_in] -> [..., M (3 bins - 1)].
      bins: number of bins of each of the M splines.
    """

    network: Network
    bins: int

    def __call__(self, x: tf.Tensor) -> Bends:
        """Returns the bends of [..., M] splines from `x` [..., fan_in]."""
        (flat,) = network_outputs(x, (self.network,))
        outputs = 3 * self.bins - 1
        splines = flat.shape[-1] // outputs
        shape = tf.concat([tf.shape(flat)[:-1], [splines, outputs]], 0)
        bends = tf.ensure_shape(tf.reshape(flat, shape), [*flat.shape[:-1], splines, outputs])
        return Bends(*tf.split(bends, [self.bins, self.bins, self.bins - 1], axis=-1))


def network_outputs(x: tf.Tensor, networks: tuple[Network, ...]) -> tuple[tf.Tensor, ...]:
    """What MLPs of one shape make of `x` [..., fan_in]: a tensor [..., fan_out] each."""
    kernels = networks[0].kernels
    shapes = tuple(tuple(kernel.shape) for kernel in kernels)
    function = _traced_once(shapes, len(networks), kernels[0].dtype, x.dtype)
    if x.shape.rank == 2:
        return function(x, networks)
    shape = tf.concat([tf.shape(x)[:-1], [shapes[-1][1]]], 0)
    rows = function(tf.reshape(x, [-1, x.shape[-1]]), networks)
    return tuple(tf.reshape(output, shape) for output in rows)


@functools.cache
def _traced_once(kernel_shapes, count, product_dtype, dtype):
    """`_of_rows` as a function that all conditioners of one shape share.

    Its forward and backward graphs are traced once and not once a coupling, which is
    most of the time to a flow's first step.  Any number of rows fits.
    """
    rows = tf.TensorSpec([None, kernel_shapes[0][0]], dtype)
    network = Network(
        tuple(tf.TensorSpec(shape, product_dtype) for shape in kernel_shapes),
        tuple(tf.TensorSpec(shape[1:], dtype) for shape in kernel_shapes),
    )
    return tf.function(_of_rows, input_signature=[rows, (network,) * count], autograph=False)


def _of_rows(x, networks):
    hidden = tf.cast(x, networks[0].kernels[0].dtype)
    return tuple(_outputs(hidden, network, x.dtype) for network in networks)


def _outputs(hidden, network, dtype):
    *kernels, last_kernel = network.kernels
    *biases, last_bias = network.biases
    for kernel, bias in zip(kernels, biases, strict=True):
        hidden = _hidden_layer(hidden, kernel, tf.cast(bias, kernel.dtype))
    # Whatever the products' dtype, the flow's arithmetic is in `dtype`.
    return tf.cast(tf.matmul(hidden, last_kernel), dtype) + last_bias


@tf.custom_gradient
def _hidden_layer(x, kernel, bias):
    """`leaky_relu(x @ kernel + bias)`, whose gradient needs no more than its value.

    The stock gradient of LeakyReLU reads the sum inside, and what two operations read
    cannot be fused: so the whole layer is one kernel here, on the way forward.
    """
    if _quicker_as_convolution(kernel):
        # Rows as pixels: each is multiplied by the kernel of a 1 x 1 convolution.
        product = tf.nn.conv2d(x[None, :, None], kernel[None, None], 1, "VALID")
        y = tf.reshape(_activated(product, bias), [-1, kernel.shape[1]])
    else:
        y = _activated(tf.matmul(x, kernel), bias)

    def gradient(dy):
        # The slope is positive: the value has the sign of the sum.
        dy = tf.raw_ops.LeakyReluGrad(gradients=dy, features=y, alpha=LEAKY_SLOPE)
        # A product sums faster than a sum.  The rows are counted on dy: asking x for its shape
        # leaves a control edge at the layer before, which is then not fused.
        ones = tf.ones([1, tf.shape(dy)[0]], dy.dtype)
        return (
            tf.matmul(dy, kernel, transpose_b=True),
            tf.matmul(x, dy, transpose_a=True),
            tf.squeeze(tf.matmul(ones, dy), 0),
        )

    return y, gradient


def _activated(product, bias):
    return tf.nn.leaky_relu(tf.nn.bias_add(product, bias), LEAKY_SLOPE)


def _quicker_as_convolution(kernel):
    """Whether a 1 x 1 convolution computes a hidden layer faster than a matrix product.

    On CPUs oneDNN gives a bfloat16 product that is fused with its bias an older kernel than
    the convolution, at half the speed; but the convolution first reorders its weights, which
    costs narrow layers more than it saves.
    """
    wide = kernel.shape[1] >= _LEAST_WIDTH_OF_CONVOLUTIONS
    return wide and kernel.dtype == tf.bfloat16 and not tf.config.list_logical_devices("GPU")
