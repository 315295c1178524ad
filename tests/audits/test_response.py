"""Responses of linear flows and simple functions have closed forms."""

import dataclasses

import keras
import numpy as np
import pytest
from scipy import stats

from iin_tf.audits import compare_responses, responses
from iin_tf.audits.outputs import ROWS
from iin_tf.reporting import save_response_comparison, save_responses

BLOCKS = ("residual", "shape", "shade")


@pytest.fixture(scope="module")
def z(linear_network):
    return linear_network.sample(40, seed=0).numpy()


def of_blocks(network, weight):
    """A function that reads z_tilde itself."""
    return lambda z: network.transform(z).numpy() @ weight


def test_a_linear_function_responds_as_the_matrix_says(linear_network, inverse_map, z):
    head = np.random.default_rng(1).normal(size=(2, 6))
    found = responses(linear_network, z, lambda z: z @ head.T, draws=500, outputs=["a", "b"])
    through = head @ inverse_map
    for k, part in enumerate(linear_network.layout.slices.values()):
        by_output = np.sqrt(np.square(through[:, part]).sum(axis=1))
        # 20,000 draws: a relative standard error of 0.5 %; four of them.
        np.testing.assert_allclose(found.by_output[k], by_output, rtol=0.02)
        np.testing.assert_allclose(found.response[k], np.linalg.norm(by_output), rtol=0.02)
    np.testing.assert_allclose(found.whole, np.linalg.norm(through), rtol=0.02)
    # The function is linear, so that the blocks' variances make up the whole.
    np.testing.assert_allclose(np.square(found.share).sum(), 1, rtol=0.03)
    assert found.blocks == BLOCKS
    assert found.outputs == ("a", "b")
    assert found.interval.shape == (3, 2)
    assert found.by_output_interval.shape == (3, 2, 2)


def test_what_the_function_ignores_is_flagged(linear_network, z):
    weight = np.array([0, 0, 0, 1.0, 1, 0.01])
    found = responses(linear_network, z, of_blocks(linear_network, weight), draws=100)
    np.testing.assert_array_equal(found.ignored, [True, False, True])
    # Rounding of the round trip in float64.
    assert found.response[0] < 1e-10
    np.testing.assert_allclose(found.response[2], 0.01, rtol=0.1)
    strict = responses(
        linear_network, z, of_blocks(linear_network, weight), draws=100, ignored_below=1e-3
    )
    np.testing.assert_array_equal(strict.ignored, [True, False, False])


def test_decisions_change_as_often_as_the_angle_says(linear_network, z):
    """The sign of a sum of two columns, one of each block: closed form for each example."""
    weight = np.array([0, 0, 0, 1.0, 0, 1.0])
    function = of_blocks(linear_network, weight)
    found = responses(linear_network, z, function, draws=400, decide=lambda out: out[:, 0] > 0)
    z_tilde = linear_network.transform(z).numpy()
    kept, whole = z_tilde[:, 5], z_tilde @ weight
    # The other block's column stays: the sign is that of a normal around it.
    changed = stats.norm.cdf(-np.sign(whole) * kept).mean()
    # 16,000 draws, four standard errors.
    assert abs(found.changed[1] - changed) < 0.016
    assert found.changed[0] == 0
    assert found.results()["response/shape/changed"].value == found.changed[1]
    without = responses(linear_network, z, function, draws=2)
    assert without.changed is None
    assert "response/shape/changed" not in without.results()


def test_a_constant_function_ignores_everything(linear_network, z):
    found = responses(linear_network, z, lambda z: np.ones(len(z)), draws=10)
    assert found.ignored.all()
    assert not found.share.any()


def test_an_interaction_depends_on_the_example_and_its_class(linear_network, z):
    def product(z):
        z_tilde = linear_network.transform(z).numpy()
        return z_tilde[:, 3] * z_tilde[:, 5]

    z_tilde = linear_network.transform(z).numpy()
    large = np.abs(z_tilde[:, 5]) > 0.7
    classes = np.where(large, "large", "small")
    found = responses(linear_network, z, product, classes, draws=2000)
    # Held at shade, the product has the standard deviation |shade|.
    by_hand = np.sqrt(np.mean(z_tilde[:, 5] ** 2))
    # 80,000 draws, dominated by about ten examples: a standard error of about 0.5 %.
    np.testing.assert_allclose(found.response[1], by_hand, rtol=0.02)
    assert found.response[0] < 1e-10
    assert list(found.classes) == ["large", "small"]
    for name, rows in (("large", large), ("small", ~large)):
        by_hand = np.sqrt(np.mean(z_tilde[rows, 5] ** 2))
        np.testing.assert_allclose(found.classes[name].response[1], by_hand, rtol=0.04)
        assert found.classes[name].examples == rows.sum()
    assert found.classes["small"].whole == found.whole


