"""A client of a served network, by REST or by gRPC."""

from iin_tf.lazy import attribute_loader

# Public name -> module, loaded on first use.
_PUBLIC = {
    "Client": "iin_tf.serving.client.client",
    "ServerError": "iin_tf.serving.client.errors",
}

__all__ = list(_PUBLIC)
__getattr__ = attribute_loader(__name__, _PUBLIC)
