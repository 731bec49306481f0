"""Tables of text cells from CSV and Parquet files, and what their cells say."""

import re
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from mcrace.errors import Fault, StudyError, nearest_name
from mcrace.laws import FloatArray
from mcrace.laws.data_file import MOST_VALUES, DataFile, read_data_file
from mcrace.laws.faults import refusal, short

__all__ = ["MISSING", "Table", "column_of", "day_of", "numbers_of", "read_table"]

MISSING = frozenset({"", "na", "n/a", "nan", "null", "none", "-", "?"})
"""What stands for no value, in lower case."""

_PARQUET = b"PAR1"
_SEPARATORS = (",", ";", "\t")
_LONGEST_HEADER = 1_000_000
_DATE = re.compile(r"\d{4}[-/]\d{1,2}([-/]\d{1,2})?([T ].*)?|\d{1,2}[./]\d{1,2}[./]\d{2,4}")
_MOST_FAULTS = 5


@dataclass(frozen=True, slots=True)
class Table:
    """Cells of a file.

    Attributes
    ----------
    file : DataFile
        Where they come from.
    names : tuple of str
        Of the columns.
    columns : tuple of pyarrow.ChunkedArray
        Cells below each name; `column_of` gives them as texts.
    line_of_first : int or None
        Line of the file on which the first row stands; None where a row may take many lines.
    """

    file: DataFile
    names: tuple[str, ...]
    columns: tuple[Any, ...] = field(repr=False, compare=False)
    line_of_first: int | None

    @property
    def rows(self) -> int:
        """Rows below the names."""
        return len(self.columns[0]) if self.columns else 0

    def place(self, row: int, column: str) -> str:
        """Say where a cell stands, such as ``row 3 (line 4) of the column lag``."""
        line = "" if self.line_of_first is None else f" (line {self.line_of_first + row:,})"
        return f"row {row + 1:,}{line} of the column {column}"


def read_table(path: str | Path) -> Table:
    """Read a CSV file (commas, semicolons or tabs, UTF-8, names in the first line) or a Parquet file.

    Parameters
    ----------
    path : str or Path
        A regular file of at most 500 MB and 10 million rows.

    Returns
    -------
    Table

    Raises
    ------
    StudyError
        The file cannot be read, or it has no rows.
    """
    try:
        file = read_data_file(path)
    except StudyError as error:
        folder = ("a CSV or Parquet file, as seen from the study's folder", "a CSV or Parquet file")
        raise StudyError(
            [
                Fault(
                    path="",
                    found=fault.found,
                    expected=fault.expected.replace(*folder),
                    nearest=fault.nearest,
                )
                for fault in error.faults
            ]
        ) from None
    table = _parquet(file) if file.content[:4].tobytes() == _PARQUET else _csv(file)
    if table.rows == 0:
        raise refusal("", f"{short(str(path))}, a table without rows", "at least one row below the names")
    if table.rows > MOST_VALUES:
        raise refusal("", f"{table.rows:,} rows", f"at most {MOST_VALUES:,}")
    return table


def column_of(table: Table, name: str, key: str) -> tuple[str, ...]:
    """Look up a column.

    Parameters
    ----------
    table : Table
        Any.
    name, key : str
        The column's name, and the option that gave it, for the message.

    Returns
    -------
    tuple of str
        Its cells, spaces around them taken off; an absent one is empty.

    Raises
    ------
    StudyError
        There is no such column, or more than one.
    """
    found = [place for place, known in enumerate(table.names) if known == name]
    if len(found) == 1:
        return _texts(table.columns[found[0]])
    if found:
        raise refusal(key, f"{name!r}, the name of {len(found)} columns", "a name of one column")
    listed = ", ".join(table.names[:20]) + (", ..." if len(table.names) > 20 else "")
    fault = Fault(
        path=key,
        found=repr(name),
        expected=f"a column of {Path(table.file.name).name}: {listed}",
        nearest=nearest_name(name, table.names),
    )
    raise StudyError([fault])


