"""A client beside servers that are slow, cut the connection, stop, or are none."""

import concurrent.futures
import contextlib
import json
import socket
import threading
import time

import grpc
import numpy as np
import pytest

from iin_tf.serving import Client, ServerError
from iin_tf.serving.client import transport

METADATA_OF_NOTHING = json.dumps(
    {
        "model_spec": {"name": "m", "version": "1"},
        "metadata": {"signature_def": {"signature_def": {}}},
    }
).encode()


@contextlib.contextmanager
def answering(*answers):
    """A server that treats its connections, one after the other, as the functions say."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        seen = []

        def work():
            for answer in answers:
                connection, _ = listener.accept()
                with connection:
                    seen.append(connection.recv(2**16))
                    answer(connection)

        thread = threading.Thread(target=work, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/v1/models/m", seen


def reply(body, status=b"200 OK", length=None):
    head = b"HTTP/1.1 %s\r\nContent-Length: %d\r\nConnection: close\r\n\r\n"

    def answer(connection):
        connection.sendall(head % (status, len(body) if length is None else length) + body)

    return answer


def cut(connection):
    """Says nothing and hangs up."""


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch):
    monkeypatch.setattr(transport, "_PAUSE", 0.001)


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


@pytest.mark.parametrize("scheme", ["http", "grpc"])
def test_no_server_is_a_connection_error(scheme):
    where = f"{scheme}://127.0.0.1:{free_port()}"
    with Client(f"{where}/v1/models/m") as client, pytest.raises(ConnectionError, match=where):
        client.transform([[0.0]])


def test_a_cut_connection_is_tried_again():
    half = reply(METADATA_OF_NOTHING, length=2 * len(METADATA_OF_NOTHING))
    with answering(cut, half, reply(METADATA_OF_NOTHING)) as (url, seen):
        # Third time lucky: the answer arrives, of a model that is none of ours.
        with Client(url) as client, pytest.raises(ValueError, match="no export of iin_tf"):
            client.transform([[0.0]])
        assert len(seen) == 3


def test_a_cut_connection_is_not_tried_for_ever():
    with answering(cut, cut, cut, cut) as (url, seen):
        with Client(url, retries=1) as client, pytest.raises(ConnectionError, match="no connec"):
            client.transform([[0.0]])
        assert len(seen) == 2


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (reply(b'{"error": "out of order"}', b"500 Internal Server Error"), "out of order"),
        (reply(b"<html>", b"502 Bad Gateway"), "HTTP 502"),
        (reply(b"[1]"), "HTTP 200"),
        (reply(b"", b"302 Found\r\nLocation: http://elsewhere/"), "HTTP 302"),
    ],
)
def test_a_servers_error_is_not_tried_again(answer, words):
    with answering(answer, answer) as (url, seen):
        with Client(url) as client, pytest.raises(ServerError, match=words):
            client.transform([[0.0]])
        assert len(seen) == 1


METADATA = json.dumps(
    {
        "model_spec": {"name": "m", "version": "1"},
        "metadata": {
            "signature_def": {
                "signature_def": {
                    "layout": {
                        "inputs": {
                            "block": {"dtype": "DT_INT64", "tensor_shape": {"dim": [{"size": -1}]}}
                        },
                        "outputs": {
                            "name": {"dtype": "DT_STRING", "tensor_shape": {"dim": [{"size": -1}]}},
                            "size": {"dtype": "DT_INT64", "tensor_shape": {"dim": [{"size": -1}]}},
                        },
                    },
                    "swap": {
                        "inputs": {
                            "blocks": {
                                "dtype": "DT_BOOL",
                                "tensor_shape": {"dim": [{"size": -1}, {"size": 2}]},
                            }
                        },
                    },
                }
            }
        },
    }
).encode()


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ([b"{}"], "metadata"),
        ([b'{"metadata": 3}'], "makes no sense"),
        ([METADATA, b"{}"], "outputs"),
        ([METADATA, b'{"outputs": 3}'], "makes no sense"),
        ([METADATA, b'{"outputs": {"name": ["residual", "a"]}}'], "it has no size"),
        ([METADATA, b'{"outputs": {"name": ["residual"], "size": [1]}}'], r"shape \[1\], not"),
        ([METADATA, b'{"outputs": {"name": ["residual", "a"], "size": [1, "b"]}}'], "invalid lit"),
        ([b"[" * 100_000], "HTTP 200"),
    ],
)
def test_an_answer_without_sense_is_the_servers_error(answers, words):
    with answering(*map(reply, answers)) as (url, _):
        with Client(url) as client, pytest.raises(ServerError, match=words) as caught:
            client.transform([[0.0]])
        assert "\n" not in str(caught.value)


def test_an_answer_that_drips_is_left():
    ended = threading.Event()

    def drip(connection):
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        with contextlib.suppress(OSError):
            while not ended.wait(0.02):
                connection.sendall(b" ")

    with answering(drip) as (url, _):
        with Client(url, timeout=0.3) as client, pytest.raises(TimeoutError, match=r"0\.3 s"):
            client.transform([[0.0]])
        ended.set()


def test_a_silent_server_is_left(monkeypatch):
    ended = threading.Event()
    with answering(lambda connection: ended.wait(30)) as (url, seen):
        started = time.monotonic()
        with Client(url, timeout=0.2) as client, pytest.raises(TimeoutError, match=r"0\.2 s"):
            client.transform([[0.0]])
        # Far below the 30 s that the server would take: it was not asked again, nor waited for.
        assert time.monotonic() - started < 15
        assert len(seen) == 1
        ended.set()


def test_a_silent_grpc_server_is_left():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"grpc://127.0.0.1:{listener.getsockname()[1]}/v1/models/m"
        with Client(url, timeout=0.2) as client, pytest.raises(TimeoutError, match=r"0\.2 s"):
            client.transform([[0.0]])


def test_a_server_that_stops_in_the_middle(version):
    from iin_tf.serving import Server

    z = np.zeros((4, 12), np.float32)
    with Server({"small": version.parent}, port=0) as server:
        client = Client(f"http://127.0.0.1:{server.port}/v1/models/small", batch_size=1)
        sent = client._transport.predict

        def stopping(*given):
            answer = sent(*given)
            if given[1] == "transform":
                server.__exit__(None, None, None)
            return answer

        client._transport.predict = stopping
        with client, pytest.raises(ConnectionError, match="no connection to"):
            client.transform(z)


def test_grpc_words_are_the_servers():
    class Refusing(grpc.GenericRpcHandler):
        def service(self, details):
            return grpc.unary_unary_rpc_method_handler(
                lambda request, context: context.abort(grpc.StatusCode.INTERNAL, "out of order")
            )

    server = grpc.server(concurrent.futures.ThreadPoolExecutor(1), handlers=[Refusing()])
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    client = Client(f"grpc://127.0.0.1:{port}/v1/models/m")
    with client, pytest.raises(ServerError, match=r"out of order \(gRPC INTERNAL\)"):
        client.transform([[0.0]])
    server.stop(None).wait()
