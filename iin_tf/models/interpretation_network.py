"""The interpretation network: a frozen model's representation in named factors, and back."""

import random
from collections.abc import Mapping
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from iin_tf import checks, files
from iin_tf.bijectors.flow import Flow
from iin_tf.bijectors.front import width_behind
from iin_tf.checks import InputError, shown
from iin_tf.factors import FactorLayout
from iin_tf.models import data_sets
from iin_tf.models.correlation import DEFAULT_CORRELATION, BlockCorrelation
from iin_tf.models.decorrelation import decorrelate
from iin_tf.models.densities import Densities
from iin_tf.models.factor_edits import FactorEdits
from iin_tf.models.health import BlockSquares
from iin_tf.models.likelihood_training import LikelihoodTraining
from iin_tf.models.non_finite import NonFiniteCounts
from iin_tf.models.saved_format import SavedFormat


@keras.saving.register_keras_serializable("iin_tf")
class InterpretationNetwork(SavedFormat, FactorEdits, Densities, LikelihoodTraining):
    """An invertible translation T between representations z and factors z_tilde.

    `z_tilde = T(z)` consists of a residual and K named factors, all standard normal and
    independent; pairs of examples that share a factor F teach it what F is:
    `T(z_b)_F | T(z_a)_F ~ N(rho T(z_a)_F, (1 - rho^2) I)`.  Train with plain `fit`, on
    `((z_a, z_b), shared[, sample_weight])`, or on z alone when there are no pairs.

    Args:
      layout: FactorLayout, names and sizes of the blocks.
      blocks: number of flow blocks [ActNorm, two couplings, mixing].
      hidden: width of the conditioners' hidden layers.
      depth: number of their hidden layers beyond the first.
      correlation: rho of a shared block: a number in [0, 1), a mapping factor -> number,
        or "learned".
      mixing: "permutation" or "linear", what stands between the blocks.
      coupling: "affine", or "spline": rational-quadratic splines.
      front: what stands before the flow: None; "whiten", an invertible linear map that
        makes the representation white; or d, which lets only the d leading principal
        components through the flow, while the others, white too, join the residual.
        `adapt` fits it; for representations of many dimensions.
      seed: int that fixes initial weights and permutations; None draws one.
      dtype: Keras dtype or policy.  Under "mixed_bfloat16" the conditioners' products of
        training run in bfloat16; weights, flow arithmetic and log-dets stay float32, and so
        does everything outside training, which keeps the inverse exact.

    Raises:
      InputError: an argument is out of its range.

    Source: Esser, Rombach and Ommer, A Disentangling Invertible Interpretation Network
    for Explaining Latent Representations (CVPR 2020, arXiv 2004.13166).
    """

    def __init__(
        self,
        layout: FactorLayout,
        blocks: int = 12,
        hidden: int = 512,
        depth: int = 2,
        correlation: float | Mapping[str, float] | str = DEFAULT_CORRELATION,
        mixing: str = "permutation",
        coupling: str = "affine",
        front: str | int | None = None,
        seed: int | None = None,
        **kwargs: Any,
    ):
        if not isinstance(layout, FactorLayout):
            raise InputError(f"layout is {shown(layout)}; give an iin_tf.FactorLayout")
        super().__init__(autocast=False, **kwargs)
        check_dtype(self.dtype_policy)
        self.layout = layout
        self.seed = random.randrange(2**31) if seed is None else checks.whole(seed, "seed", least=0)
        _check_residual(layout, width_behind(front, layout.latent_size))
        self.flow = Flow(
            layout.latent_size,
            blocks,
            hidden,
            depth,
            mixing,
            self.seed,
            coupling,
            front,
            dtype=self.dtype_policy,
        )
        self.block_correlation = BlockCorrelation(
            layout.names, correlation, dtype=self.dtype_policy
        )
        self.adapted = self.add_weight(
            shape=(), dtype="bool", initializer="zeros", trainable=False, name="adapted"
        )
        self.non_finite = NonFiniteCounts(self.statistic_names())
        self.block_squares = BlockSquares(layout.latent_size)
        # What the checks of data sets said, which work beside the training step.
        self.refusals: list[str] = []
        self.build((None, layout.latent_size))

    def build(self, input_shape: Any) -> None:
        self.flow.build(input_shape)
        self.block_correlation.build()
        super().build(input_shape)

    def __call__(self, z: Any, *args: Any, **kwargs: Any):
        # Before Keras, which wraps what `call` raises in its own lines.
        return super().__call__(self._rows(z), *args, **kwargs)

    def call(self, z: tf.Tensor) -> tf.Tensor:
        return self._transform(tf.cast(z, self.variable_dtype))

    def predict(self, x: Any, **kwargs: Any) -> np.ndarray:
        """As `keras.Model.predict`: `transform`, batch by batch, as an array [B, N].

        Raises:
          InputError: not rows of N finite numbers.
        """
        if isinstance(x, list | tuple) or hasattr(x, "shape"):
            x = self._rows(x)
            if not len(x):
                return self.transform(x).numpy()
        else:
            x = data_sets.checked(self, x)
        with data_sets.readable_errors(self):
            return super().predict(x, **kwargs)

    def decorrelate(self, z: Any) -> None:
        """Takes out of the residual what is linear in the factors' blocks, over the rows of `z`.

        The residual's block becomes what a least-squares fit on the factors' blocks leaves of it,
        so that no linear reader finds a factor there that its block knows, and an exchanged block
        takes along what the residual had of it.  The factors' blocks stay as they are, the inverse
        exact, the log-determinant the same: the last learned linear map takes it up.

        For the end of a training with noise.  Give the rows that edits are made on, without noise:
        noise hides directions from training, and whatever they tell of a factor stays in the
        residual.  Behind a front of fewer dimensions, those that go around it stay as they are.

        Args:
          z: float [n, N], at least two rows for each dimension of the factors' blocks.

        Raises:
          InputError: the mixing is not "linear", training has not begun, or rows are too few or
            not finite.
        """
        decorrelate(self, self._rows(z))

    def _rows(self, z, argument="z"):
        try:
            return super()._rows(z, argument)
        except InputError:
            # What a diverged network gives is no fault of the rows.
            if argument == "z_tilde":
                self.check_weights()
            raise

    def check_weights(self) -> None:
        """Raises InputError where a weight is not finite, as after a training that diverged."""
        for weight in self.trainable_weights if tf.executing_eagerly() else ():
            if not np.isfinite(weight.numpy()).all():
                raise InputError(
                    f"the network's weights are not finite ({weight.path}), so its training "
                    "diverged; load weights of before, or train a network anew"
                )

    # Compiled once for any number of rows; the public methods check, these compute.

    @tf.function(reduce_retracing=True, autograph=False)
    def _transform(self, z):
        return self.flow.bijector.forward(z)

    @tf.function(reduce_retracing=True, autograph=False)
    def _invert(self, z_tilde):
        return self.flow.bijector.inverse(z_tilde)

    # Saving

    def export(self, filepath: Any, *args: Any, **kwargs: Any) -> None:
        """As `keras.Model.export`; `iin_tf.export` writes every endpoint, not `transform` alone."""
        size = self.layout.latent_size
        rows = keras.InputSpec(shape=(None, size), dtype=self.variable_dtype)
        super().export(filepath, *args, **{"input_signature": [rows], **kwargs})

    def save(self, filepath: Any, overwrite: bool = True) -> None:
        """As `keras.Model.save`, but the file is written whole or not at all.

        Raises:
          InputError: `filepath` does not end in .keras, or exists though `overwrite` is False.
        """
        path = checks.path(filepath, "filepath")
        if path.suffix != ".keras":
            raise InputError(f"filepath is {str(path)!r}; give a name that ends in .keras")
        if path.exists() and not overwrite:
            raise InputError(f"filepath {str(path)!r} exists; give another, or overwrite=True")
        with files.whole_file(path) as temporary:
            super().save(temporary)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "layout": self.layout.get_config(),
            "blocks": self.flow.blocks,
            "hidden": self.flow.hidden,
            "depth": self.flow.depth,
            "correlation": self.block_correlation.correlation,
            "mixing": self.flow.mixing,
            "coupling": self.flow.coupling,
            "front": self.flow.front,
            "seed": self.seed,
        }

    @classmethod
    def _arguments(cls, config):
        arguments = super()._arguments(config)
        return {**arguments, "layout": FactorLayout(**arguments["layout"])}


def _check_residual(layout, width):
    """Raises InputError unless all that does not go through the flow fits into the residual."""
    around = layout.latent_size - width
    if layout.sizes[0] < around:
        raise InputError(
            f"front is {width}, so that {around} dimensions join the residual, which has "
            f"{layout.sizes[0]}; give a larger residual, or a front of at least "
            f"{layout.latent_size - layout.sizes[0]}"
        )


def check_dtype(policy: keras.DTypePolicy) -> None:
    """Raises InputError unless the weights of `policy` are precise enough for an inverse."""
    if policy.variable_dtype not in ("float32", "float64"):
        raise InputError(
            f"dtype is {policy.name!r}, in which the inverse is off by a hundredth and more; give "
            '"float32" or "float64", or "mixed_bfloat16" for fast training in float32 weights'
        )
