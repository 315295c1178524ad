"""WordNet's definitions through a foreign text encoder: topic, and noun or verb.

Command:  iin_run --config=configs/glosses.py --workdir=runs/glosses
Data:     data.noun and data.verb of WordNet 3 (Debian: wordnet-base), or those of another folder
          with --config.data.path=...; up to 800 definitions of each topic and part of speech
Needs:    pip install wordllama (its weights are in it)
Time:     2 minutes on two cores
"""

from pathlib import Path

import numpy as np

from iin_tf.checks import InputError
from iin_tf.experiment.config import default_config
from iin_tf.experiment.config_file import load_module
from iin_tf.experiment.small import shrunk

# The encoder is that of the sentences.
get_first_stage = load_module(str(Path(__file__).with_name("sentences.py")), "code").get_first_stage

# Topic -> WordNet's numbers of the files of its nouns and of its verbs.
TOPICS = {
    "body": ("08", "29"),
    "thought": ("09", "31"),
    "talk": ("10", "32"),
    "feeling": ("12", "37"),
    "food": ("13", "34"),
    "people": ("14", "41"),
    "possession": ("21", "40"),
}
MOST = 800


def get_config():
    config = default_config()
    config.code = __file__
    config.data.source = "python"
    config.data.path = "/usr/share/wordnet"
    config.data.factors = ("topic", "part")
    config.first_stage.kind = "python"
    config.first_stage.noise = 0.58
    config.first_stage.noise_kind = "isotropic"
    config.sizes.fixed = (10, 4)
    config.sizes.compare = False
    config.network.blocks = 4
    config.network.hidden = 128
    config.network.depth = 1
    config.network.mixing = "linear"
    config.network.correlation = 0.9
    config.training.steps = 1000
    config.training.weight_decay = 0.1
    config.export.name = "glosses"
    return config


def small():
    """The same experiment in about a minute: nothing is learned."""
    return shrunk(get_config())


def get_data(config, split):
    """Definitions and their labels; a fifth of them is the test."""
    texts, topics, parts = [], [], []
    for column, part in enumerate(("noun", "verb")):
        file = Path(config.data.path) / f"data.{part}"
        if not file.is_file():
            raise InputError(
                f"data.path is {config.data.path!r}, which has no {file.name}; install Debian's "
                "wordnet-base, or give the folder that has it"
            )
        found = definitions(file)
        for topic, numbers in TOPICS.items():
            some = found.get(numbers[column], [])
            random = np.random.default_rng([config.seed, len(some)])
            some = [some[row] for row in random.permutation(len(some))[:MOST]]
            some = some[: len(some) // 5] if split == "test" else some[len(some) // 5 :]
            texts += some
            topics += [topic] * len(some)
            parts += [part] * len(some)
    return {"x": texts, "labels": {"topic": topics, "part": parts}}


def definitions(file):
    """WordNet's number of a file -> the definitions in it, without their examples."""
    found = {}
    for line in file.read_text(encoding="utf-8").splitlines():
        if not line.startswith(" "):
            fields, _, gloss = line.partition(" | ")
            found.setdefault(fields.split()[1], []).append(gloss.partition("; ")[0].strip())
    return found
