"""What an export says of itself, as JSON."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from iin_tf.factors import FactorLayout
from iin_tf.versions import library_versions

if TYPE_CHECKING:
    from iin_tf.first_stages import FirstStage

# Another form is another number.
FORMAT = 1
# The folder of a SavedModel that is left to the libraries above TensorFlow, and what lies in it.
EXTRA = "assets.extra"
DESCRIPTION_FILE = "description.json"


def describe(
    layout: FactorLayout,
    endpoints: Iterable[str],
    first_stage: "FirstStage | None",
    facts: Mapping[str, Any],
) -> dict[str, Any]:
    """The description of an export, plain JSON values.

    Args:
      layout: of the network.
      endpoints: names of all.
      first_stage: FirstStage that travels along, or None.
      facts: what else is known, such as where the network comes from; it goes in as it is.
    """
    blocks = zip(layout.names, layout.sizes, strict=True)
    return {
        "format": FORMAT,
        "latent_size": layout.latent_size,
        "blocks": [{"name": name, "size": size} for name, size in blocks],
        "endpoints": sorted(endpoints),
        "first_stage": None if first_stage is None else _of_first_stage(first_stage),
        "versions": library_versions(),
        **facts,
    }


def _of_first_stage(first_stage):
    spec, ends = first_stage.input_spec, first_stage.input_range
    return {
        "kind": type(first_stage).__name__,
        "input": {
            "shape": [None if size is None else int(size) for size in spec.shape],
            "dtype": spec.dtype.name,
            "range": None if ends is None else [float(end) for end in ends],
        },
        "has_decoder": bool(first_stage.has_decoder),
        "has_head": bool(first_stage.has_head),
    }
