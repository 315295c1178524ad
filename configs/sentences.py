"""Templated sentences through a text encoder that nobody here trained: wordllama.

Command:  iin_run --config=configs/sentences.py --workdir=runs/sentences
Data:     10,368 sentences of eight topics, three tenses, three persons and two sentiments, drawn
          from 24 actions a topic, 16 words a sentiment and 12 templates; 1,728 for the test, with
          words and templates of its own
Needs:    pip install wordllama (its weights are in it)
Time:     2 minutes on two cores
Result:   not measured since training has these words; see configs/minilm.py
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
    config.sizes.compare = False
    # What nobody chose here follows the data: docs/settings.md.
    config.auto = ("first_stage", "sizes", "network", "pairs", "training")
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


# Topic -> "verb, its past, object; ..." for training, and those that only the test sees.
ACTIONS = {
    "cooking": (
        "cook, cooked, the soup; bake, baked, the bread; fry, fried, the fish; "
        "peel, peeled, the potatoes; season, seasoned, the stew; roast, roasted, the chicken; "
        "chop, chopped, the onions; knead, kneaded, the dough; steam, steamed, the rice; "
        "whisk, whisked, the eggs; slice, sliced, the cheese; mash, mashed, the carrots; "
        "taste, tasted, the curry; marinate, marinated, the beef; serve, served, the dinner; "
        "melt, melted, the butter; simmer, simmered, the broth; toast, toasted, the sandwich; "
        "grate, grated, the lemon; stuff, stuffed, the peppers; warm, warmed, the milk; "
        "prepare, prepared, the lunch; glaze, glazed, the cake; burn, burned, the pancakes",
        "grill, grilled, the vegetables; boil, boiled, the pasta; stir, stirred, the sauce",
    ),
    "music": (
        "play, played, the violin; sing, sang, the song; practise, practised, the piano; "
        "record, recorded, the album; tune, tuned, the guitar; conduct, conducted, the orchestra; "
        "hum, hummed, the lullaby; strum, strummed, the banjo; write, wrote, the ballad; "
        "release, released, the single; hear, heard, the concert; drum, drummed, the rhythm; "
        "whistle, whistled, the refrain; mix, mixed, the soundtrack; blow, blew, the trumpet; "
        "bow, bowed, the cello; arrange, arranged, the symphony; applaud, applauded, the band; "
        "transpose, transposed, the chords; accompany, accompanied, the soprano; "
        "stream, streamed, the playlist; learn, learned, the harmony; "
        "improvise, improvised, the solo; master, mastered, the flute",
        "compose, composed, the melody; "
        "perform, performed, the sonata; "
        "rehearse, rehearsed, the chorus",
    ),
    "sport": (
        "win, won, the match; run, ran, the marathon; kick, kicked, the ball; "
        "coach, coached, the team; score, scored, the goal; join, joined, the race; "
        "throw, threw, the javelin; catch, caught, the pass; defend, defended, the title; "
        "lose, lost, the tournament; jump, jumped, the hurdles; lift, lifted, the weights; "
        "tackle, tackled, the striker; block, blocked, the shot; row, rowed, the regatta; "
        "box, boxed, the champion; ski, skied, the slope; skate, skated, the rink; "
        "finish, finished, the triathlon; wrestle, wrestled, the opponent; "
        "save, saved, the penalty; swing, swung, the racket; "
        "practise, practised, the backhand; enter, entered, the championship",
        "referee, refereed, the game; swim, swam, the final lap; train, trained, the athletes",
    ),
    "travel": (
        "book, booked, the flight; visit, visited, the island; board, boarded, the ferry; "
        "pack, packed, the suitcase; tour, toured, the city; cross, crossed, the border; "
        "rent, rented, the car; catch, caught, the bus; hike, hiked, the trail; "
        "photograph, photographed, the cathedral; plan, planned, the holiday; "
        "sail, sailed, the bay; renew, renewed, the passport; follow, followed, the guide; "
        "leave, left, the station; drive, drove, the motorhome; see, saw, the pyramids; "
        "miss, missed, the connection; walk, walked, the old town; "
        "collect, collected, the luggage; change, changed, the ticket; find, found, the hostel; "
        "wander, wandered, the bazaar; admire, admired, the temple",
        "reserve, reserved, the hotel; reach, reached, the airport; explore, explored, the coast",
    ),
    "medicine": (
        "treat, treated, the patient; bandage, bandaged, the wound; "
        "prescribe, prescribed, the medicine; examine, examined, the lungs; "
        "vaccinate, vaccinated, the children; call, called, the nurse; "
        "inject, injected, the vaccine; heal, healed, the burn; swallow, swallowed, the pills; "
        "monitor, monitored, the heartbeat; stitch, stitched, the cut; "
        "measure, measured, the fever; consult, consulted, the doctor; "
        "transplant, transplanted, the kidney; scan, scanned, the brain; "
        "test, tested, the blood; relieve, relieved, the pain; visit, visited, the clinic; "
        "disinfect, disinfected, the scar; revive, revived, the victim; "
        "remove, removed, the tumour; weigh, weighed, the newborn; "
        "screen, screened, the donors; sterilise, sterilised, the needles",
        "diagnose, diagnosed, the disease; "
        "operate on, operated on, the knee; "
        "cure, cured, the infection",
    ),
    "finance": (
        "invest, invested, the savings; sell, sold, the shares; pay, paid, the tax; "
        "audit, audited, the accounts; borrow, borrowed, the money; "
        "open, opened, the bank account; transfer, transferred, the funds; "
        "deposit, deposited, the cheque; withdraw, withdrew, the cash; buy, bought, the stocks; "
        "budget, budgeted, the salary; lend, lent, the dollars; owe, owed, the rent; "
        "calculate, calculated, the interest; refinance, refinanced, the mortgage; "
        "claim, claimed, the refund; earn, earned, the dividend; save, saved, the wages; "
        "charge, charged, the credit card; exchange, exchanged, the currency; "
        "raise, raised, the fees; settle, settled, the debt; collect, collected, the pension; "
        "check, checked, the invoice",
        "repay, repaid, the loan; trade, traded, the bonds; insure, insured, the capital",
    ),
    "gardening": (
        "plant, planted, the roses; water, watered, the lawn; prune, pruned, the hedge; "
        "dig, dug, the flower bed; sow, sowed, the seeds; pick, picked, the tomatoes; "
        "weed, weeded, the orchard; rake, raked, the leaves; fertilise, fertilised, the soil; "
        "repot, repotted, the orchid; grow, grew, the tulips; pull, pulled, the dandelions; "
        "turn, turned, the compost; spray, sprayed, the vines; clip, clipped, the ivy; "
        "graft, grafted, the apple tree; gather, gathered, the strawberries; "
        "shelter, sheltered, the seedlings; mulch, mulched, the daffodils; "
        "hoe, hoed, the cabbages; thin, thinned, the lettuces; move, moved, the ferns; "
        "feed, fed, the geraniums; dry, dried, the lavender",
        "mow, mowed, the grass; trim, trimmed, the shrubs; harvest, harvested, the beans",
    ),
    "computing": (
        "debug, debugged, the program; install, installed, the software; "
        "update, updated, the server; write, wrote, the code; hack, hacked, the network; "
        "reboot, rebooted, the laptop; download, downloaded, the app; "
        "delete, deleted, the folder; program, programmed, the robot; "
        "test, tested, the website; configure, configured, the router; "
        "upload, uploaded, the document; format, formatted, the hard drive; "
        "scan, scanned, the computer; crash, crashed, the browser; patch, patched, the kernel; "
        "type, typed, the password; refactor, refactored, the algorithm; "
        "print, printed, the spreadsheet; connect, connected, the keyboard; "
        "deploy, deployed, the service; click, clicked, the icon; search, searched, the web; "
        "charge, charged, the tablet",
        "compile, compiled, the library; "
        "back up, backed up, the database; "
        "encrypt, encrypted, the files",
    ),
}
PERSONS = ("I", "you", "they")
TENSES = ("past", "present", "future")
WORDS = {  # sentiment -> words of training, words of the test
    "negative": (
        "terrible awful sad boring horrible disappointing bad ugly unpleasant depressing "
        "painful annoying disgusting tragic gloomy frustrating",
        "dreadful miserable",
    ),
    "positive": (
        "wonderful great delightful exciting fantastic amazing good beautiful pleasant cheerful "
        "enjoyable brilliant charming marvellous happy excellent",
        "superb lovely",
    ),
}
BE = {"past": "was", "present": "is", "future": "will be"}
TEMPLATES = (
    (
        "{who} {does} {what}, it {be} {how}.",
        "It {be} {how}: {who} {does} {what}.",
        "{who} {does} {what} and everything {be} {how}.",
        "In the evening {who} {does} {what}, which {be} {how}.",
        "How {how} it {be} when {who} {does} {what}!",
        "{who} {does} {what} once more; the mood {be} rather {how}.",
        "Some {how} news: {who} {does} {what}.",
        "As for {what}, {who} {does} it every week and it {be} {how}.",
        "The whole day {be} {how} because {who} {does} {what}.",
        "There {be} something {how} about it, so {who} {does} {what}.",
        "As everybody knows, {who} {does} {what} on this {how} day.",
        "Together {who} {does} {what}, and that {be} very {how} indeed.",
    ),
    ("What {who} {does} with {what} {be} {how}.", "Truly {how}, {who} {does} {what}."),
)
MOST = 72  # sentences of each combination of labels


def sentences(words, templates, seed=0):
    """Sentences of the words and the templates of a split each, and mapping factor -> int [n].

    The splits are "train" and "test"; and, to choose settings without the test, "learned" and
    "held_out", three quarters and a quarter of the words and of the templates of "train".  Of each
    topic, tense, person and sentiment there are as many sentences as there are, up to 72 of them
    drawn at random.
    """
    random, texts, labels = np.random.default_rng(seed), [], []
    topics = [[one.split(", ") for one in chosen(both, words, "; ")] for both in ACTIONS.values()]
    sentiments = [chosen(both, words, " ") for both in WORDS.values()]
    patterns = chosen(TEMPLATES, templates)
    for topic, tense, person, sentiment in itertools.product(
        range(8), range(3), range(3), range(2)
    ):
        combined = [*itertools.product(topics[topic], sentiments[sentiment], patterns)]
        drawn = np.sort(random.permutation(len(combined))[:MOST])
        for action, how, template in (combined[one] for one in drawn):
            texts.append(_sentence(template, action, TENSES[tense], PERSONS[person], how))
            labels.append((topic, tense, person, sentiment))
    names = ("topic", "tense", "person", "sentiment")
    return texts, dict(zip(names, np.array(labels).T, strict=True))


def chosen(both, split, between=None):
    """A split's of (training's, the test's), which may stand in one text each."""
    found = both[split == "test"]
    found = found.split(between) if between else found
    cut = 3 * len(found) // 4
    return {"learned": found[:cut], "held_out": found[cut:]}.get(split, found)


def _sentence(template, action, tense, who, how):
    verb, past, what = action
    does = {"past": past, "present": verb, "future": f"will {verb}"}[tense]
    text = template.format(who=who, does=does, what=what, be=BE[tense], how=how)
    return text[0].upper() + text[1:]
