"""Messages about arguments name the config keys that these come from."""

import numpy as np
import pytest

from iin_tf.checks import InputError, MissingInput
from iin_tf.experiment import sources
from iin_tf.experiment.argument_names import OF_DATA, by_config_key
from iin_tf.experiment.config import default_config


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        ("path: there is no file a", "data.path: there is no file a"),
        ("folder: a has no path", "data.path: a has no path"),
        ("size is 3; give another", "data.size is 3; give another"),
        ("column 'id': 3 of 5 rows join", "data.labels: column 'id': 3 of 5 rows join"),
        ("data.path is empty", "data.path is empty"),
        ("labels['digit'] has 5 rows", "labels['digit'] has 5 rows"),
        (
            "images have sizes, and size is (6, 8); give size, such as 64, and resize='crop'",
            "images have sizes, and data.size is (6, 8); give data.size, such as 64, and "
            "data.resize='crop'",
        ),
        ("size and resize are both there", "data.size and resize are both there"),
        ("nothing of the kind", "nothing of the kind"),
    ],
)
def test_the_first_word_of_a_message_becomes_its_key(said, wanted):
    with pytest.raises(MissingInput) as caught, by_config_key(OF_DATA):
        raise MissingInput(said)
    assert str(caught.value) == wanted


@pytest.mark.parametrize(
    ("labels", "changes", "message"),
    [
        ("number,tone\n0,a\n", {}, "^data.labels: no column 'id'"),
        ("id,tone\n70,a\n", {}, "^data.labels: column 'id': 0 of 1 rows join"),
        ("id,tone\n", {}, "^data.labels holds no rows"),
        ("id,tone\n0,a\n", {"key": "y"}, "^data.path: .*'y'"),
        ("id,tone\n0,a\n", {"test": 0.001}, r"^data.test is 0\.001, which is 0 of 20 sources"),
    ],
)
def test_what_does_not_fit_is_said_of_its_key(tmp_path, labels, changes, message):
    np.savez(tmp_path / "x.npz", x=np.zeros((20, 4), np.float32))
    (tmp_path / "labels.csv").write_text(labels)
    config = default_config()
    config.data.update(
        source="latents",
        path=str(tmp_path / "x.npz"),
        labels=str(tmp_path / "labels.csv"),
        factors=("tone",),
        **changes,
    )
    sources.check_source(config)
    with pytest.raises(InputError, match=message):
        sources.load_examples(config, "train")
