"""Metaculus: every file passes the server's rules, written here again, and is as near as it can be."""

import importlib.util
import itertools
import json
import math
import sys
import types
from datetime import date

import numpy as np
import pytest
from scipy.optimize import minimize

from mcrace.errors import StudyError
from mcrace.forecast.metaculus import metaculus_cdf, metaculus_grid, metaculus_json, metaculus_probability
from mcrace.forecast.metaculus_check import check_metaculus
from mcrace.forecast.projection import nearest_cdf
from mcrace.forecast.scale import locations, values_at
from mcrace.study.event import Event
from mcrace.study.question import Question

SCALES = ("linear", "log", "discrete")
OPEN = tuple(itertools.product((False, True), repeat=2))
KINDS = (
    "atoms",
    "heavy",
    "below",
    "above",
    "far",
    "constant",
    "never",
    "normal",
    "sample",
    "edges",
    "narrow",
)


def refused(values, question):
    """Say what the server says to a distribution function, in its own order; None if it takes it."""
    count = question.outcomes
    cdf = [round(value, 10) for value in values]
    steps = [round(cdf[i + 1] - cdf[i], 9) for i in range(len(cdf) - 1)]
    if len(cdf) != count + 1:
        return "length"
    if any(step < round(0.01 / count, 9) for step in steps):
        return "least step"
    if any(step > 0.2 * 200 / count for step in steps):
        return "largest step"
    if question.open_low and cdf[0] < 0.001:
        return "open low"
    if not question.open_low and cdf[0] != 0.0:
        return "closed low"
    if question.open_high and cdf[-1] > 0.999:
        return "open high"
    if not question.open_high and cdf[-1] != 1.0:
        return "closed high"
    if not all(math.isfinite(value) and 0 <= value <= 1 for value in cdf):
        return "no probability"
    return None


def random_question(random, scale, opened):
    low, width = random.normal() * 10.0 ** random.integers(-2, 7), 10.0 ** random.uniform(-3, 8)
    known = {
        "platform": "metaculus",
        "id": "7",
        "variable": "x",
        "open_low": opened[0],
        "open_high": opened[1],
    }
    if scale == "discrete":
        count = int(random.choice([1, 2, 3, 7, 39, 40, 41, 101, 199, 200]))
        first = int(random.integers(-50, 50))
        return Question(**known, kind="discrete", low=first - 0.5, high=first + count - 0.5, outcomes=count)
    zero = low - width * 10.0 ** random.uniform(-6, 2) if scale == "log" else None
    return Question(**known, low=low, high=low + width, zero_point=zero)


def random_draws(random, kind, question, size=400):
    low, width = question.low, question.high - question.low
    u = random.random(size)
    places = {
        "atoms": lambda: random.choice(random.random(3), size, p=(0.7, 0.2, 0.1)),
        "heavy": lambda: 0.1 * random.standard_cauchy(size),
        "below": lambda: -1 - u,
        "above": lambda: 2 + u,
        "far": lambda: 1e12 * (u - 0.5),
        "constant": lambda: np.full(size, random.random()),
        "never": lambda: np.where(u < random.random(), np.inf, u),
        "normal": lambda: random.normal(random.random(), 10.0 ** random.uniform(-4, 1), size),
        "sample": lambda: u[: random.integers(1, 4)],
        "edges": lambda: random.choice([0.0, 1.0, 0.5, -np.inf, np.inf], size),
        "narrow": lambda: 0.3141 + 1e-9 * u,
    }
    draws = low + width * places[kind]()
    return np.round(draws) if question.kind == "discrete" and kind != "sample" else draws


def cases():
    random = np.random.default_rng(20261123)
    whole = itertools.cycle(itertools.product(KINDS, SCALES, OPEN))
    for _ in range(528):
        kind, scale, opened = next(whole)
        question = random_question(random, scale, opened)
        yield kind, question, random_draws(random, kind, question)


@pytest.fixture(scope="module")
def posted():
    return [(kind, draws, metaculus_cdf(draws, question)) for kind, question, draws in cases()]


def test_the_server_takes_every_file(posted):
    assert len(posted) >= 500
    for kind, _, cdf in posted:
        body = json.loads(metaculus_json(cdf))
        assert refused(body[0]["continuous_cdf"], cdf.question) is None, (kind, cdf.question)
        assert body[0]["question"] == 7
        assert check_metaculus(metaculus_json(cdf), [cdf.question]) == []
        assert check_metaculus(metaculus_json(cdf)) == []


