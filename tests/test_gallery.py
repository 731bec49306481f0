"""The gallery of arguments: each study says what it assumes, and does to the model what it claims to do."""

import functools
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml

import mcrace
from mcrace.nomenclature import OUTPUTS

FOLDER = Path(__file__).parents[1] / "configs" / "arguments"
FILES = sorted(FOLDER.glob("*.yaml"))
NAMES = [path.stem for path in FILES]
DRAWS = 1024

SIGNS = {
    "revenue_gain": 1,
    "training_cost": -1,
    "survival_gain": 1,
    "prestige_gain": 1,
    "caution_cost": -1,
    "strategic_gain": 1,
}

NEVER_RAISED = (
    "00-baseline",
    "01-simple",
    "02-uncertain-timing",
    "03-price-discrimination",
    "04-good-enough",
    "05-undercutting",
    "07-niches",
    "16-overconfidence",
    "18-fast-followers",
    "19-discounting",
    "20-growing-demand",
    "21-fixed-ratio",
    "22-imperfect-substitutes",
)
"""Whatever these assume, the margin of z over y cannot grow as the open model does."""

CARRIED_BY = {
    "06-differentiated": "revenue_gain",
    "08-cheaper-training": "training_cost",
    "09-talent": "training_cost",
    "10-ecosystem": "revenue_gain",
    "11-prestige": "prestige_gain",
    "12-open-labs": "prestige_gain",
    "13-bankruptcy": "survival_gain",
    "14-small-lead": "revenue_gain",
    "15-decisive-gap": "strategic_gain",
    "17-regulation": "revenue_gain",
}
"""Studies whose assumption can turn the sign, and the part that does."""

SWITCHED_OFF = (
    ("06-differentiated", "no_rivals"),
    ("08-cheaper-training", "nothing_saved"),
    ("09-talent", "no_effect"),
    ("09-talent", "dearer"),
    ("10-ecosystem", "no_effect"),
    ("10-ecosystem", "shrinks"),
    ("11-prestige", "no_effect"),
    ("12-open-labs", "others_catch_z"),
    ("14-small-lead", "never_content"),
    ("17-regulation", "no_relief"),
    ("17-regulation", "no_regulation"),
)

ONLY_RELEASES_DIFFER = (
    ("01-simple", "stops_short_of_y"),
    ("01-simple", "catches_z"),
    ("02-uncertain-timing", "twice_as_uncertain"),
    ("02-uncertain-timing", "release_after_release"),
    ("05-undercutting", "open_catches_z"),
    ("09-talent", "twice_as_strong"),
    ("10-ecosystem", "twice_as_strong"),
    ("12-open-labs", "others_catch_z"),
    ("12-open-labs", "release_after_release"),
    ("17-regulation", "no_relief"),
    ("18-fast-followers", "at_once"),
    ("21-fixed-ratio", "half_the_distance"),
)
"""Scenarios that change nothing in a world whose open model is frozen."""


@functools.cache
def draws_of(name: str) -> dict[str, pd.DataFrame]:
    """Draws of a study of the gallery by scenario, few of them."""
    study = mcrace.load(FOLDER / f"{name}.yaml", {"sampling.draws": DRAWS})
    draws = mcrace.run(study, jobs=1).draws
    return {
        str(scenario): part.set_index("draw") for scenario, part in draws.groupby("scenario", observed=True)
    }


def base(name: str) -> pd.DataFrame:
    return draws_of(name)["base"]


def same(one: pd.Series, other: pd.Series, draws: pd.DataFrame) -> bool:
    """Tell whether two amounts are equal but for rounding in sums of what a lab earns and pays."""
    size = draws.training_cost.abs() + draws.incentive_frozen.abs() + draws.revenue_gain.abs()
    return bool(((one - other).abs() <= 1e-12 * size).all())


