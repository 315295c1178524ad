"""The rest of a model behind edits: in one call, and in whole runs on a layer of a classifier."""

import json
import types

import keras
import numpy as np
import pytest

from iin_tf import FactorLayout
from iin_tf.data import Examples, LatentStore
from iin_tf.experiment import Source, default_config, register_source, run_stages
from iin_tf.experiment.heads import measure_head
from iin_tf.experiment.stages.registry import closure

ROWS = 200


def examples(config, split):
    """Six steps of four numbers, of which the last two may be padding (zeros)."""
    random = np.random.default_rng([7, split == "test"])
    kind, tone = random.integers(3, size=ROWS), random.integers(3, size=ROWS)
    x = 0.3 * random.normal(size=(ROWS, 6, 4))
    x[..., :3] += 2 * np.eye(3)[kind][:, None]
    x[..., 3] += tone[:, None]
    x[::2, 4:] = 0
    return Examples(x.astype(np.float32), {"kind": kind, "tone": tone}, np.arange(ROWS))


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    keras.utils.set_random_seed(0)
    inputs = keras.Input((6, 4))
    masked = keras.layers.Masking()(inputs)
    hidden = keras.layers.Dense(8, activation="relu", name="hidden")(masked)
    both = keras.layers.Concatenate(name="both")([hidden, masked])
    pooled = keras.layers.GlobalAveragePooling1D()(both)
    model = keras.Model(inputs, keras.layers.Dense(3, name="logits")(pooled))
    # Two units never fire.
    kernel, bias = model.get_layer("hidden").get_weights()
    kernel[:, [1, 6]], bias[[1, 6]] = 0, -1
    model.get_layer("hidden").set_weights([kernel, bias])
    path = tmp_path_factory.mktemp("model") / "model.keras"
    model.save(path)
    return str(path)


def config_of(path, folder, pool):
    register_source("steps", Source(examples))
    config = default_config()
    config.data.source, config.data.factors = "steps", ("kind", "tone")
    config.sizes.compare, config.sizes.fixed = False, (1, 1)
    config.first_stage.update({"kind": "keras", "path": path, "layer": "hidden", "pool": pool})
    config.network.blocks, config.network.hidden = 2, 16
    config.training.steps = config.training.steps_per_epoch = 20
    config.evaluation.measures, config.evaluation.resamples = ("mig",), 20
    config.evaluation.response_draws = 4
    config.export.directory = str(folder / "saved")
    return config


@pytest.mark.slow
def test_one_position_with_the_rest_of_the_model_behind_it(path, tmp_path):
    run_stages(config_of(path, tmp_path, 0), str(tmp_path / "run"), closure("evaluate"))
    metrics = json.loads((tmp_path / "run/evaluation/metrics.json").read_text())
    assert metrics["dimensions/constant"] == 2
    for block in ("residual", "kind", "tone"):
        # What leaves the range is counted, and little of it: most edits lie among the data.
        assert 0 <= metrics[f"outside/{block}"] < 1
        donor, recipient = (metrics[f"head/{block}/{of}"] for of in ("donor", "recipient"))
        assert 0 <= donor + recipient <= 1
        # One of six positions, and none of what bypasses the cut, decides little.
        assert recipient > 0.5
    assert metrics["response_whole"] > 0
    assert (tmp_path / "run/evaluation/report.html").is_file()


def test_every_position_is_an_example_of_its_original(path, tmp_path):
    config = config_of(path, tmp_path, "positions")
    run_stages(config, str(tmp_path / "run"), ["encode"])
    store = LatentStore(tmp_path / "run/latents/test")
    # Half of the 200 have four positions, the others six.
    assert len(store) == 100 * 4 + 100 * 6
    model = keras.saving.load_model(path)
    hidden = keras.Model(model.inputs, model.get_layer("hidden").output)
    test = examples(config, "test")
    z = np.delete(np.asarray(hidden(test.x)), [1, 6], axis=-1)
    original, position = np.array([name.split("/") for name in store.id]).astype(int).T
    # The same products, in batches of another size.
    np.testing.assert_allclose(store.mean, z[original, position], atol=1e-5)
    np.testing.assert_array_equal(store.source, original)
    np.testing.assert_array_equal(store.labels["kind"], test.labels["kind"][original])
    assert not np.any((original % 2 == 0) & (position >= 4))
    # What stands for an original in the evaluation is any of its positions.
    first = np.unique(store.source, return_index=True)[1]
    assert set(position[first]) == set(range(6))


class Columns:
    """The identity: representations are [residual, kind] already."""

    layout = FactorLayout({"kind": 2}, residual=2)

    def swap(self, z, donor, factors):
        return np.where(np.repeat(self.layout.mask(factors), self.layout.sizes), donor, z)


@pytest.mark.parametrize("needs_input", [False, True])
@pytest.mark.parametrize("in_graph", [False, True])
def test_a_head_is_measured_with_and_without_its_inputs(needs_input, in_graph):
    # Two views of each of 300 originals: more latents than go through the head at once.
    z = np.random.default_rng(0).normal(size=(600, 4)).astype(np.float32)
    x = np.arange(600, dtype=np.float32)[:, None] % 2
    # Of the first views x is 0, so that it adds nothing where it is the right one.
    heads = {False: lambda z: z[:, 2:], True: lambda z, x: z[:, 2:] + 100 * x * [[1, 0]]}
    experiment = types.SimpleNamespace(
        config=types.SimpleNamespace(
            data=types.SimpleNamespace(factors=()),
            evaluation=types.SimpleNamespace(donors=20),
            seed=0,
        ),
        store=lambda split: types.SimpleNamespace(mean=z, source=np.arange(600) // 2, labels={}),
        test_examples=types.SimpleNamespace(x=x),
        first_stage=types.SimpleNamespace(
            head=heads[needs_input],
            has_head=True,
            keeps_rows=True,
            runs_in_graph=in_graph,
            head_needs_input=needs_input,
            constant=None,
            value_range=None,
        ),
    )
    found = measure_head(experiment, Columns()).metrics()
    assert found["head/kind/donor"] == found["head/residual/recipient"] == 1
    assert found["head/kind/recipient"] == found["head/residual/donor"] == 0
