"""Who may ask: the page that this program has opened itself, and nobody else."""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

__all__ = [
    "HEADERS",
    "MOST_BYTES",
    "Door",
    "Refusal",
    "asked_for",
    "body_size",
    "edits_of",
    "read_json",
    "sequence_of",
]

MOST_BYTES = 65_536
"""Largest body of a request."""

_TOKEN = "x-mcrace-token"  # noqa: S105 - the name of the header
_MOST_EDITS = 1_000
_LONGEST_NAME = 100

HEADERS = (
    (
        "Content-Security-Policy",
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ),
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    ("Referrer-Policy", "no-referrer"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Cache-Control", "no-store"),
)
"""What every answer carries: nothing from elsewhere, in no frame, kept nowhere."""


class Refusal(Exception):  # noqa: N818 - it is no error of this program
    """A request that is not answered.

    Parameters
    ----------
    status : int
        Of HTTP.
    reason : str
        For a person.
    """

    def __init__(self, status: int, reason: str) -> None:
        self.status = status
        self.reason = reason
        super().__init__(reason)


@dataclass(frozen=True, slots=True)
class Door:
    """What lets a request in.

    Attributes
    ----------
    port : int
        On which the program listens.
    token : str
        Which only the page has that was opened by the address with it.
    """

    port: int
    token: str

    @property
    def hosts(self) -> tuple[str, ...]:
        """Names by which this machine's own programs call it; no name that a stranger can give it."""
        return (f"127.0.0.1:{self.port}", f"localhost:{self.port}")

    def check(self, headers: Mapping[str, str], *, writes: bool) -> None:
        """Refuse what does not come from the page.

        Parameters
        ----------
        headers : Mapping of str to str
            Of the request, names in small letters; what is given twice is joined, and so fits nothing.
        writes : bool
            Whether it asks for more than the page itself.

        Raises
        ------
        Refusal
            403, or 401 where the token is missing or wrong.
        """
        if headers.get("host", "") not in self.hosts:
            raise Refusal(403, "a stranger's name for this machine")
        if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
            raise Refusal(403, "a request from another site")
        origins = {f"http://{host}" for host in self.hosts}
        origin = headers.get("origin")
        if origin is not None and origin not in origins:
            raise Refusal(403, "a request from another site")
        if writes and origin is None:
            raise Refusal(403, "a request from nowhere: it names no origin")

    def check_token(self, headers: Mapping[str, str]) -> None:
        """Refuse what does not know the address that the terminal shows.

        Parameters
        ----------
        headers : Mapping of str to str
            Of the request.

        Raises
        ------
        Refusal
            401.
        """
        given = headers.get(_TOKEN, "").encode("utf-8", "replace")
        if not secrets.compare_digest(given, self.token.encode()):
            raise Refusal(401, "no token, or a wrong one: open the address that the terminal shows")


def body_size(headers: Mapping[str, str]) -> int:
    """Read how large the body of a request is, before any of it is taken.

    Parameters
    ----------
    headers : Mapping of str to str
        Of the request.

    Returns
    -------
    int
        Bytes.

    Raises
    ------
    Refusal
        If it is no JSON, or of no length, or too large.

    Examples
    --------
    >>> body_size({"content-type": "application/json", "content-length": "12"})
    12
    """
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise Refusal(415, "a body that is no application/json")
    size = headers.get("content-length", "")
    if headers.get("transfer-encoding") is not None or not (size.isascii() and size.isdigit()):
        raise Refusal(411, "a body of no known length")
    if len(size) > 9 or int(size) > MOST_BYTES:
        raise Refusal(413, f"a body of more than {MOST_BYTES:,} bytes")
    return int(size)


def read_json(data: bytes) -> dict[str, Any]:
    """Read the body of a request.

    Parameters
    ----------
    data : bytes
        At most `MOST_BYTES`.

    Returns
    -------
    dict
        Plain values.

    Raises
    ------
    Refusal
        If it is no JSON object.

    Examples
    --------
    >>> read_json(b'{"name": "found"}')
    {'name': 'found'}
    """
    try:
        value = json.loads(data.decode("utf-8"))
    except (ValueError, RecursionError):
        raise Refusal(400, "a body that is no JSON") from None
    if not isinstance(value, dict):
        raise Refusal(400, "a body that is no JSON object")
    return value


def asked_for(value: Mapping[str, Any], key: str, default: str | None = None) -> str:
    """Read a short text of a request.

    Parameters
    ----------
    value : Mapping
        The request.
    key : str
        Which.
    default : str, optional
        Where it is absent.

    Returns
    -------
    str
        The text.

    Raises
    ------
    Refusal
        If it is none, or long.
    """
    text = value.get(key, default)
    if not isinstance(text, str) or len(text) > _LONGEST_NAME:
        raise Refusal(400, f"{key}: no text of at most {_LONGEST_NAME} letters")
    return text


def edits_of(value: Mapping[str, Any]) -> dict[str, str]:
    """Read the changed values of a request: path to text.

    Parameters
    ----------
    value : Mapping
        The request.

    Returns
    -------
    dict of str to str
        As typed.

    Raises
    ------
    Refusal
        If they are no texts.

    Examples
    --------
    >>> edits_of({"edits": {"inputs.day": "30"}})
    {'inputs.day': '30'}
    """
    edits = value.get("edits", {})
    if not isinstance(edits, dict) or len(edits) > _MOST_EDITS:
        raise Refusal(400, f"edits: no mapping of at most {_MOST_EDITS:,} texts")
    if not all(isinstance(text, str) for text in edits.values()):
        raise Refusal(400, "edits: not all are texts")
    return edits


def sequence_of(value: Mapping[str, Any]) -> int:
    """Read the number of a request: later ones are larger.

    Examples
    --------
    >>> sequence_of({"sequence": 3})
    3
    """
    number = value.get("sequence")
    if not isinstance(number, int) or isinstance(number, bool) or not 0 <= number < 1 << 53:
        raise Refusal(400, "sequence: no whole number of at least 0")
    return number
