"""Labels that cannot be trained on are named before the first step."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from iin_tf import FactorLayout, InterpretationNetwork
from iin_tf.checks import InputError

LAYOUT = FactorLayout({"digit": 2, "color": 1}, residual=3)
N, ROWS = LAYOUT.latent_size, 24
RHO = {"digit": 0.9, "color": 0.6}


def make(optimizer="sgd", **kwargs):
    network = InterpretationNetwork(
        LAYOUT, **{"blocks": 1, "hidden": 8, "depth": 0, "seed": 0, "correlation": RHO, **kwargs}
    )
    network.compile(optimizer)
    return network


@pytest.fixture
def z():
    return (2 * np.random.default_rng(0).normal(size=(ROWS, N)) + 1).astype("float32")


@pytest.fixture
def labels():
    """Groups of every size from one on, and some unknown labels."""
    random = np.random.default_rng(1)
    return np.stack([random.integers(-1, 3, ROWS), random.integers(-1, 10, ROWS)], axis=1)


def batches(*parts):
    for start in range(0, ROWS, 8):
        yield tuple(part[start : start + 8] for part in parts)


class Sequence(keras.utils.PyDataset):
    def __init__(self, *parts):
        super().__init__()
        self.batches = list(batches(*parts))

    def __len__(self):
        return len(self.batches)

    def __getitem__(self, index):
        return self.batches[index]


DATA_SETS = {
    "data set": lambda *parts: tf.data.Dataset.from_tensor_slices(parts).batch(8),
    "generator": batches,
    "PyDataset": Sequence,
}


def column(first, second):
    return np.stack([np.resize(first, ROWS), np.resize(second, ROWS)], axis=1)


GROUPS = [0, 0, 1, 1]
WRONG = {
    "one column": (np.zeros(ROWS, int), r"labels has shape \(24,\); give \[B, 2\], a column for"),
    "shared": (np.zeros((ROWS, 3), bool), r"labels has shape \(24, 3\).*'shared' goes with pairs"),
    "lists": ([[0, 1]] * ROWS, "labels is list; give"),
    "rows": (column(GROUPS, GROUPS)[:-1], "z has 24 rows and labels has 23"),
    "another code": (column(GROUPS, [0, 0, -9]), r"labels\['color'\] is -9 in row 2 and 7 others"),
    "text of NaN": (
        {"digit": np.array(["a", "a", "b", "nan"] * 6), "color": np.resize(GROUPS, ROWS)},
        r"labels\['digit'\] is 'nan' in row 3",
    ),
    "-1 among floats": (
        np.where(column(GROUPS, GROUPS) == 1, -1.0, 2.0),
        r"labels\['digit'\] is -1\.0 in row 2 and 11 others; give NaN where unknown, or whole",
    ),
    "a factor too few": ({"digit": np.resize(GROUPS, ROWS)}, r"not \['color'\]"),
    "one value": (column(GROUPS, [3, -1]), r"labels\['color'\] has one value in all its 12 known"),
    "a value each": (
        column(np.arange(ROWS), GROUPS),
        r"\['digit'\] has 24 values in 24 known rows",
    ),
    "nothing known": (column(GROUPS, -1), r"labels\['color'\] is unknown in every row"),
    "several kinds": ({"digit": [0, "a"] * 12, "color": [0] * ROWS}, "labels of one kind"),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_labels_are_named(z, name):
    labels, message = WRONG[name]
    with pytest.raises(InputError, match=message) as error:
        make().fit(z, labels, verbose=0)
    assert "\n" not in str(error.value)


def test_held_out_labels_may_lack_groups(z):
    network = make()
    network.adapt(z)
    assert np.isfinite(network.evaluate(z, column(np.arange(ROWS), -1), verbose=0))


def test_wrong_batches_are_named(z, labels):
    labels[9, 1] = -2
    network = make()
    network.adapt(z)
    for form, make_data in DATA_SETS.items():
        where = "row 1" if form == "data set" else "row 1 and 0 others"
        with pytest.raises(InputError, match=rf"labels.*{where}") as error:
            network.fit(make_data(z, labels), verbose=0)
        assert "batch 1" in str(error.value)


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (
            tf.zeros([8], tf.int32),
            r"labels has dtype int32 and shape \(8,\); give whole .*\[B, 2\]",
        ),
        (tf.zeros([8, 3], tf.bool), "labels has dtype bool and shape"),
        (tf.zeros([8, N]), r"labels has dtype float32.*\('shared' goes with pairs"),
    ],
)
def test_a_data_set_of_wrong_labels_is_named_before_the_first_step(labels, message):
    data = tf.data.Dataset.from_tensors((tf.zeros([8, N]), labels))
    with pytest.raises(InputError, match=message):
        make().fit(data, verbose=0)


def test_a_correlation_too_near_one_is_named(z, labels):
    network = make(correlation=0.99999)
    message = "correlation of 'digit' is 0.99999, at which .* explodes; give at most 0.999"
    for call in (network.fit, network.evaluate, network.grouped_log_prob):
        with pytest.raises(InputError, match=message):
            call(z, labels)
    with pytest.raises(InputError, match=message):
        network.fit(DATA_SETS["data set"](z, labels), verbose=0)
    assert np.isfinite(make(correlation=0.999).evaluate(z, labels, verbose=0))


def test_labels_without_factors_are_refused(z):
    network = InterpretationNetwork(FactorLayout({}, residual=N), blocks=1, hidden=4, seed=0)
    network.compile("sgd")
    with pytest.raises(InputError, match="the layout has no factor; leave them out"):
        network.fit(z, np.zeros((ROWS, 1), int))


def test_batches_that_hold_no_groups_are_warned_of():
    random = np.random.default_rng(5)
    z = random.normal(size=(400, N)).astype("float32")
    labels = np.stack([np.arange(400) % 4, np.arange(400) // 2], axis=1)
    network = make()
    network.adapt(z)
    # 7 others in a batch of 8, each the partner with probability 1 / 399.
    with pytest.warns(UserWarning, match="8 examples .* holds 0.018 others with the same 'color'"):
        network.fit(z, labels, batch_size=8, verbose=0)
