"""Two folders of pictures in a config: from the files to the report."""

import json
import re
from pathlib import Path

import numpy as np
import pandas
import pytest
from PIL import Image

import iin_tf
from iin_tf.checks import InputError
from iin_tf.experiment import load_config, run_stages
from iin_tf.experiment.small import shrunk

ROOT = Path(__file__).parents[2]
THINGS = 60


def two_folders(folder):
    """Squares at 60 places: bright on dark in the one folder, dark on bright in the other."""
    places = np.random.default_rng(0).integers(10, size=(THINGS, 2))
    for number, (top, left) in enumerate(places):
        pixels = np.full((16, 16, 3), 30, np.uint8)
        pixels[top : top + 6, left : left + 6] = 220
        for name, image in (("photos", pixels), ("sketches", 255 - pixels)):
            path = folder / name / f"{number:03}.png"
            path.parent.mkdir(exist_ok=True)
            Image.fromarray(image).save(path)
    return {
        "data.path": str(folder / "photos"),
        "data.paired_path": str(folder / "sketches"),
        "data.factors": ("place",),
        "pairs.views_share": ("place",),
        "sizes.fixed": (8,),
    }


def config_of(folder, **changes):
    config = shrunk(load_config(str(ROOT / "configs" / "images.py")))
    config.data.size = None
    config.data.resize = "refuse"
    config.export.directory = str(folder / "saved_models")
    config.update_from_flattened_dict({**two_folders(folder), **changes})
    return config


def test_two_folders_of_pictures_are_pairs(tmp_path):
    run_stages(config_of(tmp_path), tmp_path / "run")
    assert iin_tf.load(tmp_path / "run/iin.keras").layout.names == ("residual", "place")
    metrics = json.loads((tmp_path / "run/evaluation/metrics.json").read_text())
    assert metrics["originals/test"] == 12
    assert np.isfinite(metrics["pair_nll/test/place"])
    assert (tmp_path / "run/evaluation/report.html").exists()
    splits = pandas.read_csv(tmp_path / "run/splits.csv", dtype=str)
    assert (splits.groupby("source")["split"].nunique() == 1).all()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"data.paired_path": "none"}, "data.paired_path: there is no folder none"),
        ({"data.path": "none"}, "data.path or data.paired_path: there is no folder none"),
        ({"data.paired_path": ""}, "data.path: "),
        (
            {"data.source": "idx"},
            "data.source is 'idx'; only latents, arrays, images have a second",
        ),
        ({"pairs.views_share": ()}, "say that views of one original share them"),
    ],
)
def test_what_does_not_pair_is_said_before_any_work(change, message, tmp_path):
    config = config_of(tmp_path, **change)
    with pytest.raises(InputError, match=re.escape(message)):
        run_stages(config, tmp_path / "run")
    assert not (tmp_path / "run/first_stage.keras").exists()


def test_a_name_in_one_folder_alone_is_said_before_any_work(tmp_path):
    config = config_of(tmp_path)
    (tmp_path / "sketches" / "007.png").rename(tmp_path / "sketches" / "7.png")
    with pytest.raises(InputError, match=r"data.paired_path: 59 names are in both.*\['007'\]"):
        run_stages(config, tmp_path / "run")
    assert not (tmp_path / "run/first_stage.keras").exists()
