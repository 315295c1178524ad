"""Whatever is given for an argument, an audit answers, or says what is wrong in one line."""

import functools

import numpy as np
import pytest

from iin_tf import FactorLayout
from iin_tf.audits import (
    block_index,
    compare_responses,
    correlation_interval,
    estimate_length_scale,
    indirect_influence,
    judge_metrics,
    neighbors_in,
    novelty_detection,
    novelty_scores,
    responses,
    retrieval_by_block,
    swap_metrics,
    unfairness_of_fixing,
)
from iin_tf.audits.likelihood import round_trip_error
from iin_tf.audits.readouts import readout_metrics
from iin_tf.checks import InputError, shown

ROWS = 24
FUNCTIONS = ("function", "decision", "decode", "search")


class Identity:
    """A network whose representation is z_tilde itself."""

    layout = FactorLayout({"shape": 1, "shade": 1}, residual=2)

    def transform(self, z):
        return z

    def invert(self, z_tilde):
        return z_tilde

    def log_prob(self, z):
        return -0.5 * np.square(z).sum(axis=1)

    def factors(self, z):
        return {name: z[:, part] for name, part in self.layout.slices.items()}

    def swap(self, z, donor, factors):
        return np.where(np.repeat(self.layout.mask(factors), self.layout.sizes), donor, z)


class Reads:
    """A judge of the shade."""

    def read(self, images):
        return images.reshape(len(images), -1)[:, -1]


Z = np.random.default_rng(0).standard_normal((ROWS, 4))
CLASSES = np.arange(ROWS) % 3
NETWORK, SOURCE = {"network": Identity(), "z": Z}, {"source": np.arange(ROWS)}
AGAIN = {"seed": 0, "resamples": 20, "level": 0.9}

CALLS = {
    responses: {
        **NETWORK,
        **SOURCE,
        **AGAIN,
        "function": lambda z: z[:, 2:],
        "classes": CLASSES,
        "draws": 2,
        "outputs": ["a", "b"],
        "ignored_below": 0.05,
    },
    compare_responses: {"results": {}},
    indirect_influence: {**NETWORK, **SOURCE, **AGAIN, "decision": lambda z: z[:, 3], "draws": 2},
    unfairness_of_fixing: {
        **NETWORK,
        **SOURCE,
        **AGAIN,
        "decision": lambda z: z[:, 3] > 0,
        "sensitive": CLASSES,
        "block": "shade",
        "donor": Z[0],
        "truth": CLASSES,
    },
    novelty_scores: NETWORK,
    novelty_detection: {
        "network": Identity(),
        "known": Z,
        "novel": Z,
        "alpha": 0.05,
        "known_source": np.arange(ROWS),
        "novel_source": np.arange(ROWS),
        **AGAIN,
    },
    retrieval_by_block: {
        "codes": Z,
        "labels": {"shape": CLASSES, "shade": Z[:, 3]},
        "blocks": Identity.layout,
        "k": 2,
        **SOURCE,
        **AGAIN,
        "queries": 5,
    },
    swap_metrics: {
        **NETWORK,
        **SOURCE,
        "decode": lambda z: z,
        "judges": {"shade": Reads()},
        "labels": {"shade": Z[:, 3]},
        "donors": 2,
        "seed": 0,
    },
    judge_metrics: {
        "judges": {"shade": Reads()},
        "images": Z,
        "reconstructions": Z,
        "labels": {"shade": Z[:, 3]},
    },
    readout_metrics: {"parts": {"a": Z}, "targets": {"shade": Z[:, 3]}, **SOURCE, "seed": 0},
    estimate_length_scale: {
        **NETWORK,
        **SOURCE,
        "values": Z[:, 3],
        "factor": "shade",
        "period": 9.0,
        "bounds": (0.1, 2.0),
        "cap": 0.9,
        "seed": 0,
    },
    correlation_interval: {
        "a": Z,
        "b": Z[::-1],
        "first": np.arange(ROWS),
        "second": np.arange(ROWS) + ROWS,
        "seed": 0,
    },
    round_trip_error: NETWORK,
    block_index: {"codes": Z, "cells": 2},
    neighbors_in: {"index": block_index(Z, 2), "queries": Z, "count": 2, "probes": 1},
}


def strange(random):
    """Values of many kinds, a few of them drawn."""
    shape = tuple(random.integers(0, 5, size=random.integers(1, 4)))
    return [
        None,
        True,
        -1,
        0,
        2.5,
        np.nan,
        10**400,
        "x",
        b"x",
        "",
        [],
        {},
        {"shape": 3},
        {1: np.zeros(ROWS)},
        [[1], [1, 2]],
        [None] * ROWS,
        ["a", 1] * (ROWS // 2),
        object(),
        int,
        functools.partial(int, "3"),
        {1, 2},
        range(ROWS),
        np.array(3.0),
        np.zeros((0, 4)),
        1j * Z,
        np.ma.masked_greater(Z, 0.5),
        np.where(Z > 1, np.nan, Z),
        np.full((ROWS, 4), np.inf),
        np.full(ROWS, "text"),
        np.full(ROWS, -1),
        np.zeros(ROWS),
        np.arange(ROWS) + 2**60,
        np.array([object()] * ROWS),
        np.zeros(ROWS, "datetime64[s]"),
        np.zeros(ROWS, [("a", "f4")]),
        random.standard_normal(shape),
        random.integers(-3, 3, size=shape),
        random.standard_normal((ROWS, random.integers(1, 7))),
    ]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("audit", CALLS, ids=lambda audit: audit.__name__)
def test_nothing_but_an_input_error(audit):
    random, arguments = np.random.default_rng(0), CALLS[audit]
    faults = []
    for name in arguments:
        for value in strange(random):
            # What a user's own function raises is the user's to read.
            if callable(value) and name in FUNCTIONS:
                continue
            message = refused(audit, {**arguments, name: value})
            if message is not None:
                faults.append(f"{name}={shown(value)}: {message}")
    assert not faults, "\n".join(faults)


def refused(audit, arguments):
    """What is wrong with how a call is refused; None where it is answered or refused well."""
    try:
        audit(**arguments)
    except InputError as error:
        text = str(error)
        return None if "\n" not in text and len(text) < 400 else f"refused by {text!r}"
    except Exception as error:
        return repr(error)[:200]
    return None


def test_what_the_calls_begin_with_works():
    for audit, arguments in CALLS.items():
        if arguments != {"results": {}}:
            assert audit(**arguments) is not None
