"""A law in a few words, for tables."""

import math
from collections.abc import Iterator
from dataclasses import fields

from mcrace.laws.blend import Blend
from mcrace.laws.empirical import Empirical
from mcrace.laws.law import Law
from mcrace.laws.mixture import Mixture, shares_of
from mcrace.laws.quantiles import Quantiles
from mcrace.laws.scipy_family import ScipyLaw
from mcrace.laws.table import LAWS
from mcrace.laws.truncated import Truncated

__all__ = ["describe"]

MOST_SHOWN = 6


def describe(law: Law) -> str:
    """Write a law in a few words, its numbers to four digits.

    Parameters
    ----------
    law : Law
        Any law of `LAWS`, truncated or not.

    Returns
    -------
    str
        Its name and natural parameters.

    Examples
    --------
    >>> from mcrace.laws import build_law
    >>> describe(build_law("lognormal", {"p05": 50, "p95": 500}, [60, float("inf")]))
    'lognormal(median=158.1, sigma=0.6999) within [60, inf]'
    """
    if isinstance(law, Truncated):
        return f"{describe(law.law)} within [{law.low:.4g}, {law.high:.4g}]"
    if isinstance(law, Empirical):
        return _sample(law)
    if isinstance(law, Blend | Mixture):
        parts = [text for share, part in shares_of(law) for text in _shares(share, part)]
        return f"mixture({', '.join(parts)})"
    if isinstance(law, Quantiles):
        return f"quantiles({law.text})"
    if isinstance(law, ScipyLaw):
        numbers = (*law.shapes, ("loc", law.loc), ("scale", law.scale))
        return f"scipy {law.name}({', '.join(f'{key}={_shown(value)}' for key, value in numbers)})"
    name = next(family.name for family in LAWS.values() if isinstance(law, family.law))
    # every law is a dataclass of its natural parameters, which the protocol cannot say
    parameters = [(field.name, getattr(law, field.name)) for field in fields(law) if field.repr]  # type: ignore[arg-type]
    return f"{name}({', '.join(f'{key}={_shown(value)}' for key, value in parameters)})"


def _sample(law: Empirical) -> str:
    low, high = law.support
    joined = "lines through " if law.interpolate else ""
    origin = f"{law.origin}: " if law.origin else ""
    return f"empirical({origin}{joined}{len(law.values):,} values, {low:.4g} to {high:.4g})"


def _shares(share: float, part: Law) -> Iterator[str]:
    """Write a part of a mixture with its share; a few single values one by one."""
    if isinstance(part, Empirical) and not part.interpolate and len(part.values) <= MOST_SHOWN:
        for value, mass in zip(part.values, part.masses, strict=True):
            yield f"{share * mass:.4g} {'never' if value == math.inf else f'{value:.4g}'}"
    else:
        yield f"{share:.4g} {describe(part)}"


def _shown(value: float | tuple[float, ...]) -> str:
    if not isinstance(value, tuple):
        return f"{value:.4g}"
    items = [f"{item:.4g}" for item in value[:MOST_SHOWN]]
    if len(value) > MOST_SHOWN:
        items.append(f"... {len(value)} in all")
    return f"[{', '.join(items)}]"
