"""Laws that look like slips: what ``mcrace check`` warns of."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from mcrace.study.dates import dated_inputs
from mcrace.study.unused import unused_inputs

if TYPE_CHECKING:
    from mcrace.study import Input, Study

__all__ = ["slips"]

_WIDE = 1e6
_MOSTLY = 0.75


def slips(study: "Study") -> Iterator[str]:
    """Find what is allowed and yet looks like a mistake.

    Parameters
    ----------
    study : Study
        Checked.

    Yields
    ------
    str
        Inputs that nothing uses, laws whose 95 % quantile is a million times the 5 % one, laws of days that
        lie mostly beyond the horizon, and correlated inputs that are not random in base.
    """
    unused = unused_inputs(study)
    yield from (f"input {name} is used nowhere in the model" for name in unused)
    horizon = study.base.model.get("horizon_days")
    days = dated_inputs(study.base.model)
    for item in study.inputs:
        if isinstance(item.law, float) or item.name in unused:
            continue
        low, high = (float(value) for value in item.law.ppf(np.array([0.05, 0.95])))
        if low > 0.0 and np.isfinite(high) and high > _WIDE * low:
            yield f"input {item.name}: its 95 % quantile is {high / low:.2g} times its 5 % quantile"
        if item.name in days and isinstance(horizon, float):
            yield from _late(item, horizon)
    if study.correlations is not None:
        random = {item.name for item in study.inputs if not isinstance(item.law, float)}
        named = {name for one, other, _ in study.correlations.pairs for name in (one, other)}
        for name in sorted(named - random):
            yield f"input {name} is correlated, and not random in base"


def _late(item: "Input", horizon: float) -> Iterator[str]:
    """Tell of a day that is mostly beyond the horizon, by choice (never) or by a slip of units."""
    if isinstance(item.law, float):
        return
    if item.law.ppf(np.array([1.0 - _MOSTLY]))[0] < horizon:
        return
    share = 1.0 - float(item.law.cdf(np.array([horizon]))[0])
    if share > _MOSTLY:
        yield f"input {item.name}: {100 * share:.0f} % of its days lie beyond the horizon of {horizon:g} days"
