import numpy as np
import pytest
from matplotlib import image

from iin_tf import FactorLayout
from iin_tf.audits.block_assignment import assign_blocks
from iin_tf.reporting.baselines import baselines_markdown, save_baselines
from iin_tf.results import Results

LAYOUT = FactorLayout({"digit": 2, "color": 3}, residual=3)
FLAT = {
    "ours": {
        "disentanglement/mig": 0.9,
        "disentanglement/mig/low": 0.8,
        "disentanglement/mig/high": 0.95,
        "disentanglement/modularity": 1.0,
        "leakage/residual/digit": -0.01,
        "leakage/residual/digit/null": 0.0,
        "leakage/digit/digit": 0.8,
        "leakage/digit/digit/null": 0.0,
        "pair_nll/test": -12.5,
    },
    "theirs": {
        "disentanglement/mig": 0.1,
        "disentanglement/modularity": 0.5,
        "leakage/residual/digit": 0.3,
        "leakage/residual/digit/null": 0.0,
        "leakage/digit/digit": 0.4,
        "leakage/digit/digit/null": 0.0,
        "reconstruction/mse": 0.02,
    },
}


MODELS = {model: Results.from_metrics(flat) for model, flat in FLAT.items()}


def made(order):
    """Codes whose dimensions are two digits', three colours' and three of noise, in an order."""
    random = np.random.default_rng(0)
    digit, color = random.integers(0, 2, (3000, 2)), random.random((3000, 3))
    noise = random.normal(size=(3000, 3))
    codes = np.concatenate([noise, digit + 0.1 * random.normal(size=digit.shape), color], axis=1)
    return codes[:, order], {"digit": digit @ [1, 2], "color": color}


@pytest.mark.parametrize("seed", [0, 1])
def test_dimensions_go_to_the_factor_that_they_tell(seed):
    order = np.random.default_rng(seed).permutation(8)
    blocks = assign_blocks(*made(order), LAYOUT)
    assert list(blocks) == list(LAYOUT.names)
    for name, part in LAYOUT.slices.items():
        assert set(order[blocks[name]]) == set(range(part.start, part.stop)), name


def test_blocks_keep_their_sizes_where_a_factor_fills_more():
    codes, labels = made(np.array([3, 4, 3, 4, 3, 4, 5, 0]))
    blocks = assign_blocks(codes, labels, LAYOUT)
    assert [len(columns) for columns in blocks.values()] == list(LAYOUT.sizes)
    assert sorted(np.concatenate(list(blocks.values()))) == list(range(8))


def test_the_table_has_a_row_for_each_model_and_dashes_where_nothing_was_measured():
    lines = baselines_markdown(MODELS).splitlines()
    assert lines[0].startswith("| model | MIG | Modularity | residual tells of digit |")
    assert lines[2] == "| ours | 0.9000 | 1.0000 | -0.0100 | 0.8000 | -12.5000 | - |"
    assert lines[3].endswith("| 0.4000 | - | 0.0200 |")


def test_the_picture_shows_every_model(tmp_path):
    save_baselines(tmp_path / "baselines.png", MODELS)
    pixels = image.imread(tmp_path / "baselines.png")[..., :3]
    colors = np.unique(pixels.reshape(-1, 3).round(3), axis=0)
    # Matplotlib's first two colours: a bar for each model.
    for color in ((0.122, 0.467, 0.706), (1.0, 0.498, 0.055)):
        assert np.abs(colors - color).sum(axis=1).min() < 0.01
