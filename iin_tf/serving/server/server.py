"""The server as a whole: models, watcher, web application, port."""

import contextlib
import os
import signal
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType

from iin_tf import checks
from iin_tf.checks import InputError, MissingPackage
from iin_tf.serving.server.limits import Limits

_INSTALL = 'pip install "iin_tf[serve]"'
# Seconds for what is being answered when the server is told to stop.
GRACE = 5


class Server:
    """Serves models for development, by TensorFlow Serving's REST interface and, if asked, gRPC.

    It is no server for production: it has no encryption, no authentication, no batching and no
    metrics, and one process.  For production there is TensorFlow Serving, which answers the same
    requests.

    Use it in a `with` statement, or call `run`, which returns when the process is told to stop.

    Args:
      models: mapping name -> directory of its versions; fixed from here on.
      host: the address to listen on, this machine alone by default.
      port: of the REST interface; 0 is any that is free.
      grpc_port: of the gRPC interface; None for none, 0 for any that is free.
      versions: how many of the highest versions of a model are served.
      labels: mapping name of a model -> mapping label -> number of a version.
      limits: Limits of requests.
      poll: seconds between two looks into the directories.

    Raises:
      InputError: a directory holds no version that can be read, a name cannot be one, or a port
        is in use.
      MissingPackage: the web framework isn't installed.
    """

    def __init__(
        self,
        models: Mapping[str, str | os.PathLike],
        host: str = "127.0.0.1",
        port: int = 8501,
        grpc_port: int | None = None,
        versions: int = 1,
        labels: Mapping[str, Mapping[str, int]] | None = None,
        limits: Limits | None = None,
        poll: float = 1.0,
    ):
        checks.whole(versions, "versions", least=1)
        self._poll = checks.number(poll, "poll", above=0)
        labels, limits = labels or {}, limits or Limits()
        _check_names(models, labels)
        uvicorn = _uvicorn()
        from iin_tf.serving.server.app import Application
        from iin_tf.serving.server.connections import timed_connections
        from iin_tf.serving.server.model import Model
        from iin_tf.serving.server.requests import Models
        from iin_tf.serving.server.sockets import bound_socket

        self._socket = bound_socket(host, port)
        self.host, self.port = host, self._socket.getsockname()[1]
        try:
            self.models = Models(
                {
                    name: Model(name, Path(path), versions, labels.get(name, {}), _tell)
                    for name, path in models.items()
                }
            )
            self._grpc = self._grpc_server(host, grpc_port, limits)
        except BaseException:
            self._socket.close()
            raise
        self._application = Application(self.models, limits)
        config = uvicorn.Config(
            self._application.web,
            http=timed_connections(limits.seconds),
            ws="none",
            log_level="warning",
            access_log=False,
            lifespan="off",
            timeout_graceful_shutdown=GRACE,
        )
        self._web = uvicorn.Server(config)
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []

    def _grpc_server(self, host, port, limits):
        if port is None:
            return None
        try:
            from iin_tf.serving.server.grpc_service import GrpcServer
        except ImportError as error:
            raise MissingPackage(
                f'grpc_port needs {error.name}: pip install "iin_tf[grpc]"'
            ) from error

        return GrpcServer(self.models, host, port, limits)

    @property
    def grpc_port(self) -> int | None:
        """The port of the gRPC interface, None where there is none."""
        return None if self._grpc is None else self._grpc.port

    def run(self) -> None:
        """Serves until SIGTERM or SIGINT; what is being answered then has 5 s to be done."""
        asked = threading.Event()
        for one in (signal.SIGTERM, signal.SIGINT):
            signal.signal(one, lambda *_: asked.set())
        with self:
            while not asked.wait(1):
                if not self._web_thread.is_alive():
                    raise ConnectionAbortedError(
                        "the web application ended by itself; its log says why"
                    )

    def __enter__(self) -> "Server":
        self._start(self._watch)
        self._web_thread = self._start(lambda: self._web.run(sockets=[self._socket]))
        if self._grpc is not None:
            self._grpc.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._web.should_exit = True
        self._stopping.set()
        grpc_stopped = None if self._grpc is None else self._grpc.stop(GRACE)
        for thread in self._threads:
            # The web's own end needs a moment beyond the grace.
            thread.join(GRACE + 1)
        if grpc_stopped is not None:
            grpc_stopped.wait()
        self._application.close()

    @property
    def is_computing(self) -> bool:
        """Whether something is computed still: a thread cannot be stopped in the middle."""
        return not self.models.is_idle or any(one.is_alive() for one in self._threads)

    def _start(self, function):
        thread = threading.Thread(target=function, daemon=True)
        thread.start()
        self._threads.append(thread)
        return thread

    def _watch(self):
        said = ""
        while not self._stopping.wait(self._poll):
            words = ""
            try:
                self.models.refresh()
            except Exception as error:  # whatever it is, those in memory are served on
                words = f"warning: {' '.join(checks.said(error).split())}"
            if words and words != said:
                _tell(words)
            said = words


def _tell(line):
    # The watcher goes on where nobody reads it any more.
    with contextlib.suppress(BrokenPipeError):
        print(f"[iin] {line}", file=sys.stderr, flush=True)


def _check_names(models, labels):
    for name in (*models, *labels):
        if not name or set(name) & set("/:?#%"):
            raise InputError(
                f"the model name {name!r} cannot stand in an address; give letters and digits"
            )
    for name in labels:
        if name not in models:
            raise InputError(f"a label is for {name!r}, but the models are {[*models]}")
    if not models:
        raise InputError("no model is given; give at least one directory")


def _uvicorn():
    try:
        import orjson  # noqa: F401
        import starlette  # noqa: F401
        import uvicorn
    except ImportError as error:
        raise MissingPackage(f"the server needs {error.name}: {_INSTALL}") from error
    return uvicorn
