"""Samplers of observations with given factor values, as measures with interventions need them."""

import abc
import math
from collections.abc import Mapping

import numpy as np

from iin_tf.checks import InputError, real_array, shown, whole
from iin_tf.data.examples import Examples
from iin_tf.data.labels import mapping
from iin_tf.data.stateless import MOST


class GroundTruth(abc.ABC):
    """Images that are known functions of discrete factors; every combination of values exists.

    Attributes:
      factor_values: dict name -> [V] or [V, d] array, what each of the V value indices means.
    """

    def __init__(self, factor_values: Mapping[str, np.ndarray]):
        self.factor_values = dict(factor_values)

    @property
    def factor_names(self) -> tuple[str, ...]:
        """Names of the K factors."""
        return tuple(self.factor_values)

    @property
    def factor_sizes(self) -> tuple[int, ...]:
        """Number of values of each factor."""
        return tuple(len(values) for values in self.factor_values.values())

    def sample_factors(self, count: int, rng: np.random.Generator) -> np.ndarray:
        """Uniform, independent value indices, int64 [count, K], drawn from a NumPy Generator."""
        return rng.integers(self.factor_sizes, size=(count, len(self.factor_sizes)))

    def labels(self, factors: np.ndarray) -> dict[str, np.ndarray]:
        """What value indices [n, K] mean: dict name -> [n] or [n, d], as `factor_values` has it."""
        factors = self._checked(factors)
        columns = zip(self.factor_values.items(), factors.T, strict=True)
        return {name: values[column] for (name, values), column in columns}

    @abc.abstractmethod
    def observe(self, factors: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """One image for each row of value indices.

        Args:
          factors: int [n, K], index of the value of each factor.
          rng: numpy Generator, draws whatever the factors leave open.

        Returns:
          uint8 [n, h, w, c], c = 1 or 3.

        Raises:
          InputError: factors of another shape or dtype, or an index out of range.
        """

    def _checked(self, factors):
        """`factors` as int64 [n, K], or a ValueError that names the factor."""
        factors, sizes = real_array(factors, "factors"), self.factor_sizes
        if factors.ndim != 2 or factors.shape[1] != len(sizes) or factors.dtype.kind not in "iu":
            raise InputError(
                f"factors has shape {factors.shape} and dtype {factors.dtype}; give value indices, "
                f"int [n, {len(sizes)}], one column for each of {list(self.factor_names)}"
            )
        wrong = np.argwhere((factors < 0) | (factors >= sizes))
        if len(wrong):
            row, k = wrong[0]
            raise InputError(
                f"factors: {self.factor_names[k]!r} is {factors[row, k]} in row {row}; "
                f"give 0 to {sizes[k] - 1}"
            )
        return factors.astype(np.int64)

    def __repr__(self):
        sizes = ", ".join(
            f"{name}: {size}"
            for name, size in zip(self.factor_names, self.factor_sizes, strict=True)
        )
        return f"{type(self).__name__}({sizes})"


class TableGroundTruth(GroundTruth):
    """Stored images with a label for each factor.

    Where several images have the same factor values, `observe` takes one of them at random: what
    tells them apart is then no factor but chance.

    Args:
      images: uint8 [n, h, w, c], c = 1 or 3; an array or a memory map.
      labels: mapping name -> [n] numbers; the distinct ones, ascending, are the factor's values.

    Raises:
      InputError: images or labels of another dtype, shape or length, no factors, or a combination
        of factor values that has no image.
    """

    def __init__(self, images: np.ndarray, labels: Mapping[str, np.ndarray]):
        images = images if isinstance(images, np.ndarray) else real_array(images, "images")
        shape = images.shape
        if images.dtype != np.uint8 or len(shape) != 4 or 0 in shape or shape[-1] not in (1, 3):
            raise InputError(
                f"images is {images.dtype} {list(shape)}; give uint8 [n, h, w, 1 or 3], n >= 1"
            )
        if not len(mapping(labels, "labels")):
            raise InputError("labels is empty; give at least one name -> [n] array")
        values, indices = {}, []
        for name, column in mapping(labels, "labels").items():
            column = real_array(column, f"labels[{name!r}]")
            numbers = column.shape == (len(images),) and column.dtype.kind in "iuf"
            if not numbers or not np.isfinite(column).all():
                raise InputError(
                    f"labels[{name!r}] is {column.dtype} {list(column.shape)}; "
                    f"give one finite number for each of the {len(images)} images"
                )
            values[name], index = np.unique(column, return_inverse=True)
            indices.append(index)
        super().__init__(values)
        self.images = images
        self._index(indices)

    def _index(self, indices):
        """Sorts the images by combination, so that each has its stretch of `self._order`."""
        combinations = math.prod(self.factor_sizes)
        lacking = (
            f"labels: not all {combinations} combinations of {list(self.factor_names)} have one of "
            f"the {len(self.images)} images; give at least one for each, or leave a factor out"
        )
        # Before anything of that size is made.
        if combinations > len(self.images):
            raise InputError(lacking)
        flat = np.ravel_multi_index(indices, self.factor_sizes)
        counts = np.bincount(flat, minlength=combinations)
        if not counts.all():
            raise InputError(lacking)
        self._order = np.argsort(flat, kind="stable")
        self._counts = counts
        self._starts = np.cumsum(counts) - counts

    def observe(self, factors: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """One stored image for each row of value indices [n, K], uint8 [n, h, w, c]."""
        flat = np.ravel_multi_index(self._checked(factors).T, self.factor_sizes)
        pick = rng.integers(self._counts[flat])
        return np.asarray(self.images[self._order[self._starts[flat] + pick]])


def labelled_images(ground_truth: "GroundTruth", count: int, seed: int = 0) -> Examples:
    """Images of uniformly drawn factor values with their labels, e.g. to train a first stage on.

    Args:
      ground_truth: a `GroundTruth`.
      count: number of images n, at least 1.
      seed: whole number of at least 0.

    Returns:
      Examples, x uint8 [n, h, w, 3] (grey ones with three equal channels), labels as
      `GroundTruth.labels` gives them; `source` is the number of the combination of values, so
      that the two members of a pair never agree in all factors.

    Raises:
      InputError: count or seed out of range.
    """
    count, seed = whole(count, "count", least=1, most=MOST), whole(seed, "seed", least=0)
    if not isinstance(ground_truth, GroundTruth):
        raise InputError(f"ground_truth is {shown(ground_truth)}; give a GroundTruth")
    rng = np.random.default_rng(seed)
    factors = ground_truth.sample_factors(count, rng)
    images = ground_truth.observe(factors, rng)
    images = np.broadcast_to(images, (*images.shape[:-1], 3))
    source = np.ravel_multi_index(factors.T, ground_truth.factor_sizes)
    return Examples(np.ascontiguousarray(images), ground_truth.labels(factors), source)
