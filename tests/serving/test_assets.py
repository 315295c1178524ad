"""What stands beside the graph of an export: its description, warm-up requests, server files."""

import json

import numpy as np
import tensorflow as tf
import yaml
from google.protobuf import text_format
from tensorflow_serving.apis import prediction_log_pb2
from tensorflow_serving.config import model_server_config_pb2

import iin_tf
from iin_tf.serving.server_files import write_server_files
from iin_tf.serving.warm_up import prediction_log
from iin_tf.versions import library_versions


def test_the_description_can_be_read_without_tensorflow(version, endpoints):
    described = json.loads((version / "assets.extra" / "description.json").read_text())
    assert described == {
        "format": 1,
        "latent_size": 12,
        "blocks": [
            {"name": "residual", "size": 5},
            {"name": "eye color", "size": 3},
            {"name": "digit", "size": 4},
        ],
        "endpoints": sorted(set(endpoints) - {"serving_default"}),
        "first_stage": None,
        "versions": library_versions(),
    }


def test_a_server_tells_the_description_too(version, endpoints, client):
    described = json.loads((version / "assets.extra" / "description.json").read_text())
    told = endpoints["description"](row=[5, 6])["json"].numpy()
    assert [json.loads(one) for one in told] == [described, described]
    assert client.description == described


def test_facts_go_into_the_description(network, tmp_path):
    facts = {"held_out": {"nll/test": 1.5}, "config_digest": "abc"}
    version = iin_tf.export(network, tmp_path, facts=facts)
    described = json.loads((version / "assets.extra" / "description.json").read_text())
    assert described["held_out"] == {"nll/test": 1.5}
    assert described["config_digest"] == "abc"


def test_warm_up_requests_are_the_published_message_and_run(version, endpoints):
    path = version / "assets.extra" / "tf_serving_warmup_requests"
    seen = set()
    for record in tf.data.TFRecordDataset(str(path)):
        log = prediction_log_pb2.PredictionLog.FromString(record.numpy())
        request = log.predict_log.request
        assert not log.FindInitializationErrors()
        inputs = {key: tf.constant(tf.make_ndarray(one)) for key, one in request.inputs.items()}
        outputs = endpoints[request.model_spec.signature_name](**inputs)
        assert {len(value) for value in outputs.values()} == {1}
        seen.add(request.model_spec.signature_name)
    assert seen == set(endpoints) - {"serving_default"}


def test_a_long_request_is_written_as_protocol_buffers_write_it():
    # 3,000 bytes need two bytes of length, 40,000 three.
    inputs = {"z": np.arange(10_000, dtype=np.float32), "t" * 3000: np.zeros(3)}
    request = prediction_log_pb2.PredictionLog.FromString(prediction_log("swap", inputs))
    assert request.predict_log.request.model_spec.signature_name == "swap"
    found = request.predict_log.request.inputs
    assert set(found) == set(inputs)
    np.testing.assert_array_equal(tf.make_ndarray(found["z"]), inputs["z"])


def test_the_server_files_are_read_by_the_published_messages(version):
    folder = version.parent / "serving"
    config = text_format.Parse(
        (folder / "models.config").read_text(), model_server_config_pb2.ModelServerConfig()
    )
    (model,) = config.model_config_list.config
    assert (model.name, model.base_path) == ("small", "/models/small")
    assert model.model_version_policy.latest.num_versions == 1
    (service,) = yaml.safe_load((folder / "compose.yaml").read_text())["services"].values()
    assert service["volumes"] == ["..:/models/small:ro", ".:/config:ro"]
    named = {flag.partition("=")[2] for flag in service["command"] if "/config/" in flag}
    assert named == {f"/config/{file.name}" for file in folder.glob("*.config")}


def test_files_that_somebody_changed_stay(tmp_path):
    write_server_files(tmp_path)
    (tmp_path / "serving" / "batching.config").write_text("mine")
    (tmp_path / "serving" / "models.config").unlink()
    write_server_files(tmp_path)
    assert (tmp_path / "serving" / "batching.config").read_text() == "mine"
    assert (tmp_path / "serving" / "models.config").exists()
