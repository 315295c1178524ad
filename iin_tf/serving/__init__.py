"""Trained networks for use elsewhere: export, a client, and a local server for development."""

from iin_tf.lazy import attribute_loader

# Public name -> module, loaded on first use.
_PUBLIC = {
    "Client": "iin_tf.serving.client.client",
    "Limits": "iin_tf.serving.server.limits",
    "Server": "iin_tf.serving.server.server",
    "ServerError": "iin_tf.serving.client.errors",
    "VerificationError": "iin_tf.serving.verification",
    "export": "iin_tf.serving.saved_model",
    "verify": "iin_tf.serving.verification",
}

__all__ = list(_PUBLIC)
__getattr__ = attribute_loader(__name__, _PUBLIC)
