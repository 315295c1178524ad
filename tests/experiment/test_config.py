"""Every key of the config: its default, and what it refuses before any stage begins."""

import math
import re
import sys

import pytest

from iin_tf.checks import InputError
from iin_tf.experiment import run
from iin_tf.experiment.config import default_config, key_paths

KEYS = key_paths()
# No key takes any of these.
NONSENSE = (None, math.nan, math.inf, -1, b"x", object(), (math.nan,), {"residual": -1}, [None])
# What is wrong for keys that take whole numbers, numbers, flags, texts, tuples, mappings.
BY_TYPE = {
    bool: (0, 1, "True", 2.0),
    int: (1.5, 10.0, True, "3", (3,), 1e300),
    # ConfigDict itself makes 1.0 of True where the default is a float.
    float: ("0.5", (0.5,), 1j, "learned "),
    str: (3, ("a",), "no\0thing"),
    tuple: ("digit", 3, {"a": 1}, {"digit"}),
    dict: ((1,), "a", 3, {"a": "b"}, {"a": None}, {3: 1.0}),
    type(None): (1.5, True, "white", (3,)),
}
# Bounds of single keys, each just outside of what is right.
BOUNDS = {
    "seed": (2**31,),
    "data.source": ("", "digits"),
    "data.coloring": ("", "stroke"),
    "data.views": (0,),
    "data.test_views": (0,),
    "data.examples": (1,),
    "data.test_examples": (0,),
    "data.images_per_color": (0,),
    "data.factors": (("digit", "digit"), ("residual",), ("",), (3,)),
    "data.key": ("",),
    "data.labels": ("none.csv", "/"),
    "data.test": (0.0, 1.0),
    "data.size": (0, (4, 4, 4), (4, -1)),
    "data.resize": ("", "grow"),
    "data.channels": (2, 4),
    "data.corrupt": ("", "yes"),
    "data.validation": (0.0, 1.0, 0, 1),
    "pairs.weights": ({"digit": 0.0}, {"digit": -2}, {"digit": math.nan}),
    "pairs.length_scales": ({"color": 0.0}, {"color": (0.1, -1.0)}, {"color": ()}),
    "pairs.periods": ({"color": -1.0},),
    "pairs.cap": (0.0, 1.0, 1 - 1e-9),
    "pairs.views_residual": (1.0, 1 - 1e-9),
    "pairs.table": ("none.csv", "/"),
    "pairs.labels": ("none.csv", "/"),
    "pairs.marginal_fraction": (1.0,),
    "first_stage.kind": ("encoder",),
    "first_stage.latent_size": (0, 1),
    "first_stage.noise": (0.0,),
    "first_stage.noise_kind": ("", "white"),
    "first_stage.pool": ("sum", -1, 1.0),
    "first_stage.pixels": ("", "0..2"),
    "first_stage.value_range": ((1, 0), (0,), ("a", None), 3),
    "first_stage.encode": ("",),
    "code": ("none.py", "/"),
    "sizes.fixed": ((0, 32, 32), (64, 1, -1), (1.5, 2, 3)),
    "sizes.pairs": (0,),
    "sizes.method": ("trace",),
    "sizes.rounding": ("nearest",),
    "network.correlation": (1.0, 1 - 1e-9, "lerned", {"digit": 1.0, "color": 0.5}),
    "network.front": (1,),
    "auto": (("networks",), ("seed",), ("network.seed",), (3,)),
    "network.mixing": ("foo",),
    "network.dtype": ("float16", "bfloat16", "float7"),
    "training.beta_1": (-0.1, 1.0),
    "training.beta_2": (1.0,),
    "training.decay": (2.0, 1.01),
    "training.seed": (-1, 2**31),
    "evaluation.pairs": (0,),
    "evaluation.measures": ((), ("mgi",), ("tad",), (3,)),
    "evaluation.resamples": (5,),
    "evaluation.response_examples": (1,),
    "evaluation.response_draws": (1,),
    "export.directory": ("", __file__),
    "export.name": ("", "a/b", "..", "a b"),
    "baselines.batch_size": (1,),
    "few_labels.labelled": ((), ("some",), ("0",), ("3", "3"), (3,)),
    "few_labels.marginal_fraction": (0.0, 1.0),
    "few_labels.missing": (("residual",), ("digit", "digit")),
}


