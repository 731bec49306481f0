"""What ``mcrace check`` says of a study."""

import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np

from mcrace.engine.evaluate import output_names
from mcrace.engine.plan import design_size
from mcrace.laws import Law
from mcrace.laws.law import FloatArray
from mcrace.study.dates import date_text, dated_inputs
from mcrace.study.evidence import missing_pages
from mcrace.study.parts import families_as_one
from mcrace.terminal.slips import slips
from mcrace.terminal.trial import trial_revenue

if TYPE_CHECKING:
    from mcrace.study import Input, Study

__all__ = ["check_record", "check_text", "plain_number"]

_WIDTH = 80
_BARS = "▁▂▃▄▅▆▇█"
_PLAIN_BARS = ".:-=+*#@"
_TRIAL_DRAWS = 256
_MOST_SCENARIOS = 12
_SHOWN_LEVELS = (0.05, 0.5, 0.95)
_END_LEVELS = (0.01, 0.99)
_EVEN_LEVELS = (np.arange(1000) + 0.5) / 1000
_LAST_LEVEL = 1.0 - 2.0**-53


def check_text(study: "Study", *, blocks: bool) -> str:
    """Show a study as its author should see it before running it.

    Parameters
    ----------
    study : Study
        Checked.
    blocks : bool
        Whether the terminal can show block characters.

    Returns
    -------
    str
        Inputs with 5/50/95 %, a histogram and the source; scenarios; revenue today; cost of the run.
    """
    head = f"{study.file or study.name}: a right study, digest {study.digest[:12]}"
    lines = [*textwrap.wrap(head, _WIDTH, subsequent_indent="  ", break_long_words=False), ""]
    shown = families_as_one(study.inputs)
    dated = dated_inputs(study.base.model) if study.as_of is not None else frozenset()
    for item in shown:
        lines += _input_lines(
            item, _BARS if blocks else _PLAIN_BARS, study.as_of if item.name in dated else None
        )
    lines += _correlation_lines(study)
    lines += _scenario_lines(study)
    lines += _revenue_lines(study)
    lines += _cost_lines(study)
    for words in _warnings(study):
        lines += textwrap.wrap(f"warning: {words}", _WIDTH, subsequent_indent="  ")
    return "\n".join(lines)


def plain_number(value: float) -> str:
    """Write a number in few characters, large ones in words of a reader.

    Parameters
    ----------
    value : float
        Any number.

    Returns
    -------
    str
        At most three significant digits.

    Examples
    --------
    >>> plain_number(4.4e9), plain_number(158.1), plain_number(0.0312), plain_number(float("inf"))
    ('4.4 billion', '158', '0.0312', 'never')
    """
    if np.isinf(value):
        return "never" if value > 0 else "-infinite"
    for factor, word in ((1e12, "trillion"), (1e9, "billion"), (1e6, "million")):
        if abs(value) >= 0.9995 * factor:
            return f"{value / factor:.3g} {word}" if abs(value) < 999.5e12 else f"{value:.3g}"
    return f"{value:,.0f}" if abs(value) >= 999.5 else f"{value:.3g}"


def check_record(study: "Study") -> dict[str, Any]:
    """Put what `check_text` shows into a record for JSON.

    Parameters
    ----------
    study : Study
        Checked.

    Returns
    -------
    dict
        Inputs with their 5/50/95 % quantiles and mean, revenue today, size of the run, warnings.
    """
    replicates, points = design_size(study)
    return {
        "study": study.name,
        "digest": study.digest,
        "inputs": [_input_record(item) for item in families_as_one(study.inputs)],
        "scenarios": [scenario.name for scenario in study.scenarios],
        "revenue_today": dict(zip(("q0.05", "q0.5", "q0.95"), _revenue_quantiles(study), strict=True)),
        "draws": replicates * points,
        "replicates": replicates,
        "warnings": list(_warnings(study)),
    }


