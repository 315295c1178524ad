"""Stage sizes, on a representation whose factors need known numbers of directions."""

import json
from pathlib import Path

import pytest

from iin_tf.experiment import run_stages

ROOT = Path(__file__).parents[2]


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
def test_sizes_by_directions(tmp_path, two_factors_config, changes, sizes):
    config = two_factors_config.copy_and_resolve_references()
    config.update_from_flattened_dict(changes)
    run_stages(config, tmp_path, ["encode", "sizes"])
    used = json.loads((tmp_path / "factor_sizes.json").read_text())["used"]
    assert [used["residual"], *[size for _, size in used["factors"]]] == sizes
