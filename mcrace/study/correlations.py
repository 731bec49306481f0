"""Rank correlations of a study's inputs: how a study gives them, and the copula that they make."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from mcrace.errors import Fault, StudyError, nearest_name
from mcrace.sampling.copula import Copula
from mcrace.sampling.definite import clash, consistent_range, factor_of, nearest_correlations
from mcrace.sampling.rank_correlation import LEAST_DEGREES, MOST_DEGREES, rank_correlation, score_correlation
from mcrace.study.document import Document
from mcrace.study.parts import Correlations, Scenario
from mcrace.study.terms import as_number, shown

__all__ = ["COPULAS", "AskedCorrelations", "asked_correlations", "canonical_correlations", "copula_of"]

COPULAS: Final = ("gaussian", "t")
"""Names of the copulas; the first is the default."""

_PAIR = "a pair and its rank correlation, such as [lead, day, 0.4]"
_LIST = f"a list of pairs, such as [[lead, day, 0.4]], or {{copula: {' or '.join(COPULAS)}, pairs: [...]}}"
_KEYS = ("copula", "degrees_of_freedom", "pairs", "nearest")
_MOST_INPUTS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedCorrelations:
    """The section ``correlations`` as a study gives it.

    Attributes
    ----------
    pairs : tuple of (str, str, float)
        Two names and Spearman's rank correlation of them, in the order of the file.
    degrees_of_freedom : float or None
        Of the t copula; None for the Gaussian one.
    nearest : bool
        Whether to take the nearest correlations that can hold together where those given cannot.
    listed : bool
        Whether the pairs stand in a plain list, and not below ``pairs``.
    """

    pairs: tuple[tuple[str, str, float], ...] = ()
    degrees_of_freedom: float | None = None
    nearest: bool = False
    listed: bool = True


def asked_correlations(value: Any) -> AskedCorrelations:  # noqa: ANN401 - any YAML value
    """Check the section by itself: its shape, its numbers, no pair twice.

    Parameters
    ----------
    value : object
        What stands in the study.

    Returns
    -------
    AskedCorrelations
        The names are not yet held against the inputs.

    Raises
    ------
    StudyError
        All faults, their paths relative to the section.

    Examples
    --------
    >>> asked_correlations([["lead", "day", 0.4]]).pairs
    (('lead', 'day', 0.4),)
    """
    if isinstance(value, AskedCorrelations):
        return value
    faults: list[Fault] = []
    if isinstance(value, list):
        asked = AskedCorrelations(pairs=tuple(_pairs(value, "", faults)))
    elif isinstance(value, Mapping):
        asked = _long_form(value, faults)
    else:
        raise StudyError([Fault(path="", found=shown(value), expected=_LIST)])
    if faults:
        raise StudyError(faults)
    return asked


def canonical_correlations(value: Any) -> dict[str, Any]:  # noqa: ANN401
    """Write the section in the one form that the digest knows.

    Parameters
    ----------
    value : object
        A right section.

    Returns
    -------
    dict
        The same for any order of pairs and of the names in a pair; empty where there is no pair.

    Examples
    --------
    >>> canonical_correlations([["b", "a", 1]]) == canonical_correlations({"pairs": [["a", "b", 1.0]]})
    True
    """
    asked = asked_correlations(value)
    if not asked.pairs:
        return {}
    pairs = sorted([*sorted(pair[:2]), pair[2]] for pair in asked.pairs)
    form: dict[str, Any] = {"pairs": pairs}
    if asked.degrees_of_freedom is not None:
        form["degrees_of_freedom"] = asked.degrees_of_freedom
    return form | ({"nearest": True} if asked.nearest else {})


def copula_of(
    asked: AskedCorrelations, scenarios: Sequence[Scenario], document: Document
) -> tuple[Correlations | None, list[Fault]]:
    """Hold the pairs against the inputs, and make their copula.

    Parameters
    ----------
    asked : AskedCorrelations
        Right by itself.
    scenarios : sequence of Scenario
        Give the inputs; one that is random in some scenario is random.
    document : Document
        Gives the places.

    Returns
    -------
    correlations : Correlations or None
        None if the study has no pair, or a wrong one.
    faults : list of Fault
        Each with its place.
    """
    faults = list(_name_faults(asked, scenarios, document))
    if faults or not asked.pairs:
        return None, faults
    names = tuple(sorted({name for pair in asked.pairs for name in pair[:2]}))
    matrix = _scores(names, asked)
    factor = factor_of(matrix)
    change, changed = 0.0, ("", "")
    if factor is None and asked.nearest:
        near = nearest_correlations(matrix)
        factor = factor_of(near)
        change, changed = _largest_change(names, matrix, near, asked.degrees_of_freedom)
    if factor is None:
        return None, [_clash_fault(names, matrix, asked, document)]
    copula = Copula(names=names, factor=factor, degrees_of_freedom=asked.degrees_of_freedom)
    return (
        Correlations(pairs=asked.pairs, copula=copula, largest_change=change, most_changed=changed),
        [],
    )


def _long_form(value: Mapping[str, Any], faults: list[Fault]) -> AskedCorrelations:
    for name in value:
        if name not in _KEYS:
            nearest = nearest_name(str(name), _KEYS)
            expected = "one of " + ", ".join(_KEYS)
            faults.append(Fault(path=str(name), found="an unknown key", expected=expected, nearest=nearest))
    copula = value.get("copula", COPULAS[0])
    if not isinstance(copula, str) or copula not in COPULAS:
        nearest = nearest_name(str(copula), COPULAS)
        expected = "one of " + ", ".join(COPULAS)
        faults.append(Fault(path="copula", found=shown(copula), expected=expected, nearest=nearest))
    nearest = value.get("nearest", False)
    if not isinstance(nearest, bool):
        faults.append(Fault(path="nearest", found=shown(nearest), expected="true or false"))
    pairs = value.get("pairs")
    if not isinstance(pairs, list):
        expected = "a list of pairs, such as [[lead, day, 0.4]]"
        faults.append(Fault(path="pairs", found=shown(pairs), expected=expected))
    return AskedCorrelations(
        pairs=tuple(_pairs(pairs, "pairs.", faults)) if isinstance(pairs, list) else (),
        degrees_of_freedom=_degrees(copula, value.get("degrees_of_freedom"), faults),
        nearest=nearest is True,
        listed=False,
    )


def _degrees(copula: Any, value: Any, faults: list[Fault]) -> float | None:  # noqa: ANN401
    if copula != "t":
        if value is not None:
            expected = "copula: t beside it; a Gaussian copula has none"
            faults.append(Fault(path="degrees_of_freedom", found=shown(value), expected=expected))
        return None
    number = as_number(value)
    if number is None or not LEAST_DEGREES <= number <= MOST_DEGREES:
        expected = f"a number in [{LEAST_DEGREES:g}, {MOST_DEGREES:g}], which copula t needs"
        faults.append(Fault(path="degrees_of_freedom", found=shown(value), expected=expected))
    return number


def _pairs(rows: list[Any], prefix: str, faults: list[Fault]) -> Iterator[tuple[str, str, float]]:
    met: dict[frozenset[str], int] = {}
    for index, row in enumerate(rows):
        path = f"{prefix}{index}"
        if not isinstance(row, list | tuple) or len(row) != 3:
            found = f"a list of {len(row)}" if isinstance(row, list | tuple) else shown(row)
            faults.append(Fault(path=path, found=found, expected=_PAIR))
            continue
        before = len(faults)
        faults += [
            Fault(path=f"{path}.{place}", found=shown(name), expected="the name of an input")
            for place, name in enumerate(row[:2])
            if not isinstance(name, str)
        ]
        number = as_number(row[2])
        if number is None or not -1.0 <= number <= 1.0:
            expected = "a rank correlation: a number in [-1, 1]"
            faults.append(Fault(path=f"{path}.2", found=shown(row[2]), expected=expected))
        if len(faults) > before or number is None:
            continue
        if row[0] == row[1]:
            faults.append(Fault(path=f"{path}.1", found=f"{row[1]!r} twice", expected="two inputs"))
        elif (pair := frozenset(row[:2])) in met:
            found = f"the pair {row[0]}, {row[1]} again"
            expected = f"each pair once: it stands in entry {met[pair] + 1} of the list"
            faults.append(Fault(path=path, found=found, expected=expected))
        else:
            met[pair] = index
            yield row[0], row[1], number


def _name_faults(
    asked: AskedCorrelations, scenarios: Sequence[Scenario], document: Document
) -> Iterator[Fault]:
    inputs = [item for scenario in scenarios for item in scenario.inputs]
    random = {item.name for item in inputs if not isinstance(item.law, float)}
    known = {item.name for item in inputs}
    families = {item.family for item in inputs if item.family}
    place = _place(asked)
    for index, pair in enumerate(asked.pairs):
        for column, name in enumerate(pair[:2]):
            if name in random:
                continue
            path = (*place, str(index), str(column))
            if name in known:
                found, nearest = f"{name!r}, which is a plain number", None
                expected = "an input with a law"
            else:
                found, nearest = f"the name {name!r}", nearest_name(name, random)
                expected = "an input with a law: " + ", ".join(sorted(random)) if random else "an input"
            if name in families:
                expected = f"one of its draws, such as {name}.0: each is an input of its own"
            fault = Fault(path=".".join(path), found=found, expected=expected, nearest=nearest)
            yield document.located(fault, path)
    count = len({name for pair in asked.pairs for name in pair[:2]})
    if count > _MOST_INPUTS:
        fault = Fault(path="correlations", found=f"{count} inputs", expected=f"at most {_MOST_INPUTS}")
        yield document.located(fault, ("correlations",))


def _place(asked: AskedCorrelations) -> tuple[str, ...]:
    return ("correlations",) if asked.listed else ("correlations", "pairs")


def _scores(names: tuple[str, ...], asked: AskedCorrelations) -> list[list[float]]:
    """Correlations of the scores; 0 for a pair that is not listed."""
    matrix = [[1.0 if row == column else 0.0 for column in names] for row in names]
    for first, second, spearman in asked.pairs:
        i, j = names.index(first), names.index(second)
        matrix[i][j] = matrix[j][i] = score_correlation(spearman, asked.degrees_of_freedom)
    return matrix


def _largest_change(
    names: tuple[str, ...], before: list[list[float]], after: list[list[float]], degrees: float | None
) -> tuple[float, tuple[str, str]]:
    """Largest difference of a rank correlation, and whose."""
    changes = [
        (
            abs(rank_correlation(after[i][j], degrees) - rank_correlation(before[i][j], degrees)),
            (first, names[j]),
        )
        for i, first in enumerate(names)
        for j in range(i)
    ]
    return max(changes)


def _clash_fault(
    names: tuple[str, ...], matrix: list[list[float]], asked: AskedCorrelations, document: Document
) -> Fault:
    """Tell which correlations cannot hold together, at the last of them, and what it could be."""
    rows = clash(matrix)
    inside = {names[row] for row in rows}
    pairs = [(index, pair) for index, pair in enumerate(asked.pairs) if inside.issuperset(pair[:2])]
    index, (first, second, _) = pairs[-1]
    part = [[matrix[i][j] for j in rows] for i in rows]
    held = sorted(inside)
    ends = consistent_range(part, held.index(first), held.index(second))
    low, high = _rounded_inwards(*(rank_correlation(end, asked.degrees_of_freedom) for end in ends))
    told = ", ".join(f"[{one}, {other}, {shown(rho)}]" for _, (one, other, rho) in pairs)
    rest = len(rows) * (len(rows) - 1) // 2 - len(pairs)
    absent = f" (0 for the {rest} pair{'s' if rest > 1 else ''} among them not listed)" if rest > 0 else ""
    path = (*_place(asked), str(index), "2")
    fault = Fault(
        path=".".join(path),
        found=f"correlations that cannot hold together: {told}{absent}",
        expected=f"for {first} and {second} a number in [{low:.10g}, {high:.10g}] given the others, "
        "or nearest: true in the long form {pairs: [...], nearest: true}",
    )
    return document.located(fault, path)


def _rounded_inwards(low: float, high: float) -> tuple[float, float]:
    near = math.ceil(low * 1e4 - 1e-6) / 1e4, math.floor(high * 1e4 + 1e-6) / 1e4
    return near if near[0] <= near[1] else (low, high)
