"""Which keys of a config can follow the data."""

from collections.abc import Iterable
from typing import Any

from iin_tf import checks
from iin_tf.checks import InputError
from iin_tf.settings.chosen import AUTO_KEYS


def automatic_keys(names: Iterable[str]) -> tuple[str, ...]:
    """The dotted keys that these keys and sections stand for, of those that can follow the data."""
    names = tuple(names)
    return tuple(key for key in AUTO_KEYS if key in names or key.partition(".")[0] in names)


def not_given(names: Iterable[str], given: Iterable[str]) -> tuple[str, ...]:
    """The keys of `auto` without those that somebody gave a value: that value counts."""
    # How sizes are estimated is no matter where they are chosen.
    given = tuple("sizes.fixed" if key == "sizes.method" else key for key in given)
    return tuple(
        key
        for key in automatic_keys(names)
        if not any(f"{one}.".startswith(f"{key}.") for one in given)
    )


def automatic(value: Any, key: str) -> None:
    """Keys that can follow the data, and sections, all of whose such keys are meant."""
    sections = dict.fromkeys(name.partition(".")[0] for name in AUTO_KEYS)
    if not isinstance(value, tuple | list):
        raise InputError(f"{key} is {checks.shown(value)}; give a tuple of keys or sections")
    for name in value:
        checks.choice(name, f"{key}: one of them", [*sections, *AUTO_KEYS])
