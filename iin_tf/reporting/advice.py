"""What to try where a factor was not found, of what its run has not done already."""

from collections.abc import Callable, Mapping
from typing import Any

_LINEAR = "a learned mixing (network.mixing='linear')"
_FRONT = "a front (network.front)"
_HIDDEN = "so that directions of little variance hide nothing"
_MORE = ["more training steps or labelled originals", "more dimensions for its block"]


def what_to_try(question: str, config: Mapping[str, Any]) -> str:
    """Advice to a question of the verdict that was not answered with yes.

    Args:
      question: name of a `Check`, or "readable": the representation hardly tells of the factor.
      config: of the run; {} where it is not known.
    """
    return ", ".join(_TRY[question](config))


def _own(config):
    network = config.get("network", {})
    yield from ("more labelled originals", "more training steps")
    yield "more dimensions for its block (sizes.fixed)"
    if network.get("mixing") != "linear":
        yield _LINEAR
    if network.get("front") is None:
        yield _FRONT


def _others(config):
    first_stage = config.get("first_stage", {})
    if first_stage.get("kind") == "autoencoder":
        # Its noise is the posterior's, and the weight of the divergence decides on it.
        yield f"more noise in its codes (a larger first_stage.kl_weight), {_HIDDEN}"
    elif first_stage.get("noise_kind") == "isotropic":
        yield f"more noise (first_stage.noise), {_HIDDEN}"
    else:
        yield (
            "more noise, or noise of one size in all directions (first_stage.noise, "
            f"noise_kind='isotropic'), {_HIDDEN}"
        )
    yield "more dimensions for its block"


_TRY: dict[str, Callable] = {
    "own": _own,
    "others": _others,
    "swap": lambda config: _MORE,
    "rho": lambda config: [
        "more labelled originals",
        "a lower network.correlation",
        "weight decay",
        "fewer steps: its held-out pairs agree less than the network expects",
    ],
    "readable": lambda config: [
        "another representation: this one hardly tells of the factor, before any network"
    ],
}
