"""Where a run's answer changes: flips, thresholds, regions."""

import re
from collections.abc import Iterator, Sequence

import numpy as np

from mcrace.analysis.analyses import Analyses
from mcrace.analysis.flip import FlipPoint
from mcrace.analysis.rules import Restriction, restrictions, rule
from mcrace.figures.wording import percent, short
from mcrace.nomenclature import KEYS
from mcrace.report.finding import Finding, Teller, half_width, share_text
from mcrace.report.page_tables import Cell, Table, TableRow
from mcrace.study.names import key_path

__all__ = ["flips_found", "regions_found", "thresholds_found"]


def flips_found(found: Analyses, teller: Teller) -> Iterator[Finding]:
    """Say at which values of single numbers the answer flips.

    Parameters
    ----------
    found : Analyses
        Of one run.
    teller : Teller
        Of its study.

    Yields
    ------
    Finding
        None if it was not asked for.
    """
    request = teller.study.analysis.flip
    if not found.flips or request is None:
        return
    hits = [point for point in found.flips if not np.isnan(point.value.value)]
    subject = f"the mean of {teller.output(request.output)}"
    if request.statistic == "p_positive":
        subject = f"the probability that {teller.output(request.output)} is above 0"
    mark = percent(request.mark, 0.0) if request.statistic == "p_positive" else short(request.mark)
    sentences = [
        "One number of the study at a time is taken away from where it stands until "
        f"{subject} crosses {mark}."
    ]
    if not hits:
        sentences.append("None of those that were tried does it by itself.")
    yield Finding(
        name="flips",
        heading="What would flip it",
        sentences=(*sentences, *_silent(found.flips)),
        figures=("flip",),
        tables=_flip_table(hits, f"What would flip it: where {subject} crosses {mark}", teller),
    )


def _flip_table(hits: Sequence[FlipPoint], caption: str, teller: Teller) -> tuple[Table, ...]:
    rows = [
        TableRow(
            _key_label(point.path, teller),
            point.path,
            (
                Cell(_plain(point.path, point.start, teller)),
                Cell(_plain(point.path, float(point.value.value), teller, half_width(point.value))),
                Cell("rises there" if point.rises else "falls there", is_number=False),
            ),
        )
        for point in hits
    ]
    columns = ("Number of the study", "Stands at", "Flips at", "The statistic")
    return (Table(caption=caption, columns=columns, rows=tuple(rows)),) if rows else ()


def _silent(points: Sequence[FlipPoint]) -> Iterator[str]:
    """Say of the numbers that flip nothing why."""
    reasons: dict[str, list[str]] = {}
    for point in points:
        if np.isnan(point.value.value):
            reasons.setdefault(point.note.partition(":")[0], []).append(point.path.removeprefix("model."))
    for reason, paths in reasons.items():
        yield f"{reason[0].upper()}{reason[1:]}: {', '.join(paths)}."


def _key_label(path: str, teller: Teller) -> str:
    if path.startswith("inputs."):
        return teller.labels[path.removeprefix("inputs.")]
    key = KEYS[key_path(path.removeprefix("model.").split("."))]
    words = re.split(r"[:,.;]", key.meaning)[0]
    return f"{words[0].upper()}{words[1:]}"


def _plain(path: str, value: float, teller: Teller, error: float = 0.0) -> str:
    return teller.value(path.removeprefix("inputs."), value, error)


def thresholds_found(found: Analyses, teller: Teller) -> Iterator[Finding]:
    """Say from which values of single inputs on a mean changes its sign.

    Parameters
    ----------
    found : Analyses
        Of one run.
    teller : Teller
        Of its study.

    Yields
    ------
    Finding
        None if it was not asked for.
    """
    if not found.curves:
        return
    rows = []
    for output, curves in zip(found.outputs, found.curves, strict=True):
        for name, curve in zip(found.inputs, curves.inputs, strict=True):
            crossings = [crossing for crossing in curve.mean_crossings if crossing.resolved]
            for crossing in crossings:
                half = 2 * crossing.standard_error
                way = "from below 0 to above" if crossing.upward else "from above 0 to below"
                rows.append(
                    TableRow(
                        teller.labels[name],
                        name,
                        (
                            Cell(teller.output(output), is_number=False),
                            Cell(teller.value(name, crossing.value, half)),
                            Cell(way, is_number=False),
                        ),
                    )
                )
    told = "Where one input is known and the others are not, the mean crosses 0 at the values below."
    if not rows:
        told = "Knowing one input alone, whatever its value, leaves the sign of every mean as it is."
    tables: tuple[Table, ...] = ()
    if rows:
        tables = (
            Table(
                caption="Values of one input at which the mean changes its sign",
                columns=("Input", "Output", "At", "As the input rises"),
                rows=tuple(rows),
            ),
        )
    yield Finding(
        name="thresholds",
        heading="From which values on",
        sentences=(told,),
        figures=("thresholds",),
        tables=tables,
    )


def regions_found(found: Analyses, teller: Teller) -> Iterator[Finding]:
    """Say in which ranges of inputs the study's condition holds.

    Parameters
    ----------
    found : Analyses
        Of one run.
    teller : Teller
        Of its study.

    Yields
    ------
    Finding
        None if it was not asked for.
    """
    asked, boxes = teller.study.analysis.regions, found.prim
    if asked is None or boxes is None:
        return
    parts = [
        f"{side} {short(limit)}"
        for side, limit in (("above", asked.above), ("below", asked.below))
        if limit is not None
    ]
    condition = f"{teller.output(asked.output)} is {' and '.join(parts)}"
    sentences = [f"In {share_text(boxes.share, ())} of the draws {condition}."]
    for region in boxes.regions:
        words = rule(
            restrictions(region.limits), lambda name, value: teller.value(name, value), teller.labels
        )
        density, coverage = share_text(region.density, ()), share_text(region.coverage, ())
        sentences.append(
            f"{words[0].upper()}{words[1:]}: there it is so in {density} of the draws, and {coverage} of all "
            "such draws lie there."
        )
    if boxes.condition != "some":
        sentences = [f"In {'every draw' if boxes.condition == 'all' else 'no draw'} {condition}."]
    elif not boxes.regions:
        sentences.append("No ranges of inputs were found in which it is clearly more common.")
    yield Finding(
        name="regions",
        heading="Where it happens",
        sentences=tuple(sentences),
        figures=("regions",),
        tables=_tree_table(found, teller, condition),
    )


def _tree_table(found: Analyses, teller: Teller, condition: str) -> tuple[Table, ...]:
    if found.tree is None or len(found.tree.leaves) < 2:
        return ()

    def words(ranges: Sequence[Restriction]) -> str:
        return rule(ranges, lambda name, value: teller.value(name, value), teller.labels)

    rows = tuple(
        TableRow(
            words(leaf.restrictions),
            "",
            (Cell(share_text(leaf.probability, ())), Cell(share_text(leaf.share, ()))),
        )
        for leaf in found.tree.leaves
    )
    return (
        Table(
            caption=f"A decision tree: how often {condition}",
            columns=("Where", "So often", "Of all draws"),
            rows=rows,
        ),
    )
