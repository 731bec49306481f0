"""A local page on which a study's numbers are moved and its answer follows at once."""

from collections.abc import Callable, Mapping
from typing import Any

__all__ = ["explore"]


def explore(
    path: str,
    changes: Mapping[str, Any],
    *,
    port: int = 0,
    draws: int | None = None,
    out: str | None = None,
    opens_browser: bool = True,
    tell: Callable[[str], None],
) -> None:
    """Serve the page of a study on this machine alone, until Ctrl-C.

    Parameters
    ----------
    path : str
        Of the study file.
    changes : Mapping
        Dotted path to new value, as ``--set`` gives them.
    port : int
        Which; 0 for any that is free.
    draws : int, optional
        Over all replicates; 16,384, or as many as the study asks for where these are fewer, if absent.
    out : str, optional
        Folder of what is saved; that of the study if absent.
    opens_browser : bool
        Whether to open the page too.
    tell : callable
        Takes a line for the person at the terminal.

    Raises
    ------
    StudyError
        If the study or the call is wrong.
    RunError
        If the port cannot be had.
    """
    from mcrace.explore.server import serving
    from mcrace.explore.session import opened

    tell("working out the first answer; the model is compiled if this is the first time ...")
    session = opened(path, changes, draws=draws, folder=out)
    served = serving(session, port, tell)
    try:
        tell(f"Open {served.address}")
        tell(f"It answers on this machine alone, from {session.draws:,} draws. Ctrl-C ends it.")
        if opens_browser:
            import webbrowser

            webbrowser.open(served.address)
        served.server.serve_forever(poll_interval=0.2)
    except KeyboardInterrupt:
        tell("Ended.")
    finally:
        served.server.server_close()
