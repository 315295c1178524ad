"""What is wrong with a config is said before any work begins."""

import numpy as np
import pytest

from iin_tf.experiment.checks import check_config, check_labels
from iin_tf.experiment.config import default_config

LABELS = {"digit": np.array([0, 1]), "color": np.zeros((2, 3), np.float32)}


def changed(**changes):
    """The default config with values by dotted key, `__` for the dot."""
    config = default_config()
    for key, value in changes.items():
        section, name = key.split("__")
        config[section][name] = value
    return config


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"first_stage__kind": "encoder"}, "first_stage.kind is 'encoder'"),
        ({"first_stage__latent_size": 63}, "latent_size is 63"),
        ({"data__validation": 0.0}, "data.validation is 0.0"),
        ({"pairs__table": "none.csv"}, "pairs.table is 'none.csv', which is no file"),
        ({"pairs__cap": 1.5}, "pairs.cap is 1.5"),
        ({"pairs__length_scales": {"color": -1.0}}, "length_scale is -1.0"),
        ({"sizes__rounding": "nearest"}, "sizes.rounding is 'nearest'"),
        ({"sizes__fixed": (1, 2)}, r"sizes.fixed is \(1, 2\); give a size of at least 1"),
        ({"sizes__fixed": (64, 1, -1)}, "give a size of at least 1"),
        ({"sizes__fixed": (1, 2, 3)}, "sums to 6; the representation has 64"),
        ({"network__mixing": "foo"}, "mixing is 'foo'"),
        ({"network__dtype": "float7"}, "float7"),
        ({"network__correlation": 1.0}, "correlation of 'residual' is 1.0"),
        ({"network__correlation": {"digit": 0.9}}, "correlation names"),
        ({"training__steps": 300}, "training.steps is 300"),
        ({"evaluation__measures": ("mgi",)}, "metrics names 'mgi'"),
        ({"evaluation__measures": ("tad",)}, "'tad' is not defined by block"),
        ({"evaluation__resamples": 5}, "resamples=5"),
    ],
)
def test_what_cannot_work_is_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        check_config(changed(**changes))


@pytest.mark.parametrize("correlation", ["learned", 0.9, {"digit": 0.9, "color": 0.8}])
def test_a_config_takes_every_kind_of_correlation(correlation):
    config = changed(network__correlation=correlation)
    check_config(config)
    assert dict(config.network)["correlation"] == correlation


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"data__factors": ("digit", "colour")}, r"data.factors names \['colour'\]"),
        ({"data__factors": ("color", "digit")}, "sizes.compare is True, but the data have no cl"),
        ({"data__factors": ("taste",), "pairs__table": "a.csv"}, "sizes.compare is True"),
        (
            {"data__factors": ("color",), "first_stage__kind": "classifier"},
            "first_stage.kind is 'classifier', but",
        ),
    ],
)
def test_labels_must_serve_what_is_asked_of_them(changes, message):
    with pytest.raises(ValueError, match=message):
        check_labels(changed(**changes), LABELS)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"data__factors": ("color", "digit"), "sizes__compare": False},
        {"data__factors": ("taste",), "pairs__table": "a.csv", "sizes__compare": False},
        {"data__factors": ("taste",), "pairs__table": "a.csv", "sizes__fixed": (60, 4)},
        {"data__factors": ()},
    ],
)
def test_labels_that_serve_are_taken(changes):
    check_labels(changed(**changes), LABELS)
