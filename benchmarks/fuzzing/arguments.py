"""Arguments of the public functions that take plain values and arrays."""

import warnings
from pathlib import Path

import numpy as np

import iin_tf
from fuzzing.mutations import TEXTS, any_array, any_value
from iin_tf.measures import Protocol, disentanglement

MEASURES = ("mig", "sap", "modularity", "mig_sup", "irs")


def layouts(random: np.random.Generator, folder: Path) -> None:
    """A layout of anything, and its methods on anything."""
    factors = {"digit": 2, "color": 3}
    if random.random() < 0.5:
        name = TEXTS[random.integers(len(TEXTS))]
        factors = any_value(random) if random.random() < 0.5 else {**factors, name: 2}
    residual = any_value(random) if random.random() < 0.3 else 4
    layout = iin_tf.FactorLayout(factors, residual)
    value = any_value(random) if random.random() < 0.5 else any_array(random)
    match random.integers(6):
        case 0:
            layout.index(value)
        case 1:
            layout.mask(value)
        case 2:
            layout.shared(value, all_but=any_value(random) if random.random() < 0.3 else None)
        case 3:
            layout.split(value)
        case 4:
            layout.merge(value)
        case _:
            layout.merge({"residual": value, "digit": any_array(random), "color": value})


def measure_arguments(random: np.random.Generator, folder: Path) -> None:
    """Codes, factors and settings of one measure, of which one or two do not fit."""
    rows = int(random.integers(12, 40))
    arguments = {
        "codes": random.normal(size=(rows, 4)).astype(np.float32),
        "factors": random.integers(0, 3, (rows, 2)),
        "measures": MEASURES[random.integers(len(MEASURES))],
        "protocol": Protocol(bins=4, refits=0),
    }
    for _ in range(random.integers(1, 3)):
        names = [*arguments, "blocks", "seed", "continuous", "factor_names", "source"]
        name = names[random.integers(len(names))]
        if name in ("codes", "factors", "source") and random.random() < 0.7:
            arguments[name] = any_array(random, rows if random.random() < 0.8 else None)
        else:
            arguments[name] = any_value(random)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        codes, factors = arguments.pop("codes"), arguments.pop("factors")
        found = disentanglement(codes, factors, **arguments)
    for result in found.values():
        # Not a number would be neither a figure nor an error.
        assert np.isfinite(result.value), f"{result.name} is {result.value}"
