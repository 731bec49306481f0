"""The analyses of a run as long tables: a row a number, with its error."""

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from mcrace.analysis.analyses import Analyses
from mcrace.analysis.candidate import WORLDS
from mcrace.analysis.estimates import Estimates
from mcrace.analysis.information import Information
from mcrace.analysis.release_map import OUTPUTS_OF_MAP

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["ANALYSIS_TABLES", "analysis_tables"]

Row = dict[str, Any]

_CONSTANT = "the output is constant"


def analysis_tables(found: Analyses) -> "dict[str, pd.DataFrame]":
    """Tabulate analyses.

    Parameters
    ----------
    found : Analyses
        Of one run.

    Returns
    -------
    dict of str to pandas.DataFrame
        By the name of the file, without its ending; what was not made is left out. Every table ends with
        ``value, standard_error, low, high, note``: `low` and `high` bound the 95 % interval by Student's t.
    """
    import pandas as pd

    tables = {}
    for name, make in ANALYSIS_TABLES.items():
        rows = list(make(found))
        if rows:
            tables[name] = pd.DataFrame(rows)
    return tables


def _sensitivity(found: Analyses) -> Iterator[Row]:
    measures: list[tuple[str, Estimates]] = []
    if found.sobol is not None:
        measures += [("first_order", found.sobol.first), ("total_order", found.sobol.total)]
    if found.shapley is not None:
        measures.append(("shapley", found.shapley.share))
    if found.from_draws is not None:
        given = found.from_draws
        measures += [
            ("first_order_from_draws", given.first),
            ("rank_correlation", given.spearman),
            ("pawn_median", given.pawn_median),
            ("pawn_max", given.pawn_max),
            ("pawn_median_of_nothing", given.dummy_median),
            ("pawn_max_of_nothing", given.dummy_max),
        ]
    for place, output in enumerate([*found.outputs, *(f"{name} > 0" for name in found.outputs)]):
        for column, name in enumerate(found.inputs):
            for measure, values in measures:
                note = _CONSTANT if np.isnan(values.value[place, column]) else ""
                yield {
                    "output": output,
                    "input": name,
                    "measure": measure,
                    **_numbers(values, (place, column), note),
                }


def _value_of_information(found: Analyses) -> Iterator[Row]:
    for decision, known in (("train z or not", found.training), ("which candidate, or none", found.choice)):
        if known is not None:
            yield from _information(decision, known, found)


def _information(decision: str, known: Information, found: Analyses) -> Iterator[Row]:
    def rows(subject: str, worth: Estimates, changes: Estimates, place: tuple[int, ...]) -> Iterator[Row]:
        head = {"decision": decision, "learning": subject}
        below = bool(worth.value[place] < 0)
        note = "below 0 by chance: worth nothing that these draws resolve" if below else ""
        yield {**head, "measure": "value", **_numbers(worth, place, note)}
        yield {**head, "measure": "p_changes_decision", **_numbers(changes, place)}

    yield {
        "decision": decision,
        "learning": "",
        "measure": "best_mean_benefit",
        **_numbers(known.benefit, ()),
    }
    yield from rows("everything", known.perfect, known.perfect_changes, ())
    for place, name in enumerate(found.groups):
        yield from rows(name, known.groups, known.group_changes, (place,))
    for place, name in enumerate(found.inputs):
        yield from rows(name, known.inputs, known.input_changes, (place,))


def _thresholds(found: Analyses) -> Iterator[Row]:
    for output, curves in zip(found.outputs, found.curves, strict=False):
        for name, curve in zip(found.inputs, curves.inputs, strict=True):
            parts = (
                ("mean", curve.mean, curve.mean_crossings, curves.levels[0]),
                ("p_positive", curve.positive, curve.positive_crossings, curves.levels[1]),
            )
            for statistic, values, crossings, level in parts:
                head = {"output": output, "input": name, "statistic": statistic}
                for place, at in enumerate(curve.values):
                    note = "a value that many draws share" if curve.is_atom[place] else ""
                    yield {**head, "kind": "curve", "at": float(at), **_numbers(values, (place,), note)}
                for crossing in crossings:
                    one = Estimates(
                        value=np.array(crossing.value),
                        standard_error=np.array(crossing.standard_error),
                        replicates=values.replicates,
                    )
                    way = "upwards" if crossing.upward else "downwards"
                    told = "" if crossing.resolved else "; not told from the level on both sides"
                    note = f"{way}, {crossing.agreeing} of {values.replicates} replicates agree{told}"
                    yield {**head, "kind": "crossing", "at": level, **_numbers(one, (), note)}


