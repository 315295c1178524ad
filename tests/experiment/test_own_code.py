"""A config file with its own data and model: what works, and what is said where it does not."""

import itertools
import json
import re
import sys
from pathlib import Path

import numpy as np
import pytest
from processes import run_program

import iin_tf
from iin_tf.checks import InputError
from iin_tf.experiment import load_config, run_stages
from iin_tf.experiment.config_file import load_module
from iin_tf.experiment.own_code import own_data, own_first_stage

ROOT = Path(__file__).parents[2]
# Texts whose letters are the factors; the model counts them.
FILE = """
import numpy as np
from iin_tf.experiment import default_config
from iin_tf.first_stages import FunctionFirstStage

MATRIX = np.linalg.qr(np.random.default_rng(0).normal(size=(8, 8)))[0]


def get_config():
    config = default_config()
    config.data.source = config.first_stage.kind = "python"
    config.data.factors = ("vowel", "end")
    config.sizes.compare = False
    config.sizes.fixed = (3, 3)
    config.network.blocks, config.network.hidden = 2, 32
    config.network.mixing = "linear"
    config.training.steps, config.training.steps_per_epoch = 200, 100
    config.training.learning_rate = 0.005
    config.evaluation.measures = ("mig",)
    config.evaluation.resamples, config.evaluation.response_draws = 20, 4
    config.export.directory = "saved"
    return config


def get_data(config, split):
    random = np.random.default_rng(["train", "test"].index(split))
    vowel, end = random.integers(3, size=600), random.integers(3, size=600)
    rest = random.integers(10, size=(600, 6)).astype(str)
    texts = ["aei"[v] + "xyz"[e] + "".join(r) for v, e, r in zip(vowel, end, rest)]
    return {"x": texts, "labels": {"vowel": vowel, "end": end}}


def encode(texts):
    rows = [
        [*np.eye(3)["aei".index(text[0])], *np.eye(3)["xyz".index(text[1])]]
        + [int(text[2]) / 10, int(text[3]) / 10]
        for text in texts
    ]
    return np.array(rows) @ MATRIX


def get_first_stage(config):
    return FunctionFirstStage(encode, latent_size=8, noise=0.1, noise_kind="isotropic")
"""


def test_a_config_file_may_bring_texts_and_a_model(tmp_path):
    (tmp_path / "own.py").write_text(FILE)
    result = run_program("iin_run", "--config=own.py", "--workdir=run", folder=tmp_path)
    assert result.returncode == 0, result.stderr[-2000:]
    assert "export: the network alone" in result.stdout
    metrics = json.loads((tmp_path / "run/evaluation/metrics.json").read_text())
    for factor in ("vowel", "end"):
        # The probes are right of every text: its letters are columns of a rotation.
        assert metrics[f"probe/{factor}"] == 1
        # 200 steps move most of the texts, and leave the other factor.
        assert metrics[f"swap/{factor}/{factor}/donor"] > 0.5
    # A query is no neighbour of its own, and texts are shown as they are.
    page = (tmp_path / "run/evaluation/report.html").read_text()
    near = page.partition("<h2>Nearest neighbours in vowel</h2>")[2].partition("</table>")[0]
    rows = near.partition("<tbody>")[2].split("</tr>")[:-1]
    cells = [re.findall(r">([^<>]+)</t[hd]>", row) for row in rows]
    assert cells
    assert all(len(texts) == 6 for texts in cells)
    assert iin_tf.load(tmp_path / "run/iin.keras").layout.sizes == (2, 3, 3)
    assert (tmp_path / "saved/colored_digits/1").is_dir()


def config_of(folder, text):
    path = folder / "own.py"
    path.write_text(text)
    config = load_config(str(path))
    config.code = str(path)
    return config


RETURN = 'return {"x": texts, "labels": {"vowel": vowel, "end": end}}'