def written(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


# What a study says


def test_the_gallery_is_in_order() -> None:
    assert [int(name[:2]) for name in NAMES] == list(range(len(NAMES)))
    assert set(NEVER_RAISED) | set(CARRIED_BY) == set(NAMES)


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_a_study_says_what_it_is_about(path: Path) -> None:
    study = mcrace.load(path)
    assert study.name == path.stem
    assert 0 < len(study.title) <= 48
    assert study.question
    assert len(study.scenarios) <= 4, "the base and at most three more"
    assert path.read_text(encoding="utf-8").startswith("# ")


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_every_number_it_adds_has_a_source(path: Path) -> None:
    for name, entry in written(path).get("inputs", {}).items():
        if entry is not None:
            assert len(entry["source"]) >= len("Assumed"), name
    inputs = mcrace.load(path).inputs
    assert all(entry.label and entry.source for entry in inputs)
    assert {entry.name for entry in inputs} >= {"lead", "growth_of_level", "training", "life"}


def test_a_title_is_told_once() -> None:
    titles = [written(path)["title"] for path in FILES]
    assert len(set(titles)) == len(titles)


# What holds for all


@pytest.mark.parametrize("name", NAMES)
def test_every_number_is_finite_and_the_parts_add_up(name: str) -> None:
    for draws in draws_of(name).values():
        assert len(draws) == DRAWS
        assert np.isfinite(draws[list(OUTPUTS)].to_numpy()).all()
        size = draws[list(SIGNS)].abs().sum(axis=1) + draws.incentive_frozen.abs()
        for whole, prefix in (("incentive", ""), ("open_effect", "open_effect_")):
            total = sum(sign * draws[prefix + part] for part, sign in SIGNS.items())
            assert ((draws[whole] - total).abs() <= 1e-12 * size).all()
        assert ((draws.incentive - draws.incentive_frozen - draws.open_effect).abs() <= 1e-12 * size).all()


@pytest.mark.parametrize("name", NAMES)
def test_the_lab_earns_today_what_the_baseline_says(name: str) -> None:
    draws = base(name)
    if "revenue" not in draws:
        assert (draws.revenue_today == 0).all()
        return
    ratio = draws.revenue_today / draws.revenue
    assert ratio.mean() == pytest.approx(1, abs=0.03)
    assert ratio.quantile(0.05) > 0.88
    assert ratio.quantile(0.95) < 1.12


@pytest.mark.parametrize("name", NEVER_RAISED)
def test_open_releases_never_raise_the_incentive(name: str) -> None:
    for scenario, draws in draws_of(name).items():
        assert (draws.open_effect <= 0).all(), scenario


@pytest.mark.parametrize(("name", "part"), CARRIED_BY.items())
def test_the_argument_can_turn_the_sign(name: str, part: str) -> None:
    draws = base(name)
    raised = draws[draws.open_effect > 0]
    assert 0 < len(raised) < DRAWS
    carried = {one: (sign * raised["open_effect_" + one]).mean() for one, sign in SIGNS.items()}
    assert carried[part] > 0
    assert carried[part] == max(carried.values())


@pytest.mark.parametrize(("name", "scenario"), SWITCHED_OFF)
def test_without_it_the_sign_stays(name: str, scenario: str) -> None:
    assert (draws_of(name)[scenario].open_effect <= 0).all()


@pytest.mark.parametrize(("name", "scenario"), ONLY_RELEASES_DIFFER)
def test_what_speaks_of_releases_alone_leaves_the_frozen_world_alone(name: str, scenario: str) -> None:
    changed, before = draws_of(name)[scenario], base(name)
    assert same(changed.incentive_frozen, before.incentive_frozen, before)
    assert (changed.open_effect != before.open_effect).any()


# What each is built on


def test_the_simple_model_is_the_closed_form() -> None:
    for name in ("01-simple", "02-uncertain-timing"):
        d = base(name)
        scale = d.revenue / np.log(d["lead"])  # n times the value of a factor e, USD a day
        horizon = d.training + d.life
        step = np.log(np.minimum(1 + d.overshoot, d.growth_of_level))
        late = np.maximum(horizon - np.maximum(d.day, d.training), 0)
        np.testing.assert_allclose(d.open_effect, -scale * late * step, rtol=1e-9, atol=1e-3)
        np.testing.assert_allclose(d.revenue_gain - d.open_effect, scale * d.life * np.log(d.growth_of_level))
    assert (draws_of("01-simple")["stops_short_of_y"].open_effect == 0).all()


def test_later_and_more_uncertain_are_not_the_same() -> None:
    scenarios = draws_of("02-uncertain-timing")
    untouched = {name: (draws.open_effect == 0).mean() for name, draws in scenarios.items()}
    assert untouched["medians"] < untouched["base"] < untouched["twice_as_uncertain"]
    assert scenarios["release_after_release"].open_effect.mean() < scenarios["base"].open_effect.mean()


def test_whoever_captures_more_has_more_to_lose() -> None:
    scenarios = draws_of("03-price-discrimination")
    effects = [scenarios[name].open_effect for name in ("a_price_for_each", "base", "one_price")]
    assert (effects[0] <= effects[1]).all()
    assert (effects[1] <= effects[2]).all()
    # At the same revenue today it does not matter how it is captured.
    alike, before = scenarios["all_alike"].open_effect, scenarios["base"].open_effect
    assert alike.mean() == pytest.approx(before.mean(), rel=0.02)


def test_satiated_customers_pay_less_for_the_next_step() -> None:
    scenarios = draws_of("04-good-enough")
    assert (scenarios["enough_long_ago"].revenue_gain < scenarios["never_enough"].revenue_gain).mean() > 0.99


def test_a_rival_ahead_leaves_nothing_for_the_open_model_to_take() -> None:
    d = base("05-undercutting")
    ahead = (d.rival_day <= d.training) & (d.rival_step > 1 + d.overshoot)
    alone = draws_of("05-undercutting")["alone"]
    late = (d.day < d.training + d.life) & (d.overshoot > 0) & ahead
    contested = 1 - d.overlap
    scale = d.revenue / (
        (1 - d.overlap) * np.log(d["lead"]) + d.overlap * np.clip(-np.log(d.near), 0, np.log(d["lead"]))
    )
    expected = -contested * scale * np.log(np.minimum(1 + d.overshoot, d.growth_of_level))
    per_day = (d.open_effect / expected)[late]  # discounted and grown customers' days: the same as alone's
    expected_alone = -d.revenue / np.log(d["lead"]) * np.log(np.minimum(1 + d.overshoot, d.growth_of_level))
    np.testing.assert_allclose(per_day, (alone.open_effect / expected_alone)[late], rtol=1e-9)


def test_differentiated_sellers_turn_the_sign_only_behind_a_rival() -> None:
    raised = (draws := base("06-differentiated"))[draws.open_effect > 0]
    assert (raised.rival_step > 1 + raised.overshoot).all()
    assert (draws.open_effect[draws.day < draws.training + draws.life] != 0).all()


def test_generalists_make_one_market_of_the_niches() -> None:
    scenarios = draws_of("07-niches")
    one, general = scenarios["one_market"], scenarios["generalists"]
    np.testing.assert_allclose(general.open_effect, one.open_effect, rtol=1e-9)
    assert (
        one.open_effect.mean()
        < scenarios["base"].open_effect.mean()
        < scenarios["specialists"].open_effect.mean()
    )


def test_what_is_saved_is_a_share_of_what_the_release_adds() -> None:
    scenarios = draws_of("08-cheaper-training")
    d, alone = scenarios["base"], scenarios["nothing_saved"]
    own = d.final_run * d.research_multiple
    start = (d.day + d.wait) / 365.25
    saved = d.saved * own * (np.minimum(1 + d.overshoot, d.growth_of_level / d.saved) - 1 / d["lead"])
    np.testing.assert_allclose(d.open_effect_training_cost, -saved / (1 + d.discount) ** start, rtol=1e-9)
    assert (d.open_effect_revenue_gain == alone.open_effect_revenue_gain).all()
    follower, bigger = scenarios["follower"], scenarios["bigger_model_for_the_money"]
    np.testing.assert_allclose(bigger.incentive_frozen, follower.incentive_frozen, rtol=1e-9, atol=1e3)
    assert (bigger.open_effect_training_cost == 0).all()
    assert (bigger.open_effect_revenue_gain >= follower.open_effect_revenue_gain - 1).all()


def test_talent_moves_the_cost_alone_and_either_way() -> None:
    scenarios = draws_of("09-talent")
    revenue = [draws.open_effect_revenue_gain for draws in scenarios.values()]
    assert all((part == revenue[0]).all() for part in revenue)
    assert (scenarios["base"].open_effect_training_cost < 0).all()
    assert (scenarios["dearer"].open_effect_training_cost > 0).all()


def test_prestige_never_speaks_for_staying() -> None:
    for draws in draws_of("11-prestige").values():
        assert (draws.open_effect_prestige_gain >= 0).all()
        assert (draws.open_effect_revenue_gain <= 0).all()


def test_open_labs_have_nothing_but_prestige() -> None:
    for draws in draws_of("12-open-labs").values():
        assert (draws.open_effect == draws.open_effect_prestige_gain).all()
    alone = draws_of("12-open-labs")["no_rival"]
    assert (alone.open_effect > 0).mean() > (base("12-open-labs").open_effect > 0).mean()


def test_no_race_is_better_than_the_race_and_the_race_is_better_than_bankruptcy() -> None:
    d = base("13-bankruptcy")
    assert (d.incentive_frozen < 0).mean() > 0.75
    rescued = d[d.survival_gain > 0]
    assert len(rescued) > DRAWS // 10
    assert (rescued.incentive > 0).mean() > 0.75
    assert (rescued.incentive_frozen < 0).mean() > 0.75
    # Frozen, the lab lives on either way: survival comes with the release or not at all.
    assert (rescued.open_effect_survival_gain == rescued.survival_gain).all()
    free = draws_of("13-bankruptcy")["no_fixed_cost"]
    assert (free.survival_gain == 0).all()


def test_a_content_lab_stays_until_the_open_model_comes() -> None:
    scenarios = draws_of("14-small-lead")
    assert (scenarios["base"].incentive_frozen > 0).mean() < 0.2
    assert (scenarios["base"].incentive > 0).mean() > (scenarios["base"].incentive_frozen > 0).mean()
    plain, before = scenarios["never_content"], scenarios["three_times_today"]
    assert (plain.incentive_frozen > before.incentive_frozen).all()


def test_the_laggard_leans_on_the_open_model() -> None:
    scenarios = draws_of("15-decisive-gap")
    assert (scenarios["base"].open_effect == scenarios["base"].open_effect_strategic_gain).all()
    chances = {name: (draws.open_effect > 0).mean() for name, draws in scenarios.items()}
    assert chances["large_gap"] < chances["base"] < chances["small_gap"]
    assert (scenarios["no_laggard"].strategic_gain != scenarios["base"].strategic_gain).any()


def test_overconfident_founders_see_more_than_there_is() -> None:
    scenarios = draws_of("16-overconfidence")
    for name in ("base", "only_overconfident", "only_inattentive"):
        assert scenarios[name].perceived_incentive.mean() > scenarios[name].incentive.mean()
        assert (scenarios[name].open_effect == scenarios["clear_sighted"].open_effect).all()
    clear, inattentive = scenarios["clear_sighted"], scenarios["only_inattentive"]
    assert (clear.perceived_incentive == clear.incentive).all()
    expected = clear.incentive - inattentive.inattention * clear.open_effect
    assert same(inattentive.perceived_incentive, expected, clear)


def test_regulation_bites_less_once_the_open_model_is_out() -> None:
    scenarios = draws_of("17-regulation")
    assert (scenarios["base"].open_effect >= scenarios["no_relief"].open_effect).all()
    assert (scenarios["base"].incentive_frozen <= scenarios["no_regulation"].incentive_frozen).all()


def test_followers_take_more_the_closer_they_come() -> None:
    scenarios = draws_of("18-fast-followers")
    followed, alone = scenarios["base"], scenarios["nobody_follows"]
    assert same(np.maximum(followed.open_effect, alone.open_effect), alone.open_effect, alone)
    assert scenarios["at_once"].open_effect.mean() < scenarios["base"].open_effect.mean()


def test_impatience_shrinks_what_releases_take() -> None:
    scenarios = draws_of("19-discounting")
    effects = [scenarios[name].open_effect for name in ("no_discounting", "patient", "base")]
    assert (effects[0] <= effects[1]).all()
    assert effects[1].mean() < effects[2].mean()


def test_growing_demand_grows_what_releases_take() -> None:
    scenarios = draws_of("20-growing-demand")
    grown, flat = scenarios["base"], scenarios["flat"]
    assert (grown.open_effect <= flat.open_effect).all()
    assert (grown.incentive_frozen >= flat.incentive_frozen).all()


def test_at_a_fixed_distance_a_step_earns_nothing_once_it_is_followed() -> None:
    d = draws_of("21-fixed-ratio")["follow_at_once"]
    assert (d.revenue_gain.abs() <= 1e-9 * d.revenue * d.life).all()
    assert (d.open_effect <= base("21-fixed-ratio").open_effect).all()


def test_a_poor_substitute_changes_nothing() -> None:
    scenarios = draws_of("22-imperfect-substitutes")
    assert (scenarios["mostly_not"].open_effect == 0).all()
    assert (scenarios["the_same"].open_effect <= scenarios["base"].open_effect).mean() > 0.99
