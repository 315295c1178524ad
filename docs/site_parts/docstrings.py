"""Docstrings of the package as reStructuredText: they are plain text with `code` in backticks."""

import inspect
import re

_CODE = re.compile(r"`+([^`]+?)`+", re.DOTALL)
# What reStructuredText would read as emphasis, a substitution or a reference.
_SIGNS = re.compile(r"([*|\\]|(?<=\w)_\b)")
# A colon, a blank line, and what is indented under it: formulas, examples, tables.
_BLOCK = re.compile(r"^( *)(\S.*):\n\n((?:\1 +\S.*\n|\n)+)", re.MULTILINE)


def as_rst(text: str) -> str:
    """The same text, written so that reStructuredText shows what stands there."""
    found, end = [], 0
    for block in _BLOCK.finditer(text):
        found += [_prose(text[end : block.start()]), f"{block[1]}{_prose(block[2])}::\n\n"]
        found.append(block[3])
        end = block.end()
    return "".join([*found, _prose(text[end:])])


def _prose(text):
    parts = _CODE.split(text)
    # Every other part is code; the empty escape lets a letter follow.
    codes = [f"``{' '.join(code.split())}``\\ " for code in parts[1::2]]
    plain = [_SIGNS.sub(r"\\\1", part) for part in parts[::2]]
    return "".join(one for both in zip(plain, [*codes, ""], strict=True) for one in both)


def _process(app, what, name, value, options, lines):
    lines[:] = as_rst("\n".join(lines)).split("\n")


def _show_init(app, what, name, value, options, signature, returned):
    """Where a base of another package hides what a class takes, what its `__init__` takes."""
    if what != "class" or not (signature or "").startswith("(*args"):
        return None
    from sphinx.util.inspect import stringify_signature

    taken = inspect.signature(value.__init__)
    taken = taken.replace(parameters=list(taken.parameters.values())[1:])
    shown = stringify_signature(taken, show_return_annotation=False, unqualified_typehints=True)
    return shown, returned


def setup(app):
    app.connect("autodoc-process-signature", _show_init)
    # Before napoleon, which makes fields of the sections.
    app.connect("autodoc-process-docstring", _process, priority=400)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
