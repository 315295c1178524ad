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
    "pairs.kind": "kind",
    "pairs.members": "members",
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
# Of what follows from another field, that one has the reason.
_REASONS = {"sizes": "layout", "kind": "members"}


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
      members: training batches are labelled examples in groups of at most so many; 0: pairs.
      steps: of training; the rate falls to zero over their second half.
      batch_size: pairs in a step, or examples in groups.
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
    members: int
    steps: int
    batch_size: int
    learning_rate: float
    weight_decay: float
    reasons: Mapping[str, str] = dataclasses.field(default_factory=dict, compare=False)

    @property
    def sizes(self) -> tuple[int, ...]:
        """Sizes of the blocks, the residual first."""
        return self.layout.sizes

    @property
    def kind(self) -> str:
        """What a training batch is: "pairs" or "groups"."""
        return "groups" if self.members else "pairs"

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
        self, z: Any, labels: Any, *, source: Any = None, log_variance: Any = None, seed: int = 0
    ) -> "tf.data.Dataset":
        """Training batches without an end: pairs or groups, with fresh noise in every step.

        Args:
          z: float [n, N].
          labels: mapping factor -> [n]; or a sampler of the rows of z: `iin_tf.data.GroupSampler`
            where `members` says groups, or one of pairs.
          source: [n], the original of each row, as `suggest` takes it; not with a sampler.
          log_variance: [n, N] or [N] of the representation, where it brings its own noise.
          seed: of the draws and the noise.

        Raises:
          InputError: rows of another width, neither noise nor log_variance, or pairs where
            the settings are for groups.
        """
        from iin_tf.data import ArrayLatents, group_dataset, pair_dataset
        from iin_tf.first_stages.noise import representation_noise

        z = checks.real_array(z, "z")
        if log_variance is None:
            if self.noise is None:
                raise InputError("log_variance is None, as noise is; give one of them")
            log_variance = representation_noise(z, self.noise, self.noise_kind)
        batches = group_dataset if self.members else pair_dataset
        sampler = self._sampler(labels, source, seed)
        return batches(ArrayLatents(z, log_variance), sampler, self.batch_size, seed=seed)

    def _sampler(self, labels, source, seed):
        from iin_tf.data import GroupSampler, PairSampler

        if not hasattr(labels, "draw"):
            if self.members:
                names = self.layout.factor_names
                members = self.members
                return GroupSampler(labels, names, source=source, members=members, seed=seed)
            return PairSampler(labels, self.layout.factor_names, source=source, seed=seed)
        if source is not None:
            raise InputError("source goes with labels; a sampler has its own")
        if isinstance(labels, GroupSampler) != bool(self.members):
            raise InputError(
                f"labels is a {type(labels).__name__}, and the settings are for {self.kind} "
                f"(members is {self.members}); give labels, or suggest(..., members=...)"
            )
        return labels

    def reason(self, key: str) -> str:
        """Why the setting behind a key of a config was chosen.

        Raises:
          InputError: a key that no setting is for.
        """
        field = _KEYS[checks.choice(key, "key", AUTO_KEYS)]
        return self.reasons.get(_REASONS.get(field, field), "given")

    def as_config(self, keys: Iterable[str] = AUTO_KEYS) -> dict[str, Any]:
        """The values of these keys of a config, by dotted name; what there is none of is out.

        Raises:
          InputError: a key that no setting is for.
        """
        found = {checks.choice(key, "key", AUTO_KEYS): getattr(self, _KEYS[key]) for key in keys}
        out = () if self.noise is not None else ("first_stage.noise", "first_stage.noise_kind")
        out += () if self.members else ("pairs.members",)
        return {key: value for key, value in found.items() if key not in out}