def test_distances_are_those_of_a_fine_count(posted):
    for kind, draws, cdf in posted:
        if cdf.question.kind == "discrete":
            continue
        fine = np.linspace(0, 1, 40_001)
        places = np.sort(locations(draws, cdf.question))
        wanted = np.searchsorted(places, fine, side="right") / draws.size
        got = np.interp(fine, np.arange(201) / 200, cdf.values)
        area = np.abs(wanted - got)
        # Draws on the low end count as inside, in the cell that begins there.
        worst = max(area[1:].max(), abs(np.mean(draws < cdf.question.low) - cdf.values[0]))
        assert cdf.kolmogorov >= worst - 1e-12, kind
        assert cdf.kolmogorov <= worst + 40 / 40_000 + 1.0 * (
            kind in ("narrow", "sample", "constant", "atoms")
        )
        mean = float(((area[1:] + area[:-1]) / 2).mean())
        assert cdf.wasserstein == pytest.approx(mean, abs=5e-4), kind


def forecasting_tools():
    """Take the package's own check, without its start, which wants a web client and a language model."""
    found = importlib.util.find_spec("forecasting_tools")
    if found is None or found.submodule_search_locations is None:
        pytest.skip("forecasting-tools is not installed")
    if "forecasting_tools" not in sys.modules:
        bare = types.ModuleType("forecasting_tools")
        bare.__path__ = list(found.submodule_search_locations)
        sys.modules["forecasting_tools"] = bare
    try:
        from forecasting_tools.data_models.numeric_report import NumericDistribution, Percentile
    except ImportError as error:
        pytest.skip(f"forecasting-tools lacks a part: {error}")
    return NumericDistribution, Percentile


@pytest.mark.filterwarnings("ignore")
def test_forecasting_tools_takes_every_file(posted):
    distribution, percentile = forecasting_tools()
    for _, _, cdf in posted:
        question = cdf.question
        points = [
            percentile(value=value, percentile=share)
            for value, share in zip(cdf.grid.tolist(), cdf.values.tolist(), strict=True)
        ]
        # Its validators run when it is made; whether it would also standardise changes which of them.
        for standardize in (False, True):
            told = distribution(
                declared_percentiles=points,
                open_lower_bound=question.open_low,
                open_upper_bound=question.open_high,
                lower_bound=question.low,
                upper_bound=question.high,
                zero_point=question.zero_point,
                cdf_size=len(points),
                standardize_cdf=standardize,
            )
        told._check_distribution_too_tall(points)
        # What its client asks of the values that it posts.
        values = cdf.values.tolist()
        assert all(0 <= value <= 1 for value in values)
        assert values == sorted(values)


@pytest.mark.parametrize("seed", range(6))
def test_the_projection_is_the_nearest_that_a_general_solver_finds(seed):
    random = np.random.default_rng(seed)
    count, least, most = 9, 0.01, 0.25
    wanted = np.sort(random.choice(random.random(3), count + 1))
    first, last = ((0.0, 0.0), (1.0, 1.0)) if seed % 2 else ((0.02, 1.0), (0.0, 0.97))
    found = nearest_cdf(wanted, least=least, most=most, first=first, last=last)
    steps = np.diff(np.eye(count + 1), axis=0)
    limits = [
        {"type": "ineq", "fun": lambda g: steps @ g - least, "jac": lambda _: steps},
        {"type": "ineq", "fun": lambda g: most - steps @ g, "jac": lambda _: -steps},
    ]
    bounds = [first, *[(0.0, 1.0)] * (count - 1), last]
    solved = minimize(
        lambda g: ((g - wanted) ** 2).sum(),
        np.linspace(0.02, 0.97, count + 1),
        jac=lambda g: 2 * (g - wanted),
        bounds=bounds,
        constraints=limits,
        method="SLSQP",
        options={"ftol": 1e-15, "maxiter": 500},
    )
    assert (np.diff(found) >= least - 1e-12).all()
    assert (np.diff(found) <= most + 1e-12).all()
    np.testing.assert_allclose(found, solved.x, atol=1e-6)


def test_what_the_rules_allow_is_left_as_it_is():
    question = Question(
        platform="metaculus", variable="x", low=0.0, high=1.0, open_low=False, open_high=False
    )
    draws = (np.arange(20_000) + 0.5) / 20_000
    cdf = metaculus_cdf(draws, question)
    np.testing.assert_allclose(cdf.values, np.arange(201) / 200, atol=1e-9)
    assert cdf.kolmogorov == pytest.approx(0.5 / 20_000, abs=2e-9) or cdf.kolmogorov < 1e-4
    assert cdf.warnings == ()


