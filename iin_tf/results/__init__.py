"""What was measured: one vocabulary of results, and how they are written down.

`declare(Kind(...))` makes a kind of result known, `Result` is one of it, and `Results` are many,
by name.  Tables, pages, comparison and TensorBoard read the declarations; no other code takes
names apart.
"""

import iin_tf.results.audit_kinds  # declares the kinds
import iin_tf.results.first_stage_kinds
import iin_tf.results.measure_kinds
import iin_tf.results.run_kinds  # noqa: F401
from iin_tf.results.collection import Results
from iin_tf.results.markdown import interval_text, number_text
from iin_tf.results.result import Result
from iin_tf.results.vocabulary import (
    SECTIONS,
    Expected,
    Kind,
    declare,
    kind_of,
    kinds,
    section_note,
)

__all__ = [
    "SECTIONS",
    "Expected",
    "Kind",
    "Result",
    "Results",
    "declare",
    "interval_text",
    "kind_of",
    "kinds",
    "number_text",
    "section_note",
]
