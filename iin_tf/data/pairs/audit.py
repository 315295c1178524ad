"""What a sampler's pairs really have in common, counted on a sample of them."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from iin_tf.checks import InputError, choice, is_missing, label_text, number, shown, whole
from iin_tf.data.labels import continuous_numbers, group_codes, mapping
from iin_tf.data.pairs.concerns import concerns, varying
from iin_tf.data.stateless import MOST


def audit_pairs(
    sampler: Any,
    count: int = 10000,
    step: int = 0,
    *,
    periods: Mapping[str, float] | None = None,
    ids: object = None,
) -> dict:
    """Checks a sample of pairs against the labels.

    An association of a label y over pairs (a, b) is the `agreement` P(y_a = y_b), the `expected`
    agreement of independent members, `excess` = (agreement - expected) / (1 - expected) (Cohen's
    kappa), and for floats the `correlation` trace Cov(y_a, y_b) / trace Cov(y).  A label with a
    period is measured as a point on its circle, (cos, sin), so that 359 and 1 degrees are near.
    Pairs in which a label is missing do not count for it.  `iin_tf.data.pairs.concerns` says what
    is warned of.

    Args:
      sampler: a source of pairs: `draw`, `factors`, `labels`, `source`.
      count: number of pairs to draw.
      step: which draw to look at.
      periods: mapping name -> period of the labels that lie on a circle, in units of the label;
        by default those that the sampler knows.
      ids: whole numbers or texts [n], what the examples are called; by default their rows.

    Returns:
      A JSON-able dict:

      - pairs, unshared: number of pairs, and of those that share nothing;
      - same_source: fraction whose members are views of one source (of a label sampler always 0);
      - varying: label -> of the originals with several labelled views `originals`, how many have
        views that `differ` in it, and the id of the `first` view of three of those;
      - factors: for every factor (and "residual") that occurs

        - pairs: number of pairs that share it,
        - originals: number of distinct sources in them,
        - commonest: the largest share of these pairs that have one value of it, and `value`,
          which; where its label is categorical and known,
        - correlation: mean of the correlations given, where the sampler gives numbers,
        - own: the association of the factor's own label (agreement 1 = all really share it),
        - others: name -> association of each label that these pairs do not share, which is 0
          where the label is independent of the factor;

      - warnings: one line for each association in `others` that is more than chance, and for
        pairs that are too few or too uniform to learn from.

    Raises:
      InputError: no pairs to draw, or a period of no label or that is not positive.
    """
    lacking = [
        name for name in ("draw", "factors", "labels", "source") if not hasattr(sampler, name)
    ]
    if lacking:
        raise InputError(f"sampler is {shown(sampler)}, which lacks {lacking}; give a sampler")
    periods = mapping(getattr(sampler, "periods", {}) if periods is None else periods, "periods")
    for name, period in periods.items():
        choice(name, "a name in periods", list(sampler.labels))
        number(period, f"periods[{name!r}]", above=0)
    index_a, index_b, shared = sampler.draw(whole(count, "count", least=1, most=MOST), step)
    labels = {
        name: _Label(name, values, periods.get(name)) for name, values in sampler.labels.items()
    }
    names = ("residual", *sampler.factors)
    report: dict[str, Any] = {
        "pairs": len(index_a),
        "unshared": int((shared == 0).all(axis=1).sum()),
        "same_source": float(np.mean(sampler.source[index_a] == sampler.source[index_b])),
        "varying": varying(sampler.labels, sampler.source, ids),
        "factors": {},
        "warnings": [],
    }
    for block, name in enumerate(names):
        rows = shared[:, block] > 0
        if not rows.any():
            continue
        sources = sampler.source[np.concatenate([index_a[rows], index_b[rows]])]
        originals = len(np.unique(sources))
        entry: dict[str, Any] = {"pairs": int(rows.sum()), "originals": originals, "others": {}}
        if shared.dtype != bool:
            entry["correlation"] = float(shared[rows, block].mean())
        for other, label in labels.items():
            free = rows
            if other != name and other in names:
                free = rows & (shared[:, names.index(other)] == 0)
            association = label.association(index_a[free], index_b[free])
            if association is None:
                continue
            if other == name:
                entry["own"] = association
                entry |= label.commonest(index_a[free])
                continue
            entry["others"][other] = association
        report["factors"][name] = entry
    report["warnings"] = concerns(report)
    return report


class _Label:
    def __init__(self, name, values, period):
        self.present = ~is_missing(values)
        if period is not None:
            values = np.mod(continuous_numbers(name, values), period)
        self.codes, groups = group_codes(values)
        self.groups, self.values_of_codes = len(groups), groups
        self.values = None
        if values.dtype.kind == "f":
            self.values = values.reshape(len(values), -1).astype(np.float64)
        if period is not None:
            angle = self.values * (2 * np.pi / period)
            self.values = np.concatenate([np.cos(angle), np.sin(angle)], axis=1)

    def commonest(self, index):
        """The value that most of these examples have, and their share; of classes alone."""
        codes = self.codes[index[self.present[index]]]
        if self.values is not None or len(codes) == 0:
            return {}
        counts = np.bincount(codes, minlength=self.groups)
        value = label_text(self.values_of_codes[counts.argmax()])
        return {"commonest": float(counts.max() / len(codes)), "value": value}

    def association(self, index_a, index_b):
        known = self.present[index_a] & self.present[index_b]
        index_a, index_b = index_a[known], index_b[known]
        if len(index_a) == 0:
            return None
        code_a, code_b = self.codes[index_a], self.codes[index_b]
        agreement = float(np.mean(code_a == code_b))
        frequency_a = np.bincount(code_a, minlength=self.groups) / len(code_a)
        frequency_b = np.bincount(code_b, minlength=self.groups) / len(code_b)
        expected = float(frequency_a @ frequency_b)
        # A label with one value agrees always and tells nothing.
        excess = (agreement - expected) / (1 - expected) if expected < 1 else 0.0
        result = {"pairs": len(index_a), "agreement": agreement, "expected": expected}
        result["excess"] = excess
        if self.values is not None:
            result["correlation"] = _correlation(self.values[index_a], self.values[index_b])
        return result


def _correlation(a, b):
    a, b = a - a.mean(axis=0), b - b.mean(axis=0)
    scale = np.sqrt((a**2).sum() * (b**2).sum())
    return float((a * b).sum() / scale) if scale > 0 else 0.0
