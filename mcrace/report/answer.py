"""The answer of a run in plain sentences, made from its numbers."""

import math
from typing import TYPE_CHECKING

from mcrace.figures.estimates import Estimate, Estimates, estimates_of, total_draws
from mcrace.figures.parts import Part, article, carrying, effect_parts, signed_amount
from mcrace.figures.wording import readable_unit, rounded
from mcrace.report.mechanisms import has_beliefs

if TYPE_CHECKING:
    from mcrace.engine.result import Result

__all__ = ["answer", "error_note", "is_exact"]

_TIMES, _LEAST_SHARE = 2.0, 0.01
_TENTHS, _ONES = 0.2, 2.0  # errors that leave one decimal, and none


def answer(result: "Result") -> tuple[str, ...]:
    """Say whether training pays, and what open releases do to that.

    Parameters
    ----------
    result : Result
        A finished run.

    Returns
    -------
    tuple of str
        Plain text about the base scenario: the incentive; the effect of open releases on it, with its size
        against the incentive without them, and the parts that carry it where it is not revenue alone; and
        what the lab itself expects, where the study gives it beliefs of its own. What follows a ± is half
        the width of the 95 % interval; `error_note` says so.

    See Also
    --------
    error_note : what ± means.

    Examples
    --------
    >>> import mcrace
    >>> study = mcrace.Study(
    ...     study="tiny",
    ...     model={
    ...         "horizon_days": 10,
    ...         "open": {"current_expense": 1e6},
    ...         "lab": {"current_expense": 2e6, "candidate_expense": 4e6, "counts_training_cost": False},
    ...         "value": {"scale": 1, "reference": 1e6},
    ...         "customers": {"count": 5},
    ...     },
    ... )
    >>> result = mcrace.run(study, jobs=1)
    >>> answer(result)[0]
    'Training z, its cost left aside, pays: it brings 34.66 USD.'
    """
    table = estimates_of(result)
    draws = total_draws(result)
    always = "" if is_exact(result) else " in every draw"
    details = _relative(table)
    details += _carried(table.of("base", "open_effect", "mean").value, carrying(effect_parts(result)))
    sentences = (
        _about_incentive(table, _subject(result), always, draws),
        _about_open_effect(table, always, draws, details),
    )
    return sentences + ((_about_beliefs(table),) if has_beliefs(result.study.base.model) else ())


def error_note(result: "Result") -> str:
    """Say what ± means in the numbers of a run.

    Parameters
    ----------
    result : Result
        A finished run.

    Returns
    -------
    str
        One sentence.

    Examples
    --------
    >>> import mcrace
    >>> study = mcrace.Study(
    ...     study="tiny",
    ...     model={
    ...         "horizon_days": 10,
    ...         "open": {"current_expense": 1e6},
    ...         "lab": {"current_expense": 2e6, "candidate_expense": 4e6, "counts_training_cost": False},
    ...         "value": {"scale": 1, "reference": 1e6},
    ...         "customers": {"count": 5},
    ...     },
    ... )
    >>> result = mcrace.run(study, jobs=1)
    >>> error_note(result)
    'The numbers are exact: no input is uncertain.'
    """
    if is_exact(result):
        return "The numbers are exact: no input is uncertain."
    return "What follows a ± is half the width of the 95 % interval of the Monte Carlo error."


def is_exact(result: "Result") -> bool:
    """Tell whether a run is one exact point, without any uncertainty."""
    return result.statistics.points == 1 and result.statistics.replicates == 1


def _subject(result: "Result") -> str:
    lab = result.study.base.model.get("lab", {})
    return "Training z" if lab.get("counts_training_cost", True) else "Training z, its cost left aside,"


def _about_incentive(table: Estimates, subject: str, always: str, draws: int) -> str:
    mean, positive = table.of("base", "incentive", "mean"), table.of("base", "incentive", "p_positive")
    if table.of("base", "incentive", "sd").value == 0:
        if mean.value == 0:
            return f"{subject} brings exactly nothing{always}: it neither pays nor loses."
        verb, judged = ("brings", "pays") if mean.value > 0 else ("loses", "does not pay")
        return f"{subject} {judged}: it {verb} {_money(mean)}{always}."
    pays = {0.0: "in none", 1.0: "in all"}.get(positive.value)
    share = f"in {positive.percent} of the draws" if pays is None else f"{pays} of the {draws:,} draws"
    verb = "brings" if mean.value > 0 else "loses"
    sentence = f"{subject} pays {share} and {verb} {_money(mean)} on average"
    return f"{sentence}{_doubt(mean, 'its sign')}."


