"""Whatever takes labels by name takes a data frame's columns, and makes the same of them."""

import numpy as np
import pandas
import pytest

from iin_tf.data import (
    ContinuousPairs,
    Examples,
    LatentStore,
    PairSampler,
    PairTable,
    SquaredExponential,
    TransformationPairs,
    few_labels,
    write_latents,
)

COUNT = 60
FRAME = pandas.DataFrame(
    {
        "kind": pandas.Categorical(["a", "b", None] * (COUNT // 3)),
        "digit": pandas.array([1, 2, None, 3] * (COUNT // 4), "Int64"),
        "angle": np.linspace(0, 1, COUNT),
        "sure": np.arange(COUNT) % 2 == 0,
    },
    # Its index is nothing to labels: rows stand as the examples do.
    index=np.arange(COUNT)[::-1],
)
PLAIN = {
    "kind": np.array(["a", "b", ""] * (COUNT // 3)),
    "digit": np.array([1, 2, -1, 3] * (COUNT // 4)),
    "angle": np.linspace(0, 1, COUNT),
    "sure": np.arange(COUNT) % 2 == 0,
}


def stored(labels, folder):
    z = np.random.default_rng(0).normal(size=(COUNT, 2))
    write_latents(folder / "store", z, np.zeros_like(z), labels, np.arange(COUNT))
    return LatentStore(folder / "store").labels


MAKERS = {
    "PairSampler": lambda labels, _: PairSampler(labels, ["kind", "digit"]),
    "ContinuousPairs": lambda labels, _: ContinuousPairs(
        labels, ["angle"], kernels={"angle": SquaredExponential(0.1)}
    ),
    "PairTable": lambda labels, _: PairTable(
        pandas.DataFrame({"id_a": [0], "id_b": [1]}), ["kind"], ids=COUNT, labels=labels
    ),
    "TransformationPairs": lambda labels, _: TransformationPairs(
        ["", "t"] * (COUNT // 2),
        ["kind"],
        source=np.arange(COUNT) // 2,
        keeps={"t": "kind"},
        labels=labels,
    ),
    "few_labels": lambda labels, _: few_labels(
        {name: labels[name] for name in ("kind", "digit")}, "kind", originals=2
    ),
    "Examples": lambda labels, _: Examples(np.zeros((COUNT, 2)), labels, np.arange(COUNT)).labels,
    "write_latents": stored,
}


@pytest.mark.parametrize("maker", MAKERS.values(), ids=MAKERS)
def test_a_frame_is_a_mapping(maker, tmp_path):
    of_frame, of_plain = maker(FRAME, tmp_path), maker(PLAIN, tmp_path)
    if hasattr(of_plain, "draw"):
        for a, b in zip(of_frame.draw(100, 3), of_plain.draw(100, 3), strict=True):
            np.testing.assert_array_equal(a, b)
        of_frame, of_plain = of_frame.labels, of_plain.labels
    assert set(of_frame) == set(of_plain)
    for name, values in of_plain.items():
        np.testing.assert_array_equal(of_frame[name], values)
        assert of_frame[name].dtype.kind == values.dtype.kind
