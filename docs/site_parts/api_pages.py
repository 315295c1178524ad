"""The API reference: a page for every room with public names, made from their docstrings."""

import importlib
import inspect
from pathlib import Path

import iin_tf
from site_parts.docstrings import as_rst
from site_parts.root_pages import write_where_changed

# Rooms beside those that `iin_tf` names.
_MORE = ("experiment",)


def write_api_pages(folder: Path) -> None:
    """Writes `api_iin_tf.rst` and one page for each room."""
    named = [name for name in iin_tf.__all__ if inspect.ismodule(getattr(iin_tf, name))]
    rooms = ["iin_tf", *(f"iin_tf.{name}" for name in sorted({*named, *_MORE}))]
    for room in rooms:
        write_where_changed(folder / f"api_{room.replace('.', '_')}.rst", _page(room))
    pages = "\n".join(f"   api_{room.replace('.', '_')}" for room in rooms)
    text = (
        "API reference\n=============\n\nAll public names, made from their docstrings. "
        "Shapes stand in brackets: B rows, N dimensions, K factors.\n\n"
        f".. toctree::\n   :maxdepth: 1\n\n{pages}\n"
    )
    write_where_changed(folder / "api.rst", text)


def _page(room):
    module = importlib.import_module(room)
    public = {name: getattr(module, name) for name in sorted(module.__all__)}
    data = [name for name, value in public.items() if not callable(value)]
    names = [name for name, value in public.items() if callable(value)]
    lines = [f"``{room}``", "=" * (len(room) + 4), "", as_rst(inspect.getdoc(module) or ""), ""]
    lines += [f".. currentmodule:: {room}", "", ".. autosummary::", "   :nosignatures:", ""]
    lines += [f"   {name}" for name in names]
    for name in names:
        lines += ["", name, "-" * len(name), "", *_directive(public[name], name)]
        if room != "iin_tf" and name in iin_tf.__all__:
            lines.append("   :no-index:")  # it has its entry in the page of iin_tf
    for name in data:
        if not inspect.ismodule(public[name]):
            lines += ["", name, "-" * len(name), "", f".. py:data:: {name}", "   :no-index-entry:"]
    return "\n".join(lines) + "\n"


def _directive(value, name):
    if not inspect.isclass(value):
        return [f".. autofunction:: {name}"]
    foreign = [one for one in value.__mro__ if not one.__module__.startswith("iin_tf")]
    return [
        f".. autoclass:: {name}",
        "   :members:",
        # What Keras, TFP and scikit-learn bring is described by them.
        f"   :inherited-members: {', '.join(one.__name__ for one in foreign)}",
        f"   :exclude-members: {', '.join(_told_elsewhere(value, foreign))}",
    ]


def _told_elsewhere(value, foreign):
    """Members whose text comes from a base of another package, or that it makes."""
    own = {
        name: one
        for base in value.__mro__
        if base not in foreign
        for name, one in vars(base).items()
    }
    for name, one in own.items():
        texts = [getattr(base, name).__doc__ for base in foreign if hasattr(base, name)]
        made = type(one).__module__.partition(".")[0] == "sklearn"
        if made or (one.__doc__ and any(text and text in one.__doc__ for text in texts)):
            yield name
