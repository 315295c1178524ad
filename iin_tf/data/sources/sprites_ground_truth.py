"""The rendered sprites with their factors on a grid of values."""

from colorsys import hsv_to_rgb

import numpy as np

from iin_tf.checks import whole
from iin_tf.data.sources.ground_truth import GroundTruth
from iin_tf.data.sources.rendered_sprites import (
    LEVELS,
    POSITIONS,
    SCALES,
    check_size,
    color_of_levels,
    render_sprites,
)
from iin_tf.data.sources.sprite_shapes import SHAPES


class SpritesGroundTruth(GroundTruth):
    """Sprites for given factor values, rendered when asked for: an image is a function of them.

    Scales and positions are spaced evenly from end to end of the ranges of `sprites`,
    orientations evenly over the circle from 0 on (none twice), colours evenly over the hues from
    red on.

    Args:
      scales, orientations, positions, colors: number of values, each at least 2; `positions`
        holds for x and for y.
      size: side of the images in pixels, at least 32.

    Raises:
      InputError: a number out of range.
    """

    def __init__(
        self,
        scales: int = 6,
        orientations: int = 40,
        positions: int = 8,
        colors: int = 8,
        size: int = 32,
    ):
        check_size(size)
        numbers = {
            "scales": scales,
            "orientations": orientations,
            "positions": positions,
            "colors": colors,
        }
        for name, number in numbers.items():
            whole(number, name, least=2, most=10_000)
        self.size = size
        super().__init__(
            {
                "shape": np.arange(len(SHAPES)),
                "scale": np.linspace(*SCALES, scales),
                "orientation": np.arange(orientations) * (2 * np.pi / orientations),
                "x": np.linspace(*POSITIONS, positions),
                "y": np.linspace(*POSITIONS, positions),
                "color": _hues(colors),
            }
        )

    def observe(self, factors: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """The image of each row of value indices [n, K], uint8 [n, size, size, 3].

        The factors leave nothing open, so `rng` is not used.
        """
        return render_sprites(self.labels(factors), self.size)


def _hues(count):
    """RGB of evenly spaced hues, float32 [count, 3], inside the range of `sprites`' colours."""
    pure = np.array([hsv_to_rgb(k / count, 1, 1) for k in range(count)])
    return color_of_levels(np.round(LEVELS[0] + (LEVELS[1] - LEVELS[0]) * pure))
