"""Requests that are too large, too slow, cut, or too many; stopping."""

import concurrent.futures
import json
import socket
import threading
import time

import httpx2
import numpy as np
import pytest

from iin_tf.checks import InputError
from iin_tf.serving import Client, Limits, Server

HEAD = b"POST /v1/models/small:predict HTTP/1.1\r\nHost: here\r\nContent-Length: %d\r\n\r\n"


@pytest.fixture(scope="module")
def limited(version):
    limits = Limits(request_bytes=10_000, seconds=0.5, concurrent=2, threads=1)
    with Server({"small": version.parent}, port=0, grpc_port=0, limits=limits) as server:
        yield server


@pytest.fixture
def url(limited):
    return f"http://127.0.0.1:{limited.port}/v1/models/small:predict"


def answer_of(connection):
    connection.settimeout(20)
    received = b""
    while part := connection.recv(2**16):
        received += part
    head, _, body = received.partition(b"\r\n\r\n")
    return int(head.split()[1]), json.loads(body)


def test_a_request_over_the_limit_is_refused(url):
    answer = httpx2.post(url, content=b" " * 10_001)
    assert answer.status_code == 413
    assert answer.json() == {"error": "the request has more than 10000 bytes"}


def test_a_request_over_the_limit_is_not_read_to_its_end(limited):
    with socket.create_connection(("127.0.0.1", limited.port)) as connection:
        # Whoever announces a petabyte is refused after the first 10 kB.
        connection.sendall(HEAD % 10**15 + b" " * 20_000)
        status, body = answer_of(connection)
    assert status == 413
    assert "10000 bytes" in body["error"]


def test_a_batch_over_the_limit_is_refused_by_grpc_too(limited):
    url = f"grpc://127.0.0.1:{limited.grpc_port}/v1/models/small"
    with Client(url, batch_size=1000) as client, pytest.raises(Exception, match="larger than max"):
        client.transform(np.zeros((1000, 12)))


def test_a_slow_request_is_given_up(limited):
    with socket.create_connection(("127.0.0.1", limited.port)) as connection:
        connection.sendall(HEAD % 100 + b'{"instances"')
        status, body = answer_of(connection)
    assert status == 408
    assert body == {"error": "the request took longer than 0.5 s to arrive"}


@pytest.mark.parametrize("said", [b"", HEAD[:20], HEAD[:-4]])
def test_half_a_head_is_left(limited, said):
    with socket.create_connection(("127.0.0.1", limited.port)) as connection:
        connection.sendall(said)
        connection.settimeout(20)
        assert connection.recv(1) == b""


def test_a_connection_that_is_used_again_is_kept(limited):
    with socket.create_connection(("127.0.0.1", limited.port)) as connection:
        connection.settimeout(20)
        for _ in range(2):
            connection.sendall(b"GET /v1/models/small HTTP/1.1\r\nHost: here\r\n\r\n")
            answer = connection.recv(2**16)
            # Head and body may come one after the other.
            while not answer.endswith(b"}"):
                answer += connection.recv(2**16)
            assert answer.startswith(b"HTTP/1.1 200")


def test_an_answer_does_not_wait_for_more_of_itself(limited):
    with socket.create_connection(("127.0.0.1", limited.port)) as connection:
        connection.settimeout(20)
        connection.sendall(b"GET /v1/models/small HTTP/1.1\r\nHost: here\r\n\r\n")
        assert connection.recv(2**16)
        connections = list(limited._web.server_state.connections)
        (mine,) = [one for one in connections if one.client == connection.getsockname()]
        theirs = mine.transport.get_extra_info("socket")
        assert theirs.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_an_answer_that_nobody_reads_is_given_up(limited, monkeypatch):
    # More than the system takes off the server's hands.
    monkeypatch.setattr(limited.models, "get", lambda path: b" " * 2**26)
    connections = limited._web.server_state.connections
    with socket.create_connection(("127.0.0.1", limited.port)) as connection:
        connection.sendall(b"GET /v1/models/small HTTP/1.1\r\nHost: here\r\n\r\n")
        mine = connection.getsockname()
        seen, until = False, time.monotonic() + 20
        while time.monotonic() < until:
            here = mine in [one.client for one in list(connections)]
            if seen and not here:
                break
            seen = seen or here
            time.sleep(0.01)
    assert seen
    assert not here


def test_a_cut_request_harms_nobody(limited, url):
    for _ in range(5):
        with socket.create_connection(("127.0.0.1", limited.port)) as connection:
            connection.sendall(HEAD % 100 + b'{"instances"')
    answer = httpx2.post(url, json={"instances": [[0.0] * 12]})
    assert answer.status_code == 200


def test_a_slow_answer_is_given_up_and_many_requests_are_refused(limited, url, monkeypatch):
    go, started = threading.Event(), threading.Semaphore(0)

    def slow(path, body):
        started.release()
        go.wait(30)
        return b"{}"

    monkeypatch.setattr(limited.models, "post", slow)
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        both = [pool.submit(httpx2.post, url, content=b"{}", timeout=20) for _ in range(2)]
        assert started.acquire(timeout=20)
        answers = [one.result() for one in both]
    assert [one.status_code for one in answers] == [504, 504]
    assert answers[0].json() == {"error": "the answer took longer than 0.5 s"}
    # Both were given up, but still occupy the one thread and the queue.
    third = httpx2.post(url, content=b"{}")
    assert third.status_code == 503
    assert third.json() == {"error": "2 requests are being answered; try later"}
    go.set()
    monkeypatch.undo()
    # As soon as they are done, the next is answered.
    waited = threading.Event()
    for _ in range(200):
        answer = httpx2.post(url, json={"instances": [[0.0] * 12]})
        if answer.status_code == 200:
            break
        waited.wait(0.05)
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"request_bytes": 0}, "request_bytes is 0"),
        ({"seconds": 0}, "seconds is 0"),
        ({"concurrent": 1.5}, "concurrent is 1.5"),
        ({"threads": -1}, "threads is -1"),
    ],
)
def test_limits_are_checked(wrong, message):
    with pytest.raises(InputError, match=message):
        Limits(**wrong)


def test_a_port_in_use_offers_the_next_free_one(version):
    models = {"small": version.parent}
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        with pytest.raises(InputError, match=rf"port {port} is in use; the next free one is \d+"):
            Server(models, port=port)
        with pytest.raises(InputError, match=rf"grpc_port {port} is in use.*give --grpc_port=\d+"):
            Server(models, port=0, grpc_port=port)


def test_a_host_of_another_machine_is_named(version):
    with pytest.raises(InputError, match=r"host '192\.0\.2\.1' cannot be listened on"):
        Server({"small": version.parent}, host="192.0.2.1", port=0)


def test_only_this_machine_is_listened_to(served):
    assert served._socket.getsockname()[0] == "127.0.0.1"
