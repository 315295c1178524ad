"""The pictures that a run draws: their files, titles and captions, in the order of a page."""

import dataclasses
from collections.abc import Iterable

from iin_tf.reporting.labels import file_stem

SIZES, LEAKAGE, RESPONSES = "factor_sizes.png", "leakage.png", "responses.png"
SAMPLES, MAPS, TRAINING = "samples.png", "maps.png", "training.png"

# Kind of a picture of one block -> its title, its caption, and what is seen.
_OF_BLOCKS = {
    "swap": (
        "{block} exchanged",
        "Recipients down, donors across: every image has the recipient's other blocks and the "
        "donor's {block}.",
        "A grid of images: recipients down the left edge, donors along the top, in each cell the "
        "recipient with the donor's {block}.",
    ),
    "interpolation": (
        "{block}: from recipient to donor",
        "From the recipient on the left to the donor's {block} on the right.",
        "Rows of images that go from one example to the same example with a donor's {block}.",
    ),
    "neighbors": (
        "Nearest neighbours in {block}",
        "A held-out example on the left of each row, then those whose {block} is nearest to its.",
        "Rows of images: a held-out example, then the images nearest to it in {block}.",
    ),
    "walk": (
        "{block}: random walks",
        "A random walk of {block}; the other blocks hold still.",
        "Rows of images in which only what {block} holds changes step by step.",
    ),
}


@dataclasses.dataclass(frozen=True)
class Picture:
    """A picture that a run may have drawn.

    Attributes:
      file: its name.
      title: above it.
      caption: under it.
      seen: what is seen, for whoever cannot see it.
    """

    file: str
    title: str
    caption: str
    seen: str


def picture_of_block(kind: str, block: str) -> Picture:
    """The picture of one block.

    Args:
      kind: "swap", "interpolation", "neighbors" or "walk".
      block: its name, of any length and letters.
    """
    title, caption, seen = (text.format(block=block) for text in _OF_BLOCKS[kind])
    return Picture(f"{kind}_{file_stem(block)}.png", title, caption, seen)


def pictures_of(blocks: Iterable[str]) -> list[Picture]:
    """All that a run with these blocks may have drawn, in the order of a page."""
    blocks = list(blocks)
    return [
        Picture(
            TRAINING,
            "Training",
            "The loss of each epoch, on training batches and on held-out ones; the network is that "
            "of the lowest held-out loss.",
            "Two curves of the loss over the epochs, and a mark on the lowest held-out one.",
        ),
        Picture(
            SIZES,
            "Sizes, as bars",
            "How many dimensions each block gets.",
            "Bars: the dimensions of each block, by model.",
        ),
        Picture(
            LEAKAGE,
            "What the blocks tell, in colours",
            "Held-out share of each factor's variance that each block tells.",
            "A table in colours: blocks down, factors across, darker where a block tells more.",
        ),
        Picture(
            MAPS,
            "Maps of the blocks",
            "The two leading principal components of each block's held-out codes, coloured by each "
            "factor: a block should be sorted by its own factor alone.",
            "Clouds of points, one for each block and factor, coloured by the factor's values.",
        ),
        Picture(
            RESPONSES,
            "Responses, as bars",
            "One block drawn anew, the others held; marked where the model ignores the block.",
            "Bars with intervals: how much the outputs vary with each block, and with all of them.",
        ),
        *(picture_of_block(kind, block) for kind in _OF_BLOCKS for block in blocks),
        Picture(
            SAMPLES,
            "Samples",
            "The model's marginal, decoded.",
            "A grid of images that were drawn at random from the network.",
        ),
    ]
