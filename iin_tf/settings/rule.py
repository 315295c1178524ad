"""The rule: from a representation and what pairs share to settings, each with its reason."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from iin_tf import checks
from iin_tf.audits.inputs import Label, read_labels, source_codes
from iin_tf.checks import InputError
from iin_tf.data import PairSampler
from iin_tf.factor_sizes import estimate_factor_sizes
from iin_tf.factors import FactorLayout
from iin_tf.first_stages.noise import representation_noise
from iin_tf.settings.chosen import Settings
from iin_tf.settings.noise import NOISES, bearable, readings_by_noise
from iin_tf.settings.spectrum import Spectrum, spectrum_of

# From here on a representation counts as one of many dimensions.
MANY = 128
# Of the widest dimension over the middle one: beyond it they have units of their own.
_OTHER_UNITS = 30
_MOST_ROWS, _PAIRS = 20_000, 40_000
_ROWS_A_CLASS = 8
# More dimensions make the learned linear maps too large.
_MOST_WIDTH = 1024


def suggest(
    z: Any,
    labels: Mapping[str, Any] | None = None,
    *,
    pairs: Any = None,
    source: Any = None,
    log_variance: Any = None,
    members: int | None = None,
    seed: int = 0,
) -> Settings:
    """Settings for a network on these rows: noise, sizes, flow and training, with reasons.

    The rule and what it was fitted on stand in docs/settings.md.

    Args:
      z: float [n, N], a representation without noise.
      labels: mapping factor -> whole numbers, bools, texts or floats [n], unknown ones as
        everywhere.
      pairs: a sampler of pairs of these rows, in place of the equal labels'; needed where the
        labels are floats that never repeat, or there are none.
      source: whole numbers or texts [n], the original of each row; None where every row is one.
      log_variance: float [n, N] or [N], of a representation that brings its own noise.
      members: of groups to train on, or 0 for pairs; None where the rule is to choose, which it
        does between pairs and groups of 4.
      seed: of the rows and pairs that are looked at.

    Returns:
      `Settings`; print them.

    Raises:
      InputError: rows that are not finite, a constant dimension, neither labels nor pairs, labels
        with one value or one value each, or more factors than directions above the noise.
    """
    z = checks.real_array(z, "z")
    checks.check_matrix(z, "z")
    checks.check_finite_rows(z, "z")
    checks.whole(seed, "seed", least=0)
    source = source_codes(source, len(z))
    known = [] if labels is None else read_labels(labels, len(z))
    _check_repeats(known, source, pairs)
    if pairs is None:
        if not known:
            raise InputError("labels is None, and pairs too; give one of them")
        pairs = PairSampler(labels, [label.name for label in known], source=source, seed=seed)
    reasons: dict[str, str] = {}
    members = _members(members, z.shape[1], known, reasons)
    rows = np.random.default_rng(seed).permutation(len(z))[:_MOST_ROWS]
    spectrum = spectrum_of(z[rows])
    noise, kind = _noise(z, known, source, spectrum, log_variance, seed, reasons)
    variance = _variance(z[rows], noise, kind, log_variance, rows)
    layout = _layout(z, pairs, variance, reasons)
    return Settings(
        layout=layout,
        noise=noise,
        noise_kind=kind,
        **_flow(z.shape[1], spectrum, noise, layout, reasons),
        **_training(z.shape[1], members, reasons),
        reasons=reasons,
    )


def _members(given, size, labels, reasons) -> int:
    """Of groups; 0 for pairs."""
    if given is not None:
        if checks.whole(given, "members", least=0) == 1:
            raise InputError("members is 1; give 0 for pairs, or 2 and more")
        reasons["members"] = "given"
        return given
    if not labels or any(label.continuous for label in labels):
        reasons["members"] = "groups are of equal labels, and not all factors have such"
        return 0
    many = size >= MANY
    reasons["members"] = (
        "of many dimensions groups learn in fewer steps what carries over"
        if many
        else "of few dimensions groups reach what pairs do, and no more"
    )
    return 4 if many else 0


def _check_repeats(labels: list[Label], source: np.ndarray, pairs: Any) -> None:
    """Refuses labels from which nothing can be learned."""
    for label in labels:
        values = np.unique(label.given[label.known], axis=0)
        if len(values) < 2:
            raise InputError(
                f"labels[{label.name!r}] has one value, {values[0]}; give a factor "
                "that varies, or leave it out"
            )
        if pairs is None and len(values) == len(np.unique(source[label.known])):
            raise InputError(
                f"labels[{label.name!r}] has a value of its own for each of {len(values)} "
                "originals, so that no two share one; leave it out, or give pairs of near values: "
                "iin_tf.data.ContinuousPairs"
            )


def _noise(z, labels, source, spectrum: Spectrum, log_variance, seed, reasons):
    """Noise and its kind; None where the representation brings its own."""
    if log_variance is not None:
        reasons["noise"] = "the representation brings its own"
        reasons["noise_kind"] = reasons["noise"]
        return None, "proportional"
    ratio = spectrum.dimensions.max() / np.median(spectrum.dimensions)
    if ratio > _OTHER_UNITS:
        reasons["noise_kind"] = f"the widest dimension is {ratio:.0f} times the middle one"
        reasons["noise"] = "of each dimension's spread, so that no unit counts"
        return 0.05, "proportional"
    reasons["noise_kind"] = (
        f"dimensions of one unit: the widest is {ratio:.1f} times the middle one"
    )
    labels = [label for label in labels if _can_be_read(label)]
    if not labels:
        place = 1
        reasons["noise"] = "there are no labels that a reader could learn at more of it"
    else:
        readings = readings_by_noise(z, labels, source, seed)
        place = bearable(readings)
        least = ", ".join(
            f"{name} {values[0]:.2f} to {values[place]:.2f}" for name, values in readings.items()
        )
        reasons["noise"] = (
            f"the most that costs a linear reader of held-out rows at most 0.08: {least}; "
            f"{spectrum.above(NOISES[place])} of {z.shape[1]} components rise above it"
        )
    return NOISES[place], "isotropic"


def _can_be_read(label: Label) -> bool:
    """Whether its classes have rows enough to learn from and to be scored on."""
    if label.continuous:
        return True
    return len(np.unique(label.values[label.known])) * _ROWS_A_CLASS <= label.known.sum()


def _variance(z, noise, kind, log_variance, rows):
    """Mean variance of the noise along each dimension, [N]."""
    if noise is not None:
        return np.exp(representation_noise(z, noise, kind).astype(np.float64))
    log_variance = checks.real_array(log_variance, "log_variance")
    if log_variance.ndim == 2:
        log_variance = log_variance[rows]
    return np.exp(np.atleast_2d(log_variance).astype(np.float64)).mean(axis=0)


def _layout(z, pairs, variance, reasons) -> FactorLayout:
    index_a, index_b, shared = pairs.draw(_PAIRS * len(pairs.factors), 0)
    reasons["layout"] = "half as many again as the directions that pairs agree in, and two"
    return estimate_factor_sizes(
        z[index_a], z[index_b], shared, pairs.factors, method="directions", noise=variance
    )


def _flow(size, spectrum: Spectrum, noise, layout: FactorLayout, reasons) -> dict[str, Any]:
    front = None
    reasons["front"] = f"{size} dimensions all go through the flow"
    if size > _MOST_WIDTH:
        needed = sum(layout.sizes[1:]) + 1
        front = max(64, needed, min(spectrum.above(noise or 0.05), _MOST_WIDTH))
        reasons["front"] = f"of {size} dimensions, the components that rise above the noise"
    many = size >= MANY
    text = f"{size} dimensions: " + (
        "the learned linear maps do most, and wide or deep conditioners overfit"
        if many
        else "few enough for wide conditioners"
    )
    reasons |= dict.fromkeys(("blocks", "hidden", "depth"), text)
    reasons["mixing"] = "learned maps gather a factor's directions, which permutations cannot"
    return {
        "front": front,
        "mixing": "linear",
        "blocks": 4 if many else 8,
        "hidden": 128 if many else 256,
        "depth": 1 if many else 2,
    }


def _training(size, members, reasons) -> dict[str, Any]:
    many = size >= MANY
    reasons["correlation"] = (
        "larger ones weigh what members do not share up against the rest"
        if members
        else "as published"
    )
    reasons["steps"] = "a small flow learns soon" if many else "as many as the quickstart's"
    reasons["batch_size"] = reasons["learning_rate"] = "as many rows, and the same, on all data"
    reasons["weight_decay"] = "costs nothing in short runs, and helps long ones"
    return {
        "correlation": 0.9 if members else 0.975,
        "members": members,
        "steps": 1000 if many else 2500,
        "batch_size": 256 if members else 128,
        "learning_rate": 1e-3,
        "weight_decay": 0.1,
    }
