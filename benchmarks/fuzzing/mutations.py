"""What is done to right input to make it wrong."""

import re
from pathlib import Path

import numpy as np

# What breaks readers: extreme numbers, other types, names that lead elsewhere, odd characters.
NUMBERS = (0, -1, 1, 2**31, -(2**63), 2**63, 10**9, 10**30, 1e-30, 1e30, 5e-324, -0.0)
ODD_NUMBERS = (float("nan"), float("inf"), -float("inf"))
TEXTS = (
    "", " ", "residual", "../x", "/etc/passwd", "a/b", "\0", "\n", "é", "日本", "\u202e", "nan",
    "None", "1e999", "x" * 300, "{0}", "%s", "-1", "0", "1.5", "digit", "true",
)  # fmt: skip


def any_value(random: np.random.Generator, deep: int = 2) -> object:
    """A value of any of Python's or NumPy's kinds."""
    kinds = [
        lambda: NUMBERS[random.integers(len(NUMBERS))],
        lambda: ODD_NUMBERS[random.integers(len(ODD_NUMBERS))],
        lambda: TEXTS[random.integers(len(TEXTS))],
        lambda: int(random.integers(-3, 12)),
        lambda: bool(random.integers(2)),
        lambda: None,
        lambda: float(random.normal()),
        lambda: np.float32(random.normal()),
        lambda: any_array(random),
        lambda: object(),
        lambda: b"bytes",
        lambda: 1j,
    ]
    if deep:
        members = range(random.integers(4))
        kinds += [
            lambda: [any_value(random, deep - 1) for _ in members],
            lambda: tuple(any_value(random, deep - 1) for _ in members),
            lambda: {
                TEXTS[random.integers(len(TEXTS))]: any_value(random, deep - 1) for _ in members
            },
        ]
    return kinds[random.integers(len(kinds))]()


def any_array(random: np.random.Generator, rows: int | None = None) -> np.ndarray:
    """An array of any dtype and a small shape, with extreme values here and there."""
    shape = tuple(random.integers(0, 5, random.integers(0, 4)))
    if rows is not None:
        shape = (rows, *shape[1:])
    values = random.normal(size=shape)
    extreme = random.choice([*NUMBERS[:4], *NUMBERS[8:], *ODD_NUMBERS], shape)
    values = np.where(random.random(shape) < random.choice([0, 0.05, 1]), extreme, values)
    kind = random.choice(["f4", "f8", "f2", "i8", "i4", "u1", "?", "U3", "O", "c8", "M8[s]"])
    with np.errstate(all="ignore"):
        return values.astype("i8").astype(kind) if kind == "M8[s]" else values.astype(kind)


def changed_bytes(random: np.random.Generator, content: bytes) -> bytes:
    """`content` with one to three cuts, flips, repeats or insertions."""
    data = bytearray(content)
    for _ in range(random.integers(1, 4)):
        place = int(random.integers(len(data) + 1))
        length = int(random.integers(1, 9))
        match random.integers(6):
            case 0:
                del data[place:]
            case 1:
                del data[place : place + length]
            case 2:
                data[place:place] = random.bytes(length)
            case 3:
                data[place : place + length] = random.bytes(length)
            case 4 if place < len(data):
                data[place] ^= 1 << random.integers(8)
            case _:
                data[place:place] = data[place : place + 10 * length]
    return bytes(data)


def changed_text(random: np.random.Generator, text: str) -> str:
    """`text` with some of its words or numbers replaced, or changed as bytes are."""
    if random.random() < 0.3:
        return changed_bytes(random, text.encode()).decode("utf-8", "surrogateescape")
    words = list(re.finditer(r"-?\d+\.?\d*|\w+|[\[\]{}:,\"=()]", text))
    for _ in range(random.integers(1, 4)):
        word = words[random.integers(len(words))]
        new = [*map(str, NUMBERS), *TEXTS, "[" * 2000, "null", "NaN", "}", "]", '"', ","]
        text = text[: word.start()] + new[random.integers(len(new))] + text[word.end() :]
    return text


def changed_content(random: np.random.Generator, content: bytes, name: str) -> bytes:
    """The `content` of a file of that name, changed as a text where it is one, or as bytes."""
    if name.endswith(".json") and random.random() < 0.8:
        text = changed_text(random, content.decode())
        return text.encode("utf-8", "surrogateescape")
    return changed_bytes(random, content)


def damage(random: np.random.Generator, path: Path) -> None:
    """Removes a file, puts a folder or an array in its place, or changes what it holds."""
    match random.integers(8):
        case 0:
            path.unlink()
        case 1:
            path.unlink()
            path.mkdir()
        case 2:
            with path.open("wb") as file:
                np.save(file, any_array(random), allow_pickle=True)
        case _:
            path.write_bytes(changed_content(random, path.read_bytes(), path.name))
