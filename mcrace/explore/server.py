"""The page on this machine alone: a few fixed files, and three questions that the page may ask."""

import errno
import json
import os
import re
import secrets
import socketserver
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from mcrace.errors import Fault, McraceError, RunError, StudyError
from mcrace.explore.guard import (
    HEADERS,
    Door,
    Refusal,
    asked_for,
    body_size,
    edits_of,
    read_json,
    sequence_of,
)
from mcrace.explore.session import Session

__all__ = ["Serving", "serving"]

_HOST = "127.0.0.1"
_SECONDS = 20
_LARGEST_PORT = 65_535
_ASSETS = MappingProxyType(
    {
        "/": ("page.html", "text/html; charset=utf-8"),
        "/page.css": ("page.css", "text/css; charset=utf-8"),
        "/explore.js": ("explore.js", "text/javascript; charset=utf-8"),
        "/controls.js": ("controls.js", "text/javascript; charset=utf-8"),
        "/answer.js": ("answer.js", "text/javascript; charset=utf-8"),
        "/icon.svg": ("icon.svg", "image/svg+xml"),
    }
)
_Files = Mapping[str, tuple[bytes, str]]
_Reply = tuple[bytes, str]
_JSON = "application/json"
_STUDY = "/api/study"
_COMMAND = re.compile(r"; mcrace check [^;]* shows that draw")  # it would show one of the study as it was


@dataclass(frozen=True, slots=True)
class Serving:
    """A page that is there as long as it is served.

    Attributes
    ----------
    server : ThreadingHTTPServer
        Bound already.
    address : str
        To open, with the token behind the ``#``, which browsers send to nobody.
    """

    server: ThreadingHTTPServer
    address: str


def serving(session: Session, port: int = 0, tell: Callable[[str], None] | None = None) -> Serving:
    """Open a page for a study, on this machine's loopback address alone.

    Parameters
    ----------
    session : Session
        The study.
    port : int
        Which; 0 for any that is free.
    tell : callable, optional
        Takes a line where something has gone wrong that is no user's fault.

    Returns
    -------
    Serving
        Not answering yet.

    Raises
    ------
    StudyError
        If there is no such port.
    RunError
        If it cannot be had.
    """
    if not 0 <= port <= _LARGEST_PORT:
        fault = Fault(path="--port", found=f"{port}", expected=f"a whole number from 0 to {_LARGEST_PORT}")
        raise StudyError([fault])
    folder = files("mcrace.explore")
    assets = {path: (folder.joinpath(name).read_bytes(), kind) for path, (name, kind) in _ASSETS.items()}
    token = secrets.token_urlsafe(24)
    handler = partial(_Handler, _Work(session, MappingProxyType(assets), token, tell or (lambda _: None)))
    server = _Server((_HOST, port), handler, bind_and_activate=False)
    try:
        # The plain bind: HTTPServer's own asks the name service for this machine's name.
        socketserver.TCPServer.server_bind(server)
        server.server_activate()
    except OSError as error:
        server.server_close()
        raise _no_port(port, error) from error
    return Serving(server, f"http://{_HOST}:{server.server_address[1]}/#{token}")


def _no_port(port: int, error: OSError) -> RunError:
    reason = error.strerror or str(error)
    if error.errno == errno.EADDRINUSE:
        reason = "another program uses it"
    return RunError(f"cannot listen on port {port}: {reason}; leave out --port for a free one")


class _Server(ThreadingHTTPServer):
    """Says nothing of a browser that has gone away."""

    daemon_threads = True
    # Elsewhere than on Windows this only means that a port is free again at once.
    allow_reuse_address = os.name == "posix"

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - as socketserver has it
        """Let a broken connection be."""


@dataclass(frozen=True, slots=True)
class _Work:
    """What every request needs."""

    session: Session
    assets: _Files
    token: str
    tell: Callable[[str], None]


