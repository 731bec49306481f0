"""The command line: arguments in, exit codes out."""

import argparse
import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mcrace import __version__
from mcrace.errors import Fault, McraceError, RunError, StudyError, nearest_name

if TYPE_CHECKING:
    from mcrace.engine.result import Result
    from mcrace.study import Study

__all__ = ["main"]

_OUTPUTS = "outputs"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command.

    Parameters
    ----------
    arguments : sequence of str, optional
        Those of the process if absent.

    Returns
    -------
    int
        0 done, 1 the run failed, 2 the study or the call is wrong, 130 interrupted.

    Examples
    --------
    >>> main(["explain", "no.such.key"])
    2
    """
    options = _parser().parse_args(arguments)
    command: Callable[[argparse.Namespace], int] = options.command
    try:
        code = command(options)
        sys.stdout.flush()
    except McraceError as error:
        _say(f"{error}")
        return error.exit_code
    except KeyboardInterrupt:
        _say("interrupted: nothing was written; the same command starts again")
        return 130
    except BrokenPipeError:
        # The reader has gone, as in `mcrace show RUN | head`: nothing more to say.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except MemoryError:
        _say("out of memory: ask for fewer --draws, or fewer --jobs")
        return 1
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="mcrace", description="Do open model releases fuel the race or cool it? Write a study, run it."
    )
    parser.add_argument("--version", action="version", version=f"mcrace {__version__}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    init = commands.add_parser("init", help="write a commented starter study; never overwrites")
    init.add_argument("file", nargs="?", default="study.yaml", metavar="FILE")
    init.set_defaults(command=_init)

    check = commands.add_parser("check", help="validate a study and show its inputs and what it will cost")
    check.add_argument("study", metavar="STUDY")
    _add_changes(check)
    check.add_argument("--json", action="store_true", help="print what was found as JSON")
    check.set_defaults(command=_check)

    run = commands.add_parser("run", help="sample a study, draw its figures, write its report")
    run.add_argument("study", nargs="+", metavar="STUDY")
    _add_changes(run)
    run.add_argument("--draws", metavar="N", help="draws over all replicates")
    run.add_argument("--seed", metavar="N", help="seed of all randomness")
    run.add_argument("--jobs", type=int, metavar="N", help="workers; all cores if absent")
    run.add_argument("--backend", default="threading", metavar="B", help="threading, loky or sequential")
    run.add_argument("--out", default=_OUTPUTS, metavar="DIR", help="folder of all outputs (outputs)")
    run.add_argument("--no-report", action="store_true", help="tables only: no figures, no report")
    run.add_argument("--quiet", action="store_true", help="print nothing but errors")
    run.add_argument("--json", action="store_true", help="print the summary as JSON")
    run.set_defaults(command=_run)

    show = commands.add_parser("show", help="print a finished run's tables")
    show.add_argument("run", metavar="RUN", help="its folder, such as outputs/baseline/latest")
    show.add_argument("--json", action="store_true", help="print the summary as JSON")
    show.set_defaults(command=_show)

    schema = commands.add_parser("schema", help="print the JSON Schema of a study file, for editors")
    schema.set_defaults(command=_schema)

    explain = commands.add_parser("explain", help="tell what a model key or an output means")
    explain.add_argument("key", nargs="?", metavar="KEY", help="such as customers.valuation_spread")
    explain.set_defaults(command=_explain)
    return parser


def _add_changes(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="PATH=VALUE",
        dest="changes",
        help="change a value of the study, as in inputs.day=30; repeatable",
    )


def _init(options: argparse.Namespace) -> int:
    path = Path(options.file)
    content = files("mcrace.study").joinpath("starter.yaml").read_text(encoding="utf-8")
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(content.replace("FILE", str(path)))
    except FileExistsError:
        raise StudyError(
            [
                Fault(
                    path="",
                    file=str(path),
                    found="a file of that name",
                    expected="a new name: init never overwrites",
                )
            ]
        ) from None
    except OSError as error:
        raise RunError(f"cannot write {path}: {error.strerror or error}") from error
    _print(f"Wrote {path}. Next: mcrace check {path}")
    return 0


def _check(options: argparse.Namespace) -> int:
    from mcrace.terminal.check import check_record, check_text

    study = _load(options.study, _changes(options.changes))
    if options.json:
        _print(json.dumps(check_record(study), indent=2))
    else:
        _print(check_text(study, blocks=_shows_blocks()))
    return 0


def _run(options: argparse.Namespace) -> int:
    changes = _changes(options.changes)
    for name in ("draws", "seed"):
        text = getattr(options, name)
        if text is not None:
            changes[f"sampling.{name}"] = _value(text)
    studies = [_load(path, changes) for path in options.study]
    for study in studies:
        _run_one(study, options)
    return 0


def _run_one(study: "Study", options: argparse.Namespace) -> None:
    from mcrace.report.publish import publish

    quiet = options.quiet or options.json
    with _progress(study.name, quiet=quiet) as progress:
        published = publish(
            study,
            out=options.out,
            jobs=options.jobs,
            backend=options.backend,
            report=not options.no_report,
            progress=progress,
        )
    if options.json:
        _print(json.dumps(_summary_json(published.result), indent=2))
    elif not options.quiet:
        from mcrace.terminal.results import run_text

        _print(run_text(published, report=not options.no_report))


def _show(options: argparse.Namespace) -> int:
    from mcrace.engine.folder import open_run
    from mcrace.terminal.results import result_text

    result = open_run(options.run)
    _print(json.dumps(_summary_json(result), indent=2) if options.json else result_text(result))
    return 0


def _schema(options: argparse.Namespace) -> int:  # noqa: ARG001 - every command takes its options
    from mcrace.study import study_schema

    _print(json.dumps(study_schema(), indent=2, ensure_ascii=False))
    return 0


def _explain(options: argparse.Namespace) -> int:
    from mcrace.nomenclature import KEYS, OUTPUTS
    from mcrace.terminal.explain import explain_text, key_list_text

    if options.key is None:
        _print(key_list_text())
        return 0
    text = explain_text(options.key)
    if text is None:
        known = [*KEYS, *OUTPUTS]
        fault = Fault(
            path="",
            found=f"the key {options.key!r}",
            expected="a model key or an output (mcrace explain lists them)",
            nearest=nearest_name(options.key, known),
        )
        raise StudyError([fault])
    _print(text)
    return 0


def _load(path: str, changes: dict[str, Any]) -> "Study":
    from mcrace.study import load

    return load(path, changes)


def _changes(texts: Sequence[str]) -> dict[str, Any]:
    """Read --set path=value, each value as YAML."""
    changes: dict[str, Any] = {}
    for text in texts:
        path, separator, value = text.partition("=")
        if not separator or not path.strip():
            fault = Fault(path="--set", found=repr(text), expected="PATH=VALUE, such as inputs.day=30")
            raise StudyError([fault])
        changes[path.strip()] = _value(value)
    return changes


def _value(text: str) -> Any:  # noqa: ANN401 - any YAML value
    from mcrace.study.document import read_text

    return read_text(text, f"--set {text}").value


def _summary_json(result: "Result") -> dict[str, Any]:
    from mcrace.analysis.records import run_record

    return run_record(result)


@contextmanager
def _progress(name: str, *, quiet: bool) -> Iterator[Callable[[int, int], None] | None]:
    """One bar with rate and time left on a terminal; nothing in a pipe."""
    if quiet or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed:,.0f} of {task.total:,.0f} draws"),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(name, total=None, rate="", start=True)

        def report(done: int, total: int) -> None:
            speed = bar.tasks[0].speed
            rate = f"{speed:,.0f} a second" if speed is not None else ""
            bar.update(task, completed=done, total=total, rate=rate)

        yield report


def _shows_blocks() -> bool:
    return (sys.stdout.encoding or "").lower().replace("-", "") in ("utf8", "utf16", "utf32")


def _print(text: str) -> None:
    encoding = sys.stdout.encoding or "utf-8"
    print(text.encode(encoding, "replace").decode(encoding))


def _say(text: str) -> None:
    encoding = sys.stderr.encoding or "utf-8"
    print(text.encode(encoding, "replace").decode(encoding), file=sys.stderr)