def _regions(found: Analyses) -> Iterator[Row]:
    if found.prim is not None:
        for number, region in enumerate(found.prim.regions, start=1):
            for measure in ("coverage", "density", "mass"):
                head = {"method": "prim", "region": number, "input": "", "limit": "", "measure": measure}
                yield {**head, **_numbers(getattr(region, measure), ())}
            for limit in region.limits:
                side = "above" if limit.above else "below"
                head = {"method": "prim", "region": number, "input": limit.name, "limit": side}
                exact = Estimates(value=np.array(limit.value), standard_error=np.array(np.nan), replicates=2)
                note = f"quasi-p-value {limit.quasi_p:.3g}"
                yield {**head, "measure": "value", **_numbers(exact, (), note)}
        if not found.prim.regions:
            head = {"method": "prim", "region": 0, "input": "", "limit": "", "measure": "share"}
            note = f"no region: {found.prim.condition} of the draws meet the condition"
            yield {**head, **_numbers(found.prim.share, (), note)}
    if found.tree is not None:
        for number, leaf in enumerate(found.tree.leaves, start=1):
            for measure in ("probability", "share"):
                head = {"method": "tree", "region": number, "input": "", "limit": "", "measure": measure}
                yield {**head, **_numbers(getattr(leaf, measure), ())}
            for item in leaf.restrictions:
                for side, value in (("above", item.low), ("below", item.high)):
                    if np.isfinite(value):
                        head = {"method": "tree", "region": number, "input": item.name, "limit": side}
                        exact = Estimates(
                            value=np.array(value), standard_error=np.array(np.nan), replicates=2
                        )
                        yield {**head, "measure": "value", **_numbers(exact, ())}


def _candidate(found: Analyses) -> Iterator[Row]:
    curve = found.candidate
    if curve is None:
        return
    for world, output in enumerate(WORLDS):
        for place, multiple in enumerate(curve.multiples):
            head = {"output": output, "multiple": float(multiple), "expense": float(curve.expense[place])}
            yield {**head, "measure": "mean", **_numbers(curve.mean, (world, place))}
            yield {**head, "measure": "p_positive", **_numbers(curve.positive, (world, place))}
    for world, output in enumerate(WORLDS):
        note = "at an end of the range: a better one may lie beyond" if curve.best.edge[world] else ""
        head = {"output": output, "multiple": np.nan, "expense": np.nan, "measure": "best_multiple"}
        yield {**head, **_numbers(curve.best.multiple, (world,), note)}
    head = {"output": "open_effect", "multiple": np.nan, "expense": np.nan, "measure": "shift_of_best"}
    yield {**head, **_numbers(curve.best.shift, ())}


def _release_map(found: Analyses) -> Iterator[Row]:
    cells = found.release_map
    if cells is None:
        return
    for place in np.ndindex(cells.mean.value.shape):
        output, level, day = place
        head = {
            "output": OUTPUTS_OF_MAP[output],
            "day": float(cells.days[day]),
            "level": float(cells.levels[level]),
        }
        yield {**head, "measure": "mean", **_numbers(cells.mean, place)}
        yield {**head, "measure": "p_positive", **_numbers(cells.positive, place)}


def _flip(found: Analyses) -> Iterator[Row]:
    for point in found.flips:
        way = "" if np.isnan(point.value.value) else "rises there" if point.rises else "falls there"
        yield {
            "key": point.path,
            "start": point.start,
            "at_start": float(point.at_start.value),
            "tried_low": point.tried[0],
            "tried_high": point.tried[1],
            "at_tried_low": point.ends[0],
            "at_tried_high": point.ends[1],
            **_numbers(point.value, (), point.note or way),
        }


def _decomposition(found: Analyses) -> Iterator[Row]:
    parts = found.decomposition
    for place, name in enumerate(parts.names):
        yield {"part": name, "measure": "mean", **_numbers(parts.step, (place,))}
        yield {"part": name, "measure": "share", **_numbers(parts.share, (place,))}
    yield {"part": "open_effect", "measure": "mean", **_numbers(parts.total, ())}


def _numbers(values: Estimates, place: tuple[int, ...], note: str = "") -> Row:
    low, high = values.interval()
    return {
        "value": float(values.value[place]),
        "standard_error": float(values.standard_error[place]),
        "low": float(low[place]),
        "high": float(high[place]),
        "note": note,
    }


ANALYSIS_TABLES: Final[Mapping[str, Callable[[Analyses], Iterator[Row]]]] = MappingProxyType(
    {
        "sensitivity": _sensitivity,
        "value_of_information": _value_of_information,
        "thresholds": _thresholds,
        "flip": _flip,
        "regions": _regions,
        "candidate": _candidate,
        "release_map": _release_map,
        "decomposition": _decomposition,
    }
)
"""Name of each table's file, and what makes its rows."""
