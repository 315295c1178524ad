"""What a run measures: the kinds of results of an interpretation network."""

from iin_tf.results.vocabulary import SECTIONS, Expected, Kind, declare

SWAPS, BLOCKS, LEAKAGE = "Exchanged blocks", "Disentanglement by block", "What the blocks tell"
STRONGEST = "What the strongest reader finds"
JUDGES, CONTINUOUS, RESPONSES = "Judges and probes", "Continuous factors", "Responses"
LIKELIHOOD, SIZES, PAIRS = "Likelihood", "Sizes and inverse", "Training pairs"

SECTIONS |= {
    SWAPS: "A held-out example receives one block from a donor that differs in every factor; the "
    "result is decoded, and judges that were trained on images only read each factor; where there "
    "is no decoder, probes that were trained on raw representations read it from the edited one. "
    "Intervals (95 %) resample the original examples.",
    BLOCKS: "Measures of the held-out codes, which no rotation inside a block changes. Intervals "
    "(95 %) resample the original examples and cover what the estimator gives at this number of "
    "examples, which can lie off the value of the whole population. A factor of several continuous "
    "columns counts as cells, each column cut at its median.",
    LEAKAGE: "Held-out share of a factor's variance that a small regression reads from one block; "
    "below zero it is worse than no guess at all. The null is what a block without information "
    "would reach in one case of twenty.",
    STRONGEST: "Held-out readings of each factor from one block by the best of three readers that "
    "learned from training examples: a linear one, one on a kernel's features, a perceptron. They "
    "read the codes that edits are made on: of the representation's means, without the noise that "
    "the network learned with, which may hide what these readers find. The null is what a reading "
    "stays below in 19 of 20 cases where the block says nothing.",
    JUDGES: "What the judges or probes read in what no network has touched; what is missing here "
    "the network cannot mend.",
    CONTINUOUS: "R² of a small regression from each block on held-out examples, an angle as its "
    "cosine and sine; the length scale at which held-out pairs are likeliest.",
    RESPONSES: "How much the classifier's logits, what a judge reads in decoded images or what a "
    "probe reads in representations vary when one block is drawn anew and the others are held; how "
    "many values of edited representations lie outside of what the layer can give.",
    LIKELIHOOD: "Comparable on the same latents only.",
    SIZES: "Estimated dimensions of the blocks, numbers of held-out examples, and how exactly the "
    "network is inverted.",
    PAIRS: "What the network was told, audited before it was trained: which originals its pairs "
    "are made of, and which labels go together. No network keeps apart what its pairs do not.",
}

_UNRELATED = "as unrelated values"
_NEITHER = Expected("neither")
_NLL = Expected("lower", "the latents' entropy", "no bound")


def _declare_swaps() -> None:
    fraction = "fraction"
    error = "difference per channel"
    roles = {"donor": "as the donor's", "recipient": "as before"}
    gains = {
        "donor": (Expected("higher", 1, "chance"), Expected("lower", 0, "chance")),
        "recipient": (Expected("lower", 0, "chance"), Expected("higher", 1, "chance")),
    }
    losses = {
        "donor": (Expected("lower", 0, _UNRELATED), Expected("higher", _UNRELATED, _UNRELATED)),
        "recipient": (Expected("higher", _UNRELATED, _UNRELATED), Expected("lower", 0, _UNRELATED)),
    }
    how = (
        "decoded, read by a judge that learned from images alone, or read by a probe that learned "
        "from raw representations; numbers: mean |difference|"
    )
    for role, words in roles.items():
        pattern = "swap/{block}/{factor}/" + role
        title = "{block} exchanged: {factor} read " + words
        declare(Kind(pattern, title, SWAPS, gains[role][0], fraction, how, gains[role][1]))
        title = "{block} exchanged: {factor}, difference from " + (
            "the donor's" if role == "donor" else "before"
        )
        pattern += "_error"
        declare(Kind(pattern, title, SWAPS, losses[role][0], error, how, losses[role][1]))
    left = Expected("lower", 0.01, "no bound")
    title = "{block} exchanged: edits less likely than 99 % of real examples"
    how = "log-likelihood below the first percentile of held-out examples"
    declare(Kind("swap/{block}/unlikely", title, SWAPS, left, fraction, how))
    title = "{block} exchanged: edits that move further than real examples differ"
    how = "distance above the 99th percentile of that between two held-out examples"
    declare(Kind("swap/{block}/far", title, SWAPS, left, fraction, how))


