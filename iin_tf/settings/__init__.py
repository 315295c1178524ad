"""Settings that follow the data: noise, sizes, flow and training, chosen by one rule."""

from iin_tf.lazy import attribute_loader

# Public name -> module, loaded on first use.
_PUBLIC = {
    "Settings": "iin_tf.settings.chosen",
    "suggest": "iin_tf.settings.rule",
    "readings_by_noise": "iin_tf.settings.noise",
}

__all__ = list(_PUBLIC)
__getattr__ = attribute_loader(__name__, _PUBLIC)
