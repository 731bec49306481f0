"""The frozen study: all that the numbers of a run depend on, checked and resolved."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field, fields, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any, Self

from mcrace.errors import Fault, StudyError
from mcrace.laws.data_file import DataFile
from mcrace.study.data import with_files
from mcrace.study.digest import digest_of
from mcrace.study.document import DEEPEST, Document, read_text
from mcrace.study.extending import read_study
from mcrace.study.forecast import Forecast
from mcrace.study.parts import Correlations, Input, Quantity, Sampling, Scenario
from mcrace.study.paths import with_change
from mcrace.study.requests import Analysis
from mcrace.study.resolve import Resolved, resolve
from mcrace.study.unused import misspelt_inputs

__all__ = ["Study", "load"]


@dataclass(frozen=True, slots=True, init=False)
class Study:
    """A study, ready to run.

    Parameters
    ----------
    study : str
        Slug that names the output folder.
    model : Mapping
        The model's numbers, nested as in a study file: plain, laws, or expressions.
    title, question : str
        For the reader.
    inputs, scenarios, grid, sampling, quantities, analysis, forecast : Mapping, optional
        As in a study file.
    as_of : str or date, optional
        The date of day 0; dates may then stand for days.
    correlations : sequence or Mapping, optional
        Pairs of inputs with their rank correlations, as in a study file.

    Attributes
    ----------
    name, title, question : str
        As given.
    as_of : date or None
        The date of day 0.
    scenarios : tuple of Scenario
        The first is ``base``.
    correlations : Correlations or None
        What joins the inputs; None where they are independent.
    quantities : tuple of Quantity
        Named results of the study's own, in its order.
    sampling : Sampling
        Design of the experiment.
    analysis : Analysis
        What is found out beside the summary.
    forecast : Forecast
        Questions of platforms that it answers.
    document : Mapping
        The study as plain values: what ``study.yaml`` of a run holds.
    data : Mapping of str to DataFile
        The data files that it names, as they were read.
    file : str or None
        Where it was read from.
    written : Document
        What was read, with the place of each value, for messages.

    Raises
    ------
    StudyError
        With every fault of the study.

    Examples
    --------
    >>> study = Study(
    ...     study="tiny",
    ...     inputs={"day": {"uniform": [0, 200]}},
    ...     model={
    ...         "horizon_days": 100,
    ...         "open": {"current_expense": 1e8, "releases": [{"day": "day", "expense": 3e8}]},
    ...         "lab": {"current_expense": 2e8, "candidate_expense": 8e8},
    ...         "value": {"scale": 0.1, "reference": 1e6},
    ...         "customers": {"count": 1e6},
    ...     },
    ... )
    >>> study.inputs[0].text
    'uniform(low=0, high=200)'
    """

    name: str
    title: str
    question: str
    as_of: date | None
    scenarios: tuple[Scenario, ...]
    correlations: Correlations | None
    quantities: tuple[Quantity, ...]
    sampling: Sampling
    analysis: Analysis
    forecast: Forecast
    document: Mapping[str, Any]
    data: Mapping[str, DataFile]
    file: str | None
    written: Document = field(repr=False, compare=False)

    def __init__(
        self,
        *,
        study: str,
        model: Mapping[str, Any],
        title: str = "",
        question: str = "",
        inputs: Mapping[str, Any] | None = None,
        scenarios: Mapping[str, Any] | None = None,
        sampling: Mapping[str, Any] | None = None,
        as_of: str | date | None = None,
        correlations: Sequence[Any] | Mapping[str, Any] | None = None,
        quantities: Mapping[str, Any] | None = None,
        grid: Mapping[str, Any] | None = None,
        analysis: Mapping[str, Any] | None = None,
        forecast: Mapping[str, Any] | Sequence[Any] | None = None,
    ) -> None:
        sections = {
            "as_of": as_of,
            "inputs": inputs,
            "correlations": correlations,
            "model": model,
            "quantities": quantities,
            "scenarios": scenarios,
            "grid": grid,
            "sampling": sampling,
            "analysis": analysis,
            "forecast": forecast,
        }
        content: dict[str, Any] = {"study": study, "title": title, "question": question}
        content.update({name: value for name, value in sections.items() if value is not None})
        self._fill(resolve(Document(value=_plain(content), places={}, file=None, lines=())))

    @classmethod
    def assembled(cls, parts: Resolved) -> Self:
        """Make a study of parts that are checked already."""
        study = object.__new__(cls)
        study._fill(parts)
        return study

    @classmethod
    def from_text(cls, text: str, file: str | None = None) -> Self:
        """Read a study from YAML text; `file` is its name in messages."""
        return cls.assembled(resolve(read_text(text, file)))

    @property
    def base(self) -> Scenario:
        """The study as it is written."""
        return self.scenarios[0]

    @property
    def inputs(self) -> tuple[Input, ...]:
        """Inputs of the base scenario."""
        return self.base.inputs

    @property
    def digest(self) -> str:
        """Hexadecimal SHA-256 of all that the numbers depend on; labels are no part of it."""
        return digest_of(with_files(self.document, self.data))

    def digest_under(self, numerics: int) -> str:
        """Digest that a run under another version of the numerics bears."""
        return digest_of(with_files(self.document, self.data), numerics)

    def _fill(self, parts: Resolved) -> None:
        for part in fields(parts):
            object.__setattr__(self, part.name, getattr(parts, part.name))

    def __reduce__(self) -> tuple[Any, tuple[dict[str, Any], str | None]]:
        """Travel to another process as plain values, and be resolved again there."""
        return (_resolved_again, (with_files(self.document, self.data), self.file))


def load(path: str | Path, changes: Mapping[str, Any] | None = None) -> Study:
    """Read a study file.

    Parameters
    ----------
    path : str or Path
        A YAML file, perhaps one that extends another.
    changes : Mapping of str to object, optional
        Dotted path to new value, put in place before the study is checked; they become part of it.

    Returns
    -------
    Study
        Checked and resolved.

    Raises
    ------
    StudyError
        With every fault, each with file, line, column, path, what was found and what was expected.
    """
    document, told = read_study(path)
    inputs = document.value.get("inputs") if isinstance(document.value, Mapping) else None
    given = frozenset(inputs if isinstance(inputs, Mapping) else ())
    if changes and isinstance(document.value, Mapping):
        value = dict(document.value)
        for where, new in changes.items():
            value = with_change(value, where, new, anywhere=True)
        places = {known: place for known, place in document.places.items() if not _changed(known, changes)}
        document = replace(document, value=value, places=places)
    faults = list(told)
    try:
        study = Study.assembled(resolve(document))
    except StudyError as error:
        known = {".".join(place) for place in document.places}
        faults += [_unplaced(fault, changes or {}, known) for fault in error.faults]
    else:
        faults += misspelt_inputs(study, changes or {}, given)
    if faults:
        raise StudyError(sorted(faults, key=lambda fault: _standing(fault, document.file)))
    return study


def _unplaced(fault: Fault, changes: Mapping[str, Any], known: Set[str]) -> Fault:
    """Without a place in the file, if what is wrong was given outside it; `known` are its paths."""
    made = fault.path not in known and any(where.startswith(f"{fault.path}.") for where in changes)
    if made or _changed(tuple(fault.path.split(".")), changes):
        return replace(fault, file=None, line=None, column=None, excerpt=None)
    return fault


def _standing(fault: Fault, file: str | None) -> tuple[str, int, int]:
    """Key to sort faults by: first those of the study's own file, each file from top to bottom."""
    other = fault.file if fault.file not in (None, file) else None
    return other or "", fault.line or 0, fault.column or 0


def _changed(path: tuple[str, ...], changes: Mapping[str, Any]) -> bool:
    """Whether a value that stands in the file was replaced from outside it."""
    return any((".".join(path) + ".").startswith(where + ".") for where in changes)


def _resolved_again(document: dict[str, Any], file: str | None) -> Study:
    return Study.assembled(resolve(Document(value=document, places={}, file=file, lines=())))


def _plain(value: Any, depth: int = 0) -> Any:  # noqa: ANN401
    """Copy of nested plain values, NumPy's numbers among them as Python's own."""
    if depth > DEEPEST:
        found = f"more than {DEEPEST} levels of nesting"
        raise StudyError([Fault(path="", found=found, expected="a flatter study")])
    if isinstance(value, Mapping):
        return {str(key): _plain(item, depth + 1) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item, depth + 1) for item in value]
    if isinstance(value, date) and not isinstance(value, datetime):
        return value.isoformat()
    return value.item() if hasattr(value, "item") and getattr(value, "shape", None) == () else value
