"""Stage sizes, on a representation whose factors need known numbers of directions."""

import json
from pathlib import Path

import numpy as np
import pandas
import pytest

from iin_tf.experiment import load_config, run_stages

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def given(tmp_path_factory):
    """24 dimensions: a factor of four values moves three of them, one of two moves one."""
    folder = tmp_path_factory.mktemp("sizes")
    random = np.random.default_rng(0)
    labels = {"speaker": random.integers(4, size=2000), "style": random.integers(2, size=2000)}
    z = random.normal(size=(2000, 24))
    z[:, :3] += 4 * np.eye(4)[labels["speaker"]][:, :3]
    z[:, 3] += 4 * labels["style"]
    np.save(folder / "z.npy", z @ np.linalg.qr(random.normal(size=(24, 24)))[0])
    pandas.DataFrame({"id": np.arange(2000), **labels}).to_csv(folder / "l.csv", index=False)
    return folder


@pytest.mark.parametrize(
    ("changes", "sizes"),
    [
        # Three directions: 3 + 2 + 2; one: 1 + 1 + 2.  A linear map before the flow changes none.
        ({"sizes.method": "directions"}, [13, 7, 4]),
        ({"sizes.method": "directions", "network.front": "whiten"}, [13, 7, 4]),
        # The factors' are the four leading components: two thirds of six, and 18 go around.
        ({"sizes.method": "directions", "network.front": 6}, [21, 2, 1]),
    ],
)
def test_sizes_by_directions(tmp_path, given, changes, sizes):
    config = load_config(str(ROOT / "configs" / "latents.py"))
    config.data.update(
        path=str(given / "z.npy"), labels=str(given / "l.csv"), factors=("speaker", "style")
    )
    config.update_from_flattened_dict(changes)
    run_stages(config, tmp_path, ["encode", "sizes"])
    used = json.loads((tmp_path / "factor_sizes.json").read_text())["used"]
    assert [used["residual"], *[size for _, size in used["factors"]]] == sizes
