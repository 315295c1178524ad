"""What an audit of pairs should make its reader think again, in words."""

from collections.abc import Iterator, Mapping

import numpy as np

from iin_tf.checks import is_missing
from iin_tf.data.ids import id_texts
from iin_tf.data.labels import group_codes

# An association is reported when it is both large enough to matter and no chance result.
_NOTABLE = 0.1
_STANDARD_ERRORS = 4.0
# From it on, two labels are one.
_ONE = 0.99
# Fewer originals than these a network learns by heart.
_FEW = 100
# The audit has seen all originals there are when it drew so many pairs for each.
_SATURATED = 5
# Pairs of which more have one value tell little of the factor.
_UNIFORM = 0.9
# Where so many originals have views that differ in a label, they do so on purpose.
_ON_PURPOSE = 0.5


def concerns(audit: Mapping) -> list[str]:
    """One line for each thing in the result of `audit_pairs` that may spoil what is learned."""
    lines = []
    for name, entry in audit["factors"].items():
        lines += [
            _warning(name, other, association)
            for other, association in entry["others"].items()
            if _is_notable(association)
        ]
        lines += _too_little(name, entry)
    return lines + list(_inconsistent(audit["varying"]))


def varying(
    labels: Mapping[str, np.ndarray], source: np.ndarray, ids: object = None
) -> dict[str, dict]:
    """Label -> how many originals have several labelled views, and views that differ in it.

    Args:
      labels: mapping name -> [n, ...].
      source: int or text [n], the original that an example is a view of.
      ids: [n], what the examples are called; by default their rows.

    Returns:
      dict name -> {"originals", "differ", "first"}, of the labels that some original varies in.
    """
    found: dict[str, dict] = {}
    names, row, original = np.unique(source, return_index=True, return_inverse=True)
    called = id_texts(len(source) if ids is None else ids)
    if len(names) == len(source):
        return found
    for name, values in labels.items():
        known = ~is_missing(values)
        codes = group_codes(values)[0][known]
        views = np.bincount(original[known], minlength=len(names))
        pairs = np.unique(np.stack([original[known], codes], axis=1), axis=0)
        differ = np.flatnonzero(np.bincount(pairs[:, 0], minlength=len(names)) > 1)
        if len(differ):
            found[name] = {
                "originals": int((views > 1).sum()),
                "differ": len(differ),
                "first": [called[one] for one in row[differ[:3]]],
            }
    return found


def _too_little(name: str, entry: Mapping) -> Iterator[str]:
    originals, pairs = entry["originals"], entry["pairs"]
    if originals < _FEW and pairs >= _SATURATED * originals:
        yield (
            f"pairs that share {name!r} are made of {originals} originals, which a network learns "
            "by heart: give more, or views of them that differ in everything else"
        )
    if entry.get("commonest", 0) > _UNIFORM:
        yield (
            f"{entry['commonest']:.0%} of the pairs that share {name!r} have the value "
            f"{entry['value']!r}, so that they tell little of it: give more examples of others, or "
            "pairs.balanced=True"
        )


def _inconsistent(found: Mapping) -> Iterator[str]:
    for name, one in found.items():
        if one["differ"] < _ON_PURPOSE * one["originals"]:
            yield (
                f"the views of {one['differ']} of {one['originals']} originals differ in {name!r}, "
                f"first example {', '.join(one['first'])}; the others' views agree: check these "
                "labels"
            )


def _is_notable(association):
    pairs, expected = association["pairs"], association["expected"]
    if "correlation" in association:
        value, error = association["correlation"], 1 / np.sqrt(pairs)
    else:
        # The spread of a kappa whose members are independent.
        value, error = association["excess"], np.sqrt(expected / max(1 - expected, 1e-12) / pairs)
    return abs(value) > max(_NOTABLE, _STANDARD_ERRORS * error)


def _warning(name, other, association):
    measure = "correlation" if "correlation" in association else "excess"
    if association[measure] > _ONE:
        return (
            f"{name!r} tells {other!r}: pairs that share the one always share the other, and no "
            "network can keep them apart; leave one out, or give examples in which they differ"
        )
    return (
        f"pairs that share {name!r} also agree in {other!r} beyond chance "
        f"({measure} {association[measure]:.2f}): the two go together in the labels"
    )
