"""What ``mcrace fit`` was asked for."""

import argparse
import hashlib
import json
from pathlib import Path

from mcrace.errors import Fault, StudyError
from mcrace.fit import Fit, fit_column, fit_record, fit_releases, inputs_yaml, write_fit
from mcrace.terminal.arguments import OUTPUTS_FOLDER
from mcrace.terminal.fit import fit_text

__all__ = ["fit_of", "fitted_text"]

_OF_COLUMN = ("weights", "name", "unit", "label")
_OF_RELEASES = ("map", "lab", "level_scale", "points_per_tenfold", "closed", "since", "until")


def fit_of(options: argparse.Namespace) -> Fit:
    """Fit what the options name: a column, or a table of releases.

    Parameters
    ----------
    options : argparse.Namespace
        As `mcrace.terminal.arguments.fit_arguments` takes them.

    Returns
    -------
    Fit

    Raises
    ------
    StudyError
        Neither or both are asked for, an option belongs to the other, or the data cannot be used.
    """
    if options.releases == (options.column is not None):
        found = "both --column and --releases" if options.releases else "neither --column nor --releases"
        raise StudyError([Fault(path="", found=found, expected="--column NAME for numbers, or --releases")])
    others = _OF_COLUMN if options.releases else _OF_RELEASES
    alien = [f"--{name.replace('_', '-')}" for name in others if getattr(options, name) not in (None, [])]
    if alien:
        mode = "--releases" if options.releases else "--column"
        raise StudyError(
            Fault(path=option, found=f"it beside {mode}", expected="another option: it has no meaning there")
            for option in alien
        )
    if options.releases:
        return fit_releases(
            options.data,
            _mapped(options.map),
            labs=options.lab,
            scale=options.level_scale,
            per_tenfold=options.points_per_tenfold,
            closed_labs=options.closed,
            since=options.since,
            until=options.until,
            source=options.source or "",
        )
    return fit_column(
        options.data,
        options.column,
        name=options.name,
        label=options.label or "",
        unit=options.unit or "",
        source=options.source or "",
        weights=options.weights,
    )


def fitted_text(options: argparse.Namespace) -> str:
    """Fit, write the files, and say so: as text, as JSON, or not at all."""
    fit = fit_of(options)
    folder = _folder(options, fit)
    files = write_fit(fit.proposals, folder, force=options.force)
    if options.json:
        return json.dumps(fit_record(fit.proposals, fit.notes), indent=2)
    return "" if options.quiet else fit_text(fit, inputs_yaml(fit.proposals), folder, files)


def _folder(options: argparse.Namespace, fit: Fit) -> Path:
    """Choose where to write: what is asked for, or a folder named after the file and what came of it."""
    if options.out is not None:
        return Path(options.out)
    content = json.dumps([fit.digest, inputs_yaml(fit.proposals)])
    mark = hashlib.sha256(content.encode("utf-8")).hexdigest()[:12]
    return Path(OUTPUTS_FOLDER, "fit", f"{Path(fit.file).stem[:40]}-{mark}")


def _mapped(pairs: list[str]) -> dict[str, str]:
    mapped = {}
    for pair in pairs:
        what, equals, column = pair.partition("=")
        if not equals or not column:
            expected = "WHAT=COLUMN, such as date=release_date"
            raise StudyError([Fault(path="--map", found=repr(pair), expected=expected)])
        mapped[what.strip()] = column
    return mapped