def _declare_blocks() -> None:
    declare(
        Kind(
            "leakage/{block}/{factor}",
            "{block} tells of {factor}",
            LEAKAGE,
            Expected("higher", 1, "no more than other blocks"),
            "share of variance",
            "held-out R² of a ridge regression on the block with features of a Gaussian kernel",
            foreign=Expected("lower", "at most the null", "as much as the own block"),
        )
    )
    declare(
        Kind(
            "readout/{block}/{factor}/r2",
            "{factor} read from {block}",
            CONTINUOUS,
            Expected("higher", 1, 0),
            "R²",
            "kernel ridge regression, fitted on half of the originals, scored on the other half",
            foreign=Expected("lower", 0, 0),
        )
    )


def _declare_head() -> None:
    how = "the rest of the model on the edited representation; pairs that it decides differently"
    for role, words in {"donor": "as of the donor", "recipient": "as before"}.items():
        title = "{block} exchanged: the model decides " + words
        expected = Expected("neither")
        declare(Kind("head/{block}/" + role, title, RESPONSES, expected, "fraction", how))


def _declare_strongest() -> None:
    how = "held out; the best of a linear, a kernel and a perceptron reader on training originals"
    title = "{block} tells of {factor}"
    foreign = Expected("lower", "at most the null", "as much as the own block")
    units = {"accuracy": Expected("higher", 1, "the null"), "r2": Expected("higher", 1, 0)}
    for score, own in units.items():
        unit = "accuracy" if score == "accuracy" else "R²"
        pattern = "strongest/{block}/{factor}/" + score
        declare(Kind(pattern, title, STRONGEST, own, unit, how, foreign))
        raw = "The raw representation tells of {factor}"
        declare(Kind("strongest_raw/{factor}/" + score, raw, STRONGEST, own, unit, how))
    title = "{block} tells of {factor}: gain by twice the training originals"
    how = "score less that of the same reader after half of the training originals"
    pattern = "strongest_gain/{block}/{factor}"
    declare(Kind(pattern, title, STRONGEST, Expected("lower", 0), "accuracy or R²", how))


def _declare_judges() -> None:
    for seen in ("original", "reconstruction"):
        title = "{factor} read in untouched " + f"{seen}s"
        how = "held-out pictures that no network has touched; numbers: mean |difference|"
        accuracy, error = Expected("higher", 1, "chance"), Expected("lower", 0, _UNRELATED)
        declare(Kind("judge/{factor}/" + seen, title, JUDGES, accuracy, "fraction", how))
        unit = "difference per channel"
        declare(Kind("judge/{factor}/" + f"{seen}_error", title, JUDGES, error, unit, how))
    title, how = "{factor} read in untouched representations", "held-out, read by a probe"
    declare(Kind("probe/{factor}", title, JUDGES, Expected("higher", 1, "chance"), "fraction", how))
    unit = "difference per channel"
    error = Expected("lower", 0, _UNRELATED)
    declare(Kind("probe/{factor}/error", title, JUDGES, error, unit, how))
    declare(
        Kind(
            "reconstruction/mse",
            "Reconstruction error of the first stage",
            JUDGES,
            Expected("lower", 0, "the images' variance"),
            "squared, per pixel",
            "mean over held-out pixels, values in [0, 1]",
        )
    )


def _declare_responses() -> None:
    unit = "units of the output"
    how = "standard deviation over draws of the block, averaged over held examples"
    whole = "standard deviation with all blocks drawn anew"
    declare(Kind("response_whole", "All blocks drawn anew", RESPONSES, _NEITHER, unit, whole))
    declare(Kind("response/{block}", "Response to {block}", RESPONSES, _NEITHER, unit, how))
    title, how = "Response to {block}, of all blocks'", "response over that of all blocks"
    declare(Kind("response/{block}/share", title, RESPONSES, _NEITHER, "share", how))
    title, how = "{block} drawn anew: decisions that change", "draws that change the largest output"
    declare(Kind("response/{block}/changed", title, RESPONSES, _NEITHER, "fraction", how))
    title = "{block} makes no difference (1) or some (0)"
    how = "1 where the upper end of the interval is at most a twentieth of the whole spread"
    declare(Kind("response/{block}/ignored", title, RESPONSES, _NEITHER, "", how))