def _input_record(item: "Input") -> dict[str, Any]:
    record: dict[str, Any] = {
        name: getattr(item, name) for name in ("name", "label", "unit", "source", "evidence", "text")
    }
    if isinstance(item.law, float):
        return record | {"value": _finite(item.law)}
    quantiles = item.law.ppf(np.array(_SHOWN_LEVELS))
    named = {f"q{level:g}": _finite(value) for level, value in zip(_SHOWN_LEVELS, quantiles, strict=True)}
    return record | named | {"mean": _finite(item.law.mean)}


def _finite(value: float) -> float | None:
    """Give a number that JSON can hold; infinity and what is no number become None."""
    return float(value) if np.isfinite(value) else None


def _input_lines(item: "Input", bars: str, as_of: date | None) -> Iterator[str]:
    name = item.name if item.label == item.name else f"{item.name}: {item.label}"
    yield from textwrap.wrap(name + (f" [{item.unit}]" if item.unit else ""), _WIDTH, subsequent_indent="  ")
    if isinstance(item.law, float):
        yield f"  {plain_number(item.law)}"
    else:
        quantiles = _quantiles(item.law)
        values = quantiles.shown
        middle = " / ".join(plain_number(value) for value in values)
        yield f"  {_histogram(quantiles, bars)}  5/50/95 %: {middle}"
        if as_of is not None:
            yield f"  {'':16}  {' / '.join(_dated(value, as_of) for value in values)}"
        never = quantiles.never
        if never > 0.0:
            yield f"  {'':16}  never: {100 * never:.3g} %"
        else:
            yield f"  {'':16}  mean: {plain_number(item.law.mean)}"
        yield from textwrap.wrap(item.text, _WIDTH, initial_indent="  ", subsequent_indent="  ")
    source = f"source: {item.source}" if item.source else "no source given"
    yield from textwrap.wrap(source, _WIDTH, initial_indent="  ", subsequent_indent="    ")
    if item.evidence:
        yield f"  evidence: {item.evidence}"
    yield ""


def _dated(day: float, as_of: date) -> str:
    return date_text(day, as_of) if np.isfinite(day) else "never"


def _correlation_lines(study: "Study") -> Iterator[str]:
    """Show the rank correlations, and what the nearest matrix has changed of them."""
    asked = study.correlations
    if asked is None:
        return
    degrees = asked.copula.degrees_of_freedom
    kind = "a Gaussian copula" if degrees is None else f"a t copula of {degrees:g} degrees of freedom"
    yield f"Rank correlations (Spearman), {kind}; pairs not listed are 0:"
    yield from (f"  {one}, {other}: {value:g}" for one, other, value in asked.pairs)
    if asked.largest_change > 0.0:
        one, other = asked.most_changed
        yield f"  nearest valid matrix: {one}, {other} changed most, by {asked.largest_change:.2g}"
    yield ""


@dataclass(frozen=True, slots=True)
class _Quantiles:
    """What is shown of a law, from as few calls as can be.

    Attributes
    ----------
    shown : list of float
        Those of 5, 50 and 95 %.
    low, high : float
        Those of 1 and 99 % of the finite values.
    even : ndarray
        At levels of equal distance. Probabilities would need SciPy for many laws, which takes long to load.
    never : float
        Mass of the law at infinity.
    """

    shown: list[float]
    low: float
    high: float
    even: FloatArray
    never: float


def _quantiles(law: Law) -> _Quantiles:
    values = law.ppf(np.concatenate([_SHOWN_LEVELS, _END_LEVELS, [_LAST_LEVEL], _EVEN_LEVELS]))
    never, (low, high) = 0.0, values[3:5].tolist()
    if values[5] == np.inf:
        with np.errstate(over="ignore"):
            never = max(1.0 - float(law.cdf(np.array([np.finfo(np.float64).max]))[0]), 0.0)
        low, high = law.ppf((1.0 - never) * np.array(_END_LEVELS)).tolist()
    return _Quantiles(values[:3].tolist(), low, high, values[6:], never)


