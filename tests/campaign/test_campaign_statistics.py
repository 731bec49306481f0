"""Statistics against known answers: sets of NIST, errors by hand, blocks, laws, common random numbers."""

import os
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from mcrace.analysis import contrasts, summary
from mcrace.analysis.estimates import jackknifed, over_replicates
from mcrace.engine.intervals import LATTICE, STATED, Sample, difference_errors, summary_errors
from mcrace.engine.result import Result
from mcrace.engine.run import run
from mcrace.engine.statistics import STATISTICS, statistics_of
from mcrace.engine.tails import tails_of
from mcrace.sampling import unit_block
from tests.campaign.statistics import (
    ALPHA,
    CONTINUOUS,
    block_means,
    known_sets,
    kolmogorov,
    largest_lag,
    right_digits,
    sampled_law,
    tallied,
)
from tests.small_study import small_study

LONG = os.environ.get("MCRACE_CAMPAIGN") == "1"
MEAN, SD = STATISTICS.index("mean"), STATISTICS.index("sd")
SETS = known_sets()


# Known answers


@pytest.mark.parametrize("name", SETS)
def test_held_draws_have_the_certified_digits(name: str) -> None:
    known = SETS[name]
    row = statistics_of(known.values[np.newaxis])[0]
    assert right_digits(float(row[MEAN]), known.mean) >= 15
    assert right_digits(float(row[SD]), known.sd) >= known.digits_of_sd


@pytest.mark.parametrize("block", [1, 2, 7, 64, 1000, 8192])
@pytest.mark.parametrize("name", SETS)
def test_tallied_draws_have_the_certified_digits_in_any_blocks(name: str, block: int) -> None:
    known = SETS[name]
    row = tallied(known.values, block)
    assert right_digits(float(row[MEAN]), known.mean) >= 15
    assert right_digits(float(row[SD]), known.sd) >= known.digits_of_sd


def test_digits_tell_a_textbook_sum_of_squares() -> None:
    values = SETS["NumAcc4"].values
    square = (np.sum(values**2) - np.sum(values) ** 2 / values.size) / (values.size - 1)
    assert right_digits(float(np.sqrt(abs(square))), 0.1) < 2
    assert right_digits(0.1, 0.1) == 16.0


# Errors by hand


def test_errors_of_estimates_by_hand() -> None:
    values = np.array([1.0, 4.0, 2.0, 9.0, 3.5])
    found = over_replicates(values)
    error = np.sqrt(np.sum((values - values.mean()) ** 2) / 4 / 5)
    assert float(found.standard_error) == pytest.approx(error, rel=1e-14)
    low, high = found.interval()
    # Student's t with 4 degrees of freedom, from tables.
    assert float(high - found.value) / error == pytest.approx(2.7764451052, rel=1e-9)
    assert float(found.value - low) / error == pytest.approx(2.7764451052, rel=1e-9)
    assert float((found.interval(0.9)[1] - found.value) / error) == pytest.approx(2.1318467863, rel=1e-9)


def test_the_jackknife_of_a_mean_is_its_error() -> None:
    values = np.random.default_rng(5).lognormal(size=(9, 3))
    without = (values.sum(axis=0) - values) / 8
    error = jackknifed(without, values.mean(axis=0)).standard_error
    assert error == pytest.approx(values.std(axis=0, ddof=1) / 3, rel=1e-12)


def test_a_rounding_that_two_scenarios_share_is_no_error_of_their_difference() -> None:
    generator = np.random.default_rng(8)
    base = generator.standard_normal((16, 2048))
    other = base + 1e-3 * generator.standard_normal(base.shape)
    one, two = (
        Sample(
            pooled=statistics_of(draws.reshape(1, -1)),
            values=np.stack([statistics_of(row[np.newaxis]) for row in draws], axis=-1),
            points=2048,
        )
        for draws in (other, base)
    )
    found = difference_errors(one, two)
    median = STATISTICS.index("q0.5")
    apart = (one.values - two.values)[0, median]
    scatter = np.sqrt(np.sum((apart - (one.pooled - two.pooled)[0, median]) ** 2) / 15 / 16)
    gap = np.sqrt(2 * np.pi) / 2048  # of neighbouring draws of a normal law at its median
    assert float(found.error[0, median]) == pytest.approx(scatter, abs=0.1 * gap / np.sqrt(12 * 16))


