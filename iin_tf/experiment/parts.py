"""What an unfinished evaluation has measured already: part by part, each whole or not there.

A part has a manifest with the digests of its files, as a checkpoint has.
"""

import json
import shutil
import warnings
from collections.abc import Callable, Iterable
from pathlib import Path

from iin_tf import digests, files
from iin_tf.checks import InputError
from iin_tf.results import Result
from iin_tf.results.result import plain

_RESULTS = "results.json"


class Parts:
    """The parts of an evaluation, each a folder with results and files beside them.

    Args:
      directory: of the folders; made with the first.
    """

    def __init__(self, directory: Path):
        self.directory = directory

    def results(self, name: str, measure: Callable[[Path], Iterable[Result]]) -> list[Result]:
        """What `measure` found, now or before an interruption.

        Args:
          name: of the part.
          measure: function of a folder, which takes pictures and models, to results.
        """
        place = self.directory / name
        if place.exists():
            try:
                digests.check_manifest(place, "part")
                return _read(place / _RESULTS)
            except InputError as error:
                warnings.warn(f"{error}; it is measured again", stacklevel=2)
        with files.whole_directory(place) as directory:
            _write(directory / _RESULTS, measure(directory))
            known = {path.name: digests.describe(path) for path in sorted(directory.iterdir())}
            digests.write_manifest(directory, known)
        return _read(place / _RESULTS)

    def copy_files(self, directory: Path) -> None:
        """Copies what the parts hold beside their results into one folder."""
        for results in sorted(self.directory.glob(f"*/{_RESULTS}")):
            for path in sorted(results.parent.iterdir()):
                if path.name not in (_RESULTS, digests.MANIFEST):
                    shutil.copy2(path, directory / path.name)


def _write(path, results):
    entries = [
        {
            "kind": result.kind.pattern,
            "fields": plain(result.fields),
            "value": result.value,
            "interval": result.interval,
            "null": result.null,
            "protocol": plain(result.protocol),
        }
        for result in results
    ]
    # Values that are not finite too.
    files.write_text(path, json.dumps(entries))


def _read(path):
    try:
        return [Result(**entry) for entry in files.read_json(path)]
    except TypeError as error:
        raise InputError(f"{path} holds no results ({error})") from error
