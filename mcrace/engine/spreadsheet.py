"""Text in the cells of tables that spreadsheets open."""

from typing import Final

__all__ = ["plain_cell"]

_FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")


def plain_cell(cell: object) -> object:
    """Make sure that no spreadsheet takes a text for a formula.

    Parameters
    ----------
    cell : object
        Of a table: a number, a text, or nothing.

    Returns
    -------
    object
        A text that begins as formulas do, behind an apostrophe; all else as it is: numbers stay numbers.

    Examples
    --------
    >>> plain_cell("=1+1"), plain_cell("lead"), plain_cell(-3.0)
    ("'=1+1", 'lead', -3.0)
    """
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA_STARTS) else cell