def test_intervals_cover_the_truth_as_often_as_they_say(linear_network):
    rng = np.random.default_rng(0)

    def product(z):
        z_tilde = linear_network.transform(z).numpy()
        return z_tilde[:, 3] * np.tanh(z_tilde[:, 5])

    nodes, weights = np.polynomial.hermite_e.hermegauss(80)
    truth = np.sqrt(weights @ np.tanh(nodes) ** 2 / weights.sum())
    hits = []
    for _ in range(40):
        z = linear_network.sample(60, seed=int(rng.integers(2**31))).numpy()
        found = responses(
            linear_network, z, product, draws=20, seed=int(rng.integers(2**31)), resamples=200
        )
        low, high = found.interval[1]
        hits.append(low <= truth <= high)
    # Binomial(40, 0.95): 33 or fewer has probability 0.3 %.
    assert sum(hits) >= 34


def test_the_monte_carlo_error_is_the_spread_over_seeds(linear_network, inverse_map, z):
    head = np.ones(6)
    few = [responses(linear_network, z, lambda z: z @ head, draws=30, seed=s) for s in range(40)]
    spread = np.std([one.response for one in few], axis=0, ddof=1)
    # A standard deviation of 40 numbers has a relative error of 11 %; three of them.
    stated = np.mean([one.monte_carlo_error for one in few], axis=0)
    np.testing.assert_allclose(stated, spread, rtol=0.35)


def test_equal_seeds_give_equal_numbers_and_chunks_do_not_show(linear_network, z, monkeypatch):
    head = np.ones(6)
    one = responses(linear_network, z, lambda z: z @ head, draws=50, seed=3)
    monkeypatch.setattr("iin_tf.audits.outputs.ROWS", 120)
    other = responses(linear_network, z, lambda z: z @ head, draws=50, seed=3)
    np.testing.assert_allclose(one.response, other.response, rtol=1e-12)
    assert np.any(
        one.response != responses(linear_network, z, lambda z: z @ head, draws=50, seed=4).response
    )


def test_one_example_repeated_has_the_interval_of_its_draws(linear_network, z):
    found = responses(linear_network, np.repeat(z[:1], 200, axis=0), lambda z: z[:, 0], draws=100)
    width = found.interval[:, 1] - found.interval[:, 0]
    # 200 repetitions estimate a standard error to 5 %, and quantiles of 1,000 resamples to
    # about as much again; the interval spans 3.92 of them.
    np.testing.assert_allclose(width, 3.92 * found.monte_carlo_error, rtol=0.25)


def test_a_keras_head_is_a_function_and_is_called_with_few_rows_at_once(
    linear_network, inverse_map, z
):
    head = keras.layers.Dense(4, dtype="float64", kernel_initializer=keras.initializers.Ones())
    seen = []

    def function(z):
        seen.append(len(z))
        return head(z)

    found = responses(linear_network, z, function, draws=1000)
    assert max(seen) <= ROWS
    assert found.by_output.shape == (3, 4)
    expected = np.linalg.norm(inverse_map.sum(axis=0)[:3])
    # 40,000 draws: a relative standard error of 0.35 %; four of them.
    np.testing.assert_allclose(found.by_output[0], expected, rtol=0.014)
    # The rule of several outputs: the root of the summed variances, here of four equal ones.
    np.testing.assert_allclose(found.response[0], 2 * found.by_output[0, 0])


def test_examples_of_an_unknown_class_are_in_none(linear_network, z):
    classes = np.where(np.arange(len(z)) % 4 == 3, -1, np.arange(len(z)) % 2)
    found = responses(linear_network, z, lambda z: z[:, 0], classes, draws=10)
    assert {name: one.examples for name, one in found.classes.items()} == {"0": 20, "1": 10}
    assert found.examples == 40
    texts = np.where(classes < 0, "", np.array(["odd", "even"])[classes])
    named = responses(linear_network, z, lambda z: z[:, 0], texts, draws=10)
    np.testing.assert_array_equal(named.classes["odd"].response, found.classes["0"].response)


