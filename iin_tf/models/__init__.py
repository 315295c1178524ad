"""The interpretation network, and the models beside it."""

from iin_tf.lazy import attribute_loader

# Public name -> module, loaded on first use.
_PUBLIC = {
    "ConvClassifier": "iin_tf.models.classifier",
    "GroupAutoencoder": "iin_tf.models.group_autoencoder",
    "InterpretationNetwork": "iin_tf.models.interpretation_network",
    "LinearNetwork": "iin_tf.models.linear_network",
    "VariationalAutoencoder": "iin_tf.models.autoencoder",
    "Watch": "iin_tf.models.watch",
    "fit_linear_network": "iin_tf.models.linear_network",
    "load_model": "iin_tf.models.loading",
    "pair_moments": "iin_tf.models.linear_network",
    "random_walk": "iin_tf.models.walks",
    "train_judge": "iin_tf.models.judges",
}

__all__ = list(_PUBLIC)
__getattr__ = attribute_loader(__name__, _PUBLIC)