def test_an_atom_on_a_closed_low_end_goes_into_the_first_cell():
    question = Question(platform="metaculus", variable="x", low=0.0, high=1.0, open_low=False)
    cdf = metaculus_cdf(np.concatenate([np.zeros(100), np.linspace(0.001, 0.999, 900)]), question)
    assert cdf.below == 0.0
    assert cdf.values[1] == pytest.approx(0.1, abs=0.01)


def test_an_atom_spreads_to_the_cells_beside_it_and_no_further():
    question = Question(platform="metaculus", variable="x", low=0.0, high=1.0)
    cdf = metaculus_cdf(np.full(100, 0.5025), question)
    steps = np.diff(cdf.values)
    assert (np.flatnonzero(steps > 0.01) == np.arange(98, 103)).all()
    # Even the outermost cells and tails get no more than they must.
    assert steps[0] == pytest.approx(5e-5, abs=3e-9)
    assert cdf.values[0] == pytest.approx(0.001, abs=1e-9)


def test_a_range_that_cuts_is_told():
    question = Question(
        platform="metaculus", variable="x", low=0.0, high=10.0, open_low=False, open_high=True
    )
    draws = np.array([*np.linspace(0.1, 9.9, 90), *[11.0] * 4, *[np.inf] * 4, *[-1.0] * 2])
    cdf = metaculus_cdf(draws, question)
    assert (cdf.below, cdf.never) == (0.02, 0.04)
    assert cdf.above == pytest.approx(0.08)
    assert cdf.warnings[0].startswith("2 % of the draws lie below 0, the closed end")
    assert cdf.warnings[1].startswith("8 % of the draws lie above 10 (4 % never), the open end")
    assert metaculus_cdf(draws[:90], question).warnings == ()
    closed = Question(
        platform="metaculus", variable="x", low=20.0, high=30.0, open_low=False, open_high=False
    )
    assert "a closed end leaves no draw" in metaculus_cdf(draws[:90], closed).warnings[-1]


def test_a_date_is_told_as_a_day():
    start, end = (date(2026, 1, 1), date(2027, 1, 1))
    low, high = ((day - date(1970, 1, 1)).days * 86_400.0 for day in (start, end))
    question = Question(platform="metaculus", variable="day", kind="date", low=low, high=high)
    cdf = metaculus_cdf(np.array([low + 1.0, high + 1.0, np.inf]), question)
    assert "above 2027-01-01 (33.3 % never)" in cdf.warnings[0]


@pytest.mark.parametrize("scale", SCALES)
def test_scale_and_back(scale):
    random = np.random.default_rng(3)
    question = random_question(random, scale, (True, True))
    u = np.linspace(0, 1, 11)
    np.testing.assert_allclose(locations(values_at(u, question), question), u, atol=1e-9)
    grid = metaculus_grid(question)
    assert (np.diff(grid) > 0).all()
    assert (grid[0], grid[-1]) == (question.low, question.high)


def test_log_scale_is_the_servers():
    question = Question(platform="metaculus", variable="x", low=1.0, high=1000.0, zero_point=0.0)
    ratio = 1000.0
    for place in (0.1, 0.5, 0.9):
        value = 1 + 999 * (ratio**place - 1) / (ratio - 1)
        assert values_at(place, question) == pytest.approx(value, rel=1e-12)
        back = (math.log((value - 1) * (ratio - 1) + 999) - math.log(999)) / math.log(ratio)
        assert float(locations(value, question)) == pytest.approx(back, abs=1e-12)


@pytest.mark.parametrize(
    ("relation", "share"),
    [("above", 0.5), ("at_least", 0.75), ("below", 0.25), ("at_most", 0.5), ("never", 0.25)],
)
def test_events(relation, share):
    threshold = math.inf if relation == "never" else 2.0
    question = Question(platform="metaculus", variable="x", kind="binary", event=Event(relation, threshold))
    found = metaculus_probability([1.0, 2.0, 3.0, np.inf], question)
    assert (found.share, found.probability, found.warnings) == (share, share, ())
    assert found.standard_error == pytest.approx(math.sqrt(share * (1 - share) / 4))


