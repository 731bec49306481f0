"""One draw on its way through time: levels, revenue and what z has brought so far, day by day."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import repeat
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mcrace.engine.block import sampled_inputs
from mcrace.engine.evaluate import model_of
from mcrace.engine.plan import design_size
from mcrace.figures.estimates import estimates_of
from mcrace.model.customers import customers_on
from mcrace.model.flows import next_failure, pass_contest
from mcrace.model.formula import add_stretch, begin, begin_lists, begin_world, enter, incentive_of, pay
from mcrace.model.layout import COMMON, NUMBERS, PATH, RESULTS, WORLD
from mcrace.model.numbers import read_model
from mcrace.model.types import Lists, World
from mcrace.study.structure import chosen, is_choice

if TYPE_CHECKING:
    from mcrace.engine.result import Result
    from mcrace.study import Study

__all__ = ["COURSE_COLUMNS", "WORLDS", "Course", "course_of", "course_of_model", "typical_draw"]

FloatArray = NDArray[np.float64]

WORLDS = ("release", "frozen")
"""With the open releases, and without them."""

COURSE_COLUMNS = (
    *("open_level_stay", "open_level_upgrade", "rival_level", "own_level_stay", "own_level_upgrade"),
    *("revenue_stay", "revenue_upgrade", "gained"),
)
"""What is noted of a world on a day: levels, USD; revenue as the lab counts it, USD a day; and what training
z has brought up to that day, discounted to day 0, USD."""

_STEPS = 120


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Course:
    """One draw of the base scenario on its way through time.

    Attributes
    ----------
    replicate, point : int
        Which draw.
    days : ndarray, shape (moment,)
        Rising. A day on which something jumps stands twice: as it was before, and as it is from then on.
    worlds : Mapping of str to ndarray, shape (column, moment)
        By the name of the world; the columns are `COURSE_COLUMNS`.
    start, arrival : float
        Day on which training starts, and day on which z comes out; infinite if it does not.
    incentives : Mapping of str to float
        Of each world, USD: where its column ``gained`` ends.
    discount : float
        Continuous rate a day.
    satiated : bool
        Whether the lab counts revenue less the more it has of it.
    """

    replicate: int
    point: int
    days: FloatArray
    worlds: Mapping[str, FloatArray]
    start: float
    arrival: float
    incentives: Mapping[str, float]
    discount: float
    satiated: bool

    def column(self, world: str, name: str) -> FloatArray:
        """Give one column of a world, a number a moment."""
        found: FloatArray = self.worlds[world][COURSE_COLUMNS.index(name)]
        return found


def typical_draw(result: "Result") -> tuple[int, int]:
    """Find the kept draw of base that is most like all of them in both headline outputs.

    Parameters
    ----------
    result : Result
        A finished run.

    Returns
    -------
    replicate, point : int
        The first draw with the least sum of distances from the two medians, ``incentive`` and
        ``open_effect``, each measured in widths of its output's middle half.
    """
    base = result.study.base.name
    rows = result.draws[result.draws["scenario"] == base]
    distance = np.zeros(len(rows))
    for output in ("incentive", "open_effect"):
        low, middle, high = (
            estimates_of(result).of(base, output, name).value for name in ("q0.25", "q0.5", "q0.75")
        )
        distance += np.abs(rows[output].to_numpy() - middle) / (high - low if high > low else 1.0)
    replicate, point = divmod(int(rows["draw"].iloc[int(distance.argmin())]), result.statistics.points)
    return replicate, point


@lru_cache(maxsize=4)
def course_of(result: "Result", draw: tuple[int, int] | None = None) -> Course:
    """Follow one draw of the base scenario of a run through time.

    Parameters
    ----------
    result : Result
        A finished run.
    draw : tuple of int, optional
        Replicate and point, both counted from 0; by default the `typical_draw`.

    Returns
    -------
    Course
        From day 0 to the horizon.
    """
    replicate, point = typical_draw(result) if draw is None else draw
    return course_of_model(_model_of_draw(result.study, replicate, point), replicate, point)


def course_of_model(model: Mapping[str, Any], replicate: int = 0, point: int = 0) -> Course:
    """Follow one draw of a model through time, by the model's own formula.

    Time is cut more finely than the formula needs, which changes nothing of what it computes; so what is
    gained up to the horizon is the draw's incentive, whatever mechanisms the model has.

    Parameters
    ----------
    model : Mapping
        As `mcrace.incentive` takes it, with plain numbers or arrays of one.
    replicate, point : int
        Which draw it is said to be.

    Returns
    -------
    Course
        From day 0 to the horizon.
    """
    walker = _walker(model)
    rows, days, jumps = walker.walk()
    m, common = walker.m, walker.common
    for world in walker.worlds:
        pay(m, walker.lists, common, world)
    worlds, incentives = {}, {}
    for number, (name, world) in enumerate(zip(WORLDS, walker.worlds, strict=True)):
        table = np.array([row[number] for row in rows]).T
        table[-1] += _lumps(m, common, world, np.array(days), np.array(jumps))
        incentives[name] = incentive_of(m.lab_counts_training_cost, world.now)
        worlds[name] = table
    kept = _kept(np.array(days), worlds)
    return Course(
        replicate=replicate,
        point=point,
        days=np.array(days)[kept],
        worlds={name: table[:, kept] for name, table in worlds.items()},
        start=float(m.lab_start_day),
        arrival=float(common.arrival if walker.worlds[0].now.comes_out else np.inf),
        incentives={name: float(value) for name, value in incentives.items()},
        discount=float(common.discount),
        satiated=bool(np.isfinite(m.lab_lead_satiation)),
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Walker:
    """The numbers of one draw and the room in which the formula notes what it finds."""

    m: Any
    lists: Lists
    common: Any
    worlds: tuple[World, World]
    out: Any

    def walk(self) -> tuple[list[list[list[float]]], list[float], list[bool]]:
        """Go from stretch to stretch as `formula.walk` does, but cut at every day of a grid too."""
        m, common = self.m, self.common
        horizon = float(m.horizon_days)
        cuts = np.unique([*np.linspace(0.0, horizon, _STEPS + 1), min(float(m.lab_start_day), horizon)])
        rows: list[list[list[float]]] = []
        days: list[float] = []
        start = 0.0
        while start < horizon:
            end = min(self._next_change(start), float(cuts[np.searchsorted(cuts, start, side="right")]))
            rows.append([_noted(start, start, m, common, world) for world in self.worlds])
            if start >= common.arrival:
                add_stretch(start, end, m, common, self.worlds, self.out)
            elif common.has_contest == 1.0:
                for world in self.worlds:
                    pass_contest(end - start, 0.0, world)
            rows.append([_noted(start, end, m, common, world) for world in self.worlds])
            days += [start, end]
            start = end
        rows.append(rows[-1])
        return rows, [*days, horizon], [True, False] * (len(days) // 2) + [True]

    def _next_change(self, start: float) -> float:
        end = float(self.m.horizon_days)
        for world in self.worlds:
            if start >= world.now.change:
                enter(start, self.m, self.lists, self.common, world)
            end = min(end, float(world.now.change))
            if self.m.lab_operating_cost_per_day > 0.0:
                end = min(end, float(next_failure(start, world)))
        return end


def _walker(model: Mapping[str, Any]) -> _Walker:
    columns = read_model(model)
    buffer = columns.constants.copy()
    buffer[columns.places] = columns.columns[:, 0]
    m = _room(NUMBERS, buffer.tolist())
    places = columns.layout.places()
    lists = Lists(buffer, _room(places.dtype, places.tolist()[0]))
    common, out = _room(COMMON), _room(RESULTS)
    worlds = (
        World(_room(WORLD), _room(PATH), _room(PATH), _room(PATH)),
        World(_room(WORLD), _room(PATH), _room(PATH), _room(PATH)),
    )
    worlds[0].now.is_release = 1.0
    begin_lists(m, lists, common)
    begin(1.0, m, lists, common)
    for world in worlds:
        begin_world(m, lists, common, world)
        # The formula may skip the days before z, on which it has nothing to add; they are drawn here.
        world.now.change = 0.0
    return _Walker(m=m, lists=lists, common=common, worlds=worlds, out=out)


def _room(record: np.dtype[np.void], numbers: Iterable[float] | None = None) -> Any:  # noqa: ANN401
    """Make room for the fields of a record: plain Python walks through it faster than through an array."""
    names = record.names or ()
    return SimpleNamespace(**dict(zip(names, repeat(0.0) if numbers is None else numbers, strict=False)))


def _noted(start: float, day: float, m: Any, common: Any, world: World) -> list[float]:  # noqa: ANN401
    """Note a world on a day of the stretch that begins on `start`; the chance of no halt is that of `day`."""
    now, own = world.now, float(m.lab_current_expense)
    crowd = customers_on(day, common.count, common.growth, common.ceiling)
    stay, upgrade, halted = (
        float(path.worth) if start < path.failure else 0.0
        for path in (world.stay, world.upgrade, world.halted)
    )
    out = now.comes_out == 1.0
    worth = now.unhalted * upgrade + (1.0 - now.unhalted) * halted if out else stay
    gained = now.revenue_gain + now.survival_gain + now.prestige_gain + now.strategic_gain
    levels = (now.open_level, now.chased_level, now.rival_level, own, now.better_level if out else own)
    return [float(value) for value in (*levels, crowd * stay, crowd * worth, gained)]


def _lumps(m: Any, common: Any, world: World, days: FloatArray, jumps: NDArray[np.bool_]) -> FloatArray:  # noqa: ANN401
    """Sum up what is paid at once: training, caution, and at the horizon the worth of being alive."""

    def since(day: float) -> NDArray[np.bool_]:
        return np.where(jumps, days >= day, days > day)

    paid = m.lab_counts_training_cost * world.now.training_cost * since(float(m.lab_start_day))
    disliked = world.now.caution_cost * since(float(common.arrival))
    alive = np.zeros(len(days))
    alive[-1] = world.now.continuation_gain
    return np.asarray(alive - paid - disliked)


def _kept(days: FloatArray, worlds: Mapping[str, FloatArray]) -> NDArray[np.intp]:
    """Leave out moments at which nothing has changed since the one before."""
    table = np.concatenate([days[np.newaxis], *worlds.values()])
    same = (table[:, 1:] == table[:, :-1]).all(axis=0)
    return np.flatnonzero(np.concatenate([[True], ~same]))


def _model_of_draw(study: "Study", replicate: int, point: int) -> dict[str, Any]:
    """Put the values of one draw into the model of base."""
    _, points = design_size(study)
    scenario = study.base
    values = sampled_inputs(study, scenario, replicate, point, max(points, point + 1))
    picks = {
        name: int(np.ravel(values[section["choice"].name])[0])
        for name, section in scenario.model.items()
        if is_choice(section)
    }
    return dict(model_of(chosen(scenario.model, picks), values))
