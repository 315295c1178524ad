"""A seeded fuzz of arguments: whatever is given, it works or it is an InputError of one line."""

import warnings

import numpy as np
import pandas
import pytest

from iin_tf import data
from iin_tf.checks import InputError

LABELS = {"digit": np.arange(12) % 3, "angle": np.linspace(0, 300, 12)}
SOURCE = np.arange(12) // 2
PAIRS = pandas.DataFrame({"id_a": [0, 1], "id_b": [4, 5], "factor": ["digit", "digit"]})
KERNEL = data.SquaredExponential(30.0, period=360)
SAMPLER = data.PairSampler(LABELS, ["digit"], source=SOURCE)
JUNK = [
    *(None, True, -1, 0, 1, 1.5, -0.5, 2**70, float("nan"), float("inf"), 1j, 10**400),
    *("", "digit", "nope", b"digit", [], (), {}, {"digit": 1}, {"digit": None}, {1: 2}, set()),
    *(["digit", "digit"], [["digit"]], [None], [0, 1], [1j] * 12, ["a"] * 12, [None] * 12),
    *(object(), len, int, range(12), np.float64(1), np.zeros(0), np.zeros((12, 2)), np.zeros(12)),
    *(
        np.array(["x"] * 12),
        np.array([2**63] * 12, np.uint64),
        np.ma.masked_all(12),
        np.full(12, -1),
    ),
    *(np.array([object()] * 12), np.zeros((2, 2, 2)), np.array(None), np.datetime64("2020-01-01")),
    *(pandas.DataFrame({"digit": [None] * 12}), pandas.Series(["1"] * 12), pandas.Timestamp(0)),
    *(
        {"digit": KERNEL},
        {"angle": 3},
        {"digit": [1, 2]},
        {"flip": "digit"},
        {"a": SAMPLER},
        KERNEL,
    ),
]
CALLS = {
    "PairSampler": (
        data.PairSampler,
        {"labels": LABELS, "factors": ["digit"], "source": SOURCE, "shares": None}
        | {"balanced": False, "weights": None, "seed": 0},
    ),
    "ContinuousPairs": (
        data.ContinuousPairs,
        {"labels": LABELS, "factors": ["angle"], "kernels": {"angle": KERNEL}, "source": SOURCE}
        | {"cap": 0.9, "partners": 2, "weights": None, "seed": 0},
    ),
    "PairTable": (
        data.PairTable,
        {"table": PAIRS, "factors": ["digit"], "ids": 12, "source": SOURCE, "labels": LABELS}
        | {"elsewhere": (), "weights": None, "seed": 0},
    ),
    "TransformationPairs": (
        data.TransformationPairs,
        {"transformation": ["", "flip"] * 6, "factors": ["digit"], "source": SOURCE}
        | {"changes": {"flip": "digit"}, "keeps": None, "labels": LABELS, "weights": None}
        | {"seed": 0},
    ),
    "MixedPairs": (
        data.MixedPairs,
        {"parts": {"a": SAMPLER}, "factors": ["digit"], "correlation": None, "weights": None}
        | {"seed": 0},
    ),
    "SquaredExponential": (data.SquaredExponential, {"length_scale": 1.0, "period": None}),
    "embed": (KERNEL.embed, {"values": np.zeros(3)}),
    "draw": (SAMPLER.draw, {"count": 3, "step": 0}),
    "few_labels": (
        data.few_labels,
        {"labels": LABELS, "by": "digit", "originals": 1, "source": np.arange(12)}
        | {"factors": None, "seed": 0},
    ),
    "audit_pairs": (
        data.audit_pairs,
        {"sampler": SAMPLER, "count": 10, "step": 0, "periods": None},
    ),
    "read_labels": (
        data.read_labels,
        {"table": pandas.DataFrame({"id": range(12), "digit": range(12)}), "ids": 12}
        | {"vectors": None, "id_column": "id"},
    ),
    "Examples": (
        data.Examples,
        {"x": np.zeros((12, 2)), "labels": LABELS, "source": SOURCE, "id": None},
    ),
    "transformed_copies": (
        data.transformed_copies,
        {
            "examples": np.arange(8).reshape(4, 2),
            "transformations": {"up": lambda x, random: x[::-1]},
        }
        | {"copies": 1, "seed": 0},
    ),
    "sprites": (data.sprites, {"count": 2, "seed": 0, "size": 32}),
    "sprite_views": (
        data.sprite_views,
        {"count": 2, "views": 2, "changes": "color", "seed": 0, "size": 32},
    ),
    "render_sprites": (data.render_sprites, {"labels": data.sprites(2).labels, "size": 32}),
    "SpritesGroundTruth": (
        data.SpritesGroundTruth,
        {"scales": 2, "orientations": 2, "positions": 2, "colors": 2, "size": 32},
    ),
    "TableGroundTruth": (
        data.TableGroundTruth,
        {"images": np.zeros((2, 1, 1, 1), np.uint8), "labels": {"a": [0, 1]}},
    ),
    "LatentStore": (data.LatentStore, {"directory": "nowhere"}),
    "read_dsprites": (data.read_dsprites, {"path": "nowhere"}),
    "read_cars3d": (data.read_cars3d, {"path": "nowhere"}),
    "read_tfds": (data.read_tfds, {"name": "smallnorb", "data_dir": "nowhere"}),
    "colored_digits": (
        data.colored_digits,
        {"split": "test", "views": 1, "coloring": "strokes", "seed": 0, "images_per_color": 8},
    ),
}


@pytest.mark.parametrize("name", CALLS)
def test_whatever_is_given_works_or_is_named(name):
    function, arguments = CALLS[name]
    random = np.random.default_rng(0)
    singles = [(argument, junk) for argument in arguments for junk in range(len(JUNK))]
    cases = [dict([single]) for single in singles]
    # Two wrong ones at once.
    names = list(arguments)
    for _ in range(40):
        picks = random.choice(len(names), min(2, len(names)), replace=False)
        cases.append({names[pick]: int(random.integers(len(JUNK))) for pick in picks})
    for case in cases:
        given = arguments | {argument: JUNK[junk] for argument, junk in case.items()}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                function(**given)
            except InputError as error:
                # One line, however odd what was given.
                if "\n" in str(error):
                    pytest.fail(f"{name} {case}: {error}")
