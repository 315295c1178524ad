"""The signatures of a SavedModel, read from its file without loading the model."""

from pathlib import Path
from typing import Any

import tensorflow as tf
from google.protobuf.json_format import MessageToDict
from tensorflow.core.protobuf import saved_model_pb2


def signature_definitions(path: Path) -> dict[str, Any]:
    """Mapping name -> SignatureDef of the SavedModel at `path`.

    Raises:
      FileNotFoundError: it holds no graph that is meant for serving.
    """
    model = saved_model_pb2.SavedModel.FromString((path / "saved_model.pb").read_bytes())
    for graph in model.meta_graphs:
        if tf.saved_model.SERVING in graph.meta_info_def.tags:
            return dict(graph.signature_def)
    raise FileNotFoundError(f"no graph with the tag {tf.saved_model.SERVING!r}")


def as_json(definition: Any) -> dict[str, Any]:
    """A SignatureDef as TensorFlow Serving's metadata show it."""
    return MessageToDict(
        definition, preserving_proto_field_name=True, always_print_fields_with_no_presence=True
    )
