"""Scores: against scoringrules, against sums over all pairs, and on a question's range."""

import math
import warnings

import numpy as np
import pytest

from mcrace.errors import StudyError
from mcrace.forecast.metaculus import metaculus_cdf
from mcrace.forecast.scale import locations
from mcrace.forecast.scores import cdf_log_score, metaculus_baseline_score, score_event, score_question
from mcrace.forecast.scoring import (
    Pit,
    brier_score,
    crps,
    log_score,
    pinball,
    pit,
    quantile_score,
    skill,
    weighted_interval_score,
)
from mcrace.study.event import Event
from mcrace.study.hub import HUB_LEVELS
from mcrace.study.question import Question


def samples():
    random = np.random.default_rng(8)
    return {
        "normal": random.normal(size=201),
        "heavy": random.standard_cauchy(200),
        "atoms": random.choice([0.0, 1.0, 5.0], 150),
        "constant": np.full(40, 2.5),
        "one": np.array([3.0]),
        "large": 1e9 * random.lognormal(size=300),
    }


SAMPLES = samples()
each_sample = pytest.mark.parametrize("name", SAMPLES)
each_place = pytest.mark.parametrize("place", [-2.0, 0.0, 0.3, 2.5, 40.0])


@pytest.fixture(scope="module")
def rules():
    """Give the reference, which warns of deprecated parts of the library that compiles it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pytest.importorskip("scoringrules")


@each_sample
@each_place
def test_crps_is_the_sum_over_all_pairs(name, place):
    draws = SAMPLES[name]
    outcome = place * np.abs(draws).max() / 3
    pairs = math.fsum(abs(a - b) for a in draws for b in draws) / draws.size**2
    expected = math.fsum(abs(draws - outcome)) / draws.size - pairs / 2
    assert crps(draws, outcome) == pytest.approx(expected, rel=1e-9, abs=1e-12 * np.abs(draws).max())


def test_crps_is_the_area_between_distribution_functions():
    draws = SAMPLES["normal"]
    x = np.linspace(-6, 6, 400_001)
    cdf = np.searchsorted(np.sort(draws), x, side="right") / draws.size
    area = float(((cdf - (x >= 0.7)) ** 2).mean() * 12)
    assert crps(draws, 0.7) == pytest.approx(area, abs=1e-4)


def test_crps_of_a_normal_law_is_the_closed_form():
    random = np.random.default_rng(2)
    y, draws = 0.4, random.normal(size=40_000)
    density = math.exp(-y * y / 2) / math.sqrt(2 * math.pi)
    exact = y * math.erf(y / math.sqrt(2)) + 2 * density - 1 / math.sqrt(math.pi)
    # Its influence function is bounded by a few units of |X - y|: 4 standard errors of a mean of such.
    assert crps(draws, y) == pytest.approx(exact, abs=4 / math.sqrt(40_000))


@each_sample
@each_place
def test_against_scoringrules(rules, name, place):
    draws = SAMPLES[name]
    scale = float(np.abs(draws).max())
    outcome = place * scale / 3
    close = {"rel": 1e-9, "abs": 1e-12 * scale}
    reference = rules.crps_ensemble(outcome, draws, estimator="qd", backend="numpy")
    assert crps(draws, outcome) == pytest.approx(float(reference), **close)
    levels = np.array(HUB_LEVELS)
    quantiles = np.quantile(draws, levels)
    reference = rules.crps_quantile(outcome, quantiles, levels, backend="numpy")
    assert quantile_score(levels, quantiles, outcome) == pytest.approx(float(reference), **close)
    low, high, alpha = quantiles[:11], quantiles[:11:-1], 2 * levels[:11]
    # By its compiled code: without it scoringrules 0.10 adds the median itself, not its distance.
    reference = rules.weighted_interval_score(outcome, quantiles[11], low, high, alpha, backend="numba")
    assert weighted_interval_score(levels, quantiles, outcome) == pytest.approx(float(reference), **close)


@pytest.mark.parametrize("name", ["normal", "heavy", "atoms"])
def test_log_score_against_scoringrules(rules, name):
    draws = SAMPLES[name]
    for width in (0.2, 3.0):
        reference = float(rules.logs_ensemble(0.7, draws, bw=width, backend="numpy"))
        assert log_score(draws, 0.7, bandwidth=width) == pytest.approx(reference, rel=1e-9)


def test_log_score_is_that_of_scipys_kernel_and_near_the_law():
    draws = np.random.default_rng(6).normal(size=20_000)
    low, high = np.quantile(draws, (0.25, 0.75))
    width = 1.06 * min(draws.std(ddof=1), (high - low) / 1.34) * draws.size**-0.2
    density = np.mean(np.exp(-0.5 * ((0.7 - draws) / width) ** 2)) / width / math.sqrt(2 * math.pi)
    assert log_score(draws, 0.7) == pytest.approx(-math.log(density), rel=1e-12)
    assert log_score(draws, 0.7) == pytest.approx(0.7**2 / 2 + math.log(2 * math.pi) / 2, abs=0.05)
    assert math.isfinite(log_score(draws, 1e6))


def test_log_score_needs_a_width():
    assert log_score([1.0, 1.0, 1.0, 9.0], 1.0) > -5
    for draws in ([1.0], [1.0, 1.0]):
        with pytest.raises(StudyError, match="all alike"):
            log_score(draws, 1.0)
    with pytest.raises(StudyError, match="found -1, expected a number above 0"):
        log_score([1.0], 1.0, bandwidth=-1.0)


@pytest.mark.parametrize("seed", range(50))
def test_weighted_intervals_are_the_pinball_form(seed):
    random = np.random.default_rng(seed)
    half = np.sort(random.random(random.integers(1, 12)) / 2)
    levels = np.concatenate([half, [0.5], 1 - half[::-1]])
    quantiles = np.sort(random.choice(random.standard_cauchy(5), levels.size))
    outcome = float(random.choice([*quantiles, *random.normal(0, 5, 4)]))
    form = quantile_score(levels, quantiles, outcome)
    assert weighted_interval_score(levels, quantiles, outcome) == pytest.approx(form, rel=1e-12, abs=1e-12)


def test_pinball_by_hand():
    losses = pinball([0.1, 0.5, 0.9], [1.0, 2.0, 4.0], 3.0)
    np.testing.assert_allclose(losses, [0.2, 0.5, 0.1])
    assert quantile_score([0.1, 0.5, 0.9], [1.0, 2.0, 4.0], 3.0) == pytest.approx(2 * 0.8 / 3)


def test_the_quantile_score_nears_the_crps():
    draws = SAMPLES["normal"]
    levels = (np.arange(2000) + 0.5) / 2000
    assert quantile_score(levels, np.quantile(draws, levels, method="inverted_cdf"), 0.3) == pytest.approx(
        crps(draws, 0.3), rel=2e-3
    )


@pytest.mark.parametrize(("happened", "score"), [(True, 0.09), (False, 0.49)])
def test_brier(rules, happened, score):
    assert brier_score(0.7, happened) == pytest.approx(score)
    assert brier_score(0.7, happened) == pytest.approx(float(rules.brier_score(float(happened), 0.7)))


def test_pit_of_a_calibrated_forecast_is_even():
    random = np.random.default_rng(4)
    draws = random.poisson(3.0, 20_000).astype(float)
    ends = [pit(draws, float(outcome)) for outcome in random.poisson(3.0, 3000)]
    places = np.array([end.below + random.random() * (end.at_most - end.below) for end in ends])
    counts = np.histogram(places, bins=10, range=(0, 1))[0]
    # Chi-squared with 9 degrees of freedom: 27.9 at the level 0.001.
    assert ((counts - 300) ** 2 / 300).sum() < 27.9
    assert pit([1.0, np.inf], np.inf) == Pit(0.5, 1.0)


def test_skill():
    assert skill(1.0, 4.0) == 0.75
    assert skill([4.0, 4.0], [2.0, 2.0]) == -1.0
    assert math.isnan(skill(1.0, 0.0))
    for scores in (([1.0], [1.0, 2.0]), ([-1.0], [1.0])):
        with pytest.raises(StudyError, match="none below 0"):
            skill(*scores)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: crps([1.0, np.inf], 1.0), "1 of 2 infinite, expected finite numbers: clip"),
        (lambda: crps([1.0], math.inf), "outcome: found 1 of 1 infinite"),
        (lambda: crps([], 1.0), "at least one draw"),
        (lambda: pinball([0.5, 0.5], [1.0, 2.0], 1.0), "increasing levels"),
        (lambda: pinball([0.4, 0.5], [2.0, 1.0], 1.0), "not falling"),
        (lambda: pinball([0.4, 0.5], [2.0], 1.0), "as many quantiles"),
        (lambda: weighted_interval_score([0.1, 0.5, 0.8], [1.0, 2.0, 3.0], 1.0), "mirror"),
        (lambda: weighted_interval_score([0.1, 0.9], [1.0, 2.0], 1.0), "mirror"),
        (lambda: brier_score(1.2, True), "a number in"),
    ],
)
def test_wrong_calls_say_what_would_be_right(call, message):
    with pytest.raises(StudyError, match=message):
        call()


RANGED = Question(platform="metaculus", variable="lag", low=0.0, high=10.0)


def test_a_proper_score_is_least_for_the_true_law():
    random = np.random.default_rng(11)
    outcomes = random.normal(5, 1, 400)
    forecasts = {"true": (5, 1), "shifted": (6, 1), "wide": (5, 3), "narrow": (5, 0.3)}
    means = {}
    for name, (mean, spread) in forecasts.items():
        draws = random.normal(mean, spread, 4000)
        scored = [score_question(draws, RANGED, outcome) for outcome in outcomes[:60]]
        means[name] = np.mean([[s.crps, s.log, s.weighted_interval, -s.baseline] for s in scored], axis=0)
    for name in ("shifted", "wide", "narrow"):
        assert (means[name] > means["true"]).all(), name


def test_never_and_what_lies_outside_are_scored_on_the_range():
    draws = np.array([2.0, 4.0, 25.0, np.inf])
    scores = score_question(draws, RANGED, 4.0)
    assert scores.crps == crps([2.0, 4.0, 10.0, 10.0], 4.0)
    assert scores.crps_scale == pytest.approx(scores.crps / 10)
    assert scores.brier_never == 0.0625
    assert scores.clipped == 0.5
    assert scores.pit == Pit(0.25, 0.5)
    never = score_question(draws, RANGED, math.inf)
    assert never.crps == crps([2.0, 4.0, 10.0, 10.0], 10.0)
    assert never.brier_never == 0.5625
    assert score_question([1.0, 2.0], RANGED, 1.0).brier_never is None


def test_without_a_range_all_must_be_finite():
    question = Question(platform="csv", variable="lag")
    draws = SAMPLES["normal"]
    scores = score_question(draws, question, 0.5)
    assert (scores.crps, scores.log) == (crps(draws, 0.5), log_score(draws, 0.5))
    assert (scores.crps_scale, scores.baseline, scores.clipped) == (None, None, 0.0)
    assert score_question([2.0, 2.0], question, 1.0).log is None
    for values, outcome in (([1.0, np.inf], 1.0), ([1.0], math.inf)):
        with pytest.raises(
            StudyError, match=r"range: found nothing.*expected \[low, high\] to score them on"
        ):
            score_question(values, question, outcome)


def test_levels_without_mirror_have_no_intervals():
    scores = score_question([1.0, 2.0], RANGED, 1.0, levels=(0.1, 0.5))
    assert scores.weighted_interval is None
    assert scores.quantile == quantile_score([0.1, 0.5], [1.0, 1.0], 1.0)


def test_the_score_of_a_scale_weighs_ratios():
    decades = Question(platform="metaculus", variable="x", low=1.0, high=1e4, zero_point=0.0)
    near = score_question([1.0, 10.0], decades, 10.0)
    far = score_question([1000.0, 10_000.0], decades, 10_000.0)
    assert near.crps_scale == pytest.approx(far.crps_scale)
    assert far.crps == pytest.approx(1000 * near.crps)


@pytest.mark.parametrize(
    ("outcome", "cell"),
    [(0.0, 1), (0.02, 1), (0.05, 1), (0.0501, 2), (5.01, 101), (10.0, 200), (-1.0, 0), (math.inf, 201)],
)
def test_scores_of_a_posted_cdf_take_the_cell_of_the_platform(outcome, cell):
    posted = metaculus_cdf(np.random.default_rng(1).normal(5, 3, 3000), RANGED)
    masses = np.diff(posted.values, prepend=0.0, append=1.0)
    inside = 1 <= cell <= 200
    expected = 100 * math.log(masses[cell] / (0.9 / 200 if inside else 0.05)) / 2
    assert metaculus_baseline_score(posted, outcome) == pytest.approx(expected)
    assert cdf_log_score(posted, outcome) == pytest.approx(-math.log(masses[cell] * (200 if inside else 1)))
    place = float(locations([outcome], RANGED)[0])
    bucket = 0 if place < 0 else 201 if place > 1 else max(math.floor(place * 200 + 1 - 1e-10), 1)
    assert bucket == cell


def test_what_a_closed_end_rules_out_costs_all():
    closed = Question(platform="metaculus", variable="x", low=0.0, high=1.0, open_low=False, open_high=False)
    posted = metaculus_cdf([0.5], closed)
    assert cdf_log_score(posted, 2.0) == math.inf
    assert metaculus_baseline_score(posted, -1.0) == -math.inf


def test_events():
    question = Question(platform="metaculus", variable="x", kind="binary", event=Event("above", 1.0))
    scores = score_event([0.0, 2.0, 3.0, np.inf], question, True)
    assert (scores.brier, scores.log) == (0.0625, -math.log(0.75))
    assert score_event([0.0], question, True).log == math.inf
    assert score_event([0.0], question, False).log == 0.0
