"""Names in pictures and file names, whatever the factors are called."""

import hashlib
import re

_MOST_BYTES = 80


def chart_label(name: object, most: int = 32) -> str:
    """`name` as matplotlib shows it as it stands: on one line, cut at `most` characters.

    Args:
      name: of a factor, class or model.
      most: characters, the last an ellipsis where the name is longer.
    """
    text = " ".join(str(name).split()) or repr(name)
    text = text if len(text) <= most else text[: most - 1] + "…"
    # Two dollars would set mathematics; a legend leaves out what begins with an underscore.
    text = text.replace("$", r"\$")
    return f" {text}" if text.startswith("_") else text


def file_stem(name: str) -> str:
    """`name` as part of a file name: another name for each, at most 80 bytes long.

    Letters, digits and the signs that every file system takes stay as they are.
    """
    safe = re.sub(r"[^\w .+-]", lambda found: _bytes(found[0]), name)
    if len(safe.encode()) <= _MOST_BYTES:
        return safe
    digest = hashlib.sha256(name.encode()).hexdigest()[:16]
    start = safe.encode()[: _MOST_BYTES - len(digest) - 1].decode(errors="ignore")
    return f"{start}-{digest}"


def _bytes(character: str) -> str:
    return "".join(f"%{byte:02X}" for byte in character.encode())
