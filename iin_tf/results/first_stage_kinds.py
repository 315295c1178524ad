"""What a run tells of its first stage: the kinds of results of a frozen model."""

from iin_tf.results.run_kinds import RESPONSES, SIZES
from iin_tf.results.vocabulary import Expected, Kind, declare

declare(
    Kind(
        "outside/{block}",
        "{block} exchanged: values that the layer cannot give",
        RESPONSES,
        Expected("lower", 0, "no bound"),
        "fraction",
        "share of the values of edited representations outside of its range, such as below 0",
    )
)
declare(
    Kind(
        "dimensions/constant",
        "Constant dimensions, left out and put back",
        SIZES,
        Expected("neither"),
        "dimensions",
        "found on training examples",
    )
)
