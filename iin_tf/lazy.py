"""Names of a package that load on first use, so that importing the package stays quick."""

import importlib
from collections.abc import Callable, Mapping
from typing import Any


def attribute_loader(package: str, homes: Mapping[str, str]) -> Callable[[str], Any]:
    """A module-level `__getattr__` for `package`.

    Args:
      package: the package's `__name__`.
      homes: mapping public name -> the module that defines it; a module that is its own
        name stands for itself.
    """

    def load(name):
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}; it has {[*homes]}")
        module = importlib.import_module(homes[name])
        return module if homes[name] == f"{package}.{name}" else getattr(module, name)

    return load
