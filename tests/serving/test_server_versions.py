"""Versions that come, go, or are no versions."""

import shutil
import threading
import time

import numpy as np
import pytest
import tensorflow as tf

import iin_tf
from iin_tf.checks import InputError
from iin_tf.serving import Client, Server, ServerError
from iin_tf.serving.server.model import Model


class Constant(tf.Module):
    """Answers the number of its version, and knows the signatures that a client asks for."""

    def __init__(self, number):
        self.number = float(number)

    @tf.function(input_signature=[tf.TensorSpec([None, 2], tf.float32, "z")])
    def transform(self, z):
        return {"z_tilde": tf.zeros_like(z) + self.number}

    @tf.function(input_signature=[tf.TensorSpec([None, 2], tf.bool, "blocks")])
    def swap(self, blocks):
        return {"z_new": tf.cast(blocks, tf.float32)}

    @tf.function(input_signature=[tf.TensorSpec([None], tf.int64, "block")])
    def layout(self, block):
        names = ["residual", f"of {self.number:g}"]
        return {"name": tf.gather(names, block), "size": tf.ones_like(block)}


def write(path, number):
    """The version `number`, which appears at once."""
    model = Constant(number)
    signatures = {name: getattr(model, name) for name in ("transform", "swap", "layout")}
    tf.saved_model.save(model, str(path / "new"), signatures=signatures)
    (path / "new").rename(path / str(number))


@pytest.fixture
def told():
    return []


@pytest.fixture
def make(tmp_path, told):
    def model(keep=1, labels=None):
        return Model("m", tmp_path, keep, labels or {}, told.append)

    return model


def answers(model, **which):
    with model.use(**which) as version:
        return version.run("transform", {"z": np.zeros((1, 2), np.float32)})["z_tilde"][0, 0]


def test_the_highest_version_is_served_and_a_higher_one_replaces_it(tmp_path, make, told):
    write(tmp_path, 2)
    write(tmp_path, 10)
    model = make()
    assert answers(model) == 10
    assert model.states() == {10: ("AVAILABLE", "")}
    write(tmp_path, 11)
    model.refresh()
    assert answers(model) == 11
    assert model.states() == {10: ("END", ""), 11: ("AVAILABLE", "")}
    assert told == [
        "m: version 10 is served",
        "m: version 11 is served",
        "m: version 10 is dropped",
    ]


def test_a_version_in_use_is_dropped_when_it_is_idle(tmp_path, make):
    write(tmp_path, 1)
    model = make()
    with model.use() as old:
        write(tmp_path, 2)
        model.refresh()
        assert model.states()[1] == ("UNLOADING", "")
        z = np.zeros((1, 2), np.float32)
        assert old.run("transform", {"z": z})["z_tilde"][0, 0] == 1
        assert answers(model) == 2
    model.refresh()
    assert model.states()[1] == ("END", "")


def test_so_many_versions_and_those_with_a_label_are_served(tmp_path, make):
    for number in (1, 2, 3, 4):
        write(tmp_path, number)
    model = make(keep=2, labels={"stable": 1})
    assert [*model.states()] == [1, 3, 4]
    assert answers(model, label="stable") == 1
    assert answers(model, number=3) == 3
    assert answers(model) == 4


def test_what_is_half_written_is_passed_over_in_one_line(tmp_path, make, told):
    write(tmp_path, 1)
    (tmp_path / "2").mkdir()
    write(tmp_path, 3)
    shutil.rmtree(tmp_path / "3" / "variables")
    (tmp_path / "3" / "saved_model.pb").write_bytes(b"half")
    model = make()
    assert answers(model) == 1
    warnings = [line for line in told if line.startswith("warning")]
    assert [line[:39] for line in warnings] == [
        "warning: m: version 3 cannot be read: D",
        "warning: m: version 2 cannot be read: n",
    ]
    assert "\n" not in "".join(told)
    assert model.states()[2] == ("END", "no saved_model.pb; empty or half written")
    # Callers read them.
    assert ".py" not in str(model.states())
    model.refresh()
    assert len([line for line in told if line.startswith("warning")]) == 2
    # Once it is whole it is taken up.
    shutil.rmtree(tmp_path / "3")
    write(tmp_path, 3)
    model.refresh()
    assert answers(model) == 3


def test_an_emptied_directory_goes_on_with_what_it_had(tmp_path, make):
    write(tmp_path, 1)
    model = make()
    shutil.rmtree(tmp_path / "1")
    model.refresh()
    assert answers(model) == 1