def numbers_of(table: Table, name: str, key: str) -> FloatArray:
    """Read a column of numbers.

    Parameters
    ----------
    table : Table
        Any.
    name, key : str
        As for `column_of`.

    Returns
    -------
    ndarray, shape (row,)
        NaN where a value is missing.

    Raises
    ------
    StudyError
        A cell holds text, a date or an infinite number: the first five of them.
    """
    cells = column_of(table, name, key)
    values, faults = np.full(len(cells), np.nan), []
    for row, cell in enumerate(cells):
        if cell.lower() in MISSING:
            continue
        number = _number(cell)
        if number is not None and np.isfinite(number):
            values[row] = number
            continue
        what = f"the date {cell!r}" if _DATE.fullmatch(cell) else short(cell)
        expected = "a finite number, or an empty cell where there is none"
        if _DATE.fullmatch(cell):
            expected = "numbers: dates are no amounts; fit the days between them, or use --releases"
        faults.append(Fault(path=key, found=f"{what} in {table.place(row, name)}", expected=expected))
        if len(faults) == _MOST_FAULTS:
            break
    if faults:
        raise StudyError(faults)
    return values


def day_of(text: str) -> float | None:
    """Read a date as days since the year 1; None if it is none.

    Examples
    --------
    >>> day_of("2024-07-23") - day_of("2024-07-22"), day_of("soon")
    (1.0, None)
    """
    match = re.fullmatch(r"(\d{4}-\d{2}-\d{2})([T ].*)?", text.replace("/", "-"))
    if match is None:
        return None
    try:
        return float(date.fromisoformat(match[1]).toordinal())
    except ValueError:
        return None


def _number(cell: str) -> float | None:
    try:
        return float(cell) if "_" not in cell else None
    except ValueError:
        return None


def _csv(file: DataFile) -> Table:
    import csv

    import pyarrow as pa
    from pyarrow import csv as arrow_csv

    start = file.content[:_LONGEST_HEADER].tobytes().decode("utf-8-sig", errors="replace")
    lines = [line for line in start.splitlines() if line.strip()][:1]
    read = [(mark, next(csv.reader(lines, delimiter=mark), [])) for mark in _SEPARATORS]
    separator, names = max(read, key=lambda item: len(item[1]))
    unique = [str(place) for place in range(len(names))]
    quoted = bool((file.content == ord('"')).any())
    try:
        cells = arrow_csv.read_csv(
            pa.BufferReader(pa.py_buffer(file.content)),
            read_options=arrow_csv.ReadOptions(column_names=unique, skip_rows_after_names=1),
            parse_options=arrow_csv.ParseOptions(delimiter=separator, newlines_in_values=quoted),
            convert_options=arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(unique, pa.string()), strings_can_be_null=False
            ),
        )
    except (pa.ArrowException, OSError) as error:
        reason = short(" ".join(str(error).split()))
        raise refusal("", reason, "a CSV file in UTF-8 with as many cells in each row") from error
    ended = int(np.count_nonzero(file.content == ord("\n")) + (file.content[-1] != ord("\n")))
    line = 2 if ended == cells.num_rows + 1 else None
    columns = tuple(cells.column(place) for place in range(len(names)))
    return Table(file, tuple(name.strip() for name in names), columns, line)


def _parquet(file: DataFile) -> Table:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        whole = pq.ParquetFile(pa.BufferReader(pa.py_buffer(file.content)), page_checksum_verification=True)
        if whole.metadata.num_rows > MOST_VALUES:  # before anything is unpacked
            raise refusal("", f"{whole.metadata.num_rows:,} rows", f"at most {MOST_VALUES:,}")
        flat = [item.name for item in whole.schema_arrow if not pa.types.is_nested(item.type)]
        cells = whole.read(columns=flat)
        columns = tuple(cells.columns)
    except (pa.ArrowException, OSError) as error:
        reason = short(" ".join(str(error).split()))
        raise refusal("", reason, "a Parquet file that can be read") from error
    return Table(file, tuple(cells.column_names), columns, None)


def _texts(cells: Any) -> tuple[str, ...]:  # noqa: ANN401 - a chunked array
    import pyarrow as pa
    from pyarrow import compute

    texts = compute.utf8_trim_whitespace(compute.cast(cells, pa.string()))
    return tuple(compute.fill_null(texts, "").to_pylist())
