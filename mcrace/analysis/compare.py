"""Runs side by side."""

import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

from mcrace.analysis.summary import summary
from mcrace.engine.result import Result
from mcrace.errors import Fault, StudyError
from mcrace.study import BASE

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["compare", "comparison_name", "version_note"]


def compare(results: Sequence[Result]) -> "pd.DataFrame":
    """Tabulate the base scenarios of runs, one run after the other.

    Parameters
    ----------
    results : sequence of Result
        Finished runs, at least one.

    Returns
    -------
    pandas.DataFrame
        Long: a row a number, with the columns ``study, title, digest, scenario, output, statistic,
        value, standard_error, low, high, note``; the last ones as `summary` gives them.

    Raises
    ------
    StudyError
        If there is no run.

    Examples
    --------
    >>> import mcrace
    >>> study = mcrace.Study(
    ...     study="tiny",
    ...     model={
    ...         "horizon_days": 10,
    ...         "open": {"current_expense": 1e6},
    ...         "lab": {"current_expense": 2e6, "candidate_expense": 4e6, "counts_training_cost": False},
    ...         "value": {"scale": 1, "reference": 1e6},
    ...         "customers": {"count": 5},
    ...     },
    ... )
    >>> table = mcrace.compare([mcrace.run(study)])
    >>> row = table.query("output == 'incentive' and statistic == 'mean'").iloc[0]
    >>> row["study"], round(float(row["value"]), 4)
    ('tiny', 34.6574)
    """
    import pandas as pd

    if not results:
        raise StudyError([Fault(path="results", found="no run", expected="at least one")])
    tables = []
    for result in results:
        table = summary(result)
        table = table[table["scenario"] == BASE]
        names = (result.study.name, result.study.title, result.study.digest)
        for place, (column, name) in enumerate(zip(("study", "title", "digest"), names, strict=True)):
            table.insert(place, column, name)
        tables.append(table)
    return pd.concat(tables, ignore_index=True)


def comparison_name(results: Sequence[Result]) -> str:
    """Name a comparison by the digests of its runs, in their order.

    Parameters
    ----------
    results : sequence of Result
        Finished runs.

    Returns
    -------
    str
        12 hexadecimal digits.
    """
    digests = "\n".join(result.study.digest for result in results)
    return hashlib.sha256(digests.encode()).hexdigest()[:12]


def version_note(results: Sequence[Result]) -> str:
    """Warn of runs that different versions of mcrace have computed.

    Parameters
    ----------
    results : sequence of Result
        Finished runs.

    Returns
    -------
    str
        One sentence that names the runs of each version; empty if there is one version only.
    """
    versions: dict[str, list[str]] = {}
    for result in results:
        facts = result.facts
        version = f"mcrace {facts.versions.get('mcrace', 'unknown')} (numerics {facts.numerics})"
        versions.setdefault(version, []).append(result.study.name)
    if len(versions) < 2:
        return ""
    named = "; ".join(f"{version}: {', '.join(names)}" for version, names in versions.items())
    return f"Different versions computed these runs: {named}."