def test_a_directory_without_a_version_is_refused_in_one_line(tmp_path, make):
    def message():
        with pytest.raises(InputError) as caught:
            make()
        assert "\n" not in str(caught.value)
        return str(caught.value)

    assert "no numbered folders" in message()
    (tmp_path / "1").mkdir()
    assert "version 1: no saved_model.pb; empty or half written" in message()
    with pytest.raises(InputError, match="is not there"):
        Server({"m": tmp_path / "nowhere"}, port=0)


def test_a_version_is_no_directory_of_versions(tmp_path):
    write(tmp_path, 1)
    with pytest.raises(InputError, match="is a version itself; give the one above it"):
        Server({"m": tmp_path / "1"}, port=0)


def test_a_label_of_nothing_is_refused(tmp_path, make):
    write(tmp_path, 1)
    with pytest.raises(InputError, match="label of m stands for version 5, which is not there"):
        make(labels={"stable": 5})
    with pytest.raises(InputError, match="a label is for 'other', but the models are"):
        Server({"m": tmp_path}, port=0, labels={"other": {"a": 1}})


@pytest.mark.parametrize("name", ["", "a/b", "a:b", "a b?"])
def test_a_name_that_cannot_stand_in_an_address_is_refused(tmp_path, name):
    with pytest.raises(InputError, match="cannot stand in an address"):
        Server({name: tmp_path}, port=0)


@pytest.mark.parametrize("form", ["http", "grpc"])
def test_no_answer_mixes_two_versions_while_they_are_replaced(tmp_path, form):
    write(tmp_path, 1)
    rows, seen, errors = np.zeros((12, 2), np.float32), set(), []
    with Server({"m": tmp_path}, port=0, grpc_port=0, poll=0.01) as server:
        port = server.port if form == "http" else server.grpc_port
        done = threading.Event()

        def ask():
            with Client(f"{form}://127.0.0.1:{port}/v1/models/m", batch_size=3) as client:
                while not done.is_set():
                    try:
                        values = set(np.unique(client.transform(rows)))
                        name = float(client.layout.factor_names[0].removeprefix("of "))
                    except Exception as error:
                        errors.append(error)
                        return
                    # All twelve rows of one version, and its factors of that or a later one.
                    if len(values) != 1 or name < min(values):
                        errors.append(AssertionError(f"{values}, {name}"))
                    seen.update(values)

        threads = [threading.Thread(target=ask) for _ in range(3)]
        for thread in threads:
            thread.start()
        for number in (1, 2, 3, 4):
            if number > 1:
                write(tmp_path, number)
            until = time.monotonic() + 20
            while number not in seen and time.monotonic() < until:
                time.sleep(0.01)
        done.set()
        for thread in threads:
            thread.join()
    assert not errors
    assert seen == {1, 2, 3, 4}


@pytest.mark.parametrize("name", ["version", "layout", "signatures"])
def test_a_version_that_goes_while_a_client_looks_is_looked_for_again(tmp_path, monkeypatch, name):
    write(tmp_path, 1)
    with (
        Server({"m": tmp_path}, port=0, poll=3600) as server,
        Client(f"http://127.0.0.1:{server.port}/v1/models/m") as client,
    ):
        expected = getattr(client, name)
        client.refresh()
        answers, asked = client._transport.predict, []

        def gone_once(*given):
            asked.append(given)
            if len(asked) == 1:
                raise ServerError("Specific(m, 1)", 404)
            return answers(*given)

        monkeypatch.setattr(client._transport, "predict", gone_once)
        assert getattr(client, name) == expected
        assert len(asked) == 2


def test_a_client_of_a_fixed_version_is_told_that_it_is_gone(tmp_path):
    write(tmp_path, 1)
    with Server({"m": tmp_path}, port=0, poll=0.01) as server:
        url = f"http://127.0.0.1:{server.port}/v1/models/m/versions/1"
        with Client(url) as client:
            rows = np.zeros((1, 2), np.float32)
            assert client.transform(rows)[0, 0] == 1
            write(tmp_path, 2)
            until = time.monotonic() + 20
            while server.models.model("m").states()[1][0] != "END" and time.monotonic() < until:
                time.sleep(0.01)
            with pytest.raises(ServerError, match=r"Specific\(m, 1\)"):
                client.transform(rows)


def test_what_is_no_export_of_a_network_is_named(tmp_path):
    double = tf.function(
        lambda x: {"y": 2 * x}, input_signature=[tf.TensorSpec([None], tf.float32, "x")]
    )
    module = tf.Module()
    module.double = double
    tf.saved_model.save(module, str(tmp_path / "1"), signatures={"serving_default": double})
    with Server({"m": tmp_path}, port=0) as server:
        url = f"http://127.0.0.1:{server.port}/v1/models/m"
        with (
            iin_tf.serving.Client(url) as client,
            pytest.raises(InputError, match="is no export of iin_tf; its signatures are"),
        ):
            client.transform([[0.0]])