def test_a_quantile_that_a_net_fixes_is_not_stated_and_that_of_random_draws_is() -> None:
    median = STATISTICS.index("q0.5")
    for method, expected in (("sobol", LATTICE), ("random", STATED)):
        draws = np.array(
            [
                unit_block(
                    method=method, seed=5, replicate=replicate, start=0, count=1024, points=1024,
                    names=("x",), dimensions=(0,),
                )[0]
                for replicate in range(16)
            ]
        )  # fmt: skip
        values = np.stack([statistics_of(row[np.newaxis]) for row in draws], axis=-1)
        found = summary_errors(Sample(pooled=statistics_of(draws.reshape(1, -1)), values=values, points=1024))
        assert found.why[0, median] == expected


def test_the_noise_of_a_tail_index_falls_with_the_root_of_the_draws() -> None:
    quantiles = np.log(np.arange(2.0, 11.0))
    assert tails_of(quantiles, 1600).noise == pytest.approx(0.1, rel=1e-12)
    assert tails_of(quantiles, 160_000).noise == pytest.approx(0.01, rel=1e-12)


def test_certain_bounds_of_a_difference_are_as_far_apart_as_both_together() -> None:
    result = run(small_study(), jobs=1)
    pooled = result.statistics.pooled
    wide = replace(result.statistics, brackets=np.stack([pooled - 1e12, pooled + 1e12], axis=-1))
    table = contrasts(replace(result, statistics=wide)).set_index(["scenario", "output", "statistic"])
    row = table.loc[("early", "incentive", "q0.5")]
    low, high = (f"{float(row['value']) + step:.6g}" for step in (-2e12, 2e12))
    assert row["note"] == f"within [{low}, {high}] for certain; interpolated"


# Blocks and replicates


@pytest.mark.parametrize("method", ["random"])
def test_blocks_are_independent(method: str) -> None:
    scores = block_means(method, 10, 1000 if not LONG else 10_000, 64)
    found, allowed = largest_lag(scores, 50)
    assert found < allowed
    assert stats.kstest(scores.ravel(), "norm").pvalue > ALPHA
    across = np.corrcoef(scores)[np.triu_indices(10, 1)] * np.sqrt(scores.shape[1])
    assert np.abs(across).max() < stats.norm.ppf(1 - ALPHA / (2 * across.size))


def test_blocks_that_hang_together_are_found() -> None:
    scores = block_means("random", 4, 1000, 64)
    again = scores.copy()
    again[:, 1::2] = 0.8 * again[:, ::2] + 0.6 * again[:, 1::2]  # every other block is part of the one before
    found, allowed = largest_lag(again, 50)
    assert found > allowed


@pytest.mark.parametrize("method", ["sobol", "latin_hypercube"])
def test_replicates_of_a_design_are_independent(method: str) -> None:
    # Inside a replicate points repel each other; between replicates nothing may hang together.
    names = ("x", "y")
    rows = np.array(
        [
            unit_block(
                method=method,
                seed=3,
                replicate=replicate,
                start=0,
                count=64,
                points=64,
                names=names,
                dimensions=(0, 1),
            )
            for replicate in range(512)
        ]
    )
    product = (rows[:, 0] - 0.5) * (rows[:, 1] - 0.5)
    estimates = product.mean(axis=1)
    scores = (estimates - estimates.mean()) / estimates.std(ddof=1)
    found, allowed = largest_lag(scores, 20)
    assert found < allowed
    # The same point of neighbouring replicates: uniform, and without correlation, for each input.
    for number in range(2):
        column = (rows[:, number] - 0.5) * np.sqrt(12)
        beside = (column[1:] * column[:-1]).mean(axis=0) * np.sqrt(511)
        assert np.abs(beside).max() < stats.norm.ppf(1 - ALPHA / 128)


