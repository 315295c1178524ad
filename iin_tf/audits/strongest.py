"""What the strongest of several readers finds of each factor in each block."""

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from iin_tf import checks
from iin_tf.audits.found import Found
from iin_tf.audits.inputs import Label, check_mapping, code_rows, read_labels, source_codes
from iin_tf.audits.readers import KERNEL, LINEAR, PERCEPTRON, compare, fit, note, readers
from iin_tf.checks import InputError
from iin_tf.factors import FactorLayout
from iin_tf.measures.blocks import resolve_blocks
from iin_tf.results import Result, Results
from iin_tf.statistics import Permutations, half_of_sources, null_bound

# More rows than these make a dozen perceptrons slow.
MOST_ROWS, MOST_SCORED = 4000, 2000
_STEPS, _PERMUTATIONS = 1000, 200


@dataclasses.dataclass(frozen=True)
class StrongestReaders(Found):
    """What the strongest reader finds; see `strongest_readers`.

    Attributes:
      blocks: names of the B blocks.
      factors: names of the K factors.
      score: [B, K]: held-out accuracy, or R^2 of a continuous factor.
      null: [B, K]: what it stays below in 19 of 20 cases where the block says nothing.
      gain: [B, K]: by how much it reads better than from half of the training originals.
      reader: [B, K] texts, the reader that was chosen.
      continuous: [K] bools.
      about: [B, K] protocols.
    """

    blocks: tuple
    factors: tuple
    score: np.ndarray
    null: np.ndarray
    gain: np.ndarray
    reader: np.ndarray
    continuous: tuple
    about: list

    def results(self) -> Results:
        """`strongest/BLOCK/FACTOR/accuracy` or `/r2` with its null, and `strongest_gain/...`."""
        found = []
        for b, block in enumerate(self.blocks):
            for k, factor in enumerate(self.factors):
                fields = {"block": block, "factor": factor}
                about = {"protocol": self.about[b][k]}
                kind = "strongest/{block}/{factor}/" + ("r2" if self.continuous[k] else "accuracy")
                found += [
                    Result(kind, fields, self.score[b, k], null=self.null[b, k], **about),
                    Result("strongest_gain/{block}/{factor}", fields, self.gain[b, k], **about),
                ]
        return Results(found)

    def raw_results(self) -> Results:
        """The same of one block that is the raw representation: `strongest_raw/FACTOR/...`."""
        kinds = ["r2" if continuous else "accuracy" for continuous in self.continuous]
        return Results(
            Result(
                "strongest_raw/{factor}/" + kinds[k],
                {"factor": factor},
                self.score[0, k],
                null=self.null[0, k],
                protocol=self.about[0][k],
            )
            for k, factor in enumerate(self.factors)
        )


def strongest_readers(
    train: tuple[ArrayLike, Mapping[str, ArrayLike], ArrayLike | None],
    test: tuple[ArrayLike, Mapping[str, ArrayLike], ArrayLike | None],
    blocks: FactorLayout | Mapping[str, slice | ArrayLike],
    rows: int = MOST_ROWS,
    seed: int = 0,
) -> StrongestReaders:
    """What the strongest of three readers finds of each factor in each block, held out.

    A linear reader, one on 300 Nystroem features of a Gaussian kernel and a perceptron of 128
    units, on standardised columns, learn from three quarters of the training originals; the best
    on the last quarter learns from all of them and is scored on the test rows.  Of more than 512
    columns the perceptron reads the 256 leading principal components.  Columns are
    standardised, so that directions of little variance, which a kernel overlooks, count as well.

    The null permutes the test labels of whole originals: 95 % of its scores lie below.  The gain
    compares with the same reader after half of the training originals: where it is large, more
    rows would let it read more.

    Args:
      train: codes [n, N], mapping factor -> labels [n] or floats [n, c], and the original behind
        each row [n] or None; what the readers learn from.
      test: the same of other originals, at most 2,000 rows of which are scored.
      blocks: FactorLayout, or mapping block -> columns.
      rows: training rows, at most.
      seed: of rows, readers and permutations.

    Returns:
      `StrongestReaders`.

    Raises:
      InputError: rows or labels that do not fit, or a factor with fewer than four training
        originals or a single value.
    """
    checks.whole(seed, "seed", 0)
    checks.whole(rows, "rows", 8)
    learn, score = (_side(*side, limit, seed) for side, limit in
                    ((train, rows), (test, MOST_SCORED)))  # fmt: skip
    columns = resolve_blocks(blocks, learn[0].shape[1])
    factors = [label for label in learn[1] if label.name in {other.name for other in score[1]}]
    if not factors:
        raise InputError("train and test have no factor in common; give labels of both")
    truth = {label.name: label for label in score[1]}
    table = [
        [_read(learn, score, label, truth[label.name], part, seed) for label in factors]
        for part in columns.values()
    ]
    fields = ("score", "null", "gain", "reader")
    return StrongestReaders(
        blocks=tuple(columns),
        factors=tuple(label.name for label in factors),
        continuous=tuple(label.continuous for label in factors),
        about=table,
        **{name: np.array([[one[name] for one in line] for line in table]) for name in fields},
    )


