"""What stages there are, and on which results and which parts of the config each depends."""

import dataclasses
import difflib
import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ml_collections import ConfigDict

from iin_tf.checks import InputError
from iin_tf.experiment.contents import contents


@dataclasses.dataclass(frozen=True)
class Stage:
    """One step of an experiment, and all that its result depends on.

    Attributes:
      name: what programs and messages call it.
      run: function of the `Experiment` that does the work, or the name of a module that has it
        as `run`, imported when the stage begins.
      needs: names of the stages whose results it reads.
      reads: what it reads of the config beside what those read: sections or dotted keys, or a
        function of the config, as a dict, that gives them.
      ignores: dotted keys of these sections that its result does not depend on.
      writes: names in the workdir of its result, which another workdir can take over where the
        config that it depends on is the same; () for a result that each makes for itself.
      resumes: names in the workdir that an interrupted run of it goes on from; they are removed
        when it begins with another config.
      default: whether a run of the whole experiment includes it.
      check: function of the config that raises InputError for what the stage could not use,
        called before the first stage begins; or None.
      applies: function of the config, as a dict, whether the stage has anything to do; a stage
        that has nothing to do leaves no result, and nobody waits for it.
      shards: whether its parts can be done by several processes; the module that `run` names then
        has `run_shard`, function of the `Experiment` and a `Shard`.
      workers: whether several workers can do it together, of which the chief alone writes.
    """

    name: str
    run: str | Callable[[Any], None]
    needs: tuple[str, ...] = ()
    reads: tuple[str, ...] | Callable[[dict], Iterable[str]] = ()
    ignores: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    resumes: tuple[str, ...] = ()
    default: bool = True
    check: Callable[[Any], None] | None = None
    applies: Callable[[dict], bool] = lambda _: True
    shards: bool = False
    workers: bool = False


_STAGES: dict[str, Stage] = {}
_BUILT_IN: set[str] = set()


def register_stage(stage: Stage) -> None:
    """Adds a kind of stage; one of the same name from outside the package is replaced.

    Args:
      stage: the Stage; what it needs must be registered before.

    Raises:
      InputError: the name of a stage of the package, or an unknown stage among its needs.
    """
    if stage.name in _BUILT_IN:
        raise InputError(f"stage {stage.name!r} is one of the package; give another name")
    for need in stage.needs:
        if stage.name in closure(need):
            raise InputError(f"stage {stage.name!r} needs {need!r}, which needs it; leave one out")
    _STAGES[stage.name] = stage


def register_built_in(stages: Iterable[Stage]) -> None:
    """Adds the stages of the package, which nothing can replace."""
    for stage in stages:
        register_stage(stage)
        _BUILT_IN.add(stage.name)


def find_stage(name: str) -> Stage:
    """The stage of that name.

    Raises:
      InputError: there is none; the message lists those there are.
    """
    if name not in _STAGES:
        raise InputError(f"stage {name!r} is not known; give one of {list(_STAGES)}")
    return _STAGES[name]


def default_stages() -> tuple[str, ...]:
    """Names of the stages of a whole experiment, in their order."""
    return tuple(name for name, stage in _STAGES.items() if stage.default)


def closure(*names: str) -> tuple[str, ...]:
    """`names` and all that they need, however far back, in their order."""
    found: dict[str, None] = {}

    def visit(name):
        for need in find_stage(name).needs:
            visit(need)
        found[name] = None

    for name in names:
        find_stage(name)
    for name in _STAGES:
        if name in names:
            visit(name)
    return tuple(found)


def dependents(name: str) -> tuple[str, ...]:
    """The stages that build on the result of `name`, however far on, in their order."""
    return tuple(other for other in _STAGES if other != name and name in closure(other))


def flat_config(config: ConfigDict, name: str) -> dict[str, Any]:
    """The values of a config that the result of a stage depends on, by dotted key.

    And what the files hold that these keys name, as `contents` tells it.

    Args:
      config: ConfigDict.
      name: of the stage.

    Raises:
      InputError: the config lacks what the stage reads, or a file cannot be read.
    """
    values = config.to_dict()
    flat: dict[str, Any] = {}
    for needed in closure(name):
        stage = find_stage(needed)
        flat |= _read_by(stage, values) if stage.applies(values) else {}
    # As JSON gives it back, so that what was written compares equal.
    return json.loads(json.dumps(flat | contents(flat)))


def _read_by(stage: Stage, values: Mapping[str, Any]) -> dict[str, Any]:
    wanted = stage.reads(dict(values)) if callable(stage.reads) else stage.reads
    flat: dict[str, Any] = {}
    for path in wanted:
        section, _, key = path.partition(".")
        found = values.get(section, _NOTHING)
        if key:
            found = found.get(key, _NOTHING) if isinstance(found, Mapping) else _NOTHING
        if found is _NOTHING:
            raise InputError(
                f"stage {stage.name!r} reads {path!r} of the config, which is not there; "
                f"{nearest(path, flat_keys(values))}"
            )
        if isinstance(found, Mapping) and not key:
            flat |= {f"{section}.{key}": value for key, value in found.items()}
        else:
            flat[path] = found
    return {key: value for key, value in flat.items() if key not in stage.ignores}


def flat_keys(values: Mapping[str, Any]) -> list[str]:
    """The sections of a config and the dotted keys in them."""
    keys = []
    for section, value in values.items():
        keys.append(section)
        if isinstance(value, Mapping):
            keys += [f"{section}.{key}" for key in value]
    return keys


def nearest(name: str, known: Iterable[str]) -> str:
    """The end of a message: which of the `known` names is most like `name`."""
    close = difflib.get_close_matches(name, list(known), n=1, cutoff=0.0)
    return f"the nearest is {close[0]!r}" if close else "there is none"


_NOTHING = object()
