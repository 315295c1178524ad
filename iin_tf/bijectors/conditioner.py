"""The conditioner: what a coupling computes from the half that it leaves alone."""

import functools
from typing import NamedTuple

import tensorflow as tf

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
      log_scale, shift: `Network`s, [..., N/2] -> [..., N/2].
    """

    log_scale: Network
    shift: Network

    def __call__(self, x):
        """Returns log-scale and shift, each [..., N/2], from `x` [..., N/2]."""
        if x.shape.rank == 2:
            return self._of_rows(x)
        shape = tf.shape(x)
        log_scale, shift = self._of_rows(tf.reshape(x, [-1, x.shape[-1]]))
        return tf.reshape(log_scale, shape), tf.reshape(shift, shape)

    def _of_rows(self, x):
        kernels = self.log_scale.kernels
        shapes = tuple(tuple(kernel.shape) for kernel in kernels)
        return _traced_once(shapes, kernels[0].dtype, x.dtype)(x, self.log_scale, self.shift)


@functools.cache
def _traced_once(kernel_shapes, product_dtype, dtype):
    """`_both` as a function that all conditioners of one shape share.

    Its forward and backward graphs are traced once and not once a coupling, which is
    most of the time to a flow's first step.  Any number of rows fits.
    """
    rows = tf.TensorSpec([None, kernel_shapes[0][0]], dtype)
    network = Network(
        tuple(tf.TensorSpec(shape, product_dtype) for shape in kernel_shapes),
        tuple(tf.TensorSpec(shape[1:], dtype) for shape in kernel_shapes),
    )
    return tf.function(_both, input_signature=[rows, network, network], autograph=False)


def _both(x, log_scale, shift):
    hidden = tf.cast(x, log_scale.kernels[0].dtype)
    return tf.tanh(_outputs(hidden, log_scale, x.dtype)), _outputs(hidden, shift, x.dtype)


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
