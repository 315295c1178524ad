"""What `iin_serve` is told, and what it does."""

import os
import re
from collections.abc import Sequence
from os import _exit
from pathlib import Path

from absl import flags

from iin_tf.checks import InputError
from iin_tf.serving.server.limits import Limits
from iin_tf.serving.server.server import Server

# The flags count as the program's own, so that its --help shows them.
flags.disclaim_key_flags()

_LABEL = re.compile(r"(?:(?P<model>[^/=]+)/)?(?P<label>[^/=:]+)=(?P<number>[0-9]{1,18})")


def define_flags() -> None:
    """Defines the flags; the directories follow without one."""
    limits = Limits()
    flags.DEFINE_string("host", "127.0.0.1", "The address to listen on: this machine alone.")
    flags.DEFINE_integer("port", 8501, "The port of the REST interface; 0 is any that is free.")
    flags.DEFINE_integer("grpc_port", None, "The port of the gRPC interface; none by default.")
    flags.DEFINE_integer("versions", 1, "How many of a model's highest versions are served.")
    flags.DEFINE_multi_string(
        "label", [], "LABEL=NUMBER, or MODEL/LABEL=NUMBER: this version is served by its label too."
    )
    flags.DEFINE_integer("request_bytes", limits.request_bytes, "The largest request.")
    flags.DEFINE_float("seconds", limits.seconds, "For a request to arrive, and for its answer.")
    flags.DEFINE_integer("concurrent", limits.concurrent, "Requests at once; the next is refused.")
    flags.DEFINE_integer("threads", limits.threads, "Requests that are computed at once.")
    flags.DEFINE_float("poll", 1.0, "Seconds between two looks for new versions.")


def serve(argv: Sequence[str]) -> None:
    """Serves the directories of the command line until it is told to stop.

    Args:
      argv: the program's name, and `DIRECTORY` or `NAME=DIRECTORY` of each model.

    Raises:
      InputError: a directory, a label or a port cannot be used.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    given = flags.FLAGS
    models = _models(argv[1:])
    limits = Limits(given.request_bytes, given.seconds, given.concurrent, given.threads)
    server = Server(
        models,
        host=given.host,
        port=given.port,
        grpc_port=given.grpc_port,
        versions=given.versions,
        labels=_labels(given.label, models),
        limits=limits,
        poll=given.poll,
    )
    where = f"[{server.host}]" if ":" in server.host else server.host
    for name in models:
        print(f"[iin] http://{where}:{server.port}/v1/models/{name}", flush=True)
        if server.grpc_port is not None:
            print(f"[iin] grpc://{where}:{server.grpc_port}/v1/models/{name}", flush=True)
    print("[iin] for development; in production use TensorFlow Serving", flush=True)
    server.run()
    try:
        print("[iin] stopped", flush=True)
    finally:
        if server.is_computing:
            # Python would wait for it, however long that takes.
            _exit(0)


def _models(given):
    if not given:
        raise InputError("no model is given; give a directory that iin_export has written")
    models: dict[str, str] = {}
    for text in given:
        name, equals, path = text.partition("=")
        if not equals or "/" in name:
            # A folder may have the sign in its own name.
            name, path = "", text
        name = name or Path(path).resolve().name
        if name in models:
            raise InputError(f"two models are called {name!r}; give one as NAME=DIRECTORY")
        models[name] = path
    return models


def _labels(given, models):
    labels: dict[str, dict[str, int]] = {}
    for text in given:
        found = _LABEL.fullmatch(text)
        if not found or (found["model"] is None and len(models) > 1):
            raise InputError(f"label is {text!r}; give LABEL=NUMBER for the one model, or "
                             "MODEL/LABEL=NUMBER")  # fmt: skip
        model = found["model"] or next(iter(models))
        labels.setdefault(model, {})[found["label"]] = int(found["number"])
    return labels
