"""The draws that a page carries, so that a reader can ask its own questions of them."""

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mcrace.figures.estimates import total_draws
from mcrace.figures.telling import IN_A_FIGURE, telling_scenarios
from mcrace.figures.theme import output_of
from mcrace.figures.wording import clean_text, common_unit, readable_unit
from mcrace.report.mechanisms import headlines

if TYPE_CHECKING:
    from mcrace.engine.result import Result

__all__ = ["MOST_LETTERS", "embedded_draws", "packed"]

MOST_LETTERS = 1_200_000
"""Letters of packed draws in a page, at most."""

_MOST_DRAWS, _LEAST_DRAWS = 4096, 1024
_LEVELS = (0.05, 0.5, 0.95)

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
    """The kept draws of a run: what varies in them, the replicates that have draws, and the rows of each.

    `rows` has a row a replicate and a column a point, each replicate's first points in their order.
    """

    result: "Result"
    outputs: tuple[str, ...]
    inputs: tuple[str, ...]
    columns: Mapping[str, FloatArray]
    rows: Mapping[str, NDArray[np.intp]]

    def column(self, scenario: str, name: str, points: int) -> FloatArray:
        """Take the first points of each replicate, replicate by replicate."""
        return self.columns[name][self.rows[scenario][:, :points].ravel()]


@dataclass(slots=True)
class _Store:
    """Packed columns, each once: scenarios share the inputs that they do not change."""

    letters: list[str] = field(default_factory=list)
    places: dict[str, int] = field(default_factory=dict)

    def place(self, values: FloatArray) -> int:
        """Put a column into the store, and say where it is; -1 if the scenario lacks it."""
        if np.isnan(values).any():
            return -1
        text = packed(values[:1] if (values == values[0]).all() else values)
        if text not in self.places:
            self.places[text] = len(self.letters)
            self.letters.append(text)
        return self.places[text]


