"""Training of first stages and of the network, with checkpoints and resume."""

from iin_tf.lazy import attribute_loader

# Public name -> module, loaded on first use.
_PUBLIC = {
    "Checkpoints": "iin_tf.training.checkpoints",
    "DamagedCheckpointWarning": "iin_tf.training.checkpoint_folder",
    "fit_network": "iin_tf.training.fit",
    "save_on_signals": "iin_tf.interruption",
    "train_autoencoder": "iin_tf.training.pretraining",
    "train_classifier": "iin_tf.training.pretraining",
    "train_group_autoencoder": "iin_tf.training.pretraining",
}

__all__ = list(_PUBLIC)
__getattr__ = attribute_loader(__name__, _PUBLIC)
