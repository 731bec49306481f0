"""Drawing beside the sampling, by processes: threads would wait for each other at Python's lock."""

import os
import signal
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from io import FileIO
from threading import Thread
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

__all__ = ["Drawing", "Helpers", "Task", "opened_helpers"]

Drawing = tuple[bytes, bytes]
"""An SVG and a PNG file."""

Task = Callable[[Sequence[Any]], Drawing]
"""Draws one figure, given what the helpers have been shown, in that order."""

_MOST = 4
"""Processes beyond so many wait for the longest figure."""

_PATIENCE = 60.0
"""Seconds after which helpers that have not answered are left alone."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Helpers:
    """Processes that draw while this one goes on.

    Attributes
    ----------
    group : int
        The process group of all of them.
    shows, answers : tuple of Connection
        Where each is shown something, and where it sends what it has drawn.
    places : FileIO
        Where they take their tasks from: two bytes each, its place and how many subjects it needs.
    showing : list of Thread
        What is being shown, or has been: helpers read when they have loaded the libraries, and need it.
    """

    group: int
    shows: "tuple[Connection, ...]"
    answers: "tuple[Connection, ...]"
    places: FileIO
    showing: list[Thread]

    def show(self, subject: object, places: Sequence[int]) -> None:
        """Show the next subject to all, and hand out tasks; returns at once.

        Parameters
        ----------
        subject : object
            Reaches them as joblib's processes are reached. With one that cannot be sent, nobody draws.
        places : sequence of int
            Of tasks that need no later subject, those that take longest first.
        """
        # The first one shares the first subject with the others, by its memory.
        pipes = self.shows if self.showing else self.shows[:1]
        before, needed = tuple(self.showing), len(self.showing) + 1

        def send() -> None:
            for thread in before:
                thread.join()
            try:
                for pipe in pipes:
                    with suppress(OSError):  # one that has drawn all it could take
                        pipe.send(subject)
            except Exception:  # whatever its parts raise that cannot be sent
                _end(self.group)

        with suppress(OSError):
            self.places.write(b"".join(bytes([place, needed]) for place in places))
        self.showing.append(Thread(target=send, daemon=True))
        self.showing[-1].start()

    def drawings(self) -> dict[int, Drawing]:
        """Wait for the helpers, and return what they have drawn, by the places of the tasks.

        Returns
        -------
        dict of int to Drawing
            What helpers did not draw, killed or at fault, is missing.
        """
        if not self.showing:
            return {}
        self.places.close()  # no more tasks: helpers answer
        found: dict[int, Drawing] = {}
        for answer in self.answers:
            with suppress(OSError, EOFError):
                while answer.poll(_PATIENCE):
                    place, svg, png = (answer.recv_bytes() for _ in range(3))
                    found[place[0]] = svg, png
        return found


@contextmanager
def opened_helpers(
    count: int, prepare: Callable[[], None], tasks: Sequence[Task], early: Sequence[int] = ()
) -> Iterator[Helpers | None]:
    """Start helpers, and end them.

    Parameters
    ----------
    count : int
        At most so many draw at a time.
    prepare : callable
        Loads the libraries, in the helper.
    tasks : sequence of Task
        What can be asked for, by its place; at most 256.
    early : sequence of int
        Places of tasks that need no subject: done at once, if nothing has been shown yet. Whether they are or
        not, they are asked for like the others.

    Yields
    ------
    Helpers or None
        None where no process but this one may draw, or processes cannot be forked (all systems but Linux).

    Examples
    --------
    >>> with opened_helpers(1, lambda: None, [lambda shown: (shown[0], b"png")]) as helpers:
    ...     print(helpers)
    None
    """
    if count < 2 or sys.platform != "linux":
        yield None
        return
    from multiprocessing import Pipe

    with ExitStack() as files:
        taken, places = (
            files.enter_context(FileIO(end, mode)) for end, mode in zip(os.pipe(), "rw", strict=True)
        )
        pipes = [(*Pipe(duplex=False), *Pipe(duplex=False)) for _ in range(min(count, _MOST))]
        for pipe in pipes:
            for connection in pipe:
                files.enter_context(connection)
        group = _fork()
        if group == 0:
            # These ends, open here too, would hide that the main process has ended.
            _close(places, *(end for _, show, answer, _ in pipes for end in (show, answer)))
            _help(prepare, tasks, early, taken, [(show, answer) for show, _, _, answer in pipes])
        _close(taken, *(end for show, _, _, answer in pipes for end in (show, answer)))
        with suppress(OSError):
            os.setpgid(group, group)  # so does the helper: whichever comes first
        helpers = Helpers(
            group=group,
            shows=tuple(show for _, show, _, _ in pipes),
            answers=tuple(answer for _, _, answer, _ in pipes),
            places=places,
            showing=[],
        )
        try:
            yield helpers
        finally:
            _end(group)
            os.waitpid(group, 0)
            # What is shown still, to nobody now, fails at once; then the pipes can be closed.
            for thread in helpers.showing:
                thread.join(_PATIENCE)


def _close(*ends: "FileIO | Connection") -> None:
    for end in ends:
        end.close()


def _end(group: int) -> None:
    with suppress(OSError):
        os.killpg(group, signal.SIGKILL)


def _fork() -> int:
    with warnings.catch_warnings():
        # Other threads may hold locks: those of the progress bar, which helpers do not touch.
        warnings.filterwarnings("ignore", message=".*fork", category=DeprecationWarning)
        return os.fork()


def _help(
    prepare: Callable[[], None],
    tasks: Sequence[Task],
    early: Sequence[int],
    taken: FileIO,
    pipes: "Sequence[tuple[Connection, Connection]]",
) -> None:
    """Be a helper, which never returns: one until it is shown something, then as many as there are pipes."""
    with suppress(BaseException):  # what it does not draw is drawn, or its fault told, by the main process
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # the main process tells of it, and ends this one
        os.setpgid(0, 0)
        prepare()
        done = {place: tasks[place](()) for place in early if not pipes[0][0].poll()}
        shown = [pipes[0][0].recv()]
        own = next((place for place in range(1, len(pipes)) if _fork() == 0), 0)
        for place, ends in enumerate(pipes):
            if place != own:
                _close(*ends)
        _work(tasks, done, shown, taken, *pipes[own])
    os._exit(0)


def _work(
    tasks: Sequence[Task],
    done: Mapping[int, Drawing],
    shown: list[Any],
    taken: FileIO,
    show: "Connection",
    answer: "Connection",
) -> None:
    drawn = []
    with suppress(Exception):
        while asked := taken.read(2):
            place, needed = asked
            while len(shown) < needed:
                shown.append(show.recv())
            drawn.append((place, done[place] if place in done else tasks[place](shown)))
    for place, files in drawn:
        for data in (bytes([place]), *files):
            answer.send_bytes(data)
