"""Which versions of the package and its libraries made a result."""

import platform
from importlib import metadata

import iin_tf

# Those whose change can change a result, or what can be read.
_LIBRARIES = ("tensorflow", "keras", "tensorflow-probability", "numpy")


def library_versions() -> dict[str, str]:
    """Name -> version of Python, this package and the libraries that compute; none is imported."""
    found = {"iin_tf": iin_tf.__version__, "python": platform.python_version()}
    return found | {name: metadata.version(name) for name in _LIBRARIES}