def _side(codes: Any, labels: Any, source: Any, limit: int, seed: int) -> tuple:
    """Codes, `Label`s and sources of at most `limit` rows."""
    codes = code_rows(codes)
    labels = read_labels(check_mapping(labels, "labels", "from a factor to labels"), len(codes))
    source = source_codes(source, len(codes))
    rows = np.random.default_rng(seed).permutation(len(codes))[:limit]
    return codes[rows].astype(np.float64), [label.at(rows) for label in labels], source[rows]


def _read(learn: tuple, score: tuple, label: Label, truth: Label, part: Any, seed: int) -> dict:
    """What the best reader of one block and factor scores, and its protocol."""
    x, y, source = learn[0][label.known][:, part], label.given[label.known], learn[2][label.known]
    if len(np.unique(source)) < 4 or len(np.unique(y, axis=0)) < 2:
        raise InputError(
            f"labels[{label.name!r}] has {len(np.unique(y, axis=0))} values in "
            f"{len(np.unique(source))} sources; a reader needs two values, and four sources"
        )
    scored = score[0][truth.known][:, part], truth.given[truth.known], score[2][truth.known]
    names = (LINEAR, KERNEL, PERCEPTRON)
    models = readers(label.continuous, len(x), x.shape[1], seed, names, _STEPS)
    scores = compare(models, x, y, source, seed)
    name = max(scores, key=scores.__getitem__) if scores else LINEAR
    predicted = fit(models[name], x, y).predict(scored[0])
    found = _score(scored[1], predicted)
    half = half_of_sources(source, np.random.default_rng(seed))
    fewer = found
    if label.continuous or len(np.unique(y[half])) > 1:
        fewer = _score(scored[1], fit(models[name], x[half], y[half]).predict(scored[0]))
    about = f"{note(name, scores, len(x))}; scored on {len(predicted)} test examples"
    return {
        "score": found,
        "gain": found - fewer,
        "null": _null(scored[1], predicted, scored[2], seed),
        "reader": name,
        "rows": len(x),
        "originals": len(np.unique(source)),
        "scored": len(predicted),
        "scores": scores,
        "note": about,
    }


def _score(truth: np.ndarray, predicted: np.ndarray) -> float:
    """Accuracy of classes, or R^2 of floats, over all their columns together."""
    if truth.dtype.kind != "f":
        return float(np.mean(truth == predicted))
    truth = truth.reshape(len(truth), -1)
    left = np.square(truth - predicted.reshape(truth.shape)).sum()
    whole = np.square(truth - truth.mean(axis=0)).sum()
    return float(1 - left / whole) if whole > 0 else 0.0


def _null(truth: np.ndarray, predicted: np.ndarray, source: np.ndarray, seed: int) -> float:
    plan = Permutations(len(truth), _PERMUTATIONS, seed, source)
    bound = null_bound(np.array([_score(truth[order], predicted) for order in plan.draws()]))
    # A good reading of numbers, permuted, is worse than no guess at all, which is 0.
    return max(0.0, float(bound))
