"""The figures of a run, drawn beside its sampling and its analyses."""

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from mcrace.figures.analysis_saving import ANALYSIS_FIGURES, drawn_analysis_bytes
from mcrace.figures.parallel import Drawing, Helpers, opened_helpers
from mcrace.figures.saving import FIGURES, drawn_bytes, drawn_inputs, preload

if TYPE_CHECKING:
    from mcrace.analysis.analyses import Analyses
    from mcrace.engine.result import Result
    from mcrace.study import Study

__all__ = ["BackgroundDrawing", "background_drawing"]

_NAMES = (*FIGURES, *ANALYSIS_FIGURES)

_QUICK = 4
"""So many figures, the first of the page, are drawn quickly. They wait for those of the analyses, which take
longer: so no process draws a long one when the others have done."""

_MOST_BYTES = 300_000_000
"""Kept draws of more memory than this are not copied."""


@dataclass(frozen=True, slots=True, eq=False)
class BackgroundDrawing:
    """Processes that draw a run's figures, if there are any.

    Attributes
    ----------
    helpers : Helpers or None
        The processes.
    made : dict of str to Drawing
        What they have drawn, once somebody has asked.
    waiting : list of str
        Figures of the run that are handed out with those of the analyses.
    """

    helpers: Helpers | None
    made: dict[str, Drawing]
    waiting: list[str] = field(default_factory=list)

    def begin(self, result: "Result") -> None:
        """Begin with the figures of a run; returns at once."""
        if self.helpers is not None and result.draws.memory_usage(deep=False).sum() <= _MOST_BYTES:
            names = [name for name, plan in FIGURES.items() if plan.applies(result)]
            self.waiting[:] = names[:_QUICK]
            self._show(result, names[_QUICK:])

    def go_on(self, found: "Analyses", names: Collection[str] | None = None) -> None:
        """Go on with the figures of its analyses, all or those of some names; returns at once."""
        if self.helpers is not None and self.helpers.showing:
            wanted = [name for name, plan in ANALYSIS_FIGURES.items() if plan.applies(found)]
            self._show(found, self.waiting + [name for name in wanted if names is None or name in names])

    def drawing(self, name: str) -> Drawing | None:
        """Wait for all figures, and give one of them; None if it was not drawn here."""
        if self.helpers is not None and not self.helpers.places.closed:
            self.made.update({_NAMES[place]: made for place, made in self.helpers.drawings().items()})
        return self.made.get(name)

    def _show(self, subject: object, names: Sequence[str]) -> None:
        if self.helpers is not None:
            # The last figures of the page take longest.
            self.helpers.show(subject, [_NAMES.index(name) for name in reversed(names)])


@contextmanager
def background_drawing(processes: int, study: "Study | None" = None) -> Iterator[BackgroundDrawing]:
    """Start processes that draw, and end them.

    Parameters
    ----------
    processes : int
        How many may draw at a time. With 1, and on systems that cannot fork, nothing is drawn beside.
    study : Study, optional
        Which is going to be run: what it assumes is drawn at once.

    Yields
    ------
    BackgroundDrawing
        For one run. Its drawings are the same bytes as those of `save_figures` alone.

    Examples
    --------
    >>> with background_drawing(1) as background:
    ...     background.drawing("inputs")
    """
    tasks: list[Callable[[Sequence[Any]], Drawing]] = [partial(_of_run, name) for name in FIGURES]
    tasks += [partial(_of_analyses, name) for name in ANALYSIS_FIGURES]
    early = []
    if study is not None:
        early = [_NAMES.index("inputs")]
        tasks[early[0]] = lambda _shown: drawn_inputs(study)
    with opened_helpers(processes, preload, tasks, early) as helpers:
        yield BackgroundDrawing(helpers, {})


def _of_run(name: str, shown: Sequence[Any]) -> Drawing:
    return drawn_bytes(shown[0], FIGURES[name])


def _of_analyses(name: str, shown: Sequence[Any]) -> Drawing:
    return drawn_analysis_bytes(shown[0], shown[1], ANALYSIS_FIGURES[name])
