"""Tables as users have them: CSV and Parquet files and data frames, as Arrow columns."""

import csv
import re
from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from iin_tf.checks import InputError, shown
from iin_tf.limits import check_memory, read_limited

SEPARATORS = (",", ";", "\t", "|")
_PARQUET = b"PAR1"
# Bytes of a value in memory, at least.
_CELL = 8
_INDEX = re.compile(r"__index_level_\d+__")


def open_table(table: object, argument: str) -> tuple[pa.Table, bool]:
    """The columns of a table, and whether they are texts of a CSV file that have no type yet.

    Args:
      table: path of a CSV or Parquet file, a data frame (pandas, polars), an Arrow table, or a
        mapping column -> values.
      argument: what messages call it.

    Raises:
      InputError: a file that cannot be read, a column named twice, a line with another number of
        cells than the header, no rows, or no table at all.
    """
    from_text = False
    if isinstance(table, str | Path):
        path = Path(table)
        from_text = not _is_parquet(path, argument)
        found = _read_csv(path) if from_text else _read_parquet(path)
    else:
        found = _of_object(table, argument)
    # The index of a pandas frame, where it is not what rows are joined by.
    found = found.drop([name for name in found.column_names if _INDEX.fullmatch(name)])
    names = [name.strip() for name in found.column_names]
    if len(set(names)) < len(names):
        raise InputError(f"{argument} names a column twice, {names}; rename one")
    if found.num_rows == 0:
        raise InputError(f"{argument} holds no rows below its header; give at least one")
    return found.rename_columns(names), from_text


def _is_parquet(path, argument):
    try:
        with path.open("rb") as file:
            return file.read(len(_PARQUET)) == _PARQUET
    except (OSError, ValueError) as error:
        # A ValueError: a name with a null byte.
        raise InputError(
            f"{argument} {str(path)!r} cannot be read ({error}); give a CSV or Parquet file"
        ) from error


def _read_parquet(path):
    try:
        parts = pa.parquet.ParquetFile(path).metadata
        # A column of equal values takes next to nothing in the file.
        check_memory(_CELL * parts.num_rows * parts.num_columns, f"{path}")
        table = pa.parquet.read_table(path)
        # Texts that are no UTF-8, or lengths that do not fit.
        table.validate(full=True)
        return table
    except InputError:
        raise
    except (pa.ArrowException, OSError, ValueError) as error:
        raise InputError(
            f"{path} cannot be read as Parquet ({_line(error)}); write it again"
        ) from error


def _read_csv(path):
    try:
        # Arrow unpacks .gz, .bz2 and .zst by the file's name.
        with pa.input_stream(str(path), compression="detect") as file:
            content = read_limited(file, f"{path}")
        header = content.split(b"\n", 1)[0].decode("utf-8-sig").strip("\r")
        separator = _separator(path, header)
        names = [name.strip() for name in next(csv.reader([header], delimiter=separator))]
        return pa.csv.read_csv(
            pa.BufferReader(content),
            # One thread: messages then say which row.
            pa.csv.ReadOptions(column_names=_numbered(names), skip_rows=1, use_threads=False),
            pa.csv.ParseOptions(delimiter=separator, newlines_in_values=True),
            pa.csv.ConvertOptions(
                column_types=dict.fromkeys(_numbered(names), pa.string()), strings_can_be_null=False
            ),
        ).rename_columns(names)
    except (pa.ArrowException, OSError, UnicodeDecodeError, csv.Error) as error:
        mend = "save it as UTF-8" if "utf" in str(error).casefold() else "mend it"
        raise InputError(f"{path} cannot be read as CSV ({_line(error)}); {mend}") from error


def _numbered(names):
    """Distinct stand-ins, so that a name that occurs twice is reported in our words."""
    return [f"{number}" for number in range(len(names))]


def _separator(path, header):
    """The one separator that the header holds outside of quotes."""
    bare = re.sub(r'"[^"]*"', "", header)
    found = [separator for separator in SEPARATORS if separator in bare]
    if len(found) != 1:
        raise InputError(
            f"{path}: the header {header[:60]!r} holds {found or 'no separator'}; separate its "
            f"columns by one of {list(SEPARATORS)}, and quote names that hold another"
        )
    return found[0]


def _of_object(table, argument):
    try:
        if isinstance(table, pa.Table):
            return table
        if not (hasattr(table, "columns") or hasattr(table, "keys")):
            raise TypeError("it has no columns")
        return pa.table(table)
    except (pa.ArrowException, TypeError, ValueError, AttributeError, OverflowError) as error:
        columns = getattr(table, "columns", None)
        what = shown(table) if columns is None else f"a table with the columns {list(columns)}"
        raise InputError(
            f"{argument} is {what}; give the path of a CSV or Parquet file, or a data frame whose "
            f"columns are of one kind each ({_line(error)})"
        ) from error


def _line(error):
    return " ".join(str(error).split())[:200]
