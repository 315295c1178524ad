"""What a report says of its run, so that the run can be made again."""

import hashlib
import json
import os
import platform
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ml_collections import ConfigDict

from iin_tf import files
from iin_tf.checks import InputError, path
from iin_tf.experiment.config import key_paths
from iin_tf.experiment.contents import FILE_KEYS, fingerprint
from iin_tf.experiment.recorded import config_of
from iin_tf.limits import check_text
from iin_tf.versions import library_versions

if TYPE_CHECKING:
    import keras

# The form of the record; another one is another number.
FORMAT = 1
_KEYS = {"config": dict, "versions": dict, "machine": dict, "files": dict, "result": dict}
# As the report's template writes it.
_PLACE = re.compile(r'<script type="application/json" id="run">(.*?)</script>', re.DOTALL)


def run_record(
    config: ConfigDict, network: "keras.Model", metrics: str | os.PathLike, strategy: Any = None
) -> dict[str, Any]:
    """What a run was made from and what came out, as JSON takes it.

    Args:
      config: of the run.
      network: that it trained.
      metrics: file of its figures.
      strategy: `tf.distribute.Strategy`, None for one device.

    Returns:
      format, config, versions, machine (system, processor, cores, devices), files (key -> digest of
      each input file) and result (digests of weights and figures).
    """
    return {
        "format": FORMAT,
        "config": config.to_dict(),
        "versions": library_versions(),
        "machine": _machine(strategy),
        "files": _digests(config),
        "result": result_digests(network, metrics),
    }


def result_digests(network: "keras.Model", metrics: str | os.PathLike) -> dict[str, str]:
    """The digests of a network's weights and of the file of its figures."""
    digest = hashlib.sha256()
    for weight in network.weights:
        digest.update(weight.numpy().tobytes())
    return {"weights": f"SHA-256 {digest.hexdigest()}", "metrics.json": fingerprint(metrics)}


def read_report(report: str | os.PathLike) -> dict[str, Any]:
    """The record in the report of a run.

    Args:
      report: path of a `report.html`.

    Raises:
      InputError: no such file, or no report that says how its run was made.
    """
    page = path(report, "from_report")
    if not page.is_file():
        raise InputError(f"from_report is {str(page)!r}, which is no file; give a report.html")
    with files.reading(page):
        check_text(page)
        found = _PLACE.search(page.read_text(encoding="utf-8"))
        record = json.loads(found[1]) if found else {}
    files.check_format(record.get("format", 1), FORMAT, f"from_report {str(page)!r}")
    for name, kind in _KEYS.items():
        if not isinstance(record.get(name), kind):
            raise InputError(
                f"from_report {str(page)!r} says no {name} of its run; give a report.html that "
                "stage evaluate wrote"
            )
    return record


def config_again(record: Mapping[str, Any]) -> ConfigDict:
    """The config of a record, once the files that it names are those of then.

    Raises:
      InputError: a value that its key does not take, or a file that is gone or has changed.
    """
    flat = {}
    for key in key_paths():
        section, _, name = key.rpartition(".")
        holder = record["config"].get(section) if section else record["config"]
        if isinstance(holder, Mapping) and name in holder:
            flat[key] = holder[name]
    config = config_of(flat)
    now = _digests(config)
    for key, digest in record["files"].items():
        if now.get(key) != digest:
            what = "is gone" if key not in now else f"has {now[key]}"
            raise InputError(
                f"from_report: the file of {key} had {digest} and {what}; put the one of then there"
            )
    return config


def said_of_results(then: Mapping[str, str], now: Mapping[str, str]) -> str:
    """One line about whether a run came out as its report says."""
    others = [name for name, digest in then.items() if now.get(name) != digest]
    if not others:
        return "weights and figures are those of the report, to the bit"
    return f"{' and '.join(others)} are not those of the report to the bit; see docs/experiments.md"


def _digests(config):
    values = config.to_dict()
    found = {}
    for key in ("code", *FILE_KEYS):
        section, _, name = key.rpartition(".")
        value = (values[section] if section else values)[name]
        if value and os.path.exists(value):
            found[key] = fingerprint(value)
    return found


def _machine(strategy):
    return {
        "system": f"{platform.system()} {platform.machine()}",
        "processor": _processor(),
        "cores": os.cpu_count(),
        "devices": strategy.num_replicas_in_sync if strategy is not None else 1,
    }


def _processor():
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()