def _about_open_effect(table: Estimates, always: str, draws: int, details: str) -> str:
    mean = table.of("base", "open_effect", "mean")
    amount = _money(mean)
    if table.of("base", "open_effect", "sd").value == 0:
        if mean.value == 0:
            return f"Open releases leave that incentive exactly as it is{always}."
        verb = "raise" if mean.value > 0 else "lower"
        return f"Open releases {verb} that incentive by {amount}{always}{details}."
    lower, same, higher = (
        table.of("base", "open_effect", name) for name in ("p_negative", "p_zero", "p_positive")
    )
    for share, verb in ((lower, "lower"), (higher, "raise")):
        if share.value == 1:
            every = f"in all of the {draws:,} draws"
            return f"Open releases {verb} that incentive {every}, by {amount} on average{details}."
    clauses = [f"lower that incentive in {_part(lower)}"]
    clauses += [f"leave it alone in {_part(same)}"] if same.value > 0 else []
    clauses += [f"raise it in {_part(higher)}"]
    clauses[0] += " of the draws"
    verb, preposition = ("take", "from") if mean.value < 0 else ("add", "to")
    sentence = f"Open releases {', '.join(clauses[:-1])} and {clauses[-1]}; on average they "
    sentence += f"{verb} {amount} {preposition} it{details}"
    return f"{sentence}{_doubt(mean, 'the sign')}."


def _relative(table: Estimates) -> str:
    """Hold the mean effect against the mean incentive without open releases."""
    effect, mean = table.of("base", "open_effect", "mean"), table.of("base", "incentive", "mean")
    frozen = mean.value - effect.value
    if 0 in (effect.value, mean.value, frozen) or _doubt(effect, "") or _doubt(mean, ""):
        return ""
    if frozen * mean.value < 0:
        return ", which turns the sign of its mean"
    share = abs(effect.value / frozen)
    error = share * (effect.half_width / abs(effect.value) + _frozen_half(table) / abs(frozen))
    if share >= _TIMES:
        return f" ({_figure(share, max(error, _TENTHS))} times its size without them)"
    percent = f"{_figure(100 * share, max(100 * error, _ONES))} %" if share >= _LEAST_SHARE else "under 1 %"
    return f" ({percent} of its size without them)"


def _frozen_half(table: Estimates) -> float:
    half = table.of("base", "incentive_frozen", "mean").half_width
    return half if math.isfinite(half) else 0.0


def _figure(value: float, error: float) -> str:
    """Write a number with the digits that its error supports, without the error."""
    return rounded(value, error).partition(" ± ")[0]


def _about_beliefs(table: Estimates) -> str:
    mean = table.of("base", "perceived_incentive", "mean")
    share = table.of("base", "perceived_incentive", "p_positive").percent
    verb = "brings" if mean.value > 0 else "loses"
    return (
        f"As the lab itself sees it, training z pays in {share} of the draws and {verb} {_money(mean)} on "
        "average."
    )


def _carried(mean: float, parts: tuple[Part, ...]) -> str:
    """Name the parts that carry the effect, and those against it; nothing if it is revenue alone."""
    if mean == 0 or [part.word for part in parts] in ([], ["revenue"]):
        return ""
    along, against = (
        [_named(part) for part in parts if (part.mean.value * mean > 0) is same] for same in (True, False)
    )
    if not along:
        return ""
    if len(parts) == 1:
        return f", all of it through {article(parts[0].word)}{parts[0].word}"
    opposed = f" against {_listed(against)}" if against else ""
    return f", carried by {_listed(along)}{opposed}"


def _named(part: Part) -> str:
    factor, unit = readable_unit([part.mean.value], "USD")
    return f"{article(part.word)}{part.word} ({signed_amount(part.mean, factor)} {unit})"


def _listed(names: list[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _part(share: Estimate) -> str:
    return "none" if share.value == 0 else share.percent


def _money(mean: Estimate) -> str:
    """Write the size of a mean; the verb carries its sign."""
    factor, unit = readable_unit([mean.value], "USD")
    return f"{rounded(abs(mean.value) / factor, mean.half_width / factor)} {unit}"


def _doubt(mean: Estimate, sign: str) -> str:
    """Say what keeps a mean from being told, with the comma before it; empty if nothing does."""
    if not mean.is_resolved:
        return ", an average that these draws do not resolve"
    unclear = mean.half_width > 0.0 and abs(mean.value) <= mean.half_width
    return f", too little to tell {sign}" if unclear else ""
