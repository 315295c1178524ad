"""What is wrong with a config is said before any work begins."""

import numpy as np
import pytest

from iin_tf.checks import InputError
from iin_tf.experiment.checks import check_config, check_held_out, check_labels
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
        (
            {"first_stage__latent_size": 2},
            r"latent_size is 2; .* at least 3: .*\['digit', 'color'\]",
        ),
        ({"pairs__table": __file__, "pairs__labels": __file__}, "both given"),
        ({"pairs__length_scales": {"size": 1.0}}, r"pairs.length_scales names \['size'\]"),
        ({"pairs__periods": {"color": 360.0}}, "give pairs.length_scales for them too"),
        ({"pairs__weights": {"taste": 1.0}}, r"pairs.weights names \['taste'\]"),
        (
            {"pairs__length_scales": {"color": 1.0}, "network__correlation": "learned"},
            "network.correlation is 'learned'",
        ),
        ({"data__views_change": "color"}, r"data.views_change is 'color'"),
        ({"data__source": "rendered_sprites"}, "data.views is 30, but data.views_change is empty"),
        ({"sizes__fixed": (1, 2, 3, 4)}, r"sizes.fixed is \(1, 2, 3, 4\); give a size for each"),
        ({"sizes__fixed": (60, 4)}, r"sums to 64; .* residual needs one"),
        ({"sizes__fixed": (1, 2, 3)}, "sums to 6; the representation has 64"),
        ({"network__correlation": {"digit": 0.9}}, "network.correlation names"),
        ({"network__correlation": {"digit": 0.9, "hue": 0.9, "color": 0.9}}, "correlation names"),
        ({"training__steps": 300}, "training.steps is 300"),
        ({"training__decorrelate": True}, "but network.mixing is 'permutation', which takes up no"),
    ],
)
def test_what_contradicts_itself_is_refused(changes, message):
    with pytest.raises(InputError, match=message):
        check_config(changed(**changes))


def test_views_must_change_a_continuous_factor():
    config = changed(data__source="rendered_sprites", data__views_change="digit")
    config.pairs.length_scales = {"color": 0.1}
    with pytest.raises(InputError, match=r"data.views_change is 'digit'; give one of .*'color'"):
        check_config(config)


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
    with pytest.raises(InputError, match=message):
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


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"evaluation__grid": 11}, "evaluation.grid is 11, but there are 20 test originals"),
        # Ten of twenty have another digit.
        ({"evaluation__donors": 11}, "evaluation.donors is 11: example 0 has 10 possible donors"),
    ],
)
def test_there_must_be_test_examples_enough(changes, message):
    labels, source = {"digit": np.arange(20) % 2}, np.arange(20)
    check_held_out(changed(evaluation__grid=10, evaluation__donors=10), labels, source)
    with pytest.raises(InputError, match=message):
        check_held_out(changed(**changes), labels, source)


def test_without_factors_nothing_is_asked_of_donors():
    check_held_out(changed(data__factors=()), {}, np.arange(20))
