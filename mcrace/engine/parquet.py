"""Tables as Parquet files: written the same each time, read within bounds."""

import io
from pathlib import Path
from typing import TYPE_CHECKING

from mcrace.errors import RunError

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["parquet_bytes", "read_parquet"]


def parquet_bytes(table: "pd.DataFrame") -> bytes:
    """Write a table, with checksums.

    Parameters
    ----------
    table : pandas.DataFrame
        Without an index of its own.

    Returns
    -------
    bytes
        The same for the same table.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    buffer = io.BytesIO()
    content = pa.Table.from_pandas(table, preserve_index=False)
    pq.write_table(content, buffer, compression="zstd", write_page_checksum=True)
    return buffer.getvalue()


def read_parquet(path: Path, most_rows: int) -> "pd.DataFrame":
    """Read a table, unless it unpacks to more rows than it can have: a small file may hold very many.

    Parameters
    ----------
    path : Path
        The file.
    most_rows : int
        How many rows there may be.

    Returns
    -------
    pandas.DataFrame
        The whole table.

    Raises
    ------
    RunError
        If there are more rows, or the file cannot be read.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    if not path.is_file():
        raise RunError(f"{path} is no Parquet file that can be read: there is no plain file")
    try:
        with pq.ParquetFile(path, page_checksum_verification=True) as file:
            parts = file.metadata
            # Counted by its parts, which are what is unpacked; the sum that the file tells may be another.
            rows = max(parts.num_rows, sum(parts.row_group(n).num_rows for n in range(parts.num_row_groups)))
            if rows > most_rows:
                raise RunError(f"{path} holds {rows:,} rows, where {most_rows:,} are the most there can be")
            table: pd.DataFrame = file.read().to_pandas()
    except (pa.ArrowException, OSError, ValueError, TypeError, KeyError) as error:
        reason = " ".join(str(error).split())[:120]
        raise RunError(f"{path} is no Parquet file that can be read: {reason}") from None
    return table