def _histogram(quantiles: _Quantiles, bars: str) -> str:
    """One character for each of 16 bins between the 1 and 99 % quantiles; logarithmic over 1.5 decades."""
    low, high = quantiles.low, quantiles.high
    if not np.isfinite(high) or not low < high:
        return bars[-1]
    logarithmic = low > 0 and high / low > 30
    edges = np.geomspace(low, high, 17) if logarithmic else np.linspace(low, high, 17)
    edges[0] = np.nextafter(edges[0], -np.inf)
    shares = np.diff(np.searchsorted(quantiles.even, edges, side="right"))
    heights = np.ceil(shares / shares.max() * len(bars)).astype(int) - 1
    return "".join(
        " " if share <= 0 else bars[max(height, 0)] for share, height in zip(shares, heights, strict=True)
    )


def _scenario_lines(study: "Study") -> Iterator[str]:
    if len(study.scenarios) == 1:
        return
    yield "Scenarios, on the same draws:"
    for scenario in study.scenarios[1 : _MOST_SCENARIOS + 1]:
        changes = ", ".join(f"{path}: {_in_yaml(value)}" for path, value in scenario.changes.items())
        yield from textwrap.wrap(
            f"{scenario.name}: {changes}", _WIDTH, initial_indent="  ", subsequent_indent="    "
        )
    left = len(study.scenarios) - 1 - _MOST_SCENARIOS
    if left > 0:
        yield f"  and {left:,} more"
    yield ""


def _in_yaml(value: object) -> str:
    """Write a value on one line as a study would."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{name}: {_in_yaml(item)}" for name, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_in_yaml(item) for item in value) + "]"
    if isinstance(value, bool):
        return str(value).lower()
    return {float("inf"): ".inf"}.get(value, str(value)) if isinstance(value, float) else str(value)


def _revenue_lines(study: "Study") -> Iterator[str]:
    """Show revenue today: does the study earn what the lab earns."""
    low, middle, high = _revenue_quantiles(study)
    if low == high == 0:
        yield from ("Revenue today: 0, this lab sells nothing.", "")
        return
    yield "Revenue today, to hold against what the lab really earns:"
    if low == high:
        yield f"  {plain_number(middle)} USD a day, {plain_number(365.25 * middle)} USD a year"
    else:
        a_day = " / ".join(plain_number(value) for value in (low, middle, high))
        a_year = " / ".join(plain_number(365.25 * value) for value in (low, middle, high))
        yield f"  5/50/95 %: {a_day} USD a day,"
        yield f"             {a_year} USD a year ({_TRIAL_DRAWS} draws)"
    yield ""


def _revenue_quantiles(study: "Study") -> tuple[float, float, float]:
    # np.quantile would load masked arrays first
    revenue = np.sort(trial_revenue(study, _TRIAL_DRAWS))
    low, middle, high = np.interp(_SHOWN_LEVELS, np.linspace(0.0, 1.0, revenue.size), revenue).tolist()
    return low, middle, high


def _warnings(study: "Study") -> Iterator[str]:
    yield from slips(study)
    missing = missing_pages(study)
    if missing:
        others = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
        yield f"no page of evidence at {missing[0]}{others}, seen from the study's folder"


def _cost_lines(study: "Study") -> Iterator[str]:
    replicates, points = design_size(study)
    scenarios = len(study.scenarios)
    draws = replicates * points
    plural = "s" if scenarios > 1 else ""
    if draws == 1:
        yield f"The run: one exact point in {scenarios} scenario{plural}; no input is uncertain."
        return
    sampling = study.sampling
    rounded = f" (rounded up from {sampling.draws:,})" if draws != sampling.draws else ""
    yield f"The run: {draws:,} draws{rounded} in {replicates} replicates of {points:,} ({sampling.method}),"
    yield f"  {scenarios} scenario{plural}, {draws * scenarios:,} evaluations of the model;"
    kept = min(sampling.keep, draws)
    yield f"  up to {kept:,} draws a scenario kept; about {_memory(study):,} MB of memory."


def _memory(study: "Study") -> int:
    """Megabytes of all outputs, of one scenario's sorted copy, and of the kept draws twice."""
    replicates, points = design_size(study)
    draws, scenarios = replicates * points, len(study.scenarios)
    outputs = len(output_names(study))
    columns = outputs + len(study.inputs)
    numbers = draws * outputs * (scenarios + 1)
    numbers += 2 * scenarios * min(study.sampling.keep, draws) * columns
    return max(round(8 * numbers / 1e6), 1)
