"""One served model: which of its versions are in memory, and what became of the others."""

import contextlib
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from iin_tf.checks import InputError
from iin_tf.serving.server.errors import Refused
from iin_tf.serving.server.version import Version
from iin_tf.serving.versions import version_numbers


class Model:
    """The versions of a model that are served, taken up and dropped as its directory says.

    Args:
      name: of the model, in addresses.
      path: directory with the versions.
      keep: how many of the highest versions are served.
      labels: mapping label -> number; these versions are served too.
      tell: function of a line that says what has happened.

    Raises:
      InputError: `path` holds no version that can be read.
    """

    def __init__(
        self,
        name: str,
        path: Path,
        keep: int,
        labels: Mapping[str, int],
        tell: Callable[[str], None],
    ):
        self.name = name
        self._path, self._keep, self._labels, self._tell = path, keep, dict(labels), tell
        self._lock = threading.Lock()
        self._served: dict[int, Version] = {}
        self._retired: list[Version] = []
        self._states: dict[int, tuple[str, str]] = {}
        # Of a version that could not be read: what its files looked like then.
        self._broken: dict[int, list] = {}
        self._check_start()

    def _check_start(self):
        if not self._path.is_dir():
            raise InputError(f"the model directory {str(self._path)!r} is not there")
        if (self._path / "saved_model.pb").exists():
            raise InputError(
                f"the model directory {str(self._path)!r} is a version itself; give the one above "
                "it, which holds the versions"
            )
        self.refresh()
        if not self._served:
            why = "; ".join(f"version {n}: {words}" for n, (_, words) in self.states().items())
            raise InputError(
                f"the model directory {str(self._path)!r} holds no version that can be read "
                f"({why or 'it has no numbered folders'}); give one that iin_export has written"
            )
        missing = sorted(set(self._labels.values()) - set(self._served))
        if missing:
            raise InputError(
                f"a label of {self.name} stands for version {missing[0]}, which is not there; "
                f"there are {sorted(self._served)}"
            )

    def states(self) -> dict[int, tuple[str, str]]:
        """State, as TensorFlow Serving calls it, and words of each version that was seen."""
        with self._lock:
            return dict(sorted(self._states.items()))

    @property
    def is_idle(self) -> bool:
        """Whether none of its versions answers a request at the moment."""
        with self._lock:
            return all(version.is_idle for version in [*self._served.values(), *self._retired])

    @contextlib.contextmanager
    def use(self, number: int | None = None, label: str | None = None) -> Iterator[Version]:
        """The version of that number or label, the highest by default, which stays while inside.

        Raises:
          Refused: it isn't served.
        """
        with contextlib.ExitStack() as stack:
            # In one step: nobody drops it in between.
            with self._lock:
                version = stack.enter_context(self._chosen(number, label).lease())
            yield version

    def number(self, number: int | None = None, label: str | None = None) -> int | None:
        """The number that is meant; None where neither a number nor a label was given.

        Raises:
          Refused: the label is unknown.
        """
        if label is None:
            return number
        if label not in self._labels:
            raise Refused(400, f"Unrecognized servable version label: {label}")
        return self._labels[label]

    def _chosen(self, number, label):
        number = self.number(number, label)
        if number is None:
            return self._served[max(self._served)]
        if number not in self._served:
            raise Refused(404, f"Servable not found for request: Specific({self.name}, {number})")
        return self._served[number]

    def refresh(self) -> None:
        """Looks into the directory once: takes new versions up, drops old ones that are idle."""
        numbers = version_numbers(self._path)
        chosen = self._loaded(sorted(numbers, reverse=True), self._keep)
        chosen |= self._loaded([n for n in self._labels.values() if n in numbers], None)
        # Whoever empties the directory of a running server did not mean to stop it.
        if chosen:
            self._exchange(chosen)
        self._drop_idle()

    def _loaded(self, numbers, most):
        found: dict[int, Version] = {}
        for number in numbers:
            if len(found) == most:
                break
            version = self._served.get(number) or self._load(number)
            if version is not None:
                found[number] = version
        return found

    def _load(self, number):
        path = self._path / str(number)
        files = _fingerprint(path)
        if self._broken.get(number) == files:
            return None
        try:
            self._set(number, "LOADING", "")
            if not (path / "saved_model.pb").is_file():
                raise FileNotFoundError("no saved_model.pb; empty or half written")
            return Version(path)
        except Exception as error:  # whatever is wrong with the files, the others are served
            kind = "" if isinstance(error, FileNotFoundError) else f"{type(error).__name__}: "
            # Callers read them: where in our code it happened is nothing to them.
            words = " ".join(f"{kind}{error}".split())
            self._broken[number] = files
            self._set(number, "END", words)
            self._tell(f"warning: {self.name}: version {number} cannot be read: {words}")
        return None

    def _exchange(self, chosen):
        with self._lock:
            old, self._served = self._served, chosen
            gone = [number for number in old if number not in chosen]
            self._retired += [old[number] for number in gone]
        for number in chosen:
            if number not in old:
                self._set(number, "AVAILABLE", "")
                self._tell(f"{self.name}: version {number} is served")
        for number in gone:
            self._set(number, "UNLOADING", "")

    def _drop_idle(self):
        with self._lock:
            idle = [version for version in self._retired if version.is_idle]
            self._retired = [version for version in self._retired if not version.is_idle]
        for version in idle:
            self._set(version.number, "END", "")
            self._tell(f"{self.name}: version {version.number} is dropped")

    def _set(self, number, state, words):
        with self._lock:
            self._states[number] = (state, words)


def _fingerprint(path):
    """What changes when somebody goes on writing."""
    found = []
    for file in sorted(path.rglob("*")):
        with contextlib.suppress(OSError):
            status = file.stat()
            found.append((str(file), status.st_size, status.st_mtime_ns))
    return found
