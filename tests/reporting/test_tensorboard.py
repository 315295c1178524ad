"""What TensorBoard itself reads from the files."""

import numpy as np
import pytest
import tensorflow as tf
from matplotlib import image
from tensorboard.backend.event_processing import data_provider, event_multiplexer
from tensorboard.plugins import base_plugin
from tensorboard.plugins.projector import projector_plugin
from werkzeug.test import Client
from werkzeug.wrappers import Request

from iin_tf.reporting.tensorboard import write_tensorboard
from iin_tf.results import Result, Results

PARTS = {
    "residual": np.arange(20, dtype=np.float32).reshape(5, 4),
    "digit": np.random.default_rng(0).normal(size=(5, 2)),
}
LABELS = {"digit": np.array([3, 1, 4, 1, 5]), "color": np.linspace(0, 1, 15).reshape(5, 3)}
IMAGES = np.random.default_rng(0).integers(0, 256, (5, 4, 6, 3), np.uint8)


@pytest.fixture(scope="module")
def log_directory(tmp_path_factory):
    directory = tmp_path_factory.mktemp("tensorboard")
    image.imsave(directory / "swap_digit.png", np.zeros((8, 8, 3)))
    metrics = {"nll/test": -3.5, "disentanglement/mig": 0.5, "disentanglement/mig/low": 0.4}
    for _ in range(2):  # The second replaces the first.
        write_tensorboard(
            directory / "evaluation",
            Results.from_metrics(metrics),
            [directory / "swap_digit.png"],
            PARTS,
            LABELS,
            IMAGES,
        )
    return directory


def test_scalars_and_pictures_are_read(log_directory):
    multiplexer = event_multiplexer.EventMultiplexer({"evaluation": f"{log_directory}/evaluation"})
    multiplexer.Reload()
    run = multiplexer.GetAccumulator("evaluation")
    tags = set(run.Tags()["tensors"])
    assert tags == {"nll/test", "disentanglement/mig", "swap_digit"}
    (event,) = run.Tensors("nll/test")
    assert tf.make_ndarray(event.tensor_proto) == -3.5


def projector_apps(directory):
    multiplexer = event_multiplexer.EventMultiplexer()
    multiplexer.AddRunsFromDirectory(str(directory))
    multiplexer.Reload()
    provider = data_provider.MultiplexerDataProvider(multiplexer, str(directory))
    context = base_plugin.TBContext(logdir=str(directory), data_provider=provider)
    return projector_plugin.ProjectorPlugin(context).get_plugin_apps()


def get(apps, route, **query):
    client = Client(Request.application(lambda request: apps[route]))
    response = client.get("/", query_string=query)
    assert response.status_code == 200, response.data
    return response


def test_the_projector_serves_each_block_with_its_labels_and_pictures(log_directory):
    apps = projector_apps(log_directory)
    assert get(apps, "/runs").json == ["evaluation"]
    embeddings = get(apps, "/info", run="evaluation").json["embeddings"]
    assert {e["tensorName"]: e["tensorShape"] for e in embeddings} == {
        "residual": [5, 4],
        "digit": [5, 2],
    }
    served = get(apps, "/tensor", run="evaluation", name="residual")
    np.testing.assert_array_equal(np.frombuffer(served.data, np.float32), np.arange(20))
    lines = get(apps, "/metadata", run="evaluation", name="digit").text.splitlines()
    assert lines[0].split("\t") == ["digit", "color/0", "color/1", "color/2"]
    assert [line.split("\t")[0] for line in lines[1:]] == ["3", "1", "4", "1", "5"]
    assert get(apps, "/sprite_image", run="evaluation", name="digit").data.startswith(b"\x89PNG")
    assert embeddings[0]["sprite"]["singleImageDim"] == [6, 4]


def test_the_sprite_has_the_images_row_by_row(log_directory):
    pixels = (image.imread(log_directory / "evaluation/sprite.png")[..., :3] * 255).round()
    assert pixels.shape == (12, 18, 3)
    np.testing.assert_array_equal(pixels[:4, 6:12], IMAGES[1])
    np.testing.assert_array_equal(pixels[4:8, :6], IMAGES[3])


def test_a_single_column_has_no_header(tmp_path):
    write_tensorboard(tmp_path / "run", Results(), [], PARTS, {"digit": LABELS["digit"]})
    assert (tmp_path / "run/metadata.tsv").read_text().split() == ["3", "1", "4", "1", "5"]


def test_blocks_and_factors_of_all_names_are_served(tmp_path):
    names = ["metadata", "sprite", "a|b", "two\nlines", "tab\tbed", "x" * 300]
    parts = {name: np.full((5, 2), k, np.float32) for k, name in enumerate(names)}
    labels = {name: np.arange(5) for name in names}
    results = Results(
        Result("leakage/{block}/{factor}", {"block": name, "factor": name}, 0.5, null=0.1)
        for name in names
    )
    write_tensorboard(tmp_path / "run", results, [], parts, labels, IMAGES)
    lines = (tmp_path / "run/metadata.tsv").read_text().splitlines()
    assert lines[0].split("\t") == [*names[:3], "two lines", "tab bed", names[5]]
    assert [line.split("\t") for line in lines[1:]] == [[str(k)] * 6 for k in range(5)]
    apps = projector_apps(tmp_path)
    embeddings = get(apps, "/info", run="run").json["embeddings"]
    assert [one["tensorName"] for one in embeddings] == names
    for k, name in enumerate(names):
        served = get(apps, "/tensor", run="run", name=name)
        np.testing.assert_array_equal(np.frombuffer(served.data, np.float32), [k] * 10)
    multiplexer = event_multiplexer.EventMultiplexer({"run": f"{tmp_path}/run"})
    multiplexer.Reload()
    tags = multiplexer.GetAccumulator("run").Tags()["tensors"]
    assert sorted(tags) == sorted(result.name for result in results.values())


def test_scalars_say_what_they_are(log_directory):
    multiplexer = event_multiplexer.EventMultiplexer({"evaluation": f"{log_directory}/evaluation"})
    multiplexer.Reload()
    metadata = multiplexer.GetAccumulator("evaluation").SummaryMetadata("nll/test")
    assert "nats per example | lower" in metadata.summary_description


def test_without_labels_points_have_no_table(tmp_path):
    write_tensorboard(tmp_path / "run", Results(), [], PARTS, {})
    (one, _) = get(projector_apps(tmp_path), "/info", run="run").json["embeddings"]
    assert "metadataPath" not in one
