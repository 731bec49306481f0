"""A law in a few words, for tables."""

from dataclasses import fields

from mcrace.laws.law import Law
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
    name = next(family.name for family in LAWS.values() if isinstance(law, family.law))
    # every law is a dataclass of its natural parameters, which the protocol cannot say
    parameters = [(field.name, getattr(law, field.name)) for field in fields(law)]  # type: ignore[arg-type]
    return f"{name}({', '.join(f'{key}={_shown(value)}' for key, value in parameters)})"


def _shown(value: float | tuple[float, ...]) -> str:
    if not isinstance(value, tuple):
        return f"{value:.4g}"
    items = [f"{item:.4g}" for item in value[:MOST_SHOWN]]
    if len(value) > MOST_SHOWN:
        items.append(f"... {len(value)} in all")
    return f"[{', '.join(items)}]"
