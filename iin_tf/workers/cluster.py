"""The workers of a training, as TF_CONFIG or Slurm name them; no TensorFlow."""

import collections
import dataclasses
import json
from collections.abc import Mapping
from typing import Any

from iin_tf.checks import InputError, shown
from iin_tf.workers.slurm import tf_config_of_slurm

_EXAMPLE = (
    '{"cluster": {"worker": ["host1:2222", "host2:2222"]}, "task": {"type": "worker", "index": 0}}'
)
_TYPES = ("chief", "worker")


@dataclasses.dataclass(frozen=True)
class Cluster:
    """The workers of one training.

    Attributes:
      addresses: "host:port" of each; the first is the chief, who writes.
      rank: which of them this process is.
      tf_config: what TensorFlow reads.
    """

    addresses: tuple[str, ...]
    rank: int
    tf_config: str

    @property
    def is_chief(self) -> bool:
        """Whether this process writes what is trained."""
        return self.rank == 0


def cluster_of(environment: Mapping[str, str]) -> Cluster:
    """The cluster that an environment describes, by TF_CONFIG or by the variables of a Slurm step.

    Args:
      environment: such as `os.environ`.

    Raises:
      InputError: there is no description, or one that cannot be right.

    Source: https://www.tensorflow.org/guide/distributed_training (TF_CONFIG).
    """
    text = environment.get("TF_CONFIG") or tf_config_of_slurm(environment)
    if not text:
        raise InputError(
            "TF_CONFIG is not set, and this is no step of Slurm; set it for every worker, such as "
            f"{_EXAMPLE}, or start the workers by srun"
        )
    config = _parsed(text)
    addresses = [*_addresses(config, "chief"), *_addresses(config, "worker")]
    twice = [one for one, count in collections.Counter(addresses).items() if count > 1]
    if twice:
        raise InputError(f"TF_CONFIG names {twice[0]!r} twice; give every worker its own address")
    return Cluster(tuple(addresses), _rank(config), text)


def _parsed(text):
    try:
        config = json.loads(text)
    except ValueError as error:
        raise InputError(f"TF_CONFIG is no JSON ({error}); give such as {_EXAMPLE}") from error
    for name in ("cluster", "task"):
        if not isinstance(config, dict) or not isinstance(config.get(name), dict):
            raise InputError(f"TF_CONFIG has no object {name!r}; give such as {_EXAMPLE}")
    unknown = sorted(set(config["cluster"]) - set(_TYPES))
    if unknown:
        raise InputError(
            f"TF_CONFIG has tasks of type {unknown[0]!r}; a training here has 'worker' and, if you "
            "like, one 'chief'"
        )
    return config


def _addresses(config: Mapping[str, Any], kind: str) -> list[str]:
    found = config["cluster"].get(kind, [])
    right = isinstance(found, list) and all(
        isinstance(one, str) and one.rpartition(":")[0] and one.rpartition(":")[2].isdecimal()
        for one in found
    )
    if not right:
        raise InputError(f"TF_CONFIG has {shown(found)} as {kind!r}; give a list of 'host:port'")
    if kind == "chief" and len(found) > 1:
        raise InputError(f"TF_CONFIG has {len(found)} chiefs; give one, or none")
    return found


def _rank(config):
    kind, index = config["task"].get("type"), config["task"].get("index")
    count = len(config["cluster"].get(kind, ())) if kind in _TYPES else 0
    if isinstance(index, bool) or not isinstance(index, int) or not 0 <= index < count:
        raise InputError(
            f"TF_CONFIG says that this is task {shown(index)} of type {shown(kind)}, of which its "
            f"cluster has {count}; give one that is there, counted from 0"
        )
    return index + (len(config["cluster"].get("chief", ())) if kind == "worker" else 0)
