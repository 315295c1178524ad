"""The interpretation network as a scikit-learn transformer."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted, validate_data

from iin_tf import checks
from iin_tf.checks import InputError
from iin_tf.data.label_array import label_array
from iin_tf.data.labels import check_factors, check_labels, mapping
from iin_tf.factor_sizes import estimate_factor_sizes
from iin_tf.factors import FactorLayout

# Pairs from which sizes are estimated; more change no size by one.
_SIZE_PAIRS = 20_000


class FactorTransformer(TransformerMixin, BaseEstimator):
    """Translates rows of a representation into named factors and a residual, and back.

    `fit` learns from rows and their labels: pairs of rows that share a label of a factor teach
    an `InterpretationNetwork` what the factor is.  Whole numbers, bools and texts are classes;
    floats are values of a continuous factor, of which near ones make pairs, unless all of them
    are whole numbers, as in scikit-learn: so pandas holds classes of which some are unknown.
    A label may be missing (-1, NaN, None or ""), and then takes part in no pair of that factor.

    Args:
      factors: names of the factors: of the columns of `labels` that are used, in this order,
        where labels have names (a data frame, a mapping), else of all columns.  None takes
        all columns, called factor0, factor1, ... where they have no names.
      continuous: names of the factors that are continuous, the others are classes; None decides
        by the labels.
      sizes: mapping factor -> size of its block; None estimates sizes from the pairs.
      blocks: number of flow blocks.
      hidden: width of the conditioners' hidden layers.
      depth: number of their hidden layers beyond the first.
      mixing: "linear", a learned invertible map between the blocks, or "permutation".
      correlation: rho of a shared block, in [0, 1).
      noise: standard deviation of the noise of the rows in training, as a fraction of each
        column's own: a smaller difference means nothing.
      steps: training steps.
      batch_size: pairs in each.
      learning_rate: of the first half of the steps; over the second it falls to zero.
      verbose: as `keras.Model.fit`'s.
      random_state: int, `numpy.random.RandomState` or None.

    Attributes:
      network_: the trained `InterpretationNetwork`.
      layout_: its `FactorLayout`.
      n_features_in_: N.
      feature_names_in_: names of the columns, where Z had text names.
    """

    def __init__(
        self,
        factors: Sequence[str] | None = None,
        *,
        continuous: Sequence[str] | None = None,
        sizes: Mapping[str, int] | None = None,
        blocks: int = 4,
        hidden: int = 128,
        depth: int = 1,
        mixing: str = "linear",
        correlation: float = 0.975,
        noise: float = 0.05,
        steps: int = 1000,
        batch_size: int = 128,
        learning_rate: float = 1e-3,
        verbose: int = 0,
        random_state: Any = None,
    ):
        self.factors = factors
        self.continuous = continuous
        self.sizes = sizes
        self.blocks = blocks
        self.hidden = hidden
        self.depth = depth
        self.mixing = mixing
        self.correlation = correlation
        self.noise = noise
        self.steps = steps
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.verbose = verbose
        self.random_state = random_state

    def fit(self, Z: Any, y: Any = None, *, source: Any = None) -> "FactorTransformer":
        """Learns the translation.

        Args:
          Z: float [n, N], rows of the representation.
          y: the labels: [n], [n, K], a data frame, or a mapping factor -> [n]; None learns the
            likelihood of the rows alone, with all columns in the residual.
          source: whole numbers or texts [n], the original that a row is a view of; two rows of
            one never make a pair.

        Raises:
          InputError: labels that do not fit the rows, a factor of which no pair can be drawn.
        """
        from iin_tf.data.pairs.of_labels import pairs_of_labels
        from iin_tf.data.store.array_latents import ArrayLatents
        from iin_tf.data.store.pipeline import latent_dataset, pair_dataset
        from iin_tf.first_stages.noise import representation_noise

        steps = checks.whole(self.steps, "steps", least=1)
        batch_size = checks.whole(self.batch_size, "batch_size", least=1)
        Z = validate_data(self, Z, dtype=np.float32, ensure_min_samples=2, ensure_min_features=2)
        seed = int(check_random_state(self.random_state).randint(2**31 - 1))
        latents = ArrayLatents(Z, representation_noise(Z, self.noise))
        labels = self._labels(y, len(Z))
        if labels:
            continuous = self._continuous(labels)
            sampler = pairs_of_labels(labels, continuous, self.correlation, source, seed)
            self.layout_ = self._layout(Z, sampler)
            batches = pair_dataset(latents, sampler, batch_size, steps=steps, seed=seed)
        else:
            self.layout_ = FactorLayout({}, residual=Z.shape[1])
            batches = latent_dataset(latents, batch_size, steps=steps, seed=seed)
        _check_column_names(self._column_names())
        self.network_ = self._trained(batches, steps, seed)
        return self

    def transform(self, Z: Any) -> np.ndarray:
        """The factors of rows: [n, N] -> [n, N], columns as `get_feature_names_out` says."""
        return self.network_.transform(self._rows(Z)).numpy()

    def inverse_transform(self, X: Any) -> np.ndarray:
        """The rows of the representation that have these factors: [n, N] -> [n, N]."""
        check_is_fitted(self)
        X = checks.real_array(X, "X").astype(np.float32)
        return self.network_.invert(X).numpy()

    def factors_of(self, Z: Any) -> dict[str, np.ndarray]:
        """The blocks of rows by name: {"residual": [n, N_0], ...}."""
        # Of arrays, whatever `set_output` asks of `transform`.
        return self.layout_.split(self.network_.transform(self._rows(Z)).numpy())

    def score(self, Z: Any, y: Any = None) -> float:
        """Mean log-likelihood of the rows, nats; labels are not looked at."""
        return float(np.mean(self.network_.log_prob(self._rows(Z))))

    def get_feature_names_out(self, input_features: Any = None) -> np.ndarray:
        """Names of the columns of `transform`: residual0, residual1, ..., then each factor's."""
        check_is_fitted(self)
        return self._column_names()

    def __sklearn_tags__(self) -> Any:
        """What scikit-learn should know: the network computes in float32."""
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = ["float32"]
        return tags

    def _column_names(self):
        return np.array(
            [
                f"{name}{place}"
                for name, size in zip(self.layout_.names, self.layout_.sizes, strict=True)
                for place in range(size)
            ],
            dtype=object,
        )

    def _rows(self, Z):
        check_is_fitted(self)
        return validate_data(self, Z, dtype=np.float32, reset=False)

    def _labels(self, y, rows):
        """Labels as an ordered mapping factor -> [n]."""
        if y is None:
            for argument in ("factors", "continuous", "sizes"):
                if (given := getattr(self, argument)) is not None:
                    raise InputError(f"y is None, but {argument} is {given!r}; give labels, or "
                                     f"leave {argument} out")  # fmt: skip
            return {}
        named = isinstance(y, Mapping) or hasattr(y, "columns")
        columns = mapping(y, "y") if named else self._named(y)
        if self.factors is not None:
            # Other columns of a table need not be labels.
            names = check_factors(self.factors, columns)
            columns = {str(name): columns[name] for name in names}
        labels, count = check_labels(columns)
        if count != rows:
            raise InputError(f"y has {count} labels and Z {rows} rows; give one for each other")
        return labels

    def _named(self, y):
        """The columns of an array of labels by name."""
        # Columns of a table of objects may be of several kinds.
        of_objects = isinstance(y, np.ndarray) and y.dtype.kind == "O" and y.ndim == 2
        values = y if of_objects else label_array(y, "y")
        values = values.reshape(len(values), -1)
        count = values.shape[1]
        given = self.factors
        names = [f"factor{k}" for k in range(count)] if given is None else check_factors(given)
        if len(names) != count:
            raise InputError(
                f"factors is {checks.shown(given)}, but y has {count} columns; give a name for each"
            )
        return dict(zip(names, values.T, strict=True))

    def _continuous(self, labels):
        """Names of the factors whose labels are values, not classes."""
        if self.continuous is None:
            floats = [name for name, values in labels.items() if values.dtype.kind == "f"]
            return [name for name in floats if not checks.are_whole(labels[name])]
        return check_factors(self.continuous, labels, "continuous") if len(self.continuous) else ()

    def _layout(self, Z, sampler):
        if self.sizes is not None:
            given = mapping(self.sizes, "sizes")
            unknown = [name for name in given if name not in sampler.factors]
            if unknown:
                raise InputError(
                    f"sizes names {unknown[0]!r}; give some of {list(sampler.factors)}"
                )
            sizes = {name: given.get(name) for name in sampler.factors}
            left = Z.shape[1] - sum(size or 0 for size in sizes.values())
            return FactorLayout(sizes, residual=left)
        index_a, index_b, shared = sampler.draw(_SIZE_PAIRS, step=0)
        return estimate_factor_sizes(Z[index_a], Z[index_b], shared, sampler.factors)

    def _trained(self, batches, steps, seed):
        from iin_tf.models.interpretation_network import InterpretationNetwork
        from iin_tf.optimizers import ConstantThenLinear, FusedAdam

        network = InterpretationNetwork(
            self.layout_,
            blocks=self.blocks,
            hidden=self.hidden,
            depth=self.depth,
            mixing=self.mixing,
            correlation=self.correlation,
            seed=seed,
        )
        network.compile(FusedAdam(ConstantThenLinear(self.learning_rate, steps)))
        network.fit(batches, verbose=self.verbose)
        return network


def _check_column_names(names):
    """Two factors may give one name: column 10 of `a` and column 0 of `a1`."""
    found, counts = np.unique(names.astype(str), return_counts=True)
    if (counts > 1).any():
        name = str(found[counts > 1][0])
        raise InputError(f"two columns would be called {name!r}; rename a factor")
