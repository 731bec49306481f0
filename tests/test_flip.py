"""What would flip the answer, and the curves over z and over the next release: against closed forms."""

import math

import numpy as np
import pytest

import mcrace
from mcrace.analysis.candidate import best_of, candidate_curve
from mcrace.analysis.flip import find_flip, flip_points
from mcrace.analysis.release_map import map_of_releases
from mcrace.engine.probe import base_draws, evaluated, scaled, with_number
from mcrace.study.requests import CandidateRange, Flip, FlipKey, ReleaseMap
from mcrace.study.terms import InputName
from tests.small_study import small_study

LINES = np.random.default_rng(5).normal(size=(3000, 16))


@pytest.fixture(scope="module")
def draws():
    return base_draws(mcrace.run(small_study(sampling={"draws": 2048, "replicates": 8}), jobs=1))


def test_a_line_crosses_where_it_should_with_its_error():
    scatter = np.array([-0.3, 0.1, 0.4, -0.2])
    value, error, rises = find_flip(lambda v: 3 - 0.5 * v + scatter, 0.0, np.linspace(0, 10, 7))
    assert value == pytest.approx(6, abs=1e-4)
    assert error == pytest.approx(scatter.std(ddof=1) / 2 / 0.5, rel=1e-9)
    assert rises is False
    assert all(map(math.isnan, find_flip(lambda v: 1 + v + scatter, 0.0, np.linspace(0, 10, 7))[:2]))


def test_the_first_of_two_crossings_is_found():
    def wave(value):
        return np.array([math.sin(value) - 0.5] * 2)

    value, _, rises = find_flip(wave, 0.0, np.linspace(0, 6, 25))
    assert value == pytest.approx(math.pi / 6, abs=1e-4)
    assert rises
    value, _, rises = find_flip(wave, 0.0, np.linspace(6, 0, 25))
    assert value == pytest.approx(5 * math.pi / 6, abs=1e-4)
    assert not rises


def test_errors_of_flips_cover():
    """The root of a noisy line: 95 % intervals hold it in 93 to 97 % of the repetitions."""
    hits = 0
    for noise in LINES:
        value, error, _ = find_flip(lambda v, noise=noise: 2 * v - 1 + noise, 0.0, np.linspace(-4, 4, 9))
        hits += abs(value - 0.5) < 2.1314495 * error
    assert 0.93 < hits / len(LINES) < 0.97


def test_a_closed_form_of_prestige(draws):
    """Prestige of p a day while ahead adds p times what it counts for: the incentive is linear in p."""
    path = "model.lab.prestige_per_day"
    at = [
        evaluated(draws, with_number(draws.study.base, path, p), ("incentive",))[0].mean(axis=1)
        for p in (0.0, 1e6)
    ]
    slopes, mark = (at[1] - at[0]) / 1e6, 1.5 * at[0].mean()
    exact = (mark - at[0].mean()) / slopes.mean()
    (found,) = flip_points(draws, Flip(keys=(FlipKey(path=path),), output="incentive", mark=mark))
    assert float(found.value.value) == pytest.approx(exact, rel=1e-4)
    residual = at[0] + slopes * exact
    error = residual.std(ddof=1) / math.sqrt(8) / abs(slopes.mean())
    assert float(found.value.standard_error) == pytest.approx(error, rel=1e-3)
    assert found.start == 0
    assert found.rises
    assert float(found.at_start.value) == pytest.approx(at[0].mean(), rel=1e-12)


def test_an_input_flips_where_its_curve_crosses(draws):
    """The incentive to train falls with the level of the open model, here from far below z to far above."""
    key = FlipKey(path="model.open.current_expense", low=1e6, high=1e11)
    (found,) = flip_points(draws, Flip(keys=(key,), output="revenue_today", statistic="p_positive", mark=0.5))
    value = float(found.value.value)
    y = np.median(draws.values["x"] * draws.values["lead"])  # no revenue where the open model is as good
    assert value == pytest.approx(y, rel=5e-3)
    assert abs(value - y) < 4 * float(found.value.standard_error)
    assert not found.rises
    day = FlipKey(path="inputs.day", low=0.0, high=900.0)
    (other,) = flip_points(draws, Flip(keys=(day,), statistic="p_positive", mark=0.5))
    assert other.note == "no effect by itself"  # the theorem: never above 0
    assert other.tried == (0.0, 900.0)
    (third,) = flip_points(draws, Flip(keys=(day,), mark=1.0))
    assert third.note == "no value that was tried crosses the mark"
    assert third.ends[0] < third.ends[1] <= 0


def test_what_has_no_effect_or_lacks_another_key_says_so(draws):
    keys = ("model.beliefs.optimism", "model.value.satiation.spread", "model.lab.strategic.lead")
    found = flip_points(draws, Flip(keys=tuple(FlipKey(path=path) for path in keys)))
    assert found[0].note == "no effect by itself"
    assert found[1].note.startswith("refused by the model: model.value.satiation.median")
    assert found[2].note == "no effect by itself"
    assert all(np.isnan(point.value.value) for point in found)