class _Handler(BaseHTTPRequestHandler):
    """One connection; nothing of a request ever names a file."""

    protocol_version = "HTTP/1.1"
    timeout = _SECONDS

    def __init__(self, work: _Work, *connection: Any) -> None:  # noqa: ANN401 - as socketserver has it
        self._work = work
        super().__init__(*connection)

    def do_GET(self) -> None:
        """Give a file of the page, or the study."""
        self._answer(self._got)

    def do_HEAD(self) -> None:
        """Give the head of what GET gives."""
        self._answer(self._got)

    def do_POST(self) -> None:
        """Work out an answer, or save a study."""
        self._answer(self._posted)

    def do_other(self) -> None:
        """Refuse any other method."""
        self._answer(self._refused)

    do_PUT = do_DELETE = do_PATCH = do_OPTIONS = do_TRACE = do_CONNECT = do_other  # noqa: N815

    def version_string(self) -> str:
        """Say no versions."""
        return "mcrace"

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002, ANN401 - as http.server has it
        """Keep the terminal quiet."""

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Refuse what http.server itself cannot read, with the same headers as all else."""
        self.close_connection = True
        self._send(code, (message or explain or "refused").encode(), "text/plain; charset=utf-8")

    def _answer(self, work: Callable[[], _Reply]) -> None:
        try:
            data, kind = work()
            self._send(200, data, kind)
        except Refusal as refusal:
            self.close_connection = True  # what is left of the request is not read
            self._send(refusal.status, refusal.reason.encode(), "text/plain; charset=utf-8")
        except (ConnectionError, TimeoutError):
            self.close_connection = True
        except Exception as error:
            self.close_connection = True
            self._work.tell(f"cannot answer the page: {type(error).__name__}: {error}")
            self._send(500, b"a fault of mcrace: the terminal says which", "text/plain; charset=utf-8")

    def _send(self, status: int, data: bytes, kind: str) -> None:
        self.send_response(status)
        for name, value in HEADERS:
            self.send_header(name, value)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        if status == 405:
            self.send_header("Allow", "GET, HEAD, POST")
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    def _checked(self, *, writes: bool) -> tuple[Door, Mapping[str, str]]:
        """Let the request in, or not."""
        headers: dict[str, str] = {}
        for name, value in self.headers.items():
            known = headers.get(name.lower())
            headers[name.lower()] = value if known is None else f"{known}, {value}"
        _, port = self.connection.getsockname()[:2]
        door = Door(port, self._work.token)
        door.check(headers, writes=writes)
        return door, headers

    def _refused(self) -> _Reply:
        self._checked(writes=False)
        raise Refusal(405, "a method that nothing here knows")

    def _got(self) -> _Reply:
        door, headers = self._checked(writes=False)
        if headers.get("content-length", "0") != "0" or "transfer-encoding" in headers:
            raise Refusal(400, "a body where none is expected")
        if self.path == _STUDY:
            door.check_token(headers)
            return _json(self._work.session.described()), _JSON
        if self.path in _QUESTIONS:
            raise Refusal(405, "a question that is posted")
        if self.path not in self._work.assets:
            raise Refusal(404, "no such page")
        return self._work.assets[self.path]

    def _posted(self) -> _Reply:
        door, headers = self._checked(writes=True)
        if self.path in self._work.assets or self.path == _STUDY:
            raise Refusal(405, "a page that is not posted to")
        if self.path not in _QUESTIONS:
            raise Refusal(404, "no such question")
        door.check_token(headers)
        asked = read_json(self.rfile.read(body_size(headers)))
        return _json(_QUESTIONS[self.path](self._work.session, asked)), _JSON


def _json(value: Any) -> bytes:  # noqa: ANN401
    return json.dumps(value, allow_nan=False, ensure_ascii=False).encode("utf-8", "replace")


def _answered(session: Session, asked: Mapping[str, Any]) -> dict[str, Any]:
    """Answer, or say what is wrong with what was typed; nothing where the page has asked for more since."""
    edits, scenario = edits_of(asked), asked_for(asked, "scenario", "base")
    number = sequence_of(asked)

    def work() -> dict[str, Any]:
        try:
            return session.answered(edits, scenario)
        except McraceError as error:
            return {"faults": _faults(error, edits)}

    found = session.turns.taken(asked_for(asked, "page"), number, work)
    return {"sequence": number, **({"stale": True} if found is None else found)}


def _saved(session: Session, asked: Mapping[str, Any]) -> dict[str, Any]:
    edits = edits_of(asked)
    try:
        return {"file": str(session.saved(edits, asked_for(asked, "name")))}
    except McraceError as error:
        return {"faults": _faults(error, edits)}


def _faults(error: McraceError, edits: Mapping[str, str]) -> list[dict[str, str]]:
    """Tell faults, each with the control that it belongs to; none for what no control has caused."""
    if not isinstance(error, StudyError):
        return [{"control": "", "text": str(error)}]
    told = []
    for fault in error.faults:
        control = next((path for path in edits if f"{fault.path}.".startswith(f"{path}.")), "")
        told.append({"control": control, "text": _told(fault, control)})
    return told


def _told(fault: Fault, control: str) -> str:
    """Tell a fault where it stands: the control's own path need not be said again."""
    where = fault.path.removeprefix(control).removeprefix(".") if control else fault.path
    hint = f"; did you mean {fault.nearest!r}?" if fault.nearest is not None else ""
    found = _COMMAND.sub("", fault.found)
    return f"{where + ': ' if where else ''}found {found}, expected {fault.expected}{hint}"


_QUESTIONS: Mapping[str, Callable[[Session, Mapping[str, Any]], dict[str, Any]]] = MappingProxyType(
    {"/api/answer": _answered, "/api/save": _saved}
)
