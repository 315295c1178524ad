import gzip
import importlib.util
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from iin_tf.experiment.checks import check_config
from iin_tf.experiment.config import default_config
from iin_tf.experiment.run import run_stages
from iin_tf.experiment.stages.registry import closure, default_stages, find_stage
from iin_tf.experiment.workdir import Workdir

# Program -> what a run of it ends with.
WRITES = {
    "run": "evaluation/report.html",
    "baselines": "baselines/baselines.md",
    "few_labels": "few_labels/few_labels.md",
}


def vectors(**values):
    """A function of a folder: rows of a representation there, and labels of so many values."""

    def write(folder):
        random = np.random.default_rng(0)
        np.save(folder / "z.npy", random.normal(size=(600, 150)))
        labels = np.stack([random.integers(count, size=600) for count in values.values()], axis=1)
        lines = [f"{row},{','.join(line)}" for row, line in enumerate(labels.astype(str))]
        (folder / "labels.csv").write_text("\n".join([f"id,{','.join(values)}", *lines]))
        return {
            "data.path": str(folder / "z.npy"),
            "data.labels": str(folder / "labels.csv"),
            "data.factors": tuple(values),
        }

    return write


def idx_files(folder):
    """Images in MNIST's format, in place of a data set that is not everywhere."""
    random = np.random.default_rng(0)
    for word, count in (("train", 300), ("t10k", 60)):
        images = random.integers(256, size=(count, 28, 28), dtype=np.uint8)
        for kind, values in (("images", images), ("labels", np.arange(count, dtype=np.uint8) % 10)):
            header = bytes([0, 0, 8, values.ndim]) + np.array(values.shape, ">i4").tobytes()
            file = folder / f"{word}-{kind}-idx{values.ndim}-ubyte.gz"
            file.write_bytes(gzip.compress(header + values.tobytes()))
    return {"data.path": str(folder)}


def glosses(folder):
    """Definitions in WordNet's format."""
    numbers = {"noun": "08 09 10 12 13 14 21", "verb": "29 31 32 37 34 41 40"}
    for part, files in numbers.items():
        lines = [
            f'{row:08} {number} x 01 word 0 000 | {part} {row} of {number}; "an example"'
            for row in range(60)
            for number in files.split()
        ]
        (folder / f"data.{part}").write_text("\n".join(["  1 a licence", *lines]))
    return {"data.path": str(folder)}


def frames_model(folder):
    """A SavedModel with the signature of basic-pitch: frames of two seconds of sound."""
    import tensorflow as tf

    class Frames(tf.Module):
        @tf.function(input_signature=[tf.TensorSpec([None, 43844, 1], tf.float32)])
        def __call__(self, x):
            frames = tf.reshape(x, [-1, 4, 10961])
            contour = frames[..., ::113]
            return {"contour": contour, "note": contour[..., :8], "onset": contour[..., 8:16]}

    module = Frames()
    signatures = {"serving_default": module.__call__.get_concrete_function()}
    tf.saved_model.save(module, str(folder / "frames"), signatures)
    return {"first_stage.path": str(folder / "frames")}


def pictures(folder):
    """A folder of squares in three tones, and a table that says how large they are."""
    lines = ["id,size"]
    for number in range(180):
        tone, side = number % 3, 10 + 10 * (number // 3 % 2)
        pixels = np.zeros((24, 24, 3), np.uint8)
        pixels[2 : 2 + side, 2 : 2 + side, tone] = 200 + number % 7
        place = folder / "pictures" / ("red", "green", "blue")[tone]
        place.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(place / f"{number:03}.png")
        lines.append(f"{number:03},{('small', 'large')[side // 20]}")
    (folder / "sizes.csv").write_text("\n".join(lines))
    return {
        "data.path": str(folder / "pictures"),
        "data.labels": str(folder / "sizes.csv"),
        "data.factors": ("class", "size"),
        "evaluation.donors": 10,
    }


# Config -> function of a folder that gives the keys which its docstring leaves to the user, or
# which name what is not everywhere.
GIVEN = {
    "images": pictures,
    "latents": vectors(speaker=2, style=2),
    "backbone": vectors(kind=10, color=8, turn=4),
    "speech": vectors(voice=8, pitch=4, speed=3),
    "fashion_mnist": idx_files,
    "glosses": glosses,
    "tones": frames_model,
}
CONFIGS = sorted((Path(__file__).parents[2] / "configs").glob("*.py"))


def load(path):
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_configs_have_the_default_keys_and_say_their_command(path):
    module = load(path)
    keys = {name: dict(section) for name, section in _sections(module.get_config()).items()}
    defaults = {name: dict(section) for name, section in _sections(default_config()).items()}
    assert {name: set(section) for name, section in keys.items()} == {
        name: set(section) for name, section in defaults.items()
    }
    assert f"--config=configs/{path.name}" in module.__doc__


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_configs_and_their_small_forms_are_right(path, tmp_path):
    module = load(path)
    for config in (module.get_config(), module.small()):
        check_config(completed(config, path, tmp_path))


def completed(config, path, folder):
    if path.stem in GIVEN:
        config.update_from_flattened_dict(GIVEN[path.stem](folder))
    return config


# The smoke config runs in test_run.py.
@pytest.mark.slow
@pytest.mark.parametrize(
    "path", [path for path in CONFIGS if path.stem != "smoke"], ids=lambda path: path.stem
)
def test_every_config_runs_in_its_small_form(path, tmp_path):
    module = load(path)
    config = completed(module.small(), path, tmp_path)
    config.export.directory = str(tmp_path / "saved_models")
    program = re.search(r"Command: +iin_(\w+)", module.__doc__)[1]
    stages = default_stages() if program == "run" else closure(program)
    run_stages(config, tmp_path / "run", stages)
    # A model that is there already is not trained.
    expected = [name for name in stages if find_stage(name).applies(config.to_dict())]
    assert list(Workdir(tmp_path / "run").done()) == expected
    assert list((tmp_path / "run").glob(WRITES[program]))


def test_an_unknown_key_is_refused():
    config = default_config()
    with pytest.raises(AttributeError, match="hiden"):
        config.network.hiden = 3


def test_cmnist_carries_the_published_hyper_parameters():
    config = load(next(path for path in CONFIGS if path.stem == "cmnist")).get_config()
    assert tuple(config.sizes.fixed) == (20, 22, 22)
    assert (config.network.blocks, config.network.hidden, config.network.depth) == (12, 512, 2)
    assert (config.training.beta_1, config.training.beta_2) == (0.5, 0.9)
    assert config.training.learning_rate == pytest.approx(1.125e-4)
    assert (config.training.batch_size, config.training.steps) == (25, 120_000)


def _sections(config):
    return {name: value for name, value in config.items() if hasattr(value, "items")}
