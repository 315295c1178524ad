"""The flags of the architecture that is measured; the defaults are the published size."""

from absl import flags
from contenders import Size

_LATENTS = flags.DEFINE_integer("latents", 64, "N.")
_BLOCKS = flags.DEFINE_integer("blocks", 12, "Blocks of the flow.")
_HIDDEN = flags.DEFINE_integer("hidden", 512, "Width of the conditioners.")
_DEPTH = flags.DEFINE_integer("depth", 2, "Their hidden layers beyond the first.")


def size():
    """The Size that the flags give."""
    return Size(_LATENTS.value, _BLOCKS.value, _HIDDEN.value, _DEPTH.value)
