"""A few draws of a study without the compiler, fast enough for a command that answers at once."""

from collections.abc import Iterable, Mapping
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np

from mcrace.engine.block import trial_outputs
from mcrace.errors import Fault, ModelError
from mcrace.model.formula import evaluate
from mcrace.model.incentive import refuse_non_finite
from mcrace.model.layout import COMMON, NUMBERS, PATH, RESULTS, WORLD
from mcrace.model.numbers import read_model
from mcrace.model.types import FloatArray, Lists, World
from mcrace.nomenclature import OUTPUTS
from mcrace.study.standing import placed, standing_places

if TYPE_CHECKING:
    from mcrace.model.columns import Columns
    from mcrace.study import Study

__all__ = ["plain_outputs", "trial_revenue"]


def trial_revenue(study: "Study", draws: int) -> FloatArray:
    """Evaluate base on a few draws, and give what the lab earns today in each.

    Parameters
    ----------
    study : Study
        Checked.
    draws : int
        Number of Sobol' points, whatever the study's own design.

    Returns
    -------
    ndarray, shape (draws,)
        USD a day.

    Raises
    ------
    ModelError
        If a draw leaves the model's range, or an output is not finite: with the place in the file of the
        key that does so.
    """
    try:
        return trial_outputs(study, draws, plain_outputs)["revenue_today"]
    except ModelError as error:
        places = standing_places(study.document, study.written)
        raise ModelError(placed(fault, places, study.base, study.file) for fault in error.faults) from None


def plain_outputs(model: Mapping[str, Any]) -> Mapping[str, FloatArray]:
    """Evaluate a few draws in plain Python.

    Parameters
    ----------
    model : Mapping
        As `mcrace.incentive` takes it.

    Returns
    -------
    Mapping of str to ndarray, shape (draws,)
        Each output, to the last digit what `mcrace.model.incentive_slowly` gives, in a tenth of its time.

    Raises
    ------
    ModelError
        As `mcrace.incentive` does.

    Examples
    --------
    >>> plain_outputs({})  # doctest: +IGNORE_EXCEPTION_DETAIL
    Traceback (most recent call last):
    mcrace.errors.ModelError: horizon_days: found nothing, expected a number above 0
    """
    numbers = read_model(model)
    try:
        outputs = _evaluated(numbers)
    except (OverflowError, ZeroDivisionError, ValueError) as error:
        found, expected = f"a number that cannot be computed ({error})", "numbers of ordinary size"
        raise ModelError([Fault(path="", found=found, expected=expected)]) from None
    refuse_non_finite(outputs)
    return outputs


def _evaluated(numbers: "Columns") -> dict[str, FloatArray]:
    """Run the formula draw by draw.

    The rooms are plain namespaces: a field of a record array takes 20 times as long to read or write.
    """
    data = numbers.constants.copy()
    names = NUMBERS.names or ()
    single: Any = SimpleNamespace(**dict(zip(names, data, strict=False)))
    starts = numbers.layout.places()
    places: Any = SimpleNamespace(**dict(zip(starts.dtype.names or (), starts[0].tolist(), strict=True)))
    lists = Lists(data, places)
    worlds = (_world(is_release=1.0), _world(is_release=0.0))
    common, out = _room(COMMON.names), _room(RESULTS.names)
    outputs = np.empty((len(OUTPUTS), numbers.draws))
    for draw in range(numbers.draws):
        for place, value in zip(numbers.places.tolist(), numbers.columns[:, draw], strict=True):
            data[place] = value
            if place < len(names):
                setattr(single, names[place], value)
        evaluate(single, lists, common, worlds, out)
        outputs[:, draw] = [getattr(out, name) for name in OUTPUTS]
    return dict(zip(OUTPUTS, outputs, strict=True))


def _world(*, is_release: float) -> World:
    world = World(_room(WORLD.names), _room(PATH.names), _room(PATH.names), _room(PATH.names))
    world.now.is_release = is_release
    return world


def _room(names: Iterable[str] | None) -> Any:  # noqa: ANN401 - any fields
    return SimpleNamespace(**dict.fromkeys(names or (), np.float64(0.0)))