@pytest.mark.parametrize(("threshold", "probability"), [(9.0, 0.001), (-9.0, 0.999)])
def test_certain_events_are_moved_and_told(threshold, probability):
    question = Question(
        platform="metaculus", id="3", variable="x", kind="binary", event=Event("above", threshold)
    )
    found = metaculus_probability([1.0, 2.0], question)
    assert found.probability == probability
    assert "that Metaculus takes" in found.warnings[0]
    assert check_metaculus(metaculus_json(found), [question]) == []


def broken(change):
    question = Question(platform="metaculus", id="7", variable="x", low=0.0, high=1.0, open_high=False)
    values = metaculus_cdf(np.random.default_rng(1).normal(0.5, 0.2, 500), question).values.tolist()
    entry = {"question": 7, "continuous_cdf": values}
    changed = change(entry)
    return check_metaculus([entry if changed is None else changed], [question])


@pytest.mark.parametrize(
    ("change", "rules"),
    [
        (dict, set()),
        (lambda e: e["continuous_cdf"].pop(100), {"count"}),
        (lambda e: e["continuous_cdf"].__setitem__(50, e["continuous_cdf"][49]), {"smallest step"}),
        (lambda e: e["continuous_cdf"].__setitem__(50, 0.9), {"largest step", "smallest step"}),
        (lambda e: e["continuous_cdf"].__setitem__(0, 0.0), {"open low end"}),
        (lambda e: e["continuous_cdf"].__setitem__(200, 0.999), {"closed high end", "smallest step"}),
        (lambda e: e["continuous_cdf"].__setitem__(200, 1.1), {"closed high end", "probabilities"}),
        (lambda e: e["continuous_cdf"].__setitem__(9, math.nan), {"numbers"}),
        (lambda e: e["continuous_cdf"].__setitem__(9, 10**400), {"numbers"}),
        (lambda e: e.update(probability_yes=0.5), {"one forecast"}),
        (lambda e: e.update(question=8), {"known question"}),
        (lambda e: e.update(question="7"), {"question"}),
        (lambda _: [], {"entry"}),
        (lambda _: {"question": 7, "probability_yes": 0.5}, {"kind of forecast"}),
        (lambda _: {"question": 7}, {"one forecast"}),
    ],
)
def test_each_breach_is_named_by_its_rule(change, rules):
    def quiet(entry):
        made = change(entry)
        return made if isinstance(made, dict | list) else None

    assert {breach.rule for breach in broken(quiet)} == rules


@pytest.mark.parametrize(
    ("data", "rule"),
    [
        (b"{", "JSON"),
        (b"\xff", "JSON"),
        (b"[" * 100_000, "JSON"),
        (b"{}", "list"),
        (b"[]", "list"),
        (b'[{"question": 7, "probability_yes": 0.9999}]', "probability"),
        (b'[{"question": 7, "probability_yes_per_category": {"a": 0.5, "b": 0.4}}]', "options add up"),
        (b'[{"question": 7, "probability_yes_per_category": []}]', "options"),
        (b'[{"question": 7, "continuous_cdf": [0.0005, 0.5, 1.0]}]', "low end"),
        (b'[{"question": 7, "continuous_cdf": [1.0]}]', "count"),
    ],
)
def test_files_that_no_one_knows_the_question_of(data, rule):
    assert rule in {breach.rule for breach in check_metaculus(data)}


def test_options_that_add_up_pass():
    body = [{"question": 7, "probability_yes_per_category": {"a": 0.6, "b": 0.4}}]
    assert check_metaculus(body) == []


def test_calls_that_are_wrong():
    binary = Question(platform="metaculus", variable="x", kind="binary", event=Event("above", 0.0))
    with pytest.raises(StudyError, match="range: found nothing"):
        metaculus_cdf([1.0], binary)
    ranged = Question(platform="metaculus", variable="x", kind="binary", low=0.0, high=1.0)
    with pytest.raises(StudyError, match="kind: found binary"):
        metaculus_cdf([1.0], ranged)
    with pytest.raises(StudyError, match="event: found nothing"):
        metaculus_probability([1.0], ranged)
    question = Question(platform="metaculus", id="x1", variable="x", low=0.0, high=1.0)
    with pytest.raises(StudyError, match="1 of 2 draws without a number"):
        metaculus_cdf([1.0, math.nan], question)
    with pytest.raises(StudyError, match="id: found 'x1'"):
        metaculus_json(metaculus_cdf([0.5], question))
