"""Whatever is given instead of what is asked for: InputError, one line, at once."""

import inspect

import numpy as np
import pytest

from iin_tf.checks import InputError
from iin_tf.measures import (
    Protocol,
    disentanglement,
    features_of,
    frechet_distance,
    gaussian_frechet,
    interventions,
    kernel_distance,
    udr,
    unfairness_of_counts,
)

STRANGE = [
    None,
    True,
    -1,
    0,
    1.5,
    10**30,
    np.nan,
    np.inf,
    1j,
    "",
    "x",
    b"mig",
    [],
    {},
    (),
    [[]],
    [[1], [1, 2]],
    [None],
    {"a": 1},
    {"a": slice(0, 1)},
    {1: [0]},
    {"a": [0.5]},
    {"a": slice("x")},
    object(),
    object,
    len,
    np.zeros(0),
    np.zeros((0, 3)),
    np.zeros((3, 0)),
    np.array(["a", "b"]),
    np.array([object(), None]),
    np.full((40, 2), np.nan),
    np.full((40, 2), 1e300),
    np.zeros((40, 2, 2)),
    np.ones((40, 2), complex),
    np.ma.masked_array(np.ones((40, 2)), np.eye(40, 2)),
    np.array("2020-01-01", "M8[D]"),
    float("-inf"),
    range(3),
    iter("ab"),
]


class Identity:
    def sample_factors(self, count, rng):
        return rng.integers(3, size=(count, 2))

    def observe(self, factors, rng):
        return factors.astype(float)


def fine():
    """The calls with arguments that are right."""
    rng = np.random.default_rng(0)
    factors = rng.integers(0, 2, (40, 2))
    codes = factors + 0.1 * rng.normal(size=factors.shape)
    quick = Protocol(train=24, test=12, resamples=20, refits=0, bins=4, batch=4)
    return [
        (
            disentanglement,
            {
                "codes": codes,
                "factors": factors,
                "measures": "mig",
                "blocks": None,
                "seed": 0,
                "continuous": (),
                "factor_names": ["a", "b"],
                "protocol": quick,
                "source": np.arange(40) // 2,
            },
        ),
        (
            interventions,
            {
                "sampler": Identity(),
                "represent": lambda rows: rows,
                "measures": "beta_vae",
                "blocks": None,
                "seed": 0,
                "protocol": quick,
            },
        ),
        (
            udr,
            {
                "representations": [codes, codes],
                "informative": None,
                "similarity": "spearman",
                "seed": 0,
                "protocol": quick,
            },
        ),
        (
            frechet_distance,
            {"features_a": codes, "features_b": codes, "seed": 0, "repeats": 2, "level": 0.9},
        ),
        (
            kernel_distance,
            {
                "features_a": codes,
                "features_b": codes,
                "seed": 0,
                "repeats": 2,
                "level": 0.9,
                "rows": 20,
            },
        ),
        (
            gaussian_frechet,
            {
                "mean_a": np.zeros(2),
                "covariance_a": np.eye(2),
                "mean_b": np.ones(2),
                "covariance_b": np.eye(2),
            },
        ),
        (features_of, {"model": lambda rows: rows, "examples": codes, "batch": 8}),
        (unfairness_of_counts, {"counts": np.ones((2, 3))}),
        (
            Protocol,
            {field: parameter.default for field, parameter in _settings_of(Protocol).items()},
        ),
    ]


def _settings_of(function):
    return inspect.signature(function).parameters


CALLS = fine()


def refusal(call, arguments):
    """What InputError says to a call, "" where it returns; any other error is a fault."""
    if any(arguments.get(name) is object for name in ("model", "represent")):
        # It can be called, but not with examples: a user's function speaks for itself.
        return ""
    try:
        call(**arguments)
    except InputError as error:
        return str(error)
    return ""


@pytest.mark.parametrize(("call", "arguments"), CALLS, ids=[call.__name__ for call, _ in CALLS])
def test_every_argument_refuses_strange_values(call, arguments):
    assert set(arguments) == set(_settings_of(call))
    call(**arguments)
    for name in arguments:
        for value in STRANGE:
            message = refusal(call, {**arguments, name: value})
            assert "\n" not in message, (name, value)
            assert len(message) < 500, (name, value)


@pytest.mark.parametrize("seed", range(4))
def test_strange_values_together(seed):
    random = np.random.default_rng(seed)
    for call, arguments in CALLS:
        for _ in range(100):
            names = [name for name in arguments if random.random() < 0.4]
            strange = {name: STRANGE[random.integers(len(STRANGE))] for name in names}
            assert "\n" not in refusal(call, {**arguments, **strange}), strange


@pytest.mark.parametrize("measures", ["all", "default"])
def test_measures_of_strange_data_return_or_refuse(measures):
    """Few rows, few values, duplicates, constants, tiny and huge numbers; nothing hangs."""
    quick = Protocol(
        train=30, test=20, resamples=20, refits=2, bins=4, estimator="hist_gradient_boosting"
    )

    def numbers_of(**given):
        result = disentanglement(measures=measures, protocol=quick, **given)
        assert not any(np.isnan(one.value) for one in result.values())

    random = np.random.default_rng(0)
    for trial in range(25):
        rows, width = random.integers(10, 40), random.integers(1, 4)
        codes = random.normal(size=(rows, width)) * 10.0 ** random.integers(-29, 29, width)
        codes[:, random.random(width) < 0.3] = random.choice([0, 1, 1e-12, 1e12])
        codes = codes[random.integers(0, rows, rows)] if trial % 3 == 0 else codes
        factors = random.integers(-1, 3, (rows, random.integers(1, 3)))
        source = random.integers(0, 12, rows) if trial % 4 == 0 else None
        refusal(numbers_of, {"codes": codes, "factors": factors, "source": source})
