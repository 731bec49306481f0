"""The tables in the pages of configs/: computed here, written by ``python -m tests.written_numbers``."""

import math
import re
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from scipy.stats import t

import mcrace
from mcrace.engine.result import Result
from mcrace.figures.estimates import Estimate, contrasts_of, estimates_of
from mcrace.figures.wording import rounded
from mcrace.forecast.scores import crps
from mcrace.study.document import read_document

CONFIGS = Path(__file__).parents[1] / "configs"
LABS = ("leader", "follower", "near-open", "state-laggard")
EVES = ("llama-3.1", "deepseek-r1")
PAGES = (CONFIGS / "labs" / "README.md", CONFIGS / "history" / "README.md")
OUTCOMES = read_document(CONFIGS / "history" / "outcomes.yaml").value
BILLION = 1e9
_SMALL = 0.005

FLIPS = {
    "model.lab.prestige_per_day": ("prestige of a day ahead of all, million USD", 1e6),
    "model.customers.open_elasticity": ("elasticity of demand in the open level", 1.0),
    "model.lab.strategic.prize": (
        "prize of a race that a lead wins within a year on average, billion USD",
        BILLION,
    ),
    "model.lab.operating_cost_per_day": ("cost of going on, million USD a day", 1e6),
}

EFFECTS = (
    "revenue today, 5 and 95 %",
    "training z pays",
    "mean incentive",
    "... open models frozen",
    "mean effect of releases",
    "they raise it",
    "they lower it",
)

Rows = list[list[str]]


@cache
def run_of(folder: str, name: str) -> Result:
    """Run a study as it stands."""
    return mcrace.run(mcrace.load(CONFIGS / folder / f"{name}.yaml"), jobs=2)


def lab_rows() -> Rows:
    """Tell what the variants find, base and scenarios."""
    rows: Rows = [["study", "scenario", *EFFECTS]]
    for name in LABS:
        result = run_of("labs", name)
        rows += [
            [name, scenario.name, *_effects(result, scenario.name)] for scenario in result.study.scenarios
        ]
    return rows


def effect_rows() -> Rows:
    """Tell what the model says on each eve."""
    rows: Rows = [["study", *EFFECTS]]
    return rows + [[name, *_effects(run_of("history", name), "base")] for name in EVES]


def score_rows() -> Rows:
    """Tell what was forecast, what came, and the score."""
    rows: Rows = [["study", "quantity", "5 / 50 / 95 %", "came as", "draws below it", "CRPS"]]
    for name in EVES:
        result = run_of("history", name)
        for variable, outcome in OUTCOMES[result.study.name].items():
            values = by_replicate(result, variable)
            came, factor = float(outcome["value"]), BILLION if variable.startswith("revenue") else 1.0
            marks = " / ".join(f"{mark / factor:.3g}" for mark in np.quantile(values, [0.05, 0.5, 0.95]))
            below = 100 * (values < came).mean(axis=1)
            scores = np.array([crps(row, came) for row in values]) / factor
            rows.append(
                [name, variable, marks, f"{came / factor:g}", f"{_scattered(below)} %", _scattered(scores)]
            )
    return rows


def flip_rows() -> Rows:
    """Find the numbers of the model at which the mean effect of releases would be 0."""
    rows: Rows = [["number of the model, 0 in the study", *EVES]]
    for path, (words, factor) in FLIPS.items():
        cells = []
        for name in EVES:
            found = mcrace.flip(run_of("history", name), [path]).iloc[0]
            half = (found["high"] - found["low"]) / 2
            cells.append(
                "none" if math.isnan(found["value"]) else rounded(found["value"] / factor, half / factor)
            )
        rows.append([f"{words} (`{path.removeprefix('model.')}`)", *cells])
    return rows


def sooner_rows() -> Rows:
    """Tell what it is worth to have z three months sooner, with open releases and without."""
    rows: Rows = [["study", "worth with open releases", "worth with open models frozen"]]
    for name in EVES:
        contrasts = contrasts_of(run_of("history", name))
        cells = [
            contrasts.of("pulled_forward", output, "mean") for output in ("incentive", "incentive_frozen")
        ]
        rows.append([name, *map(in_billions, cells)])
    return rows


TABLES: Mapping[str, Callable[[], Rows]] = {
    "labs": lab_rows,
    "effects": effect_rows,
    "scores": score_rows,
    "flips": flip_rows,
    "sooner": sooner_rows,
}


def by_replicate(result: Result, variable: str) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Give the kept draws of base, a row a replicate."""
    draws = result.draws[result.draws["scenario"] == "base"][variable].to_numpy(dtype=np.float64)
    return draws.reshape(result.statistics.replicates, -1)


def rows_in(text: str, name: str) -> Rows:
    """Read the table after a mark."""
    _, _, rest = text.partition(f"<!-- table: {name} -->\n\n")
    lines = rest.partition("\n\n")[0].splitlines()
    return [[cell.strip() for cell in line.strip("| ").split("|")] for line in lines if "---" not in line]


def filled(text: str) -> str:
    """Write every table of a page anew."""
    for name, rows in TABLES.items():
        head = f"<!-- table: {name} -->\n\n"
        if head in text:
            before, _, rest = text.partition(head)
            first, *others = rows()
            lines = [first, ["---"] * len(first), *others]
            table = "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
            after = rest.partition("\n\n")[2] if rest.startswith("|") else rest.lstrip("\n")
            text = f"{before}{head}{table}\n\n{after}"
    return text


def readable(value: float, half_width: float) -> str:
    """Write a number with its error, or with three digits where the error is below them."""
    if half_width < _SMALL * abs(value):
        return f"{value:#.3g}".rstrip(".").replace("-", "−")
    return rounded(value, half_width)


def in_billions(estimate: Estimate) -> str:
    return readable(estimate.value / BILLION, estimate.half_width / BILLION)


def _effects(result: Result, scenario: str) -> list[str]:
    table = estimates_of(result)

    def of(output: str, statistic: str) -> Estimate:
        return table.of(scenario, output, statistic)

    def share(statistic: str) -> str:
        part = of(
            "open_effect" if statistic != "pays" else "incentive", statistic.replace("pays", "p_positive")
        )
        return f"{readable(100 * part.value, 100 * part.half_width)} %"

    low, high = (365.25 * of("revenue_today", mark).value / BILLION for mark in ("q0.05", "q0.95"))
    return [
        f"{low:.3g} to {high:.3g}" if high > 0 else "none",
        share("pays"),
        *(in_billions(of(output, "mean")) for output in ("incentive", "incentive_frozen", "open_effect")),
        share("p_positive"),
        share("p_negative"),
    ]


def _scattered(values: np.ndarray[Any, np.dtype[np.float64]]) -> str:
    """Write the mean over replicates with half of its 95 % interval."""
    half = t.ppf(0.975, values.size - 1) * values.std(ddof=1) / math.sqrt(values.size)
    return readable(float(values.mean()), float(half))


def numbers_of(cell: str) -> list[tuple[float, float]]:
    """Read the numbers of a cell, each with the error that is written, or that of its last digit."""
    found = re.findall(r"([-−]?\d[\d,]*(?:\.\d+)?)(?: ± ([\d.,]+))?", cell)
    return [
        (_number(value), _number(error) if error else 10.0 ** -len(value.partition(".")[2]))
        for value, error in found
    ]


def _number(text: str) -> float:
    return float(text.replace(",", "").replace("−", "-"))


if __name__ == "__main__":
    for page in PAGES:
        page.write_text(filled(page.read_text(encoding="utf-8")), encoding="utf-8")
