"""Patterns of names: how the fields of a result are written into one key, and read back.

Nothing else in the package composes or takes apart a key of `metrics.json`.
"""

import re
from collections.abc import Mapping, Sequence
from urllib.parse import unquote

from iin_tf import checks

_SEGMENT = re.compile(r"([^{}/]*)(?:\{([a-z_]+)\})?")
# What unquoting would read as an escape.
_ESCAPE = re.compile(r"%(?=[0-9A-Fa-f]{2})")
_NUMBERS = ("channel", "removed", "rows")
_NOTHING = "nothing"


class Pattern:
    """A key with named fields, such as "swap/{block}/{factor}/donor".

    A field holds a text without a slash; "channel", "removed" and "rows" hold a whole number,
    and "shared" a tuple of texts, written as "a+b" or, where it is empty, "nothing".

    Args:
      text: segments between slashes; each may end in one field.

    Raises:
      InputError: a segment that is empty or has more than one field, or a field that comes twice.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self._segments = [_segment(text, part) for part in text.split("/")]
        self.fields = tuple(field for _, field in self._segments if field)
        if len(set(self.fields)) < len(self.fields):
            raise checks.InputError(f"pattern is {text!r}; give each of its fields another name")

    @property
    def literal(self) -> int:
        """Characters outside of fields: of two patterns that fit a key, the larger one decides."""
        return sum(len(prefix) for prefix, _ in self._segments)

    def check(self, fields: Mapping) -> dict:
        """`fields` in the form in which they are kept, in the pattern's order.

        Raises:
          InputError: a field is missing or too many, or its value cannot be part of a key.
        """
        if set(fields) != set(self.fields):
            raise checks.InputError(
                f"fields of {self.text!r} are {list(fields)}; give {list(self.fields)}"
            )
        return {field: _checked(field, fields[field]) for field in self.fields}

    def compose(self, fields: Mapping, guarded: Sequence[str] = ()) -> str:
        """The key of checked `fields`.

        Args:
          fields: as `check` returns them.
          guarded: fields whose first character is escaped too, for a key that would otherwise
            read as another one.
        """
        return "/".join(
            prefix + (_written(fields[field], field in guarded) if field else "")
            for prefix, field in self._segments
        )

    def match(self, key: str) -> dict | None:
        """The fields of `key`, or None where it does not fit."""
        parts = key.split("/")
        if len(parts) != len(self._segments):
            return None
        fields = {}
        for part, (prefix, field) in zip(parts, self._segments, strict=True):
            raw = part.removeprefix(prefix)
            if not part.startswith(prefix) or bool(raw) != bool(field):
                return None
            if field:
                fields[field] = _read(field, raw)
        return None if None in fields.values() else fields


def _segment(text: str, part: str) -> tuple[str, str | None]:
    """Prefix and field of one part of the pattern `text`."""
    match = _SEGMENT.fullmatch(part)
    if not match or not match[0]:
        raise checks.InputError(
            f"pattern is {checks.shown(text)}; give segments between slashes, each a text, "
            "a {field}, or a text that ends in a {field}"
        )
    return match[1], match[2]


def _checked(field: str, value: object) -> str | int | tuple:
    if field in _NUMBERS:
        return checks.whole(value, field, 0)
    if field == "shared":
        if isinstance(value, str) or not isinstance(value, list | tuple):
            raise checks.InputError(f"shared is {checks.shown(value)}; give a list of names")
        return tuple(_text(field, name) for name in value)
    return _text(field, value)


def _text(field: str, value: object) -> str:
    if not isinstance(value, str) or not value or "/" in value:
        raise checks.InputError(
            f"{field} is {checks.shown(value)}; give a text that is not empty and holds no slash"
        )
    return str(value)


def _written(value: str | int | tuple, guarded: bool) -> str:
    match value:
        case int():
            return str(value)
        case tuple():
            return shared_text(value, guarded)
        case _:
            return _escaped(value, guarded)


def shared_text(names: Sequence[str], guarded: bool = False) -> str:
    """What is shared as one text: "a+b", or "nothing"; no two lists of names have the same.

    Args:
      names: of the blocks that are shared.
      guarded: as in `Pattern.compose`.
    """
    guarded = guarded or tuple(names) == (_NOTHING,)
    return "+".join(_escaped(name, guarded).replace("+", "%2B") for name in names) or _NOTHING


def _escaped(text: str, guarded: bool) -> str:
    if not guarded:
        return _ESCAPE.sub("%25", text)
    first = "".join(f"%{byte:02X}" for byte in text[0].encode())
    return first + _ESCAPE.sub("%25", text[1:])


def _read(field: str, raw: str) -> str | int | tuple | None:
    if field in _NUMBERS:
        return int(raw) if raw.isascii() and raw.isdecimal() and str(int(raw)) == raw else None
    if field != "shared":
        return unquote(raw)
    return () if raw == _NOTHING else tuple(unquote(name) for name in raw.split("+"))
