"""The one way in to the model: numbers or arrays in, outputs of each draw out."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from mcrace.errors import Fault, ModelError
from mcrace.model.columns import Columns
from mcrace.model.kernel import evaluate_draws, evaluate_slowly
from mcrace.model.numbers import read_model
from mcrace.model.types import FloatArray
from mcrace.nomenclature import OUTPUTS

__all__ = ["incentive", "incentive_slowly"]


def incentive(model: Mapping[str, Any]) -> dict[str, FloatArray]:
    """Evaluate the marginal incentive to train z, and what open releases do to it.

    Parameters
    ----------
    model : Mapping
        Nested as the ``model`` section of a study. The leaves are numbers or one-dimensional arrays,
        which broadcast: USD, days, USD a day, effective rates a year, as ``mcrace explain KEY`` says.
        The intervals and growths of ``open.process`` may also be two-dimensional: a row a release,
        count - 1 and count rows.

    Returns
    -------
    dict of str to ndarray
        Each output by name, float64, USD (``revenue_today``: USD a day), shape (draws,); shape () if
        every number is a single one.

    Raises
    ------
    ModelError
        Every key that is unknown, absent or out of its range, with its value and the number of draws
        that it concerns; and outputs that are not finite.

    References
    ----------
    jessicata, "How do open AI models affect incentive to race?", LessWrong, 7 May 2024.

    Examples
    --------
    One open release to 3e8 on day 30 of 100, between y = 2e8 and z = 8e8:

    >>> import numpy as np
    >>> outputs = incentive({
    ...     "horizon_days": 100,
    ...     "value": {"curve": "log", "scale": 1.0, "reference": 1e8},
    ...     "customers": {"count": 1000},
    ...     "open": {"current_expense": 1e8, "releases": [{"day": 30, "expense": [3e8, 1.5e8]}]},
    ...     "lab": {"current_expense": 2e8, "candidate_expense": 8e8},
    ... })
    >>> bool(np.isclose(outputs["open_effect"][0], -1000 * 70 * np.log(3 / 2)))
    True
    >>> float(outputs["open_effect"][1])
    0.0
    """
    return _evaluated(model, evaluate_draws)


def incentive_slowly(model: Mapping[str, Any]) -> dict[str, FloatArray]:
    """Evaluate a few draws in plain Python, for callers that must not wait for the compiler.

    Parameters and result as `incentive`, equal to the last digits.

    Examples
    --------
    >>> incentive_slowly({}) # doctest: +IGNORE_EXCEPTION_DETAIL
    Traceback (most recent call last):
    mcrace.errors.ModelError: horizon_days: found nothing, expected a number above 0
    """
    return _evaluated(model, evaluate_slowly)


def _evaluated(
    model: Mapping[str, Any], evaluate: Callable[[Columns], Mapping[str, FloatArray]]
) -> dict[str, FloatArray]:
    numbers = read_model(model)
    try:
        outputs = evaluate(numbers)
    except (OverflowError, ZeroDivisionError, ValueError) as error:
        # Plain Python refuses where compiled code yields an infinity, which is refused below.
        found, expected = f"a number that cannot be computed ({error})", "numbers of ordinary size"
        raise ModelError([Fault(path="", found=found, expected=expected)]) from None
    refuse_non_finite(outputs)
    return _apart(outputs, numbers.shape)


def _apart(outputs: Mapping[str, FloatArray], shape: tuple[int, ...]) -> dict[str, FloatArray]:
    """Give each output an array of its own, which callers may write on."""
    found: dict[str, FloatArray] = {}
    for name in OUTPUTS:
        values = outputs[name]
        if values.strides == (0,):
            own = np.full(values.size, values[0]) if values[0] != 0.0 else np.zeros(values.size)
        else:
            own = values.copy() if any(values is other for other in found.values()) else values
        found[name] = own
    return {name: values.reshape(shape) for name, values in found.items()}


def refuse_non_finite(outputs: Mapping[str, FloatArray]) -> None:
    """Refuse outputs that are not finite.

    Parameters
    ----------
    outputs : Mapping of str to ndarray
        Each output.

    Raises
    ------
    ModelError
        Names each such output, with its first such value.
    """
    faults = []
    for name, values in outputs.items():
        shown = values[:1] if values.strides == (0,) else values
        with np.errstate(over="ignore", invalid="ignore"):
            if np.isfinite(shown.sum()):  # not if one of them is not: one quick look
                continue
        finite = np.isfinite(values)
        if not finite.all():
            value = float(values[int(np.argmin(finite))])
            found = f"{value!r} in {int((~finite).sum())} of {values.size} draws"
            faults.append(Fault(path=f"output {name}", found=found, expected="a finite number"))
    if faults:
        raise ModelError(faults)
