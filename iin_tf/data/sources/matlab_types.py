"""What a MATLAB file holds, by its tags: SciPy ends the process on a type it does not know.

Seen with SciPy 1.17 (its pull request 25829).
"""

import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

# Types of numbers in a file of MATLAB 5 to 7: of 1 to 8 bytes, signed or not, and floats.
_NUMBERS = frozenset((1, 2, 3, 4, 5, 6, 7, 9, 12, 13))
# Kinds of arrays that are made of such numbers; the others are cells, structures and texts.
_NUMERIC = range(6, 16)
_COMPRESSED, _COMPLEX = 15, 0x0800
# Flags, dimensions and name of an array, and the first tag of its numbers, lie within.
_START = 4096


def is_plain(path: Path, name: str) -> bool:
    """Whether arrays of that name in a MATLAB 5 file are of real numbers of a known type.

    Args:
      path: of the file.
      name: of the array; others may be anything.

    Raises:
      struct.error, zlib.error: it is cut off, or damaged.
    """
    with open(path, "rb") as file:
        head = file.read(128)
        order = "<" if head[126:] == b"IM" else ">"
        return all(_is_plain(start, order, name) for start in _starts(file, order))


def _starts(file, order) -> Iterator[bytes]:
    """The first bytes of every array, unpacked, without its own tag."""
    while len(tag := file.read(8)) == 8:
        kind, size = struct.unpack(f"{order}II", tag)
        start = file.read(min(size, _START))
        file.seek(size - len(start), 1)
        if kind == _COMPRESSED:
            start = zlib.decompressobj().decompress(start, _START)[8:]
        yield start


def _is_plain(start, order, name):
    (flags,) = struct.unpack_from(f"{order}I", start, 8)
    place = 0
    for _ in ("flags", "dimensions", "name"):
        _, content, place = _element(start, place, order)
    kind, _, _ = _element(start, place, order)
    known = kind in _NUMBERS and flags & 0xFF in _NUMERIC and not flags & _COMPLEX
    return known or content != name.encode()


def _element(data, place, order):
    """The type of the element there, what it holds, and where the next begins."""
    kind, size = struct.unpack_from(f"{order}II", data, place)
    if kind >> 16:
        # Up to four bytes stand in the tag itself.
        return kind & 0xFFFF, data[place + 4 : place + 4 + (kind >> 16)], place + 8
    return kind, data[place + 8 : place + 8 + size], place + 8 + 8 * -(-size // 8)