@pytest.mark.parametrize(
    ("instead", "message"),
    [
        ("return texts, vowel", "is to return Examples, or a dict with x, labels and, .* returned"),
        ('return {"x": texts}', r"returned a dict with \['x'\] for 'train'"),
        ('return {"x": texts, "labels": {}, "y": 1}', r"a dict with \['x', 'labels', 'y'\]"),
        (
            'return {"x": texts, "labels": {"vowel": vowel[:5]}}',
            r"'train': labels\['vowel'\] has 5",
        ),
        ('return {"x": 3, "labels": {}}', "for 'train': object of type 'int' has no len"),
        ("return {}[split]", r"get_data: .*own.py raises KeyError: 'train' \(own.py:\d+ in get_da"),
    ],
)
def test_data_of_another_form_are_told_with_what_was_wanted(instead, message, tmp_path):
    config = config_of(tmp_path, FILE.replace(RETURN, instead))
    with pytest.raises(InputError, match=message):
        own_data(config, "train")


@pytest.mark.parametrize(
    ("instead", "message"),
    [
        ("return encode", "is to return an iin_tf.first_stages.FirstStage, such as Function"),
        ("import nothing_of_that_name", "raises ModuleNotFoundError: No module named 'nothing_of"),
    ],
)
def test_a_model_of_another_form_is_told_with_what_was_wanted(instead, message, tmp_path):
    config = config_of(tmp_path, FILE.replace("return FunctionFirstStage", f"{instead}\n    #"))
    with pytest.raises(InputError, match=message):
        own_first_stage(config)


@pytest.mark.parametrize("name", ["get_data", "get_first_stage"])
def test_a_file_without_the_function_is_refused_before_any_work(name, tmp_path):
    config = config_of(tmp_path, FILE.replace(f"def {name}(", "def another("))
    with pytest.raises(InputError, match=f"own.py has no function {name}; give it one"):
        run_stages(config, tmp_path / "run")
    config.code = ""
    with pytest.raises(InputError, match="code is empty; give the Python file that has the"):
        run_stages(config, tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_a_missing_encoder_is_told_with_its_installation(monkeypatch):
    monkeypatch.setitem(sys.modules, "wordllama", None)
    config = load_config(str(ROOT / "configs/sentences.py"))
    with pytest.raises(InputError, match="wordllama is not installed: pip install wordllama"):
        own_first_stage(config)


def test_the_sentences_of_the_test_have_words_of_their_own():
    config = load_config(str(ROOT / "configs/sentences.py"))
    train, test = (own_data(config, split) for split in ("train", "test"))
    # 8 topics, 3 tenses, 3 persons, 2 sentiments: 72 drawn of 24 actions, 16 words and 12
    # templates, or all of 3, 2 and 2.
    assert (len(train), len(test)) == (144 * 72, 144 * 12)
    assert len(set(train.x)) == 144 * 72
    assert test.x[0] == "What I grilled with the vegetables was dreadful."
    assert {name: values.max() for name, values in test.labels.items()} == {
        "topic": 7,
        "tense": 2,
        "person": 2,
        "sentiment": 1,
    }
    code = load_module(str(ROOT / "configs/sentences.py"), "--config")
    words = {split: vocabulary(code, split) for split in ("train", "learned", "held_out", "test")}
    assert words["train"] & words["test"] == {"the"}
    assert words["learned"] | words["held_out"] == words["train"]


def vocabulary(code, split):
    """The words of actions and sentiments."""
    texts = [*code.ACTIONS.values(), *code.WORDS.values()]
    between = ["; "] * len(code.ACTIONS) + [" "] * len(code.WORDS)
    parts = itertools.starmap(code.chosen, zip(texts, [split] * len(texts), between, strict=True))
    return set(re.findall(r"\w+", " ".join(itertools.chain(*parts))))


def test_settings_are_chosen_on_words_that_were_not_learned():
    code = load_module(str(ROOT / "configs/sentences.py"), "--config")
    for both in code.ACTIONS.values():
        learned, held_out = (code.chosen(both, split, "; ") for split in ("learned", "held_out"))
        assert (len(learned), len(held_out)) == (18, 6)
        assert not set(learned) & set(held_out)
    learned, held_out = (code.sentences(split, split) for split in ("learned", "held_out"))
    assert not set(learned[0]) & set(held_out[0])
    assert np.bincount(held_out[1]["topic"]).tolist() == [18 * 72] * 8
