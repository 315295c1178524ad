"""Checks of what users give: one clear line each, before anything expensive starts.

Every check returns the value in the form in which it is used, and raises `InputError` with the
argument's name, its value and the mend.  What counts as a whole number, a fraction, a finite
row or a missing label is said here, and nowhere else.
"""

from iin_tf.checks.arrays import check_finite_rows, check_matrix, check_same_length, real_array
from iin_tf.checks.errors import InputError, MissingInput, MissingPackage, said, shown
from iin_tf.checks.labels import are_whole, is_missing, label_text
from iin_tf.checks.scalars import choice, flag, fraction, number, path, whole

__all__ = [
    "InputError",
    "MissingInput",
    "MissingPackage",
    "are_whole",
    "check_finite_rows",
    "check_matrix",
    "check_same_length",
    "choice",
    "flag",
    "fraction",
    "is_missing",
    "label_text",
    "number",
    "path",
    "real_array",
    "said",
    "shown",
    "whole",
]
