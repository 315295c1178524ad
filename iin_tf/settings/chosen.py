"""Settings of a network and its training, each with its reason."""

import dataclasses
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from iin_tf import checks
from iin_tf.checks import InputError
from iin_tf.factors import FactorLayout

if TYPE_CHECKING:
    import tensorflow as tf

    from iin_tf.models.interpretation_network import InterpretationNetwork

# Key of a config -> the field that is its value.
_KEYS = {
    "first_stage.noise": "noise",
    "first_stage.noise_kind": "noise_kind",
    "sizes.fixed": "sizes",
    "network.front": "front",
    "network.mixing": "mixing",
    "network.blocks": "blocks",
    "network.hidden": "hidden",
    "network.depth": "depth",
    "network.correlation": "correlation",
    "training.steps": "steps",
    "training.batch_size": "batch_size",
    "training.learning_rate": "learning_rate",
    "training.weight_decay": "weight_decay",
}
AUTO_KEYS = tuple(_KEYS)


@dataclasses.dataclass(frozen=True)
class Settings:
    """What `suggest` chose; `dataclasses.replace(settings, hidden=512)` chooses otherwise.

    Attributes:
      layout: FactorLayout, sizes of the blocks.
      noise: standard deviation of the noise of a deterministic representation, a fraction of its
        spread; None where it brings its own.
      noise_kind: "isotropic" or "proportional"; see `representation_noise`.
      front: as `InterpretationNetwork`; likewise mixing, blocks, hidden, depth, correlation.
      mixing: what stands between the blocks.
      blocks: number of blocks.
      hidden: width of the conditioners.
      depth: number of their hidden layers beyond the first.
      correlation: rho of a shared block.
      steps: of training; the rate falls to zero over their second half.
      batch_size: pairs in a step.
      learning_rate: of Adam, in the first half.
      weight_decay: of Adam.
      reasons: mapping field -> why.
    """

    layout: FactorLayout
    noise: float | None
    noise_kind: str
    front: int | None
    mixing: str
    blocks: int
    hidden: int
    depth: int
    correlation: float
    steps: int
    batch_size: int
    learning_rate: float
    weight_decay: float
    reasons: Mapping[str, str] = dataclasses.field(default_factory=dict, compare=False)

    @property
    def sizes(self) -> tuple[int, ...]:
        """Sizes of the blocks, the residual first."""
        return self.layout.sizes

    def __str__(self) -> str:
        lines = [f"{'sizes':14} {self.layout}  ({self.reasons.get('layout', 'given')})"]
        for field in dataclasses.fields(self):
            if field.name not in ("layout", "reasons"):
                value = getattr(self, field.name)
                lines.append(f"{field.name:14} {value}  ({self.reasons.get(field.name, 'given')})")
        return "\n".join(lines)

    def network(self, seed: int | None = None) -> "InterpretationNetwork":
        """The network, compiled with its optimiser."""
        from iin_tf.models.interpretation_network import InterpretationNetwork
        from iin_tf.optimizers import ConstantThenLinear, FusedAdam

        network = InterpretationNetwork(
            self.layout,
            blocks=self.blocks,
            hidden=self.hidden,
            depth=self.depth,
            correlation=self.correlation,
            mixing=self.mixing,
            front=self.front,
            seed=seed,
        )
        schedule = ConstantThenLinear(self.learning_rate, self.steps)
        network.compile(FusedAdam(schedule, beta_2=0.99, weight_decay=self.weight_decay or None))
        return network

    def batches(
        self, z: Any, pairs: Any, *, log_variance: Any = None, seed: int = 0
    ) -> "tf.data.Dataset":
        """Training batches without an end: pairs of rows, with fresh noise in every step.

        Args:
          z: float [n, N].
          pairs: a sampler of its rows, such as `iin_tf.data.PairSampler(labels, factors)`.
          log_variance: [n, N] or [N] of the representation, where it brings its own noise.
          seed: of the noise.

        Raises:
          InputError: rows of another width, or neither noise nor log_variance.
        """
        from iin_tf.data import ArrayLatents, pair_dataset
        from iin_tf.first_stages.noise import representation_noise

        z = checks.real_array(z, "z")
        if log_variance is None:
            if self.noise is None:
                raise InputError("log_variance is None, as noise is; give one of them")
            log_variance = representation_noise(z, self.noise, self.noise_kind)
        return pair_dataset(ArrayLatents(z, log_variance), pairs, self.batch_size, seed=seed)

    def reason(self, key: str) -> str:
        """Why the setting behind a key of a config was chosen.

        Raises:
          InputError: a key that no setting is for.
        """
        field = _KEYS[checks.choice(key, "key", AUTO_KEYS)]
        return self.reasons.get("layout" if field == "sizes" else field, "given")

    def as_config(self, keys: Iterable[str] = AUTO_KEYS) -> dict[str, Any]:
        """The values of these keys of a config, by dotted name; noise that there is none of is out.

        Raises:
          InputError: a key that no setting is for.
        """
        found = {checks.choice(key, "key", AUTO_KEYS): getattr(self, _KEYS[key]) for key in keys}
        brings_noise = self.noise is None
        return {
            key: value
            for key, value in found.items()
            if not (brings_noise and key.startswith("first_stage."))
        }
