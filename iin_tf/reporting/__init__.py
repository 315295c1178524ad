"""What a run measured, as tables, pictures, pages and TensorBoard's files."""

from iin_tf.lazy import attribute_loader

_PUBLIC = {
    "save_response_comparison": "iin_tf.reporting.response_figures",
    "save_responses": "iin_tf.reporting.response_figures",
}

__all__ = list(_PUBLIC)
__getattr__ = attribute_loader(__name__, _PUBLIC)