def test_views_of_one_source_are_drawn_together(linear_network, z):
    def product(z):
        z_tilde = linear_network.transform(z).numpy()
        return z_tilde[:, 3] * z_tilde[:, 5]

    rows = np.repeat(np.arange(40), 4)
    once = responses(linear_network, z, product, draws=400)
    views = responses(linear_network, z[rows], product, draws=100, source=rows)
    apart = responses(linear_network, z[rows], product, draws=100)
    # The response to `shape` varies with the example's shade, of which there are 40 either way.
    width, as_views, as_originals = (np.ptp(one.interval[1]) for one in (once, views, apart))
    # Quantiles of 1,000 resamples are good to about 10 % of the width.
    assert as_views == pytest.approx(width, rel=0.25)
    assert as_originals < 0.7 * width


def test_models_with_other_blocks_stand_side_by_side(linear_network, z, tmp_path):
    found = responses(linear_network, z, lambda z: z[:, 0], draws=10)
    other = dataclasses.replace(found, blocks=("residual", "shape", "size"))
    both = compare_responses({"one": found, "other": other})
    assert both.blocks == ("residual", "shape", "shade", "size")
    rows = both.markdown().splitlines()[2:]
    assert rows[2].endswith("| - |")
    assert rows[3].startswith("| size | - |")
    save_response_comparison(tmp_path / "both.png", both)


def test_tables_and_figures_show_blocks_and_classes(linear_network, z, tmp_path):
    head = np.array([0, 0, 0, 1.0, 1, 0])
    classes = np.arange(len(z)) % 2
    function = of_blocks(linear_network, head)
    found = responses(linear_network, z, function, classes, draws=20)
    table = found.markdown()
    assert table.startswith("| examples | block | response | 95 % interval |")
    assert "| 1 | shade | 0.000 | 0.000 to 0.000 | 0.000 | yes |" in table
    assert len(table.splitlines()) == 2 + 3 * 3
    flat = found.results().metrics()
    assert flat["response/shade/ignored"] == 1
    assert flat["response/shape"] == found.response[1]
    both = compare_responses({"one": found, "other": found})
    assert both.markdown().splitlines()[0] == "| block | one | other |"
    assert both.markdown().count("ignored") == 4
    save_response_comparison(tmp_path / "both.png", both)
    save_responses(tmp_path / "one.png", found)
    for name in ("both", "one"):
        assert (tmp_path / f"{name}.png").read_bytes().startswith(b"\x89PNG")


def bad_row(z):
    return np.where(np.arange(len(z))[:, None] == 3, np.nan, z)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda z: {"z": z[:1]}, "z has 1 rows"),
        (lambda z: {"z": z[:, :5]}, "give 6 columns"),
        (lambda z: {"z": bad_row(z)}, "row 3 is not finite"),
        (lambda z: {"draws": 1}, "draws is 1; give a whole number from 2"),
        (lambda z: {"level": 95}, "level is 95"),
        (lambda z: {"classes": [0, 1]}, r"classes has shape \(2,\)"),
        (lambda z: {"classes": np.arange(len(z)) == 0}, "class 'True' has one example"),
        (lambda z: {"outputs": ["a", "b"]}, "give 1 different names"),
        (lambda z: {"function": lambda z: z[:, 0].astype(int)}, "as class numbers are"),
        (lambda z: {"function": lambda z: z[:1]}, "give one row a latent"),
        (lambda z: {"function": lambda z: z / 0.0}, "not finite; mend the function"),
    ],
)
@pytest.mark.filterwarnings("ignore:divide by zero")
def test_bad_input_is_one_clear_line(linear_network, z, change, message):
    arguments = {"z": z, "function": lambda z: z[:, 0], "draws": 10} | change(z)
    with pytest.raises(ValueError, match=message) as error:
        responses(linear_network, **arguments)
    assert "\n" not in str(error.value)


def test_only_responses_compare():
    with pytest.raises(ValueError, match=r"results\['a'\] is 1; give a Response"):
        compare_responses({"a": 1})
    with pytest.raises(ValueError, match="give a mapping"):
        compare_responses({})


def test_the_function_is_told_which_example_was_edited(linear_network, z):
    seen = []

    def function(rows, examples):
        seen.append((rows, examples))
        return z[examples]

    found = responses(linear_network, z[:5], function, draws=3, with_examples=True)
    # Of equal numbers, but for the rounding of their mean.
    assert found.whole < 1e-12
    for rows, examples in seen[1:]:
        # Drawn anew in one block, the others are still the example's.
        blocks = linear_network.layout.split(linear_network.transform(rows))
        held = linear_network.layout.split(linear_network.transform(z[examples]))
        same = [np.allclose(blocks[name], held[name], atol=1e-9) for name in blocks]
        assert sum(same) in (0, 2)
