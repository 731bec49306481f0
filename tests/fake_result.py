"""A finished run made by hand: frozen values, no engine; the outputs are whatever a test wants."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from mcrace.engine.result import Result, RunFacts, Statistics
from mcrace.engine.statistics import STATISTICS, statistics_of
from mcrace.laws.discrete import Discrete
from mcrace.laws.lognormal import Lognormal
from mcrace.laws.normal import Normal
from mcrace.nomenclature import OUTPUTS
from mcrace.study import Input, Sampling, Scenario, Study
from mcrace.study.resolve import Resolved

Outputs = Mapping[str, np.ndarray]


def fake_input(name: str, law: Any, **texts: str) -> Input:
    return Input(
        name=name,
        law=law,
        text=texts.get("text", f"law of {name}"),
        unit=texts.get("unit", ""),
        label=texts.get("label", name),
        source=texts.get("source", ""),
        dimension=None if isinstance(law, float) else 0,
    )


TYPICAL_INPUTS = (
    fake_input("x", Lognormal(1.1e8, 0.8), unit="USD", label="Open model today", source="Epoch AI, 2026",
               text="lognormal(median=1.1e8, sigma=0.8)"),
    fake_input("lead", Lognormal(6.0, 0.75), label="Closed lead y/x", text="lognormal(median=6, sigma=0.75)"),
    fake_input("day", Discrete(values=(50.0, 150.0, 400.0, float("inf")), weights=(0.3, 0.35, 0.23, 0.12)),
               unit="days", label="Day an open model passes y", text="discrete(...)"),
    fake_input("customers", Lognormal(3e7, 1.6), unit="customers", label="Potential customers",
               text="lognormal(median=3e7, sigma=1.6)"),
    fake_input("rate", Normal(0.12, 0.03), unit="a year", label="Discount rate", text="normal(0.12, 0.03)"),
    fake_input("horizon", 730.0, unit="days", label="Horizon", text="730"),
)  # fmt: skip


def fake_study(
    *,
    scenarios: Mapping[str, Mapping[str, Any]] = MappingProxyType({"base": {}}),
    inputs: tuple[Input, ...] = TYPICAL_INPUTS,
    title: str = "Does the next open release cool the race?",
    question: str = "How much does training z pay, and what does the next open release do to that?",
    name: str = "baseline",
    model: Mapping[str, Any] = MappingProxyType({}),
    sampling: Sampling | None = None,
) -> Study:
    parts = Resolved(
        name=name,
        title=title,
        question=question,
        scenarios=tuple(
            Scenario(name=label, changes=changes, inputs=inputs, model=model)
            for label, changes in scenarios.items()
        ),
        sampling=Sampling() if sampling is None else sampling,
        document={"study": name, "scenarios": {label: {} for label in scenarios}},
        file=None,
    )
    return Study.assembled(parts)


def fake_result(
    draws: Mapping[str, Outputs], *, replicates: int = 16, keep: int = 16_384, study: Study | None = None
) -> Result:
    """Make a run in which scenario s gave ``draws[s][output]``, an array of all draws.

    Outputs that are not given are 0 in every draw.
    """
    names = tuple(draws)
    study = fake_study(scenarios={name: {} for name in names}) if study is None else study
    size = len(next(iter(draws["base"].values())))
    points = size // replicates
    filled = {
        scenario: np.stack([np.broadcast_to(given.get(output, np.zeros(size)), size) for output in OUTPUTS])
        for scenario, given in draws.items()
    }
    cells = [
        [statistics_of(array[:, i * points : (i + 1) * points]) for i in range(replicates)]
        for array in filled.values()
    ]
    values = np.moveaxis(np.array(cells), 1, -1)
    frames = [
        pd.DataFrame({"scenario": name, "draw": np.arange(size), **dict(zip(OUTPUTS, array, strict=True))})[
            :keep
        ]
        for name, array in filled.items()
    ]
    return Result(
        study=study,
        draws=pd.concat(frames, ignore_index=True),
        statistics=Statistics(
            scenarios=names,
            outputs=tuple(OUTPUTS),
            names=STATISTICS,
            pooled=np.stack([statistics_of(array[:, : points * replicates]) for array in filled.values()]),
            values=values,
            points=points,
        ),
        facts=RunFacts(seconds=1.0, evaluations=size * len(names), jobs=1, backend="sequential"),
    )


def typical_draws(
    scenarios: Sequence[str] = ("base",), size: int = 65_536, seed: int = 7
) -> dict[str, Outputs]:
    """Heavy-tailed incentives and an open effect that is 0 in about 29 % of draws and negative elsewhere."""
    random = np.random.default_rng(seed)
    gain, cost, hit = (random.lognormal(mean, sd, size) for mean, sd in ((22, 1.3), (21.5, 0.8), (21, 1.0)))
    acts = random.random(size) < 0.713
    draws: dict[str, Outputs] = {}
    for place, name in enumerate(scenarios):
        effect = np.where(acts, -hit * 1.15**place, 0.0)
        incentive = gain * 1.1**place - cost + 0.3 * effect
        draws[name] = {
            "incentive": incentive,
            "incentive_frozen": incentive - effect,
            "open_effect": effect,
            "revenue_gain": incentive + cost,
            "training_cost": cost,
            "open_effect_revenue_gain": effect,
            "revenue_today": hit / 100,
        }
    return draws


def base_result(
    incentive: Any, open_effect: Any, *, replicates: int = 16, study: Study | None = None
) -> Result:
    """Make a run of base alone from all draws of its two headline outputs."""
    arrays = {"incentive": np.array(incentive, float), "open_effect": np.array(open_effect, float)}
    return fake_result({"base": arrays}, replicates=replicates, study=study)


def many_inputs(count: int) -> tuple[Input, ...]:
    """Make inputs with awkward laws and labels."""
    laws = (Lognormal(1e-3, 0.4), Normal(0.0, 1e6), 5.0, Lognormal(3.0, 4.0),
            Discrete(values=(1.0, 2.0, float("inf")), weights=(0.2, 0.3, 0.5)))  # fmt: skip
    labels = (
        '$\\foo$ <b>&" 开源模型今天的水平和很多别的字',
        "A label that goes on and on " * 4,
        "bell\x07\nand\x00nul",
    )
    return tuple(
        fake_input(f"input_{i}", laws[i % 5], unit="USD", label=labels[i % 3], source="a\x00b")
        for i in range(count)
    )
