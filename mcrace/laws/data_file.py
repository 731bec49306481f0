"""Columns of numbers in CSV and Parquet files, read with every fault told."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mcrace.errors import StudyError, nearest_name
from mcrace.laws.faults import refusal, short, unknown_name
from mcrace.laws.law import FloatArray

__all__ = ["MOST_VALUES", "DataFile", "read_column", "read_data_file"]

MOST_VALUES = 10_000_000
"""Most values of a column."""

LARGEST_FILE = 500_000_000
PARQUET = b"PAR1"
SEPARATORS = (",", ";", "\t")
LONGEST_HEADER = 1_000_000
LONGEST_STEM = 40
WANTED = "a CSV or Parquet file"


@dataclass(frozen=True, slots=True)
class DataFile:
    """A data file as it was read, whatever becomes of it on the disk afterwards.

    Attributes
    ----------
    name : str
        Its path, for messages; two files of the same content are equal whatever their names.
    digest : str
        SHA-256 of the content, 64 hexadecimal digits.
    content : ndarray of uint8
        Its bytes.
    """

    name: str = field(compare=False)
    digest: str
    content: NDArray[np.uint8] = field(compare=False, repr=False)

    def __deepcopy__(self, memo: dict[int, Any]) -> "DataFile":
        """Be shared by copies of what holds it: nothing changes it."""
        return self

    @property
    def copy_name(self) -> str:
        """Name of a copy that tells content from content, the same for a copy of the copy."""
        path = Path(self.name)
        mark = f"-{self.digest[:12]}"
        stem = re.sub(r"[^A-Za-z0-9_-]+", "-", path.stem.removesuffix(mark)).strip("-")[:LONGEST_STEM]
        return f"{stem or 'data'}{mark}{'.parquet' if _is_parquet(self) else '.csv'}"


def read_data_file(path: str | Path) -> DataFile:
    """Read a data file whole.

    Parameters
    ----------
    path : str or Path
        A regular file of at most 500 MB.

    Returns
    -------
    DataFile
        Its bytes and their digest; what stands in them is not looked at.

    Raises
    ------
    StudyError
        There is no such file, or it cannot be read, or it is empty or too large; the fault's path is
        ``file``.
    """
    place = Path(path)
    try:
        if not place.is_file():
            raise _no_file(place)
        if place.stat().st_size > LARGEST_FILE:
            found = f"{str(path)!r}, of {place.stat().st_size:,} bytes"
            raise refusal("file", found, f"{WANTED} of at most {LARGEST_FILE:,} bytes")
        content = np.frombuffer(place.read_bytes(), dtype=np.uint8)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise refusal("file", f"{short(str(path))}: {reason}", f"{WANTED} that can be read") from error
    if content.size == 0:
        raise refusal("file", f"{str(path)!r}, an empty file", f"{WANTED} with a row of names and numbers")
    return DataFile(str(path), hashlib.sha256(content.data).hexdigest(), content)


def read_column(file: DataFile, column: str, key: str = "column") -> FloatArray:
    r"""Read a column of numbers.

    Parameters
    ----------
    file : DataFile
        In CSV (separated by commas, semicolons or tabs, UTF-8, names in the first line) or Parquet.
    column : str
        The column's name.
    key : str
        What a fault's path shall be, such as ``column``.

    Returns
    -------
    ndarray of float64
        At least one number and at most `MOST_VALUES`, in the file's order; infinite ones are welcome.

    Raises
    ------
    StudyError
        There is no such column, it is empty or too long, or a cell holds no number: which row, and what
        stands there.

    Examples
    --------
    >>> content = np.frombuffer(b"lag,weight\n1.5,2\n3,1\n", dtype=np.uint8)
    >>> read_column(DataFile("lags.csv", "", content), "lag").tolist()
    [1.5, 3.0]
    """
    values = _parquet_column(file, column, key) if _is_parquet(file) else _csv_column(file, column, key)
    if values.size == 0:
        raise refusal(key, f"{column!r}, a column without values", "at least one number below its name")
    missing = np.flatnonzero(np.isnan(values))
    if missing.size:
        raise _bad_cell(key, "no number (NaN)", column, int(missing[0]))
    return values


def _is_parquet(file: DataFile) -> bool:
    return file.content[: len(PARQUET)].tobytes() == PARQUET


def _no_file(place: Path) -> StudyError:
    if place.exists():
        return refusal("file", f"{str(place)!r}, which is no plain file", WANTED)
    beside = [path.name for path in place.parent.iterdir()] if place.parent.is_dir() else []
    found, expected = (
        f"{str(place)!r}, and there is no such file",
        f"{WANTED}, as seen from the study's folder",
    )
    return unknown_name("file", found, expected, nearest_name(place.name, beside))


def _no_column(key: str, column: str, names: Sequence[str], file: DataFile) -> StudyError:
    if column in names:
        return refusal(key, f"{column!r}, the name of {names.count(column)} columns", "a name of one column")
    listed = ", ".join(name for name in names[:20]) + (", ..." if len(names) > 20 else "")
    expected = f"a column of {Path(file.name).name}: {listed}"
    return unknown_name(key, repr(column), expected, nearest_name(column, names))


def _bad_cell(key: str, found: str, column: str, row: int) -> StudyError:
    place = f"row {row + 1:,} of the column {column}"
    return refusal(
        key, f"{found} in {place}, counted below the names", "a number in every row (inf for never)"
    )


def _reason(error: Exception) -> str:
    text = " ".join(str(error).split())
    return text if len(text) <= 120 else text[:117] + "..."


def _too_long(key: str, rows: int) -> StudyError:
    return refusal(key, f"{rows:,} values", f"at most {MOST_VALUES:,}")


def _parquet_column(file: DataFile, column: str, key: str) -> FloatArray:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.ParquetFile(pa.BufferReader(pa.py_buffer(file.content)), page_checksum_verification=True)
        names, rows = table.schema_arrow.names, table.metadata.num_rows
        if names.count(column) != 1:
            raise _no_column(key, column, names, file)
        kind = table.schema_arrow.field(column).type
        if not (pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)):
            raise refusal(key, f"{column!r}, a column of the type {kind}", "a column of numbers")
        if rows > MOST_VALUES:  # before anything is unpacked
            raise _too_long(key, rows)
        cells = table.read(columns=[column]).column(0)
    except (pa.ArrowException, OSError) as error:
        raise refusal("file", _reason(error), "a Parquet file that can be read") from error
    return _numbers(cells.cast(pa.float64(), safe=False))


def _csv_column(file: DataFile, column: str, key: str) -> FloatArray:
    import pyarrow as pa
    from pyarrow import csv

    separator, names = _header(file, column)
    if names.count(column) != 1:
        raise _no_column(key, column, names, file)
    convert = csv.ConvertOptions(
        include_columns=[column], column_types={column: pa.string()}, strings_can_be_null=False
    )
    try:
        source = pa.BufferReader(pa.py_buffer(file.content))
        cells = csv.read_csv(
            source, parse_options=csv.ParseOptions(delimiter=separator), convert_options=convert
        ).column(0)
    except (pa.ArrowException, OSError) as error:
        expected = "a CSV file in UTF-8 with as many cells in each row"
        raise refusal("file", _reason(error), expected) from error
    if len(cells) > MOST_VALUES:
        raise _too_long(key, len(cells))
    return _cast(cells, column, key)


def _header(file: DataFile, column: str) -> tuple[str, list[str]]:
    """Find what separates the cells, and the names: those with the column, or else the most names."""
    import csv

    start = file.content[:LONGEST_HEADER].tobytes().decode("utf-8-sig", errors="replace")
    lines = [line for line in start.splitlines() if line.strip()]
    read = [(mark, next(csv.reader(lines[:1], delimiter=mark), [])) for mark in SEPARATORS]
    fitting = [(mark, names) for mark, names in read if column in names]
    return fitting[0] if fitting else max(read, key=lambda item: len(item[1]))


def _cast(cells: Any, column: str, key: str) -> FloatArray:  # noqa: ANN401 - a chunked array
    import pyarrow as pa
    from pyarrow import compute

    texts = compute.utf8_trim_whitespace(cells)
    try:
        return _numbers(texts.cast(pa.float64()))
    except pa.ArrowInvalid:
        row = _first_wrong(texts)
        text = texts[row].as_py()
        raise _bad_cell(key, short(text) if text else "nothing", column, row) from None


def _first_wrong(texts: Any) -> int:  # noqa: ANN401 - a chunked array
    """Find the first text that is no number, of which there is one, by halving."""
    import pyarrow as pa

    low, high = 0, len(texts)
    while high - low > 1:
        middle = (low + high) // 2
        try:
            texts.slice(low, middle - low).cast(pa.float64())
            low = middle
        except pa.ArrowInvalid:
            high = middle
    return low


def _numbers(cells: Any) -> FloatArray:  # noqa: ANN401 - a chunked array
    """Float64 array of a column, NaN for null, by its buffers: pyarrow's own way would load pandas."""
    parts = [_part(part) for part in cells.chunks if len(part) > 0]
    return np.concatenate(parts) if parts else np.empty(0)


def _part(part: Any) -> FloatArray:  # noqa: ANN401 - an array
    valid, content = part.buffers()
    values = np.frombuffer(content, dtype=np.float64, count=len(part), offset=8 * part.offset)
    if part.null_count == 0:
        return values
    bits = np.unpackbits(np.frombuffer(valid, dtype=np.uint8), bitorder="little")
    return np.where(bits[part.offset : part.offset + len(part)] == 1, values, np.nan)
