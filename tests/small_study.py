"""A small study for tests of the engine: four uncertain inputs, three scenarios, a run of milliseconds."""

import copy
import hashlib
from collections.abc import Mapping
from typing import Any

import numpy as np

from mcrace.engine.result import Result
from mcrace.study import Study

SMALL: Mapping[str, Any] = {
    "study": "small",
    "title": "A small study",
    "question": "Does it run?",
    "inputs": {
        "x": {"law": {"lognormal": {"p05": 3e7, "p95": 4e8}}, "unit": "USD", "label": "Open model today"},
        "lead": {"law": {"uniform": [1.6, 20]}},
        "day": {"law": {"uniform": [0, 900]}, "unit": "days"},
    },
    "model": {
        "horizon_days": 730,
        "discount_rate": {"uniform": [0.05, 0.3]},
        "open": {"current_expense": "x", "releases": [{"day": "day", "expense": "1.3 * x * lead"}]},
        "lab": {"current_expense": "x * lead", "candidate_expense": "4 * x * lead"},
        "value": {"scale": 0.4, "reference": 1e6},
        "customers": {"count": 3e7},
    },
    "scenarios": {"early": {"inputs.day": 30}, "same": {"model.horizon_days": 730}},
    "sampling": {"draws": 512, "replicates": 4, "seed": 7},
}

EXACT: Mapping[str, Any] = {
    "study": "exact",
    "inputs": {"day": 200},
    "model": {
        "horizon_days": 730,
        "open": {"current_expense": 1e8, "releases": [{"day": "day", "expense": 9e8}]},
        "lab": {"current_expense": 3e8, "candidate_expense": 3e9, "counts_training_cost": False},
        "value": {"scale": 0.4, "reference": 1e6},
        "customers": {"count": 1e6},
    },
    "scenarios": {"never": {"inputs.day": float("inf")}},
}


def small_study(
    *,
    sampling: Mapping[str, Any] | None = None,
    scenarios: Mapping[str, Any] | None = None,
    inputs: Mapping[str, Any] | None = None,
    model: Mapping[str, Any] | None = None,
    grid: Mapping[str, Any] | None = None,
    **words: str,
) -> Study:
    """Make the small study with some of its values changed; `scenarios` and `inputs` take their place."""
    content: dict[str, Any] = copy.deepcopy(dict(SMALL))
    content["sampling"].update(sampling or {})
    content["model"].update(model or {})
    sections = {"scenarios": scenarios, "inputs": inputs, "grid": grid}
    content.update({name: section for name, section in sections.items() if section is not None})
    return Study(**{**content, **words})


def exact_study() -> Study:
    return Study(**copy.deepcopy(dict(EXACT)))


def fingerprint(result: Result) -> str:
    """Hash every bit of the kept draws and of the statistics, with their labels."""
    digest = hashlib.sha256(repr((list(result.draws.columns), result.statistics.scenarios)).encode())
    for name in result.draws.columns:
        column = result.draws[name]
        text = column.dtype.kind not in "if"
        digest.update("\n".join(column).encode() if text else np.ascontiguousarray(column.to_numpy()).data)
    for part in (result.statistics.pooled, result.statistics.values):
        digest.update(np.ascontiguousarray(part).data)
    return digest.hexdigest()
