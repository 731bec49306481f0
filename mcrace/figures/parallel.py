"""Drawing on several cores: matplotlib holds Python's lock, so that threads would not help."""

import multiprocessing
import signal
import sys
import warnings
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.context import ForkProcess

__all__ = ["Drawing", "drawn_by"]

Drawing = tuple[bytes, bytes]
"""An SVG and a PNG file."""

_MOST = 4
"""Processes beyond so many wait for the longest figure."""

_PATIENCE = 60.0
"""Seconds after which a helper that has not answered is left alone, and its figures are drawn here."""


def drawn_by(tasks: Sequence[Callable[[], Drawing]], processes: int) -> list[Drawing]:
    """Draw figures, each in one of several processes.

    Parameters
    ----------
    tasks : sequence of callable
        Each draws one figure.
    processes : int
        At most so many at a time, this one included. Where processes cannot be forked (all systems but
        Linux) it is this one alone.

    Returns
    -------
    list of Drawing
        In the order of the tasks, the same bytes for any number of processes. What a process that ended
        early did not draw is drawn here.

    Examples
    --------
    >>> drawn_by([lambda: (b"svg", b"png")], 2)
    [(b'svg', b'png')]
    """
    count = min(processes, len(tasks), _MOST) if sys.platform == "linux" else 1
    if count < 2:
        return [draw() for draw in tasks]
    shares = [range(first, len(tasks), count) for first in range(count)]
    helpers = [_start([tasks[place] for place in share]) for share in shares[1:]]
    try:
        done = {place: tasks[place]() for place in shares[0]}
        for (_, pipe), share in zip(helpers, shares[1:], strict=True):
            done.update(zip(share, _received(pipe, len(share)), strict=False))
    finally:
        for process, _ in helpers:
            process.kill()
            process.join()
    return [done[place] if place in done else draw() for place, draw in enumerate(tasks)]


def _start(tasks: Sequence[Callable[[], Drawing]]) -> "tuple[ForkProcess, Connection]":
    # A fork starts with everything loaded and with the draws in memory; a fresh process would take longer to
    # load the libraries than to draw.
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_draw, args=(tasks, theirs), daemon=True)
    with warnings.catch_warnings():
        # Other threads may hold locks: those of the progress bar, which the helper does not touch.
        warnings.filterwarnings("ignore", message=".*fork", category=DeprecationWarning)
        process.start()
    theirs.close()
    return process, ours


def _draw(tasks: Sequence[Callable[[], Drawing]], pipe: "Connection") -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the main process tells of it, and ends this one
    drawn = []
    # A fault is met again, and told, by the main process, which draws what is missing.
    with suppress(Exception):
        for task in tasks:
            drawn.append(task())  # noqa: PERF401 - what was drawn before a fault is kept
    with suppress(OSError):
        for svg, png in drawn:
            pipe.send_bytes(svg)
            pipe.send_bytes(png)
    pipe.close()


def _received(pipe: "Connection", count: int) -> list[Drawing]:
    found: list[Drawing] = []
    with suppress(EOFError, OSError):
        while len(found) < count and pipe.poll(_PATIENCE):
            found.append((pipe.recv_bytes(), pipe.recv_bytes()))
    return found
