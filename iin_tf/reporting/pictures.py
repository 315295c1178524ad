"""The pictures that a run draws: their files, titles and captions, in the order of a page."""

import dataclasses
from collections.abc import Iterable

from iin_tf.reporting.labels import file_stem

SIZES, LEAKAGE, RESPONSES = "factor_sizes.png", "leakage.png", "responses.png"
SAMPLES = "samples.png"

# Kind of a picture of one block -> its title and caption.
_OF_BLOCKS = {
    "swap": (
        "{block} exchanged",
        "Recipients down, donors across: every image has the recipient's other blocks and the "
        "donor's {block}.",
    ),
    "interpolation": (
        "{block}: from recipient to donor",
        "From the recipient on the left to the donor's {block} on the right.",
    ),
    "walk": ("{block}: random walks", "A random walk of {block}; the other blocks hold still."),
}


@dataclasses.dataclass(frozen=True)
class Picture:
    """A picture that a run may have drawn: file name, title and caption."""

    file: str
    title: str
    caption: str


def picture_of_block(kind: str, block: str) -> Picture:
    """The picture of one block.

    Args:
      kind: "swap", "interpolation" or "walk".
      block: its name, of any length and letters.
    """
    title, caption = (text.format(block=block) for text in _OF_BLOCKS[kind])
    return Picture(f"{kind}_{file_stem(block)}.png", title, caption)


def pictures_of(blocks: Iterable[str]) -> list[Picture]:
    """All that a run with these blocks may have drawn, in the order of a page."""
    blocks = list(blocks)
    return [
        Picture(SIZES, "Sizes", "How many dimensions each block gets."),
        Picture(
            LEAKAGE,
            "What the blocks tell",
            "Held-out share of each factor's variance that each block tells.",
        ),
        Picture(
            RESPONSES,
            "Responses",
            "One block drawn anew, the others held; marked where the model ignores the block.",
        ),
        *(picture_of_block(kind, block) for kind in _OF_BLOCKS for block in blocks),
        Picture(SAMPLES, "Samples", "The model's marginal, decoded."),
    ]