def _declare_likelihoods() -> None:
    how = "mean over posterior samples of a fixed seed"
    title = "Negative log-likelihood, {split}"
    declare(Kind("nll/{split}", title, LIKELIHOOD, _NLL, "nats per example", how))
    title = "Negative log-likelihood per dimension, {split}"
    declare(Kind("bits_per_dimension/{split}", title, LIKELIHOOD, _NLL, "bits per dimension", how))
    how = "mean over held-out pairs, every kind of pair weighted equally"
    title = "Negative log-likelihood of pairs, {split}"
    declare(Kind("pair_nll/{split}", title, LIKELIHOOD, _NLL, "nats per pair", how))
    title = "Negative log-likelihood of pairs that share {shared}, {split}"
    how = "mean over held-out pairs of this kind"
    declare(Kind("pair_nll/{split}/{shared}", title, LIKELIHOOD, _NLL, "nats per pair", how))
    rho = Expected("higher", "the network's", 0)
    title = "Correlation of {factor} in pairs that share it"
    how = "maximum likelihood on held-out pairs"
    declare(Kind("correlation/{factor}", title, LIKELIHOOD, rho, "", how))
    own = Expected("neither", "the measured one")
    title = "Correlation of {factor} in the network's density"
    declare(Kind("correlation/{factor}/network", title, LIKELIHOOD, own, "", "fixed or learned"))
    title = "Correlation of {factor} has reached its cap (1) or not (0)"
    at_cap = Expected("lower", 0)
    declare(Kind("correlation/{factor}/at_cap", title, LIKELIHOOD, at_cap))


def _declare_length_scales() -> None:
    unit = "units of the label"
    found = Expected("neither", "the given one")
    title = "Length scale of {factor}"
    how = "scale of the greatest likelihood of held-out pairs"
    declare(Kind("length_scale/{factor}", title, CONTINUOUS, found, unit, how))
    given = Expected("neither", "the measured one")
    title, how = "Length scale of {factor} in the config", "pairs.length_scales"
    declare(Kind("length_scale/{factor}/given", title, CONTINUOUS, given, unit, how))
    pattern, title = "length_scale/{factor}/given/{channel}", f"{title}, channel {{channel}}"
    declare(Kind(pattern, title, CONTINUOUS, given, unit, how))
    title = "Length scale of {factor} lies at the end of the search (1) or not (0)"
    at_bound = Expected("lower", 0)
    declare(Kind("length_scale/{factor}/at_bound", title, CONTINUOUS, at_bound))


def _declare_sizes() -> None:
    title, how = "Dimensions of {block}, {model}", "from correlations of pairs that share a factor"
    declare(Kind("sizes/{model}/{block}", title, SIZES, _NEITHER, "dimensions", how))
    title, how = "Examples, {split}", "rows, views of one original included"
    declare(Kind("examples/{split}", title, SIZES, _NEITHER, "examples", how))
    title, how = "Originals behind the examples, {split}", "views of one original count once"
    declare(Kind("originals/{split}", title, SIZES, _NEITHER, "originals", how))
    title, how = "Training steps of the weights that were kept", "those of the best held-out loss"
    declare(Kind("steps", title, SIZES, _NEITHER, "steps", how))
    exact = Expected("lower", 0, "0 as well")
    title = "Largest error of transforming and inverting"
    how = "over the held-out latents and their dimensions"
    declare(Kind("round_trip/max_error", title, SIZES, exact, "units of the latents", how))


def _declare_pairs() -> None:
    how = "over 10,000 pairs as training draws them"
    title = "Originals in the pairs that share {factor}"
    declare(Kind("pairs/{factor}/originals", title, PAIRS, _NEITHER, "originals", how))
    title = "Pairs that share {factor}: the commonest value's share"
    declare(Kind("pairs/{factor}/commonest", title, PAIRS, _NEITHER, "fraction", how))
    title = "Pairs that share {factor}: agreement in {other}"
    apart = Expected("lower", 0, "1: the one tells the other")
    how += "; Cohen's kappa, for numbers the correlation"
    declare(Kind("pairs/{factor}/{other}", title, PAIRS, apart, "beyond chance", how))
    title, how = "Originals whose views differ in {label}", "of those with several labelled views"
    declare(Kind("views/{label}/differ", title, PAIRS, _NEITHER, "fraction", how))


_declare_swaps()
_declare_blocks()
_declare_head()
_declare_strongest()
_declare_judges()
_declare_responses()
_declare_likelihoods()
_declare_length_scales()
_declare_sizes()
_declare_pairs()
