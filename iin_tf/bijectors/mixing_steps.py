"""What stands between the couplings of two blocks, so that every dimension meets every other."""

from collections.abc import Callable

import keras
import numpy as np
import scipy.linalg
import scipy.stats
import tensorflow as tf

from iin_tf.bijectors.base import VectorBijector
from iin_tf.bijectors.block_steps import BlockSteps, register_mixing
from iin_tf.bijectors.lu_linear import LULinear
from iin_tf.bijectors.permutation import Permutation


@register_mixing("permutation")
class PermutationSteps(BlockSteps):
    """A fixed random reordering in every block."""

    names = ("permutation",)

    def build(self, add_weight: Callable[..., keras.Variable], random: np.random.Generator) -> None:
        size, blocks = self.shape.latent_size, self.shape.blocks
        permutations = np.stack([random.permutation(size) for _ in range(blocks)])
        self.permutation = add_weight("permutation", permutations, trainable=False, dtype="int32")

    def weight_count(self) -> int:
        return self.shape.blocks * self.shape.latent_size

    def unstack(self, dtype: tf.DType, product_dtype: tf.DType) -> list[list[VectorBijector]]:
        permutations = tf.unstack(self.permutation.value)
        return [[Permutation(permutation, dtype=dtype)] for permutation in permutations]


@register_mixing("linear")
class LinearSteps(BlockSteps):
    """A learned invertible map in every block, kept as LU factors; it starts as a rotation."""

    names = ("linear",)

    def build(self, add_weight: Callable[..., keras.Variable], random: np.random.Generator) -> None:
        size, blocks = self.shape.latent_size, self.shape.blocks
        rotations = scipy.stats.special_ortho_group.rvs(size, blocks, random_state=random)
        factors = [
            scipy.linalg.lu(rotation, p_indices=True)
            for rotation in rotations.reshape(blocks, size, size)
        ]
        upper = np.stack([u for _, _, u in factors])
        lower = np.stack([low for _, low, _ in factors])
        diagonal = np.diagonal(upper, axis1=1, axis2=2)
        self.triangles = add_weight("linear_triangles", np.tril(lower, -1) + np.triu(upper, 1))
        self.log_diagonal = add_weight("linear_log_diagonal", np.log(np.abs(diagonal)))
        self.sign = add_weight("linear_sign", np.sign(diagonal), trainable=False)
        # scipy's W = (L U)[p]; TFP and tf.linalg.lu keep the inverse of p.
        order = np.stack([np.argsort(p) for p, _, _ in factors])
        self.permutation = add_weight("linear_permutation", order, trainable=False, dtype="int32")

    def follow(self, matrix: np.ndarray) -> None:
        """Lets the last block's map be followed by `y -> matrix y`, and keeps the two as one.

        Args:
          matrix: float [N, N], invertible.
        """
        pieces = (self.triangles, self.log_diagonal, self.sign, self.permutation)
        triangles, log_diagonal, sign, order = (piece.numpy()[-1] for piece in pieces)
        upper = np.triu(triangles, 1) + np.diag(sign * np.exp(log_diagonal.astype(np.float64)))
        lower = np.tril(triangles, -1) + np.eye(len(sign))
        p, lower, upper = scipy.linalg.lu(
            matrix @ (lower @ upper)[np.argsort(order)], p_indices=True
        )
        diagonal = np.diagonal(upper)
        values = (
            np.tril(lower, -1) + np.triu(upper, 1),
            np.log(np.abs(diagonal)),
            np.sign(diagonal),
            np.argsort(p),
        )
        for piece, value in zip(pieces, values, strict=True):
            piece.assign(np.concatenate([piece.numpy()[:-1], value[None]]))

    def weight_count(self) -> int:
        return self.shape.blocks * self.shape.latent_size**2

    def unstack(self, dtype: tf.DType, product_dtype: tf.DType) -> list[list[VectorBijector]]:
        stacks = (self.triangles, self.log_diagonal, self.sign, self.permutation)
        pieces = zip(*[tf.unstack(stack.value) for stack in stacks], strict=True)
        return [[LULinear(*piece)] for piece in pieces]
