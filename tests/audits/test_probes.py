"""Probes: they read what a closed-form representation holds, and swaps of it as expected."""

import numpy as np
import pytest

from iin_tf.audits import probe_metrics, swap_metrics, train_probes
from iin_tf.checks import InputError
from iin_tf.factors import FactorLayout


def rows(seed, count=600):
    """Two columns that tell a class by their signs alone, two that are values, one of noise."""
    random = np.random.default_rng(seed)
    z = random.normal(size=(count, 5))
    z[:, :2] += 2 * np.sign(z[:, :2])
    labels = {
        # XOR: nothing linear reads it.
        "sign": np.where(z[:, 0] * z[:, 1] > 0, "same", "other"),
        "place": z[:, 2:4] * [3.0, 5.0] + 7,
        "half": (z[:, 0] > 0).astype(int),
    }
    return z, labels


def test_classes_and_values_are_read_from_raw_rows():
    z, labels = rows(0)
    probes = train_probes(z, labels, seed=1)
    z, labels = rows(1, 400)
    found = probe_metrics(probes, z, labels)
    # Right values: 1 and 0; what a network of 128 units leaves.
    assert found["probe/sign"].value > 0.97
    assert found["probe/half"].value > 0.97
    # A thousandth of the labels' spread of about 3.
    assert found["probe/place/error"].value < 0.01
    assert probes["place"].read(z).shape == (400, 2)


def test_the_better_reader_is_chosen_and_said():
    z, labels = rows(0)
    probes = train_probes(z, labels, seed=1)
    # Nothing linear reads XOR; a straight edge and a linear map need no more.
    assert probes["sign"].about["reader"] == "perceptron"
    assert probes["place"].about["reader"] == "linear"
    found = probe_metrics(probes, z, labels)["probe/sign"]
    assert "perceptron reader, learned from 600 training examples; chosen on" in found.measured
    assert found.as_dict()["measured"] == found.measured
    scores = found.protocol["scores"]
    # Of 150 rows, half are right by chance; the standard error is 0.04.
    assert scores["linear"] < 0.7 < 0.9 < scores["perceptron"]


def test_outputs_are_probabilities_or_the_values_themselves():
    z, labels = rows(0)
    probes = train_probes(z, labels, seed=1)
    outputs = probes["sign"].outputs(z)
    # Columns in the order of the sorted classes.
    np.testing.assert_allclose(outputs.sum(axis=1), 1)
    read = np.array(["other", "same"])[outputs.argmax(axis=1)]
    np.testing.assert_array_equal(read, probes["sign"].read(z))
    np.testing.assert_array_equal(probes["place"].outputs(z), probes["place"].read(z))
    assert [probe.continuous for probe in probes.values()] == [False, True, False]


def test_what_the_noise_hides_is_not_read():
    random = np.random.default_rng(0)
    half = random.integers(2, size=1000)
    z = np.stack([half + 0.1 * random.normal(size=1000), 1e-3 * half], axis=1)
    noise = np.broadcast_to(2 * np.log([0.1, 0.1]), z.shape)
    # Edits by a network that sees the noise: the second column stays as it was.
    edited = np.stack([1 - z[:, 0], z[:, 1]], axis=1)
    share = {}
    for name, log_variance in (("noisy", noise), ("bare", None)):
        probe = train_probes(z, {"half": half}, log_variance=log_variance)["half"]
        assert np.mean(probe.read(z) == half) > 0.99
        share[name] = np.mean(probe.read(edited) == 1 - half)
    # Five standard deviations from the threshold; a bare probe hangs between two columns.
    assert share["noisy"] > 0.99
    assert share["bare"] < 0.9


def test_unknown_labels_are_left_out():
    z, labels = rows(0)
    half = labels["half"].copy()
    half[::3] = -1
    probes = train_probes(z, {"half": half})
    assert set(probes["half"].read(z)) == {0, 1}
    found = probe_metrics(probes, z, {"half": half})
    assert found["probe/half"].value == np.mean((probes["half"].read(z) == half)[half >= 0])


def test_a_seed_fixes_them_and_sources_stay_together():
    z, labels = rows(0, 200)
    one, two = (train_probes(z, labels, np.arange(200) // 4, seed=3) for _ in range(2))
    np.testing.assert_array_equal(one["place"].read(z), two["place"].read(z))


class Columns:
    """A network whose blocks are columns of z: swaps are known exactly."""

    layout = FactorLayout({"half": 1}, residual=4)

    def swap(self, z, donor, factors):
        columns = [0] if "half" in factors else [1, 2, 3, 4]
        z = np.array(z)
        z[:, columns] = donor[:, columns]
        return z


def test_they_serve_swaps_as_judges_of_the_edited_rows():
    z, labels = rows(0)
    probes = train_probes(z, {"half": labels["half"]})
    z, labels = rows(1, 100)
    found = swap_metrics(
        Columns(), lambda z: z, probes, z, {"half": labels["half"]}, None, donors=5
    )
    assert found["swap/half/half/donor"].value > 0.97
    assert found["swap/residual/half/recipient"].value > 0.97


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"labels": {"half": np.zeros(600, int)}}, r"labels\['half'\] has 1 values in 600 sources"),
        ({"source": np.arange(600) % 3}, "has 2 values in 3 sources; a probe needs two"),
        ({"z": np.full((600, 5), np.nan)}, "z: row 0 is not finite"),
        ({"log_variance": np.zeros(5)}, r"log_variance has shape \(5,\), but z \(600, 5\)"),
        ({"labels": {"half": np.zeros(5, int)}}, r"labels\['half'\] has shape \(5,\)"),
    ],
)
def test_what_cannot_be_learned_from_is_named(change, message):
    z, labels = rows(0)
    arguments = {"z": z, "labels": {"half": labels["half"]}} | change
    with pytest.raises(InputError, match=message):
        train_probes(**arguments)


def test_rows_of_another_width_are_refused():
    z, labels = rows(0)
    probes = train_probes(z, {"half": labels["half"]})
    with pytest.raises(InputError, match="z has 3 columns; the probe reads rows of 5"):
        probes["half"].read(z[:, :3])
    with pytest.raises(InputError, match=r"probes has 'half', but labels has \['place'\]"):
        probe_metrics(probes, z, {"place": labels["place"]})
