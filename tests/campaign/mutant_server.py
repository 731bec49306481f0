"""A process that has loaded the package and its tests, and tries one mutant after the other in a fork.

In the fork the functions of the mutant's module get the code of the faulty text; nothing is written. So a
mutant costs what its tests cost, and not the loading of numpy, the compiler and pytest as well.
"""

import functools
import importlib
import json
import os
import sys
import tempfile
import time
import traceback
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

ROOT = Path(__file__).parents[2]

_FIELDS = ("__code__", "__defaults__", "__kwdefaults__")
_OPTIONS = ("-x", "-q", "-n", "0", "-m", "not slow", "-p", "no:cacheprovider", "--no-header",
            "-W", "ignore::pytest.PytestAssertRewriteWarning")  # fmt: skip


def serve(limit: float) -> None:
    """Answer each line of [file, old, new, tests] by one of [exit code or None, output]."""
    preload()
    print(json.dumps("ready"), flush=True)
    for line in sys.stdin:
        file, old, new, tests = json.loads(line)
        told = Path(tempfile.mkstemp(suffix=".told")[1])
        child = os.fork()
        if child == 0:
            sink = os.open(told, os.O_WRONLY | os.O_TRUNC)
            os.dup2(sink, 1)
            os.dup2(sink, 2)
            code = 4
            try:
                import pytest

                if file:
                    put_in(file, old, new)
                code = int(pytest.main([*_OPTIONS, *tests]))
            except BaseException:  # a fork must not go on with the loop of its parent
                traceback.print_exc()
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)
        print(json.dumps([waited(child, limit), told.read_text(errors="replace")]), flush=True)
        told.unlink()


def preload() -> None:
    """Load what tests load, and the compiled model, once."""
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name in ("pytest", "scipy.stats", "pandas", "numba", "pyarrow.parquet", "mpmath"):
            importlib.import_module(name)
        for path in sorted((ROOT / "mcrace").rglob("*.py")):
            room = path.relative_to(ROOT).parts[1]
            if room in ("compiling", "laws", "model", "sampling", "study", "engine", "analysis", "forecast"):
                name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
                importlib.import_module(name.removesuffix(".__init__"))
        from mcrace.engine.run import run
        from tests.small_study import small_study

        run(small_study(), jobs=1, backend="sequential")


def waited(child: int, limit: float) -> int | None:
    """Wait for a child; None if it ran out of time."""
    ends = time.monotonic() + limit
    while time.monotonic() < ends:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.02)
    os.kill(child, 9)
    os.waitpid(child, 0)
    return None


def put_in(file: str, old: str, new: str) -> None:
    """Give the functions, methods and constants of a module what its faulty text says."""
    path = ROOT / "mcrace" / file
    right = path.read_text(encoding="utf-8")
    if right.count(old) != 1:
        raise ValueError(f"{file}: {old!r} stands there {right.count(old)} times")
    name = "mcrace." + file.removesuffix(".py").replace("/", ".")
    module = importlib.import_module(name)
    wrong = ModuleType(name)
    wrong.__file__ = module.__file__
    code = compile(right.replace(old, new), str(path), "exec", dont_inherit=True)
    # A dataclass looks its module up by name.
    sys.modules[name] = wrong
    exec(code, wrong.__dict__)  # noqa: S102 - our own text, with a fault
    sys.modules[name] = module
    if not sum(_taken(module.__dict__, key, value) for key, value in list(wrong.__dict__.items())):
        raise ValueError(f"{file}: the fault is in no function, method or constant")
    from mcrace.compiling import functions

    if not any(word in file for word in ("compiling/", "laws/", "model/", "sampling/", "engine/counting")):
        return  # nothing of it is compiled
    for found in vars(functions).values():
        if callable(getattr(found, "cache_clear", None)):
            found.cache_clear()


def _taken(place: Any, key: str, wrong: Any) -> int:
    """Take one name over where it is another; how many changes that made."""
    right = place.get(key)
    if isinstance(wrong, FunctionType) and isinstance(right, FunctionType):
        return _function_taken(right, wrong)
    if isinstance(wrong, functools._lru_cache_wrapper):
        right.cache_clear()
        return _function_taken(right.__wrapped__, wrong.__wrapped__)
    if isinstance(wrong, property) and isinstance(right, property) and wrong.fget and right.fget:
        return _function_taken(right.fget, wrong.fget)
    if isinstance(wrong, type) and isinstance(right, type) and wrong.__module__ == right.__module__:
        return sum(_taken(right.__dict__, name, value) for name, value in list(vars(wrong).items()))
    if (
        isinstance(place, dict)
        and isinstance(wrong, (int, float, str))
        and wrong != right
        and not key.startswith("__")
    ):
        place[key] = wrong
        return 1
    return 0


def _function_taken(right: Any, wrong: Any) -> int:
    same = right.__code__ == wrong.__code__ and repr(right.__defaults__) == repr(wrong.__defaults__)
    if not same:
        for name in _FIELDS:
            setattr(right, name, getattr(wrong, name))
    return int(not same)


if __name__ == "__main__":
    serve(float(sys.argv[1]))
