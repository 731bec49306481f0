"""From a file to proposals with their sources."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from mcrace.errors import Fault, StudyError
from mcrace.figures.wording import counted
from mcrace.fit.column import column_proposal, sample_of
from mcrace.fit.proposal import Proposal
from mcrace.fit.release_table import ReleaseTable, date_text, release_table
from mcrace.fit.releases import release_proposals, slug
from mcrace.fit.table import Table, day_of, read_table

__all__ = ["Fit", "fit_column", "fit_releases"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """What a file gave.

    Attributes
    ----------
    file, digest : str
        Its name without folders, and the SHA-256 of its content.
    proposals : tuple of Proposal
        With their sources.
    read : tuple of str
        What was taken from the file, and what was left out.
    notes : tuple of str
        What could not be fitted.
    """

    file: str
    digest: str
    proposals: tuple[Proposal, ...]
    read: tuple[str, ...]
    notes: tuple[str, ...]


def fit_column(
    path: str | Path,
    column: str,
    *,
    name: str | None = None,
    label: str = "",
    unit: str = "",
    source: str = "",
    weights: str | None = None,
) -> Fit:
    """Propose a law for a column of numbers.

    Parameters
    ----------
    path : str or Path
        A CSV or Parquet file.
    column : str
        Name of the column.
    name, label, unit : str, optional
        Of the input; its name is made from the column's if absent.
    source : str
        Where the data come from, told before the file's own particulars.
    weights : str, optional
        Name of a column of weights.

    Returns
    -------
    Fit

    Raises
    ------
    StudyError
        The file or the column cannot be used: where, what stands there and what would be right.
    """
    table = read_table(path)
    sample = sample_of(table, column, weights)
    chosen = _name_of(column) if name is None else _checked(name)
    proposal = column_proposal(sample, name=chosen, label=label or column, unit=unit)
    particulars = f"{counted(proposal.count, 'value')} of the column {column} of {_particulars(table)}"
    told = replace(proposal, source=_source(source, particulars, proposal))
    read = (f"{counted(proposal.count, 'value')} of the column {column}",)
    return _fit(table, (told,), read, ())


def fit_releases(
    path: str | Path,
    mapped: Mapping[str, str] | None = None,
    *,
    labs: Sequence[str] = (),
    scale: str | None = None,
    per_tenfold: float | None = None,
    closed_labs: Sequence[str] = (),
    since: str | None = None,
    until: str | None = None,
    source: str = "",
) -> Fit:
    """Propose laws from a table of model releases.

    Parameters
    ----------
    path : str or Path
        A CSV or Parquet file, a row a release.
    mapped : mapping, optional
        What a column says (name, date, open, level, developer, within) to the column's name; the others are
        recognised.
    labs : sequence of str
        Developers whose own records open models are to pass.
    scale : str, optional
        ``points``, ``log`` (of base ten) or ``linear``; by the column's name if absent.
    per_tenfold : float, optional
        Points that a tenfold effective level adds.
    closed_labs : sequence of str
        Developers whose releases are closed where the table does not say.
    since, until : str, optional
        Dates from which records count, and up to which the table is complete.
    source : str
        As for `fit_column`.

    Returns
    -------
    Fit

    Raises
    ------
    StudyError
        As for `fit_column`.
    """
    table = read_table(path)
    releases = release_table(
        table, mapped or {}, scale=scale, per_tenfold=per_tenfold, closed_labs=closed_labs, until=until
    )
    first = None if since is None else day_of(since)
    if since is not None and first is None:
        expected = "a date such as 2023-07-18"
        raise StudyError([Fault(path="--since", found=repr(since), expected=expected)])
    proposals, notes = release_proposals(releases, labs, first)
    particulars = f"{counted(len(releases.names), 'release')} of {_particulars(table)}"
    span = f"data {date_text(releases.history.days[0])} to {date_text(releases.history.end)}"
    if since is not None:
        span += f", records from {since} on"
    told = tuple(replace(item, source=_source(source, f"{particulars}; {span}", item)) for item in proposals)
    return _fit(table, told, _read(releases), notes)


def _fit(table: Table, proposals: tuple[Proposal, ...], read: tuple[str, ...], notes: tuple[str, ...]) -> Fit:
    file = table.file
    return Fit(file=Path(file.name).name, digest=file.digest, proposals=proposals, read=read, notes=notes)


def _particulars(table: Table) -> str:
    return f"{Path(table.file.name).name} (SHA-256 {table.file.digest[:12]})"


def _source(given: str, particulars: str, item: Proposal) -> str:
    sample = f"n = {item.count:,}"
    if item.waiting:
        sample += f", {item.waiting} of them still waiting (censored)"
    if item.groups < item.count and item.waiting + item.groups:
        sample += f", worth {item.groups} independent ones"
    text = f"Fitted to {particulars}; {sample}; {item.widened}"
    return f"{given.rstrip('. ')}. {text}" if given else text


def _read(releases: ReleaseTable) -> tuple[str, ...]:
    taken = ", ".join(f"{role} from {column!r}" for role, column in releases.taken)
    scale = {
        "linear": "linear (steps are factors)",
        "log": "logarithms of base ten (steps are factors)",
        "points": "points (steps stay in points: say --points-per-tenfold for factors)",
    }[releases.scale]
    if releases.scale == "points" and releases.per_tenfold is not None:
        scale = f"points, {releases.per_tenfold:g} for each tenfold"
    used, opened = len(releases.names), int(releases.history.is_open.sum())
    lines = [
        f"columns: {taken}",
        f"levels: {scale}",
        f"{counted(used, 'release')} used: {opened} open, {used - opened} closed",
        f"data end on {date_text(releases.history.end)}: what has not come by then still waits",
    ]
    if releases.dropped:
        parts = ", ".join(f"{count} {reason}" for reason, count in releases.dropped)
        lines.append(f"rows left out: {parts}")
    return tuple(lines)


def _name_of(column: str) -> str:
    made = slug(column)
    return made if made[0].isalpha() else f"x_{made}"


def _checked(name: str) -> str:
    if slug(name) == name.lower() and name[0].isalpha() and name.isascii():
        return name
    expected = "letters, digits and _, a letter first, as an input is named"
    raise StudyError([Fault(path="--name", found=repr(name), expected=expected)])