def changed(key, value):
    """The default config with one value, whatever its type."""
    config = default_config()
    section, _, name = key.rpartition(".")
    with config.unlocked(), config.ignore_type():
        (config[section] if section else config)[name] = value
    return config


# What is right among the values that are wrong for most keys of a type.
RIGHT = {"data.size": (1,), "data.channels": (1,), "training.seed": (1,)}


def wrong_values(key):
    default = KEYS[key].default
    # 0 of a number that must be positive is in BOUNDS, or here.
    zero = (0,) if isinstance(default, int) and not isinstance(default, bool) else ()
    allows_zero = key in ("seed", "network.depth", "first_stage.image_size", "checkpoints.steps")
    return (
        *(NONSENSE if default is not None else NONSENSE[1:]),
        *BY_TYPE[type(default)],
        *(() if allows_zero else zero),
        *BOUNDS.get(key, ()),
    )


@pytest.fixture(autouse=True)
def no_stage(monkeypatch):
    """No stage may begin."""

    def begin(*_):
        pytest.fail("a stage began")

    monkeypatch.setattr(run, "_run", begin)


@pytest.mark.parametrize("key", KEYS)
def test_every_key_refuses_what_it_cannot_use_before_any_stage_begins(key, tmp_path):
    for value in wrong_values(key):
        if any(value is right for right in RIGHT.get(key, ())):
            continue
        if key == "network.correlation" and value == "0.5":
            continue
        with pytest.raises(InputError) as caught:
            run.run_stages(changed(key, value), tmp_path / "run")
        message = str(caught.value)
        assert message.startswith(key), (value, message)
        assert "\n" not in message
    assert not (tmp_path / "run").exists()


def test_the_bounds_name_keys_that_are_there():
    assert set(BOUNDS) <= set(KEYS)


@pytest.mark.parametrize("key", KEYS)
def test_a_missing_key_is_named(key):
    config = default_config()
    section, _, name = key.rpartition(".")
    with config.unlocked():
        del (config[section] if section else config)[name]
    with pytest.raises(InputError, match=f"^{key} is not in the config"):
        run.run_stages(config, "none")


@pytest.mark.parametrize("config", [None, {}, 3])
def test_what_is_no_config_is_refused(config):
    with pytest.raises(InputError, match=r"config is .*; give a ConfigDict"):
        run.run_stages(config, "none")


def test_every_default_is_right(tmp_path):
    for key, entry in KEYS.items():
        entry.check(entry.default, key)


def test_the_choices_are_those_of_what_uses_them():
    from iin_tf.bijectors.block_steps import COUPLINGS, MIXINGS
    from iin_tf.experiment.first_stages import FIRST_STAGES
    from iin_tf.experiment.key_checks import TRAINED
    from iin_tf.experiment.stages.pretrain import KINDS

    choices = {
        "network.mixing": MIXINGS.names(),
        "network.coupling": COUPLINGS.names(),
        "first_stage.kind": list(FIRST_STAGES),
    }
    assert list(KINDS) == list(TRAINED)
    for key, options in choices.items():
        for option in options:
            KEYS[key].check(option, key)
        with pytest.raises(InputError) as caught:
            KEYS[key].check("", key)
        assert str(options) in str(caught.value)


def test_the_choices_are_the_same_where_tensorflow_is_not_loaded(monkeypatch):
    from iin_tf.bijectors.block_steps import COUPLINGS, MIXINGS

    monkeypatch.delitem(sys.modules, "iin_tf.bijectors.block_steps")
    for key, registry in (("network.mixing", MIXINGS), ("network.coupling", COUPLINGS)):
        with pytest.raises(InputError, match=re.escape(str(registry.names()))):
            KEYS[key].check("", key)


def test_the_strategies_are_those_that_there_are():
    from iin_tf.experiment.strategies import STRATEGIES

    assert list(STRATEGIES) == ["none", "mirrored", "multi_worker"]
