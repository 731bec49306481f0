"""Captions, and texts for those who cannot see a figure: findings with their numbers."""

from typing import TYPE_CHECKING

import numpy as np

from mcrace.figures import theme as style
from mcrace.figures.estimates import Estimate, estimates_of, total_draws
from mcrace.figures.inputs import input_quantiles, shown_inputs
from mcrace.figures.telling import IN_A_FIGURE, left_out_words, telling_scenarios
from mcrace.figures.wording import clean_text, counted, readable_unit, short

if TYPE_CHECKING:
    from mcrace.engine.result import Result

__all__ = [
    "distribution_alt",
    "distribution_caption",
    "exceedance_alt",
    "exceedance_caption",
    "inputs_alt",
    "inputs_caption",
    "scenarios_alt",
    "scenarios_caption",
]

_INTERVAL = "± is half the width of the 95 % interval of the Monte Carlo error."


def distribution_caption(result: "Result", output: str) -> str:
    """Say what `distribution` shows, from how many draws, in which unit."""
    named = style.output_of(output, result.study)
    return (
        f"{named.label} in the base scenario{_in_unit(result, output)}. {named.meaning} Bars: share of the "
        f"{counted(_kept(result), 'kept draw')} in each bin; a stem: draws with exactly one value, a share "
        "of its own. Strip: 5–95 % and 25–75 % range, median and mean. Probabilities and quantiles are "
        f"from all {counted(total_draws(result), 'draw')}; {_error_words(result)}"
    )


def distribution_alt(result: "Result", output: str) -> str:
    """Tell in words and numbers what `distribution` shows."""
    named, table = style.output_of(output, result.study), estimates_of(result)
    values = [table.of("base", output, name) for name in ("q0.05", "q0.5", "mean", "q0.95")]
    factor, unit = table.unit(["base"], output, named.unit)
    low, median, mean, high = (item.text(factor) for item in values)
    return (
        f"Histogram of {_lower(named.label)}. 5 % quantile {low}, median {median}, mean {mean}, "
        f"95 % quantile {high} {unit}".rstrip()
        + f". {_chances(result, output)}."
    )


def exceedance_caption(result: "Result", output: str) -> str:
    """Say what `exceedance` shows, from how many draws, in which unit."""
    named = style.output_of(output, result.study)
    return (
        f"Share of the {counted(_kept(result), 'kept draw')} of the base scenario in which "
        f"{_lower(named.label)} is above a threshold{_in_unit(result, output)}. The circle is the chance "
        f"to exceed 0, from all {counted(total_draws(result), 'draw')}; {_error_words(result)}"
    )


def exceedance_alt(result: "Result", output: str) -> str:
    """Tell in words and numbers what `exceedance` shows."""
    named, table = style.output_of(output, result.study), estimates_of(result)
    levels = (("q0.05", "5 %"), ("q0.25", "25 %"), ("q0.5", "50 %"), ("q0.75", "75 %"), ("q0.95", "95 %"))
    values = [(table.of("base", output, name), share) for name, share in levels]
    factor, unit = table.unit(["base"], output, named.unit)
    steps = ", ".join(f"{share} {item.text(factor)}" for item, share in values)
    return f"Falling curve. Quantiles: {steps} {unit}".rstrip() + f". {_chances(result, output)}."


def scenarios_caption(result: "Result", output: str) -> str:
    """Say what `scenarios` shows, from how many draws, in which unit."""
    named = style.output_of(output, result.study)
    count = len(telling_scenarios(result, IN_A_FIGURE))
    left = left_out_words(result, IN_A_FIGURE)
    which = (
        "the base scenario, the only one"
        if count == 1
        else f"{count} scenarios on the same draws, base first" + (f" ({left})" if left else "")
    )
    return (
        f"{named.label} in {which}{_in_unit(result, output, every=True)}. Thin bar: 5–95 % range; thick "
        "bar: 25–75 %; upright bar: median; diamond: mean; right: chance to exceed 0. From "
        f"{counted(total_draws(result), 'draw')} a scenario; {_error_words(result)}"
    )


def scenarios_alt(result: "Result", output: str) -> str:
    """Tell in words and numbers what `scenarios` shows."""
    named, table = style.output_of(output, result.study), estimates_of(result)
    names = telling_scenarios(result, IN_A_FIGURE)
    factor, unit = table.unit(names, output, named.unit)
    parts = [
        f"{clean_text(name)}: mean {table.of(name, output, 'mean').text(factor)} {unit}".rstrip()
        + f", 5–95 % from {table.of(name, output, 'q0.05').text(factor)} to "
        f"{table.of(name, output, 'q0.95').text(factor)}, above 0 in "
        f"{table.of(name, output, 'p_positive').percent} of draws"
        for name in names
    ]
    return f"Ranges of {_lower(named.label)} by scenario. " + "; ".join(parts) + "."


def inputs_caption(result: "Result") -> str:
    """Say what `inputs` shows."""
    inputs = shown_inputs(result.study)
    count, families = len(inputs), sum(bool(item.family) for item in inputs)
    if count == 0:
        return "The study has no inputs: every number of its model is fixed."
    laws = "its one input" if count == 1 else f"its {count} inputs"
    return (
        f"What the study assumes: the probability law of {laws} in the base scenario, in the unit below "
        "each panel. Dashed lines and the three numbers: 5, 50 and 95 % quantile of the law, exact. Stems: "
        "values that have a probability of their own, not to the bars' scale. Never: chance of an infinite "
        "value. The axes of strongly skewed laws are logarithmic."
        + (" An input that is drawn anew for each member of a process has one panel." if families else "")
    )


def inputs_alt(result: "Result") -> str:
    """Tell in words and numbers what `inputs` shows."""
    inputs = shown_inputs(result.study)
    if not inputs:
        return "No inputs."
    texts = []
    for item in inputs:
        marks = input_quantiles(item, np.array([0.05, 0.5, 0.95]))
        factor, unit = readable_unit(marks, item.unit)
        low, middle, high = (short(float(mark) / factor) for mark in marks)
        spread = f"{low} to {high}, median {middle}" if marks[0] < marks[2] else low
        texts.append(f"{clean_text(item.label)}: {spread} {unit}".rstrip())
    return "Laws of the inputs, 5 to 95 % quantile. " + "; ".join(texts) + "."


def _chances(result: "Result", output: str) -> str:
    table = estimates_of(result)
    above, at, below = (
        table.of("base", output, name).percent for name in ("p_positive", "p_zero", "p_negative")
    )
    return f"Above 0 in {above}, exactly 0 in {at} and below 0 in {below} of draws"


def _kept(result: "Result") -> int:
    return int((result.draws["scenario"] == "base").sum())


def _in_unit(result: "Result", output: str, *, every: bool = False) -> str:
    scenarios = telling_scenarios(result, IN_A_FIGURE) if every else ("base",)
    _, text = estimates_of(result).unit(scenarios, output, style.output_of(output, result.study).unit)
    return f", in {text}" if text else ""


def _error_words(result: "Result") -> str:
    mean: Estimate = estimates_of(result).of("base", result.statistics.outputs[0], "mean")
    return "exact, since no input is uncertain." if mean.note.startswith("exact") else _INTERVAL


def _lower(label: str) -> str:
    return label[:1].lower() + label[1:]