def embedded_draws(result: "Result", room: int = MOST_LETTERS) -> str:
    """Write some of the kept draws of a run for its page.

    Parameters
    ----------
    result : Result
        A finished run.
    room : int
        Letters that the packed draws may take. Where there are more, points are halved down to a thousand
        draws, then scenarios are left out, then points are halved again.

    Returns
    -------
    str
        JSON; empty if no output varies. Of each replicate the first points, a power of two of them: they
        are a net of their own, and the scatter of the replicates gives the error of what is read from
        them. Inputs that are drawn anew for each member of a process are left out.

    See Also
    --------
    packed : how the numbers are written.

    Examples
    --------
    >>> import mcrace
    >>> study = mcrace.Study(
    ...     study="tiny",
    ...     inputs={"day": {"uniform": [0, 10]}},
    ...     model={
    ...         "horizon_days": 10,
    ...         "open": {"current_expense": 1e6, "releases": [{"day": "day", "expense": 3e6}]},
    ...         "lab": {"current_expense": 2e6, "candidate_expense": 4e6, "counts_training_cost": False},
    ...         "value": {"scale": 1, "reference": 1e6},
    ...         "customers": {"count": 5},
    ...     },
    ...     sampling={"draws": 64, "replicates": 4},
    ... )
    >>> told = json.loads(embedded_draws(mcrace.run(study, jobs=1)))
    >>> told["replicates"], told["points"], [item["name"] for item in told["inputs"]]
    (4, 16, ['day'])
    """
    if total_draws(result) < 2:
        return ""
    scenarios = telling_scenarios(result, IN_A_FIGURE)
    kept = _kept(result, scenarios)
    if not kept.outputs:
        return ""
    replicates, held = kept.rows[scenarios[0]].shape
    points = 1 << (max(min(held, _MOST_DRAWS // replicates), 1).bit_length() - 1)
    told = _told(kept, scenarios, points)
    while sum(map(len, told["columns"])) > room and (points > 1 or len(scenarios) > 1):
        if points * replicates > _LEAST_DRAWS or len(scenarios) == 1:
            points //= 2
        else:
            scenarios = telling_scenarios(result, 3 * len(scenarios) // 4)
        told = _told(kept, scenarios, points)
    return json.dumps(told, separators=(",", ":"))


def packed(values: FloatArray) -> str:
    """Write numbers in four letters each.

    Parameters
    ----------
    values : ndarray, shape (n,)
        Any numbers but NaN.

    Returns
    -------
    str
        Base 64 of the first three bytes of each number in single precision, high byte first: rounded by
        0.002 % at most. Signs, zeros and infinities are kept, and a finite number stays finite.

    Examples
    --------
    >>> packed(np.array([1.0, -2.5])), packed(np.array([0.0, np.inf]))
    ('P4AAwCAA', 'AAAAf4AA')
    """
    largest, least = 3.38e38, 1.3e-38  # beyond them a number would be rounded to infinity, or to 0
    size = np.clip(np.abs(values), least, largest)
    size = np.where(values == 0.0, 0.0, np.where(np.isinf(values), np.inf, size))
    bits = np.copysign(size, values).astype(">f4").view(">u4")
    bits = (bits + np.uint32(0x80)) & np.uint32(0xFFFFFF00)
    # A negative zero is a zero.
    bits[values == 0.0] = 0
    triples = bits.astype(">u4").view(np.uint8).reshape(-1, 4)[:, :3]
    return base64.b64encode(triples.tobytes()).decode()


def _kept(result: "Result", scenarios: Sequence[str]) -> _Kept:
    import pandas as pd

    draws, study = result.draws, result.study
    codes, labels = pd.factorize(draws["scenario"])
    places = {str(label): place for place, label in enumerate(labels)}
    replicate = draws["draw"].to_numpy() // result.statistics.points
    found = {name: np.flatnonzero(codes == places[name]) for name in scenarios}
    outputs = [name for name in result.statistics.outputs if name in draws.columns]
    if "perceived_incentive" not in headlines(study):
        outputs = [name for name in outputs if name != "perceived_incentive"]
    inputs = [item.name for item in study.inputs if not item.family and item.name in draws.columns]
    columns = {name: draws[name].to_numpy(dtype=np.float64) for name in (*inputs, *outputs)}
    every, base = np.concatenate(list(found.values())), found[scenarios[0]]
    return _Kept(
        result=result,
        outputs=tuple(name for name in outputs if _varies(columns[name][every])),
        inputs=tuple(name for name in inputs if _varies(columns[name][base])),
        columns=columns,
        rows={name: _by_replicate(rows, replicate[rows]) for name, rows in found.items()},
    )


def _by_replicate(rows: NDArray[np.intp], replicate: NDArray[np.int64]) -> NDArray[np.intp]:
    """Order rows by replicate, as many of each; a replicate of which fewer were kept is left out."""
    counts = np.bincount(replicate)
    whole = np.flatnonzero(counts == counts.max())
    return np.stack([rows[replicate == number] for number in whole])


def _varies(values: FloatArray) -> bool:
    return not np.isnan(values).any() and bool((values != values[0]).any())


def _told(kept: _Kept, scenarios: Sequence[str], points: int) -> dict[str, Any]:
    from scipy.special import stdtrit

    store = _Store()
    replicates = kept.rows[scenarios[0]].shape[0]
    told = [
        {
            "name": clean_text(scenario),
            "inputs": [store.place(kept.column(scenario, name, points)) for name in kept.inputs],
            "outputs": [store.place(kept.column(scenario, name, points)) for name in kept.outputs],
        }
        for scenario in scenarios
    ]
    return {
        "replicates": replicates,
        "points": points,
        "total": total_draws(kept.result),
        # Half of the 95 % interval in standard errors; there is none of a single replicate.
        "student": float(stdtrit(replicates - 1, 0.975)) if replicates > 1 else 0.0,
        "inputs": [_input(kept, name, points) for name in kept.inputs],
        "outputs": [_output(kept, name, scenarios, points) for name in kept.outputs],
        "scenarios": told,
        "columns": store.letters,
    }


def _input(kept: _Kept, name: str, points: int) -> dict[str, Any]:
    item = next(item for item in kept.result.study.inputs if item.name == name)
    values = kept.column(kept.result.study.base.name, name, points)
    marks = np.quantile(values[np.isfinite(values)], _LEVELS) if np.isfinite(values).any() else values[:0]
    factor, unit = readable_unit(marks.tolist(), item.unit)
    return {"name": name, "label": clean_text(item.label), "unit": unit, "factor": factor}


def _output(kept: _Kept, name: str, scenarios: Sequence[str], points: int) -> dict[str, Any]:
    """Name an output; it has one unit in all scenarios, so that they can be compared."""
    output = output_of(name, kept.result.study)
    values = np.concatenate([kept.column(scenario, name, points) for scenario in scenarios])
    sizes = np.quantile(values, _LEVELS, method="lower").tolist()
    factor, unit = common_unit(sizes, output.unit)
    return {"name": name, "label": clean_text(output.label), "unit": unit, "factor": factor}
