"""The stages of an experiment in their order, and what each depends on."""

import json

# Every stage with the sections of the config that it adds to those of the stages before.
_SECTIONS = {
    "pretrain": ("seed", "data", "first_stage"),
    "encode": (),
    "sizes": ("pairs", "sizes"),
    "train": ("network", "training"),
    "evaluate": ("evaluation",),
    "export": ("export",),
    "baselines": ("baselines",),
}
STAGE_NAMES = tuple(_SECTIONS)
# Baselines serve comparison; an experiment is whole without them.
RUN_STAGES = STAGE_NAMES[:-1]


def flat_config(config, stage):
    """The values that the result of `stage` depends on, by dotted key."""
    place = STAGE_NAMES.index(stage)
    sections = [section for name in STAGE_NAMES[: place + 1] for section in _SECTIONS[name]]
    flat, values = {}, config.to_dict()
    for section in sections:
        value = values[section]
        if isinstance(value, dict):
            flat |= {f"{section}.{key}": entry for key, entry in value.items()}
        else:
            flat[section] = value
    # As JSON gives it back, so that what was written compares equal.
    return json.loads(json.dumps(flat))
