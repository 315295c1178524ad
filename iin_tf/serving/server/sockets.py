"""The port that a server listens on."""

import errno
import socket

from iin_tf import checks
from iin_tf.checks import InputError

_LAST = 65535


def bound_socket(host: str, port: int) -> socket.socket:
    """A socket bound to `host` and `port`; port 0 is any that is free.

    Raises:
      InputError: the port is in use (the next free one is named), or the host is not of this
        machine.
    """
    checks.whole(port, "port", least=0, most=_LAST)
    try:
        return _bound(host, port)
    except PermissionError as error:
        raise InputError(f"port {port} needs more rights; give one from 1024 on") from error
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise InputError(f"host {host!r} cannot be listened on ({error})") from error
    free = next_free(host, port + 1)
    raise InputError(f"port {port} is in use; the next free one is {free}: give --port={free}")


def _bound(host, port):
    family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
    # asyncio tells TCP not to wait for more (40 ms an answer) where the protocol is named alone.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        # A server that was stopped a moment ago leaves its port in TIME_WAIT.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(128)
    except BaseException:
        listener.close()
        raise
    return listener


def next_free(host: str, first: int) -> int:
    """The first port from `first` on that is free, 0 where none is."""
    for port in range(first, _LAST + 1):
        try:
            _bound(host, port).close()
        except OSError:
            continue
        return port
    return 0
