"""Templated sentences through a text encoder that nobody here trained: wordllama.

Command:  iin_run --config=configs/sentences.py --workdir=runs/sentences
Data:     10,368 sentences of eight topics, three tenses, three persons and two sentiments, and
          1,728 for the test with words and templates of its own
Needs:    pip install wordllama (its weights are in it)
Time:     2 minutes on two cores
Result:   probes of raw embeddings read 86 / 74 / 77 / 73 % of the test sentences right; after an
          exchange of the factor's block they read the donor's in 64 / 72 / 73 / 70 %
"""

import itertools
import pathlib

import numpy as np

from iin_tf.checks import MissingPackage
from iin_tf.experiment.config import default_config
from iin_tf.experiment.small import shrunk
from iin_tf.first_stages import FunctionFirstStage


def get_config():
    config = default_config()
    config.code = __file__
    config.data.source = "python"
    config.data.factors = ("topic", "tense", "person", "sentiment")
    config.first_stage.kind = "python"
    # About half of the spread of the 64th principal component, in all directions.
    config.first_stage.noise = 0.58
    config.first_stage.noise_kind = "isotropic"
    config.sizes.fixed = (10, 10, 10, 10)
    config.sizes.compare = False
    config.network.blocks = 4
    config.network.hidden = 128
    config.network.depth = 1
    config.network.mixing = "linear"
    config.network.correlation = 0.975
    config.training.steps = 1000
    config.export.name = "sentences"
    return config


def small():
    """The same experiment in about a minute: nothing is learned."""
    return shrunk(get_config())


def get_data(config, split):
    """Sentences and their labels; "test" has words and templates that "train" lacks."""
    texts, labels = sentences(words=split, templates=split)
    return {"x": texts, "labels": labels}


def get_first_stage(config):
    """The encoder: a mean of token vectors, 256 dimensions."""
    try:
        import wordllama
    except ImportError as error:
        raise MissingPackage("wordllama is not installed: pip install wordllama") from error
    # It looks for its tokenizer in its cache, and ships it beside its code.
    folder = pathlib.Path(wordllama.__file__).parent
    encoder = wordllama.WordLlama.load(cache_dir=folder, disable_download=True)
    settings = config.first_stage
    return FunctionFirstStage(
        lambda texts: encoder.embed(texts.tolist()),
        latent_size=256,
        noise=settings.noise,
        noise_kind=settings.noise_kind,
        drop="constant",
    )


# Topic -> "verb, its past, object" for training, and those that only the test sees.
ACTIONS = {
    "cooking": (
        "cook, cooked, the soup; bake, baked, the bread; fry, fried, the fish; "
        "peel, peeled, the potatoes; season, seasoned, the stew; roast, roasted, the chicken",
        "grill, grilled, the vegetables; boil, boiled, the pasta; stir, stirred, the sauce",
    ),
    "music": (
        "play, played, the violin; sing, sang, the song; practise, practised, the piano; "
        "record, recorded, the album; tune, tuned, the guitar; conduct, conducted, the orchestra",
        "compose, composed, the melody; "
        "perform, performed, the sonata; "
        "rehearse, rehearsed, the chorus",
    ),
    "sport": (
        "win, won, the match; run, ran, the marathon; kick, kicked, the ball; "
        "coach, coached, the team; score, scored, the goal; join, joined, the race",
        "referee, refereed, the game; swim, swam, the final lap; train, trained, the athletes",
    ),
    "travel": (
        "book, booked, the flight; visit, visited, the island; board, boarded, the train; "
        "pack, packed, the suitcase; tour, toured, the city; cross, crossed, the border",
        "reserve, reserved, the hotel; reach, reached, the airport; explore, explored, the coast",
    ),
    "medicine": (
        "treat, treated, the patient; "
        "bandage, bandaged, the wound; "
        "prescribe, prescribed, the medicine; "
        "examine, examined, the lungs; "
        "vaccinate, vaccinated, the children; "
        "call, called, the nurse",
        "diagnose, diagnosed, the disease; "
        "operate on, operated on, the knee; "
        "cure, cured, the infection",
    ),
    "finance": (
        "invest, invested, the savings; sell, sold, the shares; pay, paid, the tax; "
        "audit, audited, the accounts; borrow, borrowed, the money; open, opened, the bank account",
        "repay, repaid, the loan; trade, traded, the bonds; insure, insured, the capital",
    ),
    "gardening": (
        "plant, planted, the roses; water, watered, the lawn; prune, pruned, the hedge; "
        "dig, dug, the flower bed; sow, sowed, the seeds; pick, picked, the tomatoes",
        "mow, mowed, the grass; trim, trimmed, the shrubs; harvest, harvested, the beans",
    ),
    "computing": (
        "debug, debugged, the program; "
        "install, installed, the software; "
        "update, updated, the server; "
        "write, wrote, the code; hack, hacked, the network; reboot, rebooted, the laptop",
        "compile, compiled, the library; "
        "back up, backed up, the database; "
        "encrypt, encrypted, the files",
    ),
}
PERSONS = ("I", "you", "they")
TENSES = ("past", "present", "future")
WORDS = {  # sentiment -> words of training, words of the test
    "negative": (["terrible", "awful", "sad", "boring"], ["dreadful", "miserable"]),
    "positive": (["wonderful", "great", "delightful", "exciting"], ["superb", "lovely"]),
}
BE = {"past": "was", "present": "is", "future": "will be"}
TEMPLATES = (
    ["{who} {does} {what}, it {be} {how}.", "It {be} {how}: {who} {does} {what}.",
     "{who} {does} {what} and everything {be} {how}."],
    ["What {who} {does} with {what} {be} {how}.", "Truly {how}, {who} {does} {what}."],
)  # fmt: skip


def sentences(words, templates):
    """All sentences of the words and templates of a split each, and mapping factor -> int [n]."""
    part = ("train", "test").index(words)
    texts, labels = [], []
    topics = [
        [action.split(", ") for action in both[part].split("; ")] for both in ACTIONS.values()
    ]
    sentiments = [both[part] for both in WORDS.values()]
    patterns = TEMPLATES[("train", "test").index(templates)]
    for topic, tense, person, sentiment in itertools.product(
        range(8), range(3), range(3), range(2)
    ):
        combined = itertools.product(topics[topic], sentiments[sentiment], patterns)
        for action, how, template in combined:
            texts.append(_sentence(template, action, TENSES[tense], PERSONS[person], how))
            labels.append((topic, tense, person, sentiment))
    names = ("topic", "tense", "person", "sentiment")
    return texts, dict(zip(names, np.array(labels).T, strict=True))


def _sentence(template, action, tense, who, how):
    verb, past, what = action
    does = {"past": past, "present": verb, "future": f"will {verb}"}[tense]
    text = template.format(who=who, does=does, what=what, be=BE[tense], how=how)
    return text[0].upper() + text[1:]
