"""A server that is told to stop while callers hold it."""

import concurrent.futures
import contextlib
import json
import socket
import threading
import time

import httpx2
import numpy as np
import pytest

from iin_tf.serving import Client, Server, ServerError
from iin_tf.serving.server import server as server_module
from iin_tf.serving.server.version import Version

HALF = b"POST /v1/models/small:predict HTTP/1.1\r\nHost: a\r\nContent-Length: 99\r\n\r\n{"
ROW = np.zeros((1, 12), np.float32)


@pytest.fixture
def hasty(version, monkeypatch):
    """A server with little grace, and what stops it."""
    monkeypatch.setattr(server_module, "GRACE", 0.2)
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(Server({"small": version.parent}, port=0, grpc_port=0))
        yield server, stack.close


@pytest.fixture
def held(monkeypatch):
    """Every computation waits for `go`, and says before that it has begun."""
    begun, go, run = threading.Event(), threading.Event(), Version.run

    def slow(version, name, inputs):
        # What a client asks for first is answered at once.
        if name == "transform":
            begun.set()
            assert go.wait(60)
        return run(version, name, inputs)

    monkeypatch.setattr(Version, "run", slow)
    yield begun, go
    go.set()


def received(connection):
    connection.settimeout(20)
    parts = b""
    while part := connection.recv(2**16):
        parts += part
    return parts


def test_half_a_request_holds_nothing_up(hasty):
    server, stop = hasty
    with socket.create_connection(("127.0.0.1", server.port)) as connection:
        connection.sendall(HALF)
        # An answer to another caller says that this one has been read.
        assert httpx2.get(f"http://127.0.0.1:{server.port}/v1/models/small").status_code == 200
        stop()
        head, _, body = received(connection).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 503")
    assert json.loads(body) == {"error": "the server is stopping"}
    assert not server.is_computing


@pytest.mark.parametrize("said", [b"", HALF[:30]])
def test_connections_that_say_nothing_hold_nothing_up(hasty, said):
    server, stop = hasty
    with (
        socket.create_connection(("127.0.0.1", server.port)) as connection,
        httpx2.Client(base_url=f"http://127.0.0.1:{server.port}") as kept,
    ):
        connection.sendall(said)
        assert kept.get("/v1/models/small").status_code == 200
        stop()
        assert received(connection) == b""
        with pytest.raises(httpx2.TransportError):
            kept.get("/v1/models/small")
    assert not server.is_computing


@pytest.mark.parametrize("form", ["rest", "grpc"])
def test_what_takes_longer_than_the_grace_is_told_so(hasty, held, form):
    (server, stop), (begun, go) = hasty, held
    where = {
        "rest": f"http://127.0.0.1:{server.port}",
        "grpc": f"grpc://127.0.0.1:{server.grpc_port}",
    }
    with (
        Client(f"{where[form]}/v1/models/small", timeout=30, retries=0) as client,
        concurrent.futures.ThreadPoolExecutor(1) as pool,
    ):
        asked = pool.submit(client.transform, ROW)
        assert begun.wait(30)
        stop()
        # It has stopped, although what it computes has not.
        assert server.is_computing
        with pytest.raises((ServerError, ConnectionError)) as caught:
            asked.result(30)
    assert "Traceback" not in str(caught.value)
    assert form == "grpc" or "the server is stopping" in str(caught.value)
    go.set()
    until = time.monotonic() + 20
    while server.is_computing and time.monotonic() < until:
        time.sleep(0.01)
    assert not server.is_computing


@pytest.mark.parametrize("form", ["rest", "grpc"])
def test_what_is_done_within_the_grace_is_answered(version, network, held, form):
    begun, go = held
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(Server({"small": version.parent}, port=0, grpc_port=0))
        where = {
            "rest": f"http://127.0.0.1:{server.port}",
            "grpc": f"grpc://127.0.0.1:{server.grpc_port}",
        }
        client = stack.enter_context(Client(f"{where[form]}/v1/models/small", retries=0))
        pool = stack.enter_context(concurrent.futures.ThreadPoolExecutor(2))
        asked = pool.submit(client.transform, ROW)
        assert begun.wait(30)
        stopped = pool.submit(server.__exit__, None, None, None)
        go.set()
        np.testing.assert_allclose(asked.result(30), network.transform(ROW), rtol=1e-5, atol=2e-5)
        stopped.result(30)
