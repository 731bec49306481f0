"""A study that is being moved: what it was, what a person has made of it, and the answer of both."""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mcrace.engine.block import StudyText, study_of
from mcrace.errors import Fault, StudyError
from mcrace.explore.controls import Control, controls_of
from mcrace.explore.edits import edited, edited_values
from mcrace.explore.sampling import paired, text_of
from mcrace.explore.saving import free_name, save
from mcrace.explore.telling import answer_record, control_record
from mcrace.figures.wording import clean_text
from mcrace.study import Study, load
from mcrace.study.data import named_files, with_files

__all__ = ["DRAWS", "Session", "Turns", "opened"]

DRAWS = 16_384
"""Draws over all replicates, at most, unless others are asked for."""

_MOST_DRAWS = 1_048_576
_MOST_PAGES = 64


@dataclass(frozen=True, slots=True)
class Turns:
    """Whose turn it is: one answer is worked out at a time, and only the newest that a page asked for.

    Attributes
    ----------
    working, noting : Lock
        Held while an answer is worked out, and while it is noted what was asked for.
    newest : dict
        Page to the number of its newest request.
    """

    working: threading.Lock = field(default_factory=threading.Lock)
    noting: threading.Lock = field(default_factory=threading.Lock)
    newest: dict[str, int] = field(default_factory=dict)

    def taken(self, page: str, number: int, work: Callable[[], Any]) -> Any:  # noqa: ANN401
        """Work an answer out, unless the page has asked for another in the meantime.

        Parameters
        ----------
        page : str
            Any name.
        number : int
            Of the request: later ones are larger.
        work : callable
            What takes the time.

        Returns
        -------
        object
            What `work` gave; None if nobody waits for it any more.

        Examples
        --------
        >>> turns = Turns()
        >>> turns.taken("page", 2, lambda: "two"), turns.taken("page", 1, lambda: "one")
        ('two', None)
        """
        with self.noting:
            known = self.newest.pop(page, number)
            self.newest[page] = max(known, number)
            while len(self.newest) > _MOST_PAGES:
                del self.newest[next(iter(self.newest))]
        with self.working:
            return work() if self.newest.get(page, number) <= number else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A study as it was opened.

    Attributes
    ----------
    original : Study
        As its file has it.
    study : Study
        With what the command changed.
    document : Mapping
        The same as plain values, with data files in their places.
    text : StudyText
        The same as the engine takes it.
    controls : tuple of Control
        What may be moved.
    draws : int
        Over all replicates.
    folder : Path
        Where files are saved.
    turns : Turns
        Whose turn it is.
    """

    original: Study
    study: Study
    document: Mapping[str, Any]
    text: StudyText
    controls: tuple[Control, ...]
    draws: int
    folder: Path
    turns: Turns = field(default_factory=Turns)

    @property
    def scenarios(self) -> tuple[str, ...]:
        """Names of what may be shown; the first is base."""
        return tuple(scenario.name for scenario in self.study.scenarios)

    def described(self) -> dict[str, Any]:
        """Tell the study as the page needs it at its start."""
        return {
            "study": clean_text(self.study.name),
            "title": clean_text(self.study.title or self.study.name),
            "question": clean_text(self.study.question),
            "scenarios": list(self.scenarios),
            "controls": [control_record(control, self._written(control.value)) for control in self.controls],
            "name": free_name(self.folder, self.study.name),
        }

    def answered(self, edits: Mapping[str, str], scenario: str) -> dict[str, Any]:
        """Work out the answer of a scenario with some values changed.

        Parameters
        ----------
        edits : Mapping of str to str
            Path to text, as in a study file.
        scenario : str
            Its name.

        Returns
        -------
        dict
            Plain values for JSON.

        Raises
        ------
        StudyError
            With every fault of what was typed, or of the draws that come of it.
        """
        started = time.perf_counter()
        if scenario not in self.scenarios:
            raise StudyError(
                [Fault(path="scenario", found=repr(scenario), expected=" or ".join(self.scenarios))]
            )
        values = self._values(edits)
        text = text_of(edited(self.document, values), self.draws, self.study.file) if values else self.text
        place = self.scenarios.index(scenario)
        start, moved = (self.text, place), (text, place)
        study_of(text)
        both = paired(start, moved, values, self.draws)
        record: dict[str, Any] = answer_record(start, moved, both)
        record["controls"] = [
            control_record(control, self._written(values[control.path]))
            for control in self.controls
            if control.path in values
        ]
        record["scenario"] = scenario
        record["seconds"] = time.perf_counter() - started
        return record

    def saved(self, edits: Mapping[str, str], name: str) -> Path:
        """Save what was found as a study file of its own.

        Parameters
        ----------
        edits : Mapping of str to str
            Path to text.
        name : str
            Of the file.

        Returns
        -------
        Path
            The new file.

        Raises
        ------
        StudyError
            If the name is none for a new file, or what was typed is wrong.
        RunError
            If it cannot be written.
        """
        return save(self.folder, name, self.original, edited(self.document, self._values(edits)))

    def _values(self, edits: Mapping[str, str]) -> dict[str, Any]:
        return edited_values(edits, tuple(control.path for control in self.controls), self.study.data)

    def _written(self, value: Any) -> Any:  # noqa: ANN401
        """Value with the names of data files in their places."""
        return named_files(value)[0]


def opened(
    path: str, changes: Mapping[str, Any], *, draws: int | None = None, folder: str | None = None
) -> Session:
    """Open a study, and work out its first answer, so that all others come at once.

    Parameters
    ----------
    path : str
        Of the study file.
    changes : Mapping
        Dotted path to new value, as ``--set`` gives them.
    draws : int, optional
        Over all replicates; `DRAWS`, or as many as the study asks for where these are fewer, if absent.
    folder : str, optional
        Where files are saved; that of the study if absent.

    Returns
    -------
    Session
        Ready.

    Raises
    ------
    StudyError
        If the study or the number of draws is wrong.
    """
    if draws is not None and not 1 <= draws <= _MOST_DRAWS:
        fault = Fault(path="--draws", found=f"{draws}", expected=f"a whole number from 1 to {_MOST_DRAWS:,}")
        raise StudyError([fault])
    original = load(path)
    study = load(path, changes) if changes else original
    document = with_files(study.document, study.data)
    number = min(DRAWS, study.sampling.draws) if draws is None else draws
    session = Session(
        original=original,
        study=study,
        document=document,
        text=text_of(document, number, study.file),
        controls=controls_of(study),
        draws=number,
        folder=Path(path).parent if folder is None else Path(folder),
    )
    session.answered({}, session.scenarios[0])  # compiles and loads what every answer needs
    return session
