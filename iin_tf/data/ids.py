"""The ids by which tables know the examples."""

from collections import Counter
from collections.abc import Sequence

import numpy as np

from iin_tf.checks import InputError, shown, whole
from iin_tf.data.label_array import label_array
from iin_tf.data.stateless import MOST
from iin_tf.limits import check_memory

# Bytes of a short text in a list, at least.
_TEXT = 64


def id_texts(ids: object, argument: str = "ids", fewest: int = 1) -> list[str]:
    """The ids of the examples as texts, as they stand in a table; text ids keep their zeros.

    Args:
      ids: a number n, which means 0 .. n - 1, or n whole numbers or texts.
      argument: what messages call it.
      fewest: how many ids there must be.

    Raises:
      InputError: no such ids, too few, or one that occurs twice.
    """
    if isinstance(ids, int | np.integer):
        count = whole(ids, argument, least=fewest, most=MOST)
        check_memory(_TEXT * count, f"{argument}, {count} texts,")
        return [str(row) for row in range(count)]
    values = label_array(ids, argument)
    if len(values) == fewest == 0:
        return []
    if values.ndim != 1 or values.dtype.kind not in "iuU" or len(values) < fewest:
        raise InputError(
            f"{argument} is {shown(ids)}; give the number of examples, or a whole number or text "
            "for each"
        )
    texts = [str(value) for value in values.tolist()]
    if len(set(texts)) < len(texts):
        raise InputError(f"{argument}: {repeated(texts)}; give distinct ids")
    return texts


def repeated(texts: Sequence[str]) -> str:
    """How many ids occur more than once, and the first three of them, in words."""
    twice = [name for name, count in Counter(texts).items() if count > 1]
    return f"{len(twice)} ids occur more than once, first {twice[:3]}"


def join(ids: Sequence[str], texts: np.ndarray, column: str) -> np.ndarray:
    """The examples that the ids in a table mean, int64 [len(texts)].

    Args:
      ids: of the examples, distinct.
      texts: text [rows], the ids as the table holds them.
      column: of the table, for messages.

    Raises:
      InputError: some ids are no example's; it says how many join, and the first three that do
        not.
    """
    known = {name: row for row, name in enumerate(ids)}
    rows = np.array([known.get(text, -1) for text in texts.tolist()], dtype=np.int64)
    lost = texts[rows < 0]
    if len(lost):
        first = list(dict.fromkeys(lost.tolist()))[:3]
        raise InputError(
            f"column {column!r}: {len(texts) - len(lost)} of {len(texts)} rows join the "
            f"{len(ids)} examples; first ids that do not: {first}; those of the examples begin "
            f"with {list(ids[:3])}; mend these ids, or leave their rows out"
        )
    return rows