# Laws


@pytest.mark.slow
@pytest.mark.parametrize("name", CONTINUOUS)
def test_samples_of_a_law_are_of_that_law_and_of_no_near_one(name: str) -> None:
    # At this size a test at 1e-6 sees 1 % of the scale of a normal law, and more of one with ends.
    draws = 10_000_000 if LONG else 2_000_000
    values, law = sampled_law(name, draws), CONTINUOUS[name][1]()
    assert kolmogorov(values, law.cdf) > ALPHA
    middle, sd = float(law.mean()), float(law.std())
    assert kolmogorov(middle + 1.01 * (values - middle), law.cdf) < ALPHA
    assert kolmogorov(values + 0.01 * sd, law.cdf) < ALPHA


# Common random numbers


RATES = (0.02, 0.06, 0.1, 0.18, 0.25)


@pytest.fixture(scope="module")
def paired() -> Result:
    scenarios = {f"rate_{place}": {"model.discount_rate": rate} for place, rate in enumerate(RATES)}
    sampling = {"method": "random", "draws": 131_072, "replicates": 64, "keep": 131_072}
    return run(small_study(sampling=sampling, scenarios=scenarios), jobs=1)


@pytest.mark.slow
@pytest.mark.parametrize("place", range(len(RATES)))
def test_the_variance_of_a_difference_falls_by_the_factor_that_the_draws_predict(
    place: int, paired: Result
) -> None:
    # On the same random draws Var(A - B) = Var A + Var B - 2 Cov, against Var A + Var B apart.
    output = paired.statistics.outputs.index("revenue_gain")
    base, other = (
        paired.draws.loc[paired.draws["scenario"] == name, "revenue_gain"].to_numpy()
        for name in ("base", f"rate_{place}")
    )
    predicted = np.var(other - base) / (np.var(base) + np.var(other))
    assert predicted < 0.4
    means = [part.reshape(4096, 32).mean(axis=1) for part in (base, other)]
    found = np.var(means[1] - means[0], ddof=1) / (np.var(means[0], ddof=1) + np.var(means[1], ddof=1))
    assert found == pytest.approx(predicted, rel=0.1)
    # What the table states is the paired error: its square has 63 degrees of freedom.
    table = contrasts(paired).set_index(["scenario", "output", "statistic"])
    stated = float(table.loc[(f"rate_{place}", "revenue_gain", "mean"), "standard_error"]) ** 2
    assert stated == pytest.approx(np.var(other - base) / base.size, rel=4 * np.sqrt(2 / 63))
    alone = paired.statistics.values[place + 1, output, MEAN] - paired.statistics.values[0, output, MEAN]
    assert stated == pytest.approx(np.var(alone, ddof=1) / 64, rel=0.25)  # but for what skewness adds


# Tails


@pytest.mark.parametrize("draws", [64, 256, 1024, 4096, 16_384])
def test_a_quantile_with_few_draws_beyond_it_is_not_stated(draws: int) -> None:
    table = summary(run(small_study(sampling={"draws": draws, "replicates": 8, "method": "random"}), jobs=1))
    points = draws // 8
    judged = 0
    for level in (0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99):
        rows = table[table["statistic"] == f"q{level:g}"]
        beyond = points * min(level, 1 - level)
        if beyond < 5 - 1e-9:
            assert rows["standard_error"].isna().all(), level
            judged += len(rows)
        elif beyond < 10 - 1e-9:
            assert rows["note"].ne("").all(), level
            judged += len(rows)
    assert judged > 0 or draws == 16_384
