"""Do open model releases fuel the race or cool it? A Monte Carlo uncertainty tool.

Import what you need from here; rooms load when they are first used, so that a plain import is light.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from mcrace.errors import McraceError, ModelError, RunError, StudyError

if TYPE_CHECKING:
    from mcrace import figures
    from mcrace.analysis import compare, contrasts, summary
    from mcrace.analysis.analyses import analyse
    from mcrace.analysis.single import (
        candidate,
        flip,
        regions,
        release_map,
        sensitivity,
        thresholds,
        value_of_information,
    )
    from mcrace.engine.folder import open_run
    from mcrace.engine.result import Result
    from mcrace.engine.run import run
    from mcrace.model import incentive
    from mcrace.study import Study, load

__version__ = "0.2.0"

__all__ = [
    "McraceError",
    "ModelError",
    "Result",
    "RunError",
    "Study",
    "StudyError",
    "analyse",
    "candidate",
    "compare",
    "contrasts",
    "figures",
    "flip",
    "incentive",
    "load",
    "open_run",
    "regions",
    "release_map",
    "run",
    "sensitivity",
    "summary",
    "thresholds",
    "value_of_information",
]

_ROOMS = {
    "Result": "mcrace.engine.result",
    "Study": "mcrace.study",
    "analyse": "mcrace.analysis.analyses",
    "candidate": "mcrace.analysis.single",
    "compare": "mcrace.analysis",
    "contrasts": "mcrace.analysis",
    "flip": "mcrace.analysis.single",
    "incentive": "mcrace.model",
    "load": "mcrace.study",
    "open_run": "mcrace.engine.folder",
    "regions": "mcrace.analysis.single",
    "release_map": "mcrace.analysis.single",
    "run": "mcrace.engine.run",
    "sensitivity": "mcrace.analysis.single",
    "summary": "mcrace.analysis",
    "thresholds": "mcrace.analysis.single",
    "value_of_information": "mcrace.analysis.single",
}


def __getattr__(name: str) -> Any:  # noqa: ANN401 - whatever the room holds
    if name == "figures":
        return import_module("mcrace.figures")
    if name in _ROOMS:
        return getattr(import_module(_ROOMS[name]), name)
    raise AttributeError(f"module 'mcrace' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
