"""Which scenarios are shown where there are too many to show all."""

from typing import TYPE_CHECKING

from mcrace.figures.estimates import estimates_of

if TYPE_CHECKING:
    from mcrace.engine.result import Result

__all__ = ["IN_A_FIGURE", "IN_A_TABLE", "ON_A_TERMINAL", "left_out_words", "telling_scenarios"]

IN_A_FIGURE = 24
IN_A_TABLE = 60
ON_A_TERMINAL = 12

_OUTPUT = "open_effect"


def telling_scenarios(result: "Result", most: int) -> tuple[str, ...]:
    """Choose the scenarios that change the mean effect of open releases most.

    Parameters
    ----------
    result : Result
        A finished run.
    most : int
        How many may be shown, base among them.

    Returns
    -------
    tuple of str
        Names, base first and the others in the order of the study: all of them if they are no more than
        `most`.

    Examples
    --------
    >>> import mcrace
    >>> study = mcrace.Study(
    ...     study="tiny",
    ...     model={
    ...         "horizon_days": 10,
    ...         "open": {"current_expense": 1e6, "releases": [{"day": 0, "expense": 3e6}]},
    ...         "lab": {"current_expense": 2e6, "candidate_expense": 4e6, "counts_training_cost": False},
    ...         "value": {"scale": 1, "reference": 1e6},
    ...         "customers": {"count": 5},
    ...     },
    ...     grid={"model.horizon_days": [11, 20, 12]},
    ... )
    >>> result = mcrace.run(study, jobs=1)
    >>> [name for name in telling_scenarios(result, 3)] == [
    ...     result.statistics.scenarios[place] for place in (0, 2, 3)
    ... ]
    True
    """
    names = result.statistics.scenarios
    if len(names) <= most:
        return names
    table = estimates_of(result)
    means = {name: table.of(name, _OUTPUT, "mean").value for name in names}
    changes = {name: abs(mean - means[names[0]]) for name, mean in means.items()}
    # A sort keeps the order of the study among equals, so the choice hangs on nothing else.
    chosen = set(sorted(names[1:], key=lambda name: -changes[name])[: most - 1])
    return (names[0], *(name for name in names[1:] if name in chosen))


def left_out_words(result: "Result", most: int, file: str = "summary.csv") -> str:
    """Say how many scenarios are not shown and where they are; empty if all are.

    Parameters
    ----------
    result : Result
        A finished run.
    most : int
        How many may be shown, base among them.
    file : str
        Which file of the run holds all.

    Returns
    -------
    str
        A sentence without its full stop.
    """
    left = len(result.statistics.scenarios) - most
    if left <= 0:
        return ""
    verb = "is" if left == 1 else "are"
    return (
        f"shown: base and the {most - 1} scenarios that change the mean effect of open releases most; "
        f"{left:,} more {verb} in {file}"
    )
