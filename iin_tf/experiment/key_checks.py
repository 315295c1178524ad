"""Checks of single config keys: each takes a value and the key's dotted name."""

import dataclasses
import functools
import os
import re
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np

from iin_tf import checks
from iin_tf.checks import InputError, shown
from iin_tf.data.sources.image_form import image_form
from iin_tf.first_stages.choices import POOLINGS, value_ends

Check = Callable[[Any, str], Any]


@dataclasses.dataclass(frozen=True)
class Key:
    """A key of the config.

    Attributes:
      default: its value.
      check: function of a value and the key's dotted name that raises InputError.
    """

    default: Any
    check: Check


RESIDUAL = "residual"
# Kinds of first stages that stage pretrain trains, and those that are there already.
TRAINED = ("autoencoder", "classifier")
GIVEN = ("keras", "application", "saved_model", "none", "python")


def at_least(least: int, most: int | None = None) -> Check:
    """A whole number, `least` or more."""
    return functools.partial(checks.whole, least=least, most=most)


def number(**bounds: Any) -> Check:
    """A finite number between the bounds that are given: least, above, most, below."""
    return functools.partial(checks.number, **bounds)


def or_none(check: Check) -> Check:
    """None, or what another check takes."""

    def check_given(value: Any, key: str) -> None:
        if value is not None:
            check(value, key)

    return check_given


def one_of(options: Iterable[str]) -> Check:
    """One of some texts."""
    return functools.partial(checks.choice, options=options)


def steps_of(registry: str, own: tuple[str, ...]) -> Check:
    """A name in a registry of a flow's steps, by its name in `iin_tf.bijectors.block_steps`.

    The package's own names are known without TensorFlow, which the registry needs.
    """

    def check(value: Any, key: str) -> None:
        block_steps = sys.modules.get("iin_tf.bijectors.block_steps")
        registered = getattr(block_steps, registry).names() if block_steps else ()
        checks.choice(value, key, dict.fromkeys([*own, *registered]))

    return check


def below_one(value: Any, key: str) -> None:
    """A correlation: 0 or more, and below 1 as float32 has it."""
    checks.number(value, key, least=0, below=1)
    _rounds_below_one(value, key)


def inside_one(value: Any, key: str) -> None:
    """A number above 0 and below 1, as float32 has it."""
    checks.number(value, key, above=0, below=1)
    _rounds_below_one(value, key)


def _rounds_below_one(value: Any, key: str) -> None:
    if np.float32(value) == 1:
        raise InputError(f"{key} is {value!r}, which is 1 in float32; give a smaller number")


def text(value: Any, key: str) -> None:
    """Any text, "" included, that could be a path."""
    if not isinstance(value, str) or "\0" in value:
        raise InputError(f"{key} is {shown(value)}; give a text")
    if any(len(os.fsencode(part)) > 255 for part in Path(value).parts):
        raise InputError(f"{key} is {shown(value)}; give names of at most 255 bytes")


def name(value: Any, key: str) -> None:
    """A text that is not empty."""
    text(value, key)
    if not value:
        raise InputError(f"{key} is empty; give a name")


def model_name(value: Any, key: str) -> None:
    """A name that is a directory's."""
    if not isinstance(value, str) or not re.fullmatch(r"\w[\w.-]*", value):
        raise InputError(f"{key} is {shown(value)}; give letters, digits and _ . -")


def directory(value: Any, key: str) -> None:
    """The path of a directory that is there or can come to be."""
    text(value, key)
    if not value:
        raise InputError(f"{key} is {shown(value)}; give the path of a directory")
    if Path(value).exists() and not Path(value).is_dir():
        raise InputError(f"{key} is {shown(value)}, which is no directory; give another")


def file_or_nothing(value: Any, key: str) -> None:
    """The path of a file that is there, or ""."""
    text(value, key)
    if value and not Path(value).is_file():
        raise InputError(f"{key} is {shown(value)}, which is no file; give one, or ''")


def each(check: Check) -> Check:
    """A tuple or list of values."""

    def check_all(value: Any, key: str) -> None:
        for one in _sequence(value, key):
            check(one, f"{key}: one of them")

    return check_all


def by_name(check: Check) -> Check:
    """A mapping name -> value."""

    def check_all(value: Any, key: str) -> None:
        if not isinstance(value, dict):
            raise InputError(f"{key} is {shown(value)}; give a dict, name -> value")
        for name, one in value.items():
            text(name, f"{key}: a name")
            check(one, f"{key}[{name!r}]")

    return check_all


def positive_channels(value: Any, key: str) -> None:
    """A positive number, or a tuple of one for each channel."""
    for one in value if isinstance(value, tuple | list) and value else [value]:
        checks.number(one, key, above=0)


def factor_names(value: Any, key: str) -> None:
    """Distinct names of factors; none at all is a choice."""
    names = _sequence(value, key)
    for name in names:
        if not isinstance(name, str) or not name or name == RESIDUAL:
            raise InputError(f"{key} names {shown(name)}; give texts, and none {RESIDUAL!r}")
        if names.count(name) > 1:
            raise InputError(f"{key} names {name!r} twice; name each factor once")


def all_or_counts(value: Any, key: str) -> None:
    """A tuple of distinct "all" and whole numbers above 0, as texts."""
    given = _sequence(value, key)
    for one in given:
        counts = isinstance(one, str) and re.fullmatch("all|[1-9][0-9]*", one)
        if not counts or given.count(one) > 1:
            raise InputError(f"{key} names {shown(one)}; give 'all' or a number such as '3', once")
    if not given:
        raise InputError(f"{key} is empty; give 'all', or a number such as '3'")


def correlation(value: Any, key: str) -> None:
    """A number in [0, 1), "learned", or a mapping factor -> number."""
    if isinstance(value, dict):
        by_name(below_one)(value, key)
    elif isinstance(value, str):
        if value != "learned":
            raise InputError(f"{key} is {value!r}; give 'learned', a number, or one by factor")
    else:
        below_one(value, key)


def front(value: Any, key: str) -> None:
    """None, "whiten", or a number of principal components."""
    if isinstance(value, str):
        if value == "whiten":
            return
        raise InputError(f"{key} is {value!r}; give None, 'whiten' or a whole number of at least 2")
    if value is not None:
        checks.whole(value, key, least=2)


def pool(value: Any, key: str) -> None:
    """None, what is done with positions, or the one position to take."""
    if isinstance(value, str):
        checks.choice(value, key, POOLINGS)
    elif value is not None:
        checks.whole(value, key, least=0)


def value_range(value: Any, key: str) -> None:
    """None, or (least, largest), each a number or None."""
    if value is not None:
        value_ends(value, key)


def image_size(value: Any, key: str) -> None:
    """None, a side in pixels, or (height, width)."""
    try:
        image_form(value)
    except InputError as error:
        raise InputError(f"{key}: {error}") from error


def image_channels(value: Any, key: str) -> None:
    """None, 1 or 3."""
    if value is not None and checks.whole(value, key) not in (1, 3):
        raise InputError(f"{key} is {value}; give 1 for grey, 3 for RGB, or None")


def block_measures(value: Any, key: str) -> None:
    """Names of measures that are defined by block."""
    from iin_tf.measures.registry import select

    names = _sequence(value, key)
    try:
        select(names, with_blocks=True)
    except (TypeError, ValueError) as error:
        raise InputError(f"{key} is {shown(names)}: {error}") from error


def _sequence(value: Any, key: str) -> list:
    if not isinstance(value, tuple | list):
        raise InputError(f"{key} is {shown(value)}; give a tuple, such as ('a', 'b') or (1,)")
    return list(value)
