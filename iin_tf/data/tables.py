"""Columns of a table as arrays, by one stated rule; ids as they stand."""

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from iin_tf.checks import InputError, shown
from iin_tf.data.label_array import label_array
from iin_tf.data.table_files import open_table

# Cells of a CSV file that pandas' readers take for missing; in columns of ids they are ids.
MISSING = (
    *("", "NA", "N/A", "n/a", "NaN", "nan", "-NaN", "-nan", "NULL", "null", "None", "<NA>"),
    *("#NA", "#N/A", "#N/A N/A", "-1.#IND", "-1.#QNAN", "1.#IND", "1.#QNAN"),
)
_WHOLE = r"^(-1|0|[1-9][0-9]*)$"
_CODE = r"^(0[0-9]+|[1-9][0-9]*|0)$"
_NUMBER = r"^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$"
_COMMA_NUMBER = r"^[+-]?[0-9]+(,[0-9]+)?$"


def read_table(table: Any, argument: str, ids: tuple[str, ...]) -> dict[str, np.ndarray]:
    """The columns of a table: those named in `ids` as texts, the others typed column by column.

    A column of a CSV file is typed by its cells that are not missing (`MISSING`, blanks around a
    cell do not count):
      whole numbers without leading zeros, -1 for unknown: int64, missing -1;
      digits with leading zeros, or whole numbers beyond 64 bits: text, missing "";
      other numbers: float64, missing NaN;
      anything else (true and false too): text, missing "".
    Parquet files and data frames bring their types; a column of whole numbers below -1 becomes
    float64 there too, since a negative whole number among labels means unknown, a column of
    dates or times of day becomes text, as 2024-05-31 or 2024-05-31T12:30:00, and a column of
    lists of one length becomes float64 [rows, length].

    Args:
      table: path of a CSV or Parquet file, or a data frame; of a pandas frame without the column
        of ids, its index is taken.
      argument: what messages call it.
      ids: names of the columns of ids; capitals do not matter.

    Raises:
      InputError: what cannot be read or typed, a column of ids that is not there, an empty id.
    """
    for name in ids:
        if not isinstance(name, str):
            raise InputError(f"the column of ids is {shown(name)}; give its name, a text")
    if len(ids) == 1 and _index_is_id(table, ids[0]):
        table = table.rename_axis(ids[0]).reset_index()
    columns, from_text = open_table(table, argument)
    found = {_find(columns.column_names, name, argument): name for name in ids}
    typed = {}
    for name in columns.column_names:
        column, what = columns[name], f"{argument}: column {name!r}"
        if name in found:
            typed[found[name]] = _ids(column, what)
        else:
            typed[name] = _of_texts(column, what) if from_text else _of_types(column, what)
    return typed


def _index_is_id(table, name):
    """Whether `table` is a pandas frame whose index has to serve as the column of ids."""
    if not (hasattr(table, "reset_index") and hasattr(table, "columns")):
        return False
    if getattr(table.index, "nlevels", 1) > 1:
        return False
    return name.casefold() not in {str(column).strip().casefold() for column in table.columns}


def _find(names, wanted, argument):
    """The column called `wanted`; where none is, the one that differs in capitals alone."""
    close = [name for name in names if name.casefold() == wanted.casefold()]
    if wanted in names:
        return wanted
    if len(close) != 1:
        raise InputError(
            f"{argument}: no column {wanted!r} among {names}; rows are joined to examples by it: "
            "give the column of ids that name"
        )
    return close[0]


def _ids(column, what):
    if not (pa.types.is_integer(column.type) or _is_text(column.type)):
        raise InputError(f"{what} is {column.type}; give whole numbers or texts as ids")
    texts = pc.utf8_trim_whitespace(column.cast(pa.string()))
    empty = pc.or_kleene(pc.is_null(texts), pc.equal(texts, "")).fill_null(True)
    if pc.any(empty).as_py():
        row = pc.index(empty, True).as_py() + 1
        raise InputError(f"{what} is empty in row {row}; give every row an id")
    return np.array(texts.to_pylist(), dtype=np.str_)


def _is_text(kind):
    if pa.types.is_dictionary(kind):
        return _is_text(kind.value_type)
    return pa.types.is_string(kind) or pa.types.is_large_string(kind)


def _of_texts(column, what):
    """A column of CSV cells by the rule of `read_table`."""
    cells = pc.utf8_trim_whitespace(column)
    missing = pc.is_in(cells, value_set=pa.array(MISSING))
    present = cells.filter(pc.invert(missing))
    if _all(present, _WHOLE):
        try:
            return _whole(pc.if_else(missing, "-1", cells).cast(pa.int64()))
        except pa.ArrowInvalid:  # beyond 64 bits
            return _texts(cells, missing)
    commas = present.filter(pc.match_substring(present, ","))
    if len(commas) and _all(present, _COMMA_NUMBER):
        raise InputError(
            f"{what} has decimal commas, first {commas[0].as_py()!r}; write numbers with a point"
        )
    if _all(present, _NUMBER) and not _all(present, _CODE):
        return np.array(pc.if_else(missing, "nan", cells).to_pylist(), dtype=np.float64)
    return _texts(cells, missing)


def _all(cells, pattern):
    return pc.all(pc.match_substring_regex(cells, pattern)).as_py() is not False


def _texts(cells, missing):
    return np.array(pc.if_else(missing, "", cells).to_pylist(), dtype=np.str_)


def _of_types(column, what):
    """A column that has an Arrow type."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        return _of_types(column.cast(kind.value_type), what)
    if pa.types.is_boolean(kind) and column.null_count == 0:
        return column.to_numpy()
    if pa.types.is_null(kind):
        return np.full(len(column), -1)
    if pa.types.is_integer(kind) or pa.types.is_boolean(kind):
        # Unsigned numbers beyond int64 stay what they are.
        if column.null_count == 0 and pa.types.is_uint64(kind):
            return column.to_numpy()
        return _whole(column.cast(pa.int64()).fill_null(-1))
    if pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        return column.cast(pa.float64()).fill_null(np.nan).to_numpy()
    if _is_text(kind):
        return np.array(column.cast(pa.string()).fill_null("").to_pylist(), dtype=np.str_)
    if pa.types.is_timestamp(kind) or pa.types.is_date(kind):
        return label_array(column.cast(pa.timestamp("us")).to_numpy(), what)
    if pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind):
        return _vectors(column, what)
    raise InputError(f"{what} is {kind}; give numbers, texts, bools, dates or lists of numbers")


def _whole(column):
    values = column.to_numpy()
    return values.astype(np.float64) if (values < -1).any() else values


def _vectors(column, what):
    lengths = pc.unique(pc.list_value_length(column).drop_null()).to_pylist()
    if len(lengths) != 1:
        raise InputError(f"{what} has lists of {len(lengths)} lengths; give one length")
    rows = np.full((len(column), lengths[0]), np.nan)
    try:
        flat = pc.list_flatten(column).cast(pa.float64()).fill_null(np.nan)
    except pa.ArrowException as error:
        raise InputError(f"{what} is {column.type}; give lists of numbers") from error
    known = pc.is_valid(column).to_numpy()
    rows[known] = flat.to_numpy().reshape(-1, lengths[0])
    return rows
