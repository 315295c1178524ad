"""What a frozen model must offer, and adapters that make models offer it."""

from iin_tf.lazy import attribute_loader

# Public name -> module, loaded on first use.
_PUBLIC = {
    "ConstantDimensions": "iin_tf.first_stages.constant",
    "FirstStage": "iin_tf.first_stages.base",
    "FunctionFirstStage": "iin_tf.first_stages.function",
    "KerasFirstStage": "iin_tf.first_stages.keras_model",
    "SavedModelFirstStage": "iin_tf.first_stages.saved_model",
    "StoredLatents": "iin_tf.first_stages.stored",
    "application_first_stage": "iin_tf.first_stages.application",
    "decode_in_batches": "iin_tf.first_stages.batches",
    "encode_in_batches": "iin_tf.first_stages.batches",
    "in_own_process": "iin_tf.first_stages.own_process",
    "map_batches": "iin_tf.first_stages.batches",
    "representation_noise": "iin_tf.first_stages.noise",
    "stack_batches": "iin_tf.first_stages.batches",
}

__all__ = list(_PUBLIC)
__getattr__ = attribute_loader(__name__, _PUBLIC)
