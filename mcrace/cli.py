"""The command line: arguments in, exit codes out."""

import argparse
import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from mcrace import __version__
from mcrace.errors import Fault, McraceError, StudyError, nearest_name
from mcrace.terminal import arguments as takes
from mcrace.terminal.given import changes_of, pairs_of, targets_of, value_of
from mcrace.terminal.own_process import lighten_process

if TYPE_CHECKING:
    from mcrace.engine.result import Result
    from mcrace.study import Study

__all__ = ["main"]

_Command = tuple[str, Callable[[argparse.ArgumentParser], None], Callable[[argparse.Namespace], int]]
_PLAIN_SIGNS = str.maketrans(
    {"\N{MINUS SIGN}": "-", "\N{PLUS-MINUS SIGN}": "+-", "\N{EN DASH}": "-", "…": "~"}
)


def main(words: Sequence[str] | None = None) -> int:
    """Run a command.

    Parameters
    ----------
    words : sequence of str, optional
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
    if words is None:
        lighten_process()
    try:
        try:
            options = _parser().parse_args(words)
            command: Callable[[argparse.Namespace], int] = options.command
            code = command(options)
        finally:
            sys.stdout.flush()
    except McraceError as error:
        _say(f"{error}")
        return error.exit_code
    except KeyboardInterrupt:
        _say("interrupted: what is finished is kept, and the same command goes on from there")
        return 130
    except OSError as error:
        # Whatever is left in the buffer must not fail a second time at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if isinstance(error, BrokenPipeError):
            return 0  # the reader has gone, as in `mcrace show RUN | head`
        _say(f"cannot go on: {error.strerror or error}")
        return 1
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
    for name, (meaning, take, command) in _COMMANDS.items():
        part = commands.add_parser(name, help=meaning)
        take(part)
        part.set_defaults(command=command)
    return parser


def _init(options: argparse.Namespace) -> int:
    from mcrace.terminal.init import write_starter

    write_starter(Path(options.file))
    _print(f"Wrote {options.file}. Next: mcrace check {options.file}")
    return 0


def _check(options: argparse.Namespace) -> int:
    from mcrace.terminal.check import check_record, check_text

    study = _load(options.study, changes_of(options.changes))
    if options.draw is not None:
        return _check_draw(study, options)
    if options.json:
        _print(json.dumps(check_record(study), indent=2))
    else:
        _print(check_text(study, blocks=_shows_blocks()))
    return 0


def _check_draw(study: "Study", options: argparse.Namespace) -> int:
    from mcrace.engine.replay import replayed
    from mcrace.terminal.replay import draw_number, replay_record, replay_text

    number = draw_number(options.draw)
    draws = replayed(study, *number)
    _print(json.dumps(replay_record(draws), indent=2) if options.json else replay_text(study, draws, number))
    return 2 if any(draw.faults for draw in draws) else 0


def _run(options: argparse.Namespace) -> int:
    changes = changes_of(options.changes)
    for name in ("draws", "seed"):
        text = getattr(options, name)
        if text is not None:
            changes[f"sampling.{name}"] = value_of(text, f"--{name}")
    if options.target_se:
        changes["sampling.precision"] = targets_of(options.target_se)
    studies = [_load(path, changes) for path in options.study]
    results = [_run_one(study, options) for study in studies]
    if options.json:
        records = [_summary_json(result) for result in results]
        _print(json.dumps(records[0] if len(records) == 1 else records, indent=2))
    return 0


def _run_one(study: "Study", options: argparse.Namespace) -> "Result":
    from mcrace.report.publish import publish
    from mcrace.terminal.progress import heeding_interrupts, progress_bar, told_warnings

    quiet = options.quiet or options.json
    with (
        told_warnings(_say),
        progress_bar(study.name, quiet=quiet) as bar,
        heeding_interrupts(bar) as telling,
    ):
        published = publish(
            study,
            out=options.out,
            jobs=options.jobs,
            backend=options.backend,
            address=options.address,
            report=not options.no_report,
            progress=telling.draws,
            tell=telling.step,
        )
    if not quiet:
        from mcrace.terminal.results import run_text

        _print(run_text(published, report=not options.no_report))
    return published.result


def _show(options: argparse.Namespace) -> int:
    from mcrace.engine.folder import finished_folder, open_run
    from mcrace.terminal.results import show_text

    result = open_run(options.run)
    text = show_text(result, finished_folder(options.run))
    _print(json.dumps(_summary_json(result), indent=2) if options.json else text)
    return 0


def _compare(options: argparse.Namespace) -> int:
    from mcrace.analysis.records import comparison_record
    from mcrace.engine.folder import open_run
    from mcrace.report.compare import write_comparison
    from mcrace.terminal.compare import compare_text

    results = [open_run(path) for path in options.run]
    folder = write_comparison(results, options.out)
    if options.json:
        _print(json.dumps(comparison_record(results), indent=2))
    elif not options.quiet:
        _print(compare_text(results, folder))
    return 0


def _report(options: argparse.Namespace) -> int:
    from mcrace.report.publish import republish
    from mcrace.terminal.progress import heeding_interrupts, progress_bar, told_warnings

    with (
        told_warnings(_say),
        progress_bar("report", quiet=options.quiet) as bar,
        heeding_interrupts(bar) as telling,
    ):
        published = republish(options.run, tell=telling.step)
    if not options.quiet:
        _print(f"Open {published.folder / 'report.html'}")
    return 0


def _verify(options: argparse.Namespace) -> int:
    from mcrace.report.verify import verification_record, verify
    from mcrace.terminal.progress import heeding_interrupts, progress_bar, told_warnings
    from mcrace.terminal.verify import verification_text

    with (
        told_warnings(_say),
        progress_bar("verify", quiet=options.json) as bar,
        heeding_interrupts(bar) as telling,
    ):
        found = verify(options.run, quick=options.quick, jobs=options.jobs, progress=telling.draws)
    _print(json.dumps(verification_record(found), indent=2) if options.json else verification_text(found))
    return 1 if found.verdict == "different" else 0


def _export(options: argparse.Namespace) -> int:
    from mcrace.terminal.forecast import breaches_text, export_text

    if options.check is not None:
        from mcrace.forecast.checking import checked_file

        breaches = checked_file(Path(options.check))
        _print(breaches_text(options.check, breaches))
        return 2 if breaches else 0
    from mcrace.forecast.attaching import attach
    from mcrace.report.cards import question_card

    asked = {
        key: value for key, value in (("variable", options.output), ("scenario", options.scenario)) if value
    }
    asked |= pairs_of(options.ask, "--ask")
    files, notes = attach(options.run, options.form, asked, options.out, question_card)
    if not options.quiet:
        _print(export_text(files, notes))
    return 0


def _score(options: argparse.Namespace) -> int:
    from mcrace.engine.folder import open_run
    from mcrace.forecast.ledger import add_to_ledger, outcomes_of, scored
    from mcrace.report.ledger_figures import draw_ledger
    from mcrace.terminal.forecast import score_records, score_text

    results = [open_run(path) for path in options.run]
    baseline = None if options.baseline is None else open_run(options.baseline)
    table = scored(results, outcomes_of(pairs_of(options.outcome, "--outcome")), baseline)
    ledger = Path(options.ledger)
    whole = add_to_ledger(ledger, table)
    drawn = draw_ledger(whole, ledger)
    told = score_text(table, ledger, len(whole), *drawn)
    _print(json.dumps(score_records(table), indent=2) if options.json else told)
    return 0


def _fit(options: argparse.Namespace) -> int:
    from mcrace.terminal.fitting import fitted_text

    text = fitted_text(options)
    if text:
        _print(text)
    return 0


def _log(options: argparse.Namespace) -> int:
    from mcrace.report.history import history
    from mcrace.terminal.forecast import log_text

    path = Path(options.study)
    if path.is_file():
        path = Path(options.out) / _load(options.study, {}).name
    elif not path.is_dir():
        path = Path(options.out) / options.study
    _print(log_text(history(path)))
    return 0


def _explore(options: argparse.Namespace) -> int:
    from mcrace.explore import explore

    changes, browser = changes_of(options.changes), not options.no_browser
    where = {"port": options.port, "draws": options.draws}
    explore(options.study, changes, **where, out=options.out, opens_browser=browser, tell=_say)
    return 0


def _schema(options: argparse.Namespace) -> int:  # noqa: ARG001 - every command takes its options
    from mcrace.study.editor_schema import study_schema

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


def _summary_json(result: "Result") -> dict[str, Any]:
    from mcrace.analysis.records import run_record

    return run_record(result)


def _shows_blocks() -> bool:
    return (sys.stdout.encoding or "").lower().replace("-", "") in ("utf8", "utf16", "utf32")


def _print(text: str) -> None:
    print(_encodable(text, sys.stdout.encoding or "utf-8"))


def _say(text: str) -> None:
    print(_encodable(text, sys.stderr.encoding or "utf-8"), file=sys.stderr)


def _encodable(text: str, encoding: str) -> str:
    """Write signs that the terminal lacks with those that it has: a minus must not be lost."""
    try:
        return text.encode(encoding).decode(encoding)
    except UnicodeEncodeError:
        plain = text.translate(_PLAIN_SIGNS)
        return plain.encode(encoding, "replace").decode(encoding)


_COMMANDS: Mapping[str, _Command] = MappingProxyType(
    {
        "init": ("write a commented starter study; never overwrites", takes.init_arguments, _init),
        "check": (
            "validate a study and show its inputs and what it will cost",
            takes.check_arguments,
            _check,
        ),
        "run": ("sample a study, draw its figures, write its report", takes.run_arguments, _run),
        "show": ("print a finished run's tables", takes.show_arguments, _show),
        "compare": (
            "put finished runs side by side: a table and a figure",
            takes.compare_arguments,
            _compare,
        ),
        "export": ("write a run for a forecasting platform, or as a bundle", takes.export_arguments, _export),
        "score": ("score forecasts that have resolved, and keep a ledger", takes.score_arguments, _score),
        "fit": ("propose laws from your data, as inputs to paste", takes.fit_arguments, _fit),
        "log": ("list a study's runs, what changed and how the answer moved", takes.log_arguments, _log),
        "report": (
            "write a finished run's page and tables anew, without sampling",
            takes.report_arguments,
            _report,
        ),
        "explore": ("move a study's numbers on a local page", takes.explore_arguments, _explore),
        "verify": (
            "hold a finished run against what its study gives now",
            takes.verify_arguments,
            _verify,
        ),
        "schema": ("print the JSON Schema of a study file, for editors", takes.no_arguments, _schema),
        "explain": ("tell what a model key or an output means", takes.explain_arguments, _explain),
    }
)
