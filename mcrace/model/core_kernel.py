"""The loop over strips of draws: numbers in, the core, outputs out."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from mcrace.compiling import address_of, compiled, number_at, widely
from mcrace.model import strips as row
from mcrace.model.columns import spaced_rows
from mcrace.model.core import work_core
from mcrace.model.core_call import CoreCall
from mcrace.model.types import FloatArray
from mcrace.nomenclature import OUTPUTS

__all__ = ["core_outputs"]

_COMPUTED = 6
_LEAST, _MOST = -1.7976931348623157e308, 1.7976931348623157e308


def core_outputs(
    call: CoreCall,
    columns: Sequence[FloatArray],
    sources: NDArray[np.int64],
    ranges: tuple[FloatArray, FloatArray],
    draws: int,
) -> tuple[Mapping[str, FloatArray], int, int]:
    """Evaluate the core on many draws.

    Parameters
    ----------
    call : CoreCall
        How.
    columns : sequence of ndarray, shape (draws,)
        Numbers that vary.
    sources : ndarray of int64
        Which of the columns each place takes, in the order of the call's targets.
    ranges : tuple of ndarray, shape (columns,)
        Least and largest number that each column may hold.
    draws : int
        Number of draws.

    Returns
    -------
    outputs : Mapping of str to ndarray, shape (draws,)
        Each output. Those that are equal are one array, and those that no draw changes hold one number only
        (stride 0, not to be written on).
    outside, infinite : int
        How many numbers are out of their range, and how many outputs are not finite.
    """
    held = [np.ascontiguousarray(column, dtype=np.float64) for column in columns]
    if any(column.shape != (draws,) for column in held):
        raise ValueError(f"each column must hold {draws} numbers")
    addresses = [address_of(column) for column in held]
    # Not set here: the first strip takes all steps.
    room = np.empty(row.RELEASES)
    releases = np.empty(((call.constants.size - row.GIVEN) // 4, row.PER_RELEASE))
    # A cost that no draw changes is not written, but looked at: it stands in the last strip.
    result = spaced_rows(_COMPUTED if call.costs_vary else _COMPUTED - 1, draws)
    outside, infinite = compiled(_run)(
        room,
        releases,
        call.constants,
        np.array(addresses, dtype=np.int64),
        sources,
        call.targets,
        *ranges,
        call.varies,
        call.curve,
        call.given,
        call.counted,
        result,
        draws,
        row.STRIP,
    )
    return _named(result[:, :draws], room[row.COST]), outside, infinite


def _named(result: FloatArray, cost: float) -> Mapping[str, FloatArray]:
    incentive, frozen, effect, gain, today, *costs = result
    found = dict.fromkeys(OUTPUTS, _one_for_all(0.0, incentive.size))
    found |= {
        "incentive": incentive,
        "incentive_frozen": frozen,
        "open_effect": effect,
        "perceived_incentive": incentive,
        "revenue_gain": gain,
        "training_cost": costs[0] if costs else _one_for_all(cost, incentive.size),
        "open_effect_revenue_gain": effect,
        "revenue_today": today,
    }
    return found


def _one_for_all(number: float, draws: int) -> FloatArray:
    """Array of one number, all of whose places are the same one."""
    shared: FloatArray = np.ndarray((draws,), dtype=np.float64, buffer=np.array([number]), strides=(0,))
    shared.flags.writeable = False
    return shared


def _run(
    room: FloatArray,
    releases: FloatArray,
    constants: FloatArray,
    columns: NDArray[np.int64],
    sources: NDArray[np.int64],
    targets: NDArray[np.int64],
    lows: FloatArray,
    highs: FloatArray,
    varies: NDArray[np.int64],
    curve: int,
    given: int,
    counted: float,
    result: FloatArray,
    draws: int,
    strip: int,
) -> tuple[int, int]:
    """Value the four cases of many draws; count numbers out of range, and outputs that are not finite.

    `columns` are the addresses at which they begin.
    """
    widely()
    _fill_constants(constants, room, releases)
    outside, infinite, steps = 0, 0, varies.size // 2
    for start in range(0, draws, row.STRIP):
        end = min(start + row.STRIP, draws)
        for k in range(sources.size):
            if targets[k] < row.RELEASES:
                target = room[targets[k] : targets[k] + end - start]
            else:
                release, place = divmod(targets[k] - row.RELEASES, row.PER_RELEASE)
                target = releases[release, place : place + end - start]
            column = sources[k]
            outside += _load(columns[column], start, target, lows[column], highs[column])
        work_core(
            room, releases, varies[steps:] if start > 0 else varies[:steps], curve, given, counted, strip
        )
        for k in range(result.shape[0]):
            first = row.OUTPUTS + k * row.STRIP
            found = room[first : first + end - start]
            infinite += _hand_out(found, result[k, start:end])
    return outside, infinite


def _fill_constants(constants: FloatArray, room: FloatArray, releases: FloatArray) -> None:
    for k in range(constants.size):
        for i in range(row.STRIP):
            if k < row.GIVEN:
                room[k * row.STRIP + i] = constants[k]
            else:
                releases[(k - row.GIVEN) // 4, (k - row.GIVEN) % 4 * row.STRIP + i] = constants[k]


def _load(address: int, start: int, target: FloatArray, low: float, high: float) -> int:
    """Copy the numbers of a strip from where they lie; count those out of their range."""
    widely()
    inside = 0
    for i in range(target.size):
        number = number_at(address, start + i)
        target[i] = number
        inside += (number >= low) & (number <= high)
    return target.size - inside


def _hand_out(source: FloatArray, target: FloatArray) -> int:
    """Copy an output of a strip to where it is wanted; count what is not finite."""
    widely()
    inside = 0
    for i in range(source.size):
        number = source[i]
        target[i] = number
        inside += (number >= _LEAST) & (number <= _MOST)
    return source.size - inside
