"""The explorer: a page in the browser on which a network's blocks are read, moved and exchanged.

All that the page shows comes from an `Explorer`, which needs no browser.
"""

from iin_tf.lazy import attribute_loader

# Public name -> module, loaded on first use.
_PUBLIC = {
    "Change": "iin_tf.explorer.view",
    "Explorer": "iin_tf.explorer.explorer",
    "View": "iin_tf.explorer.view",
    "open_served": "iin_tf.explorer.served",
    "open_workdir": "iin_tf.explorer.finished_run",
}

__all__ = list(_PUBLIC)
__getattr__ = attribute_loader(__name__, _PUBLIC)
