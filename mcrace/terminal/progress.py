"""What a command tells on the way: a bar, and warnings."""

import signal
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import TextIO

from mcrace.errors import RunWarning

__all__ = ["Telling", "heeding_interrupts", "progress_bar", "told_warnings"]


@contextmanager
def told_warnings(say: Callable[[str], None]) -> Iterator[None]:
    """Tell what a person should know of a run as one line each.

    Parameters
    ----------
    say : callable
        Takes a line.
    """

    def show(
        message: Warning | str,
        category: type[Warning],
        filename: str,
        lineno: int,
        file: TextIO | None = None,
        line: str | None = None,
    ) -> None:
        if issubclass(category, RunWarning):
            say(f"warning: {message}")
        else:
            standard(message, category, filename, lineno, file, line)

    with warnings.catch_warnings():
        standard = warnings.showwarning
        warnings.simplefilter("always", RunWarning)
        warnings.showwarning = show
        yield


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """How a run tells where it is.

    Attributes
    ----------
    draws : callable or None
        Takes the draws done and the draws in all.
    step : callable or None
        Takes the name of what is done now.
    """

    draws: Callable[[int, int], None] | None = None
    step: Callable[[str], None] | None = None


@contextmanager
def heeding_interrupts(telling: Telling) -> Iterator[Telling]:
    """Make sure that Ctrl-C ends a run, wherever it is.

    An interrupt that arrives while a library calls back is told as "ignored" and lost; so it is remembered,
    and raised when the run next tells where it is.

    Parameters
    ----------
    telling : Telling
        What to tell by.

    Yields
    ------
    Telling
        The same, but for the check.
    """
    caught: list[int] = []

    def handle(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 - as signal calls it
        caught.append(number)
        raise KeyboardInterrupt

    def draws(done: int, total: int) -> None:
        if caught:
            raise KeyboardInterrupt
        if telling.draws is not None:
            telling.draws(done, total)

    def step(words: str) -> None:
        if caught:
            raise KeyboardInterrupt
        if telling.step is not None:
            telling.step(words)

    own = threading.current_thread() is threading.main_thread()  # only there may handlers be set
    before = signal.signal(signal.SIGINT, handle) if own else None
    try:
        yield Telling(draws=draws, step=step)
    finally:
        if own:
            signal.signal(signal.SIGINT, before)


@contextmanager
def progress_bar(name: str, *, quiet: bool) -> Iterator[Telling]:
    """Show one bar with rate and time left on a terminal; nothing in a pipe.

    Parameters
    ----------
    name : str
        Of the study.
    quiet : bool
        Whether to show nothing at all.

    Yields
    ------
    Telling
        Without a callable where nothing is shown.
    """
    if quiet or not sys.stderr.isatty():
        yield Telling()
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(bar_width=20),
        TextColumn("{task.fields[words]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(name, total=None, words="compiling the model, or loading it")

        def report(done: int, total: int) -> None:
            speed = bar.tasks[0].speed
            rate = f", {speed:,.0f} a second" if speed is not None else ""
            bar.update(task, completed=done, total=total, words=f"{done:,} of {total:,} draws{rate}")

        def step(words: str) -> None:
            bar.update(task, words=words)

        yield Telling(draws=report, step=step)