def test_without_a_list_every_strength_of_the_model_is_tried(draws):
    found = {point.path: point for point in flip_points(draws, Flip())}
    assert "model.customers.open_elasticity" in found
    assert float(found["model.customers.open_elasticity"].value.value) > 0
    assert "model.horizon_days" not in found
    assert "model.discount_rate" not in found  # it varies in this study


def test_threads_change_no_bit(draws):
    base = with_number(draws.study.base, "model.lab.prestige_per_day", 1e6)
    one, two = (evaluated(draws, base, ("incentive",), jobs) for jobs in (1, 3))
    np.testing.assert_array_equal(one, two)


def test_kept_draws_evaluated_again_are_the_run_itself(draws):
    again = evaluated(draws, draws.study.base, ("incentive", "open_effect"))
    np.testing.assert_array_equal(again[0], draws.outputs["incentive"])
    np.testing.assert_array_equal(again[1], draws.outputs["open_effect"])
    few = draws.first(64)
    assert few.shape == (8, 64)
    np.testing.assert_array_equal(evaluated(few, few.study.base, ("incentive",))[0], again[0][:, :64])


def test_terms_are_scaled_whatever_they_are(draws):
    base = draws.study.base
    twice = with_number(base, "model.open.current_expense", scaled(InputName("x"), 2.0))
    changed = with_number(base, "model.open.current_expense", 2.0 * draws.values["x"])
    np.testing.assert_array_equal(
        evaluated(draws, twice, ("incentive",)), _with_array(draws, changed, "model.open.current_expense")
    )


def _with_array(draws, scenario, path):
    """Evaluate with an array in the model, by way of an input of that name."""
    from dataclasses import replace

    values = {**draws.values, "array": scenario.model["open"]["current_expense"]}
    placed = with_number(scenario, path, InputName("array"))
    return evaluated(replace(draws, values=values), placed, ("incentive",))


def test_the_best_of_a_parabola_and_its_error():
    multiples = np.geomspace(0.25, 8, 25)
    peaks = np.log(1.7) + np.array([-0.02, 0.01, 0.03, -0.02])
    means = -((np.log(multiples)[:, None] - peaks) ** 2)
    best = best_of(multiples, np.stack([means, means]))
    assert best.multiple.value == pytest.approx([1.7, 1.7], rel=1e-9)
    assert best.multiple.standard_error[0] == pytest.approx(1.7 * peaks.std(ddof=1) / 2, rel=5e-3)
    assert float(best.shift.value) == 0
    assert float(best.shift.standard_error) == pytest.approx(0, abs=1e-12)
    assert not best.edge.any()
    assert best_of(multiples[:5], np.stack([means, means])[:, :5]).edge.all()


def test_the_candidate_curve_holds_the_study_itself(draws):
    curve = candidate_curve(draws, CandidateRange(multiples=(0.25, 4.0), count=9))
    own = int(np.flatnonzero(np.isclose(curve.multiples, 1.0))[0])
    np.testing.assert_allclose(curve.incentives[own], draws.outputs["incentive"], rtol=1e-9)
    assert curve.mean.value[0, own] == pytest.approx(draws.outputs["incentive"].mean(), rel=1e-9)
    assert np.all(curve.mean.value[0] <= curve.mean.value[1] + 1e-6)  # the theorem, for every z
    assert curve.expense[own] == pytest.approx(
        np.median(4 * draws.values["x"] * draws.values["lead"]), rel=1e-9
    )
    assert curve.incentives.shape == (9, 8, 256)


def test_the_best_candidate_of_the_log_curve_is_where_the_margin_pays(draws):
    """d/dz of gain ln z is gain / z: in a frozen world the best z earns its last dollar, draw by draw."""
    curve = candidate_curve(draws, CandidateRange(multiples=(0.05, 40.0), count=81))
    z = 4 * draws.values["x"] * draws.values["lead"]
    gains = evaluated(draws, draws.study.base, ("incentive_frozen",))[0].ravel() + z
    rate = gains / math.log(4)  # of revenue for ln z, in each draw: y is below z
    assert curve.best.multiple.value[1] == pytest.approx(rate.mean() / z.mean(), rel=2e-3)


def test_the_map_has_the_study_s_own_releases_beside_the_first(draws):
    found = map_of_releases(draws, ReleaseMap(days=(0.0, 700.0), levels=(1.0, 4.0), count=5))
    effect = found.mean.value[1]
    assert np.all(effect <= 0)
    assert np.all(np.diff(effect, axis=0) <= 0)  # a better release costs more
    assert np.all(np.diff(effect[2:], axis=1) >= 0)  # a later one less
    cell = {"open": {"releases": [{"day": 350.0, "expense": "2.0 * (x * lead)"}]}}
    model = dict(draws.study.document["model"])
    study = small_study(
        sampling={"draws": 2048, "replicates": 8}, model={"open": {**model["open"], **cell["open"]}}
    )
    exact = base_draws(mcrace.run(study, jobs=1)).outputs["open_effect"].mean()
    assert found.levels[2] == pytest.approx(2.0)
    assert effect[2, 2] == pytest.approx(exact, rel=1e-9)
    assert found.mean.standard_error.shape == (2, 5, 5)
