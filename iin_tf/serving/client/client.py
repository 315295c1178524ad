"""The network's own methods, answered by a server."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from iin_tf import checks
from iin_tf.serving.client.connection import Connection

_SEEDS = np.iinfo(np.int64)
Names = str | Iterable[str]
Outputs = np.ndarray | dict[str, np.ndarray]


class Client(Connection):
    """A served network: arrays go in, NumPy arrays come out; TensorFlow isn't needed.

    All methods check what they are given before they send it.  Rows go in batches, and every
    answer is of one version: if that is replaced in the middle, the call starts anew.

    Args:
      url: `http://HOST:8501/v1/models/NAME`, or `grpc://HOST:8500/v1/models/NAME` for gRPC;
        `/versions/NUMBER` or `/labels/LABEL` behind it means this version.
      timeout: seconds to wait for each request.
      retries: how often a request is repeated after a connection error, and after nothing else.
      batch_size: how many rows go in one request.

    Raises:
      InputError: an argument is wrong; so does every method.
      MissingPackage: the HTTP library, or gRPC, isn't installed.
    """

    def transform(self, z: Any) -> np.ndarray:
        """`z_tilde = T(z)`, [B, N] -> [B, N].

        Raises:
          InputError: not rows of N finite numbers.
          ServerError: the server says no, in its own words.
          ConnectionError: there is no connection, or it was cut.
          TimeoutError: the server is silent for too long; all methods raise these.
        """
        return self.call("transform", z=z)["z_tilde"]

    def invert(self, z_tilde: Any) -> np.ndarray:
        """`z = T^-1(z_tilde)`, [B, N] -> [B, N]."""
        return self.call("invert", z_tilde=z_tilde)["z"]

    def factors(self, z: Any) -> dict[str, np.ndarray]:
        """The blocks of T(z) by name, residual first: [B, N_k] each."""

        def work(known):
            return _in_order(self._call(known, "factors", {"z": z}), known)

        return self._with_version(work)

    def from_factors(self, parts: Mapping[str, Any]) -> np.ndarray:
        """`z` [B, N] from blocks by name, the inverse of `factors`."""

        def work(known):
            arrays = {name: checks.real_array(part, f"parts[{name!r}]")
                      for name, part in dict(parts).items()}  # fmt: skip
            return self._call(known, "invert", {"z_tilde": known.layout.merge(arrays)})["z"]

        return self._with_version(work)

    def log_prob(self, z: Any) -> np.ndarray:
        """Marginal log-density of each row of `z` [B, N]: [B], nats."""
        return self.call("log_prob", z=z)["log_prob"]

    def swap(self, z: Any, donor: Any, factors: Names) -> np.ndarray:
        """`z` [B, N] with the blocks `factors` of `donor` [B, N], row by row.

        Raises:
          InputError: a factor is unknown; the message lists those that there are.
        """
        return self._edit("swap", factors, z=z, donor=donor)["z_new"]

    def erase(self, z: Any, factors: Names, seed: Any = 0) -> np.ndarray:
        """`z` [B, N] with the blocks `factors` drawn anew from N(0, I).

        Args:
          z: float [B, N].
          factors: names of the blocks.
          seed: whole number: row i is drawn by `seed + i`; or one for each row, int [B].
        """
        return self._edit("erase", factors, z=z, seed=_seeds(seed, _count("z", z)))["z_new"]

    def interpolate(self, z: Any, donor: Any, factors: Names, steps: int) -> np.ndarray:
        """From z to `swap(z, donor, factors)` in a straight line: [B, steps, N]."""
        return self._way("interpolate", "z_new", factors, steps, z=z, donor=donor)

    def sample(self, n: int, seed: int = 0) -> np.ndarray:
        """`n` representations [n, N] from the model's marginal; row i by `seed + i`."""
        return self.call("sample", seed=_seeds(seed, checks.whole(n, "n", least=0)))["z"]

    def pair_log_prob(self, z_a: Any, z_b: Any, shared: Any) -> np.ndarray:
        """Joint log-density of each pair, [B], nats.

        Args:
          z_a: float [B, N].
          z_b: float [B, N].
          shared: bool [B, K+1], the blocks that each pair shares; `layout.shared` makes rows.
        """
        return self.call("pair_log_prob", z_a=z_a, z_b=z_b, shared=shared)["log_prob"]

    def same(self, z_a: Any, z_b: Any, factor: str) -> np.ndarray:
        """Log-likelihood ratio of sharing `factor` or not, [B], nats; above 0 it is likelier."""

        def work(known):
            column = known.layout.index(factor)
            return self._call(known, "same", {"z_a": z_a, "z_b": z_b})["ratio"][:, column]

        return self._with_version(work)

    # With a first stage: from inputs, and to outputs

    def encode(self, x: Any) -> tuple[np.ndarray, np.ndarray]:
        """(mean, log_variance), [B, N] each, of the inputs x [B, ...]."""
        moments = self.call("encode", x=x)
        return moments["mean"], moments["log_variance"]

    def decode(self, z: Any) -> np.ndarray:
        """Outputs [B, ...] of representations z [B, N]."""
        return self.call("decode", z=z)["x"]

    def head(self, z: Any, x: Any = None) -> Outputs:
        """The rest of the model on representations z [B, N], and on x where it reads that.

        Returns:
          An array [B, ...]; of several outputs a dict of them.
        """
        return _single(self.call("head", z=z, **({} if x is None else {"x": x})))

    def factors_of_input(self, x: Any) -> dict[str, np.ndarray]:
        """The blocks of inputs x [B, ...] by name, residual first: [B, N_k] each."""

        def work(known):
            return _in_order(self._call(known, "factors_of_input", {"x": x}), known)

        return self._with_version(work)

    def swap_inputs(self, x: Any, donor: Any, factors: Names) -> np.ndarray:
        """Inputs x [B, ...] with the blocks `factors` of the inputs `donor`, decoded."""
        return self._edit("swap_inputs", factors, x=x, donor=donor)["x_new"]

    def erase_inputs(self, x: Any, factors: Names, seed: Any = 0) -> np.ndarray:
        """Inputs x [B, ...] with the blocks `factors` drawn anew, decoded; seeds as in `erase`."""
        return self._edit("erase_inputs", factors, x=x, seed=_seeds(seed, _count("x", x)))["x_new"]

    def interpolate_inputs(self, x: Any, donor: Any, factors: Names, steps: int) -> np.ndarray:
        """From x to `swap_inputs(x, donor, factors)`, decoded: [B, steps, ...]."""
        return self._way("interpolate_inputs", "x_new", factors, steps, x=x, donor=donor)

    def response(self, x: Any, factors: Names, seed: Any = 0) -> Outputs:
        """How far the model's output moves when the blocks `factors` of x are drawn anew.

        Args:
          x: inputs [B, ...].
          factors: names of the blocks that are drawn.
          seed: as in `erase`.

        Returns:
          float [B, outputs]: the standard deviation of each output over 100 draws; of several
          outputs a dict of them.
        """
        return _single(self._edit("response", factors, x=x, seed=_seeds(seed, _count("x", x))))

    def _edit(self, name, factors, **inputs):
        def work(known):
            rows = _count(*next(iter(inputs.items())))
            blocks = np.tile(known.layout.mask(factors), (rows, 1))
            return self._call(known, name, {**inputs, "blocks": blocks})

        return self._with_version(work)

    def _way(self, name, output, factors, steps, **inputs):
        steps = checks.whole(steps, "steps", least=2)
        count = _count(*next(iter(inputs.items())))
        rows = {key: np.repeat(np.asarray(one), steps, axis=0) for key, one in inputs.items()}
        t = np.tile(np.linspace(0, 1, steps), count)
        points = self._edit(name, factors, **rows, t=t)[output]
        return points.reshape(count, steps, *points.shape[1:])


def _single(outputs: dict[str, np.ndarray]) -> Outputs:
    return next(iter(outputs.values())) if len(outputs) == 1 else outputs


def _in_order(parts, known):
    return {name: parts[name] for name in known.layout.names}


def _count(name, rows):
    if isinstance(rows, str | bytes):
        return 1
    if not np.ndim(rows):
        raise checks.InputError(f"{name} is {checks.shown(rows)}; give rows")
    return len(rows)


def _seeds(seed, count):
    if np.ndim(seed):
        return np.asarray(seed)
    seed = checks.whole(seed, "seed", least=_SEEDS.min, most=_SEEDS.max - count)
    return seed + np.arange(count, dtype=np.int64)
