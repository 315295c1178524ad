"""What a frozen model must offer, and adapters that make models offer it."""

from iin_tf.first_stages.base import FirstStage
from iin_tf.first_stages.batches import (
    decode_in_batches,
    encode_in_batches,
    map_batches,
    stack_batches,
)
from iin_tf.first_stages.keras_model import KerasFirstStage
from iin_tf.first_stages.noise import representation_noise
from iin_tf.first_stages.saved_model import SavedModelFirstStage

__all__ = [
    "FirstStage",
    "KerasFirstStage",
    "SavedModelFirstStage",
    "decode_in_batches",
    "encode_in_batches",
    "map_batches",
    "representation_noise",
    "stack_batches",
]
