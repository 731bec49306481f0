"""Which parts carry the effect of open releases, in numbers and in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mcrace.figures.estimates import Estimate, estimates_of
from mcrace.figures.wording import rounded

if TYPE_CHECKING:
    from mcrace.engine.result import Result

__all__ = ["PARTS", "Part", "article", "carrying", "effect_parts", "signed_amount"]

PARTS = (
    ("revenue", "open_effect_revenue_gain", 1.0),
    ("contest", "open_effect_strategic_gain", 1.0),
    ("survival", "open_effect_survival_gain", 1.0),
    ("prestige", "open_effect_prestige_gain", 1.0),
    ("caution", "open_effect_caution_cost", -1.0),
    ("training cost", "open_effect_training_cost", -1.0),
)
"""Word, output, and the sign with which it enters ``open_effect``, of every part."""

_COST = "open_effect_training_cost"
_NEGLIGIBLE = 0.01
_LEAST_ERROR = 0.0005


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part of the effect of open releases on the incentive.

    Attributes
    ----------
    word : str
        Such as ``revenue``.
    mean : Estimate
        Its mean in one scenario, USD, with the sign with which it enters the effect.
    """

    word: str
    mean: Estimate


def effect_parts(result: "Result", scenario: str = "base") -> tuple[Part, ...]:
    """Give the parts whose means add up to the mean of ``open_effect`` in one scenario.

    Parameters
    ----------
    result : Result
        A finished run.
    scenario : str
        Name of the scenario.

    Returns
    -------
    tuple of Part
        Those that are not 0, the largest first. The training cost is among them only where the study
        counts it.
    """
    table = estimates_of(result)
    model = next(item.model for item in result.study.scenarios if item.name == scenario)
    counts = model.get("lab", {}).get("counts_training_cost", True)
    parts = []
    for word, output, sign in PARTS:
        if output not in result.statistics.outputs or (output == _COST and not counts):
            continue
        mean = table.of(scenario, output, "mean")
        signed = Estimate(
            value=sign * mean.value,
            standard_error=mean.standard_error,
            half_width=mean.half_width,
            note=mean.note,
        )
        parts += [Part(word=word, mean=signed)] if mean.value != 0 else []
    return tuple(sorted(parts, key=lambda part: -abs(part.mean.value)))


def carrying(parts: Sequence[Part]) -> tuple[Part, ...]:
    """Leave out what a reader need not know: parts below a hundredth of the largest.

    Parameters
    ----------
    parts : sequence of Part
        The largest first.

    Returns
    -------
    tuple of Part
        Those that carry the effect.
    """
    return tuple(part for part in parts if abs(part.mean.value) >= _NEGLIGIBLE * abs(parts[0].mean.value))


def article(word: str) -> str:
    """Give the article, and a space, that a part's word takes in a sentence; empty for most.

    Examples
    --------
    >>> article("contest"), article("revenue")
    ('the ', '')
    """
    return "the " if word in ("contest", "training cost") else ""


def signed_amount(mean: Estimate, factor: float) -> str:
    """Write a mean with its sign and the digits that its error supports, four or so at most.

    Parameters
    ----------
    mean : Estimate
        In USD.
    factor : float
        Divide by it.

    Returns
    -------
    str
        Without its error, such as ``+30.1``.

    Examples
    --------
    >>> signed_amount(Estimate(value=3.0123e10, standard_error=0.0, half_width=2e8, note=""), 1e9)
    '+30.1'
    """
    error = mean.half_width if mean.half_width >= _LEAST_ERROR * abs(mean.value) else 0.0
    text = rounded(mean.value / factor, error / factor).partition(" ± ")[0]
    return f"+{text}" if mean.value > 0 else text
