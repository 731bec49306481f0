"""The benchmark problem against its exact answers, and against plain NumPy written by hand."""

from pathlib import Path

import numpy as np
import pytest
from scipy.special import stdtrit

import mcrace
from tests.benchmarks.numpy_by_hand import p1_model, p1_sample

CONFIG = Path(__file__).parents[1] / "configs" / "benchmark.yaml"

# By nested Gauss-Legendre quadrature (mean, sd, effect) and 16 scrambles of 2^22 points with the spread
# integrated exactly (quantiles, good to about 1 USD).
MEAN = -2_975_530_399.732
SD = 9_105_335.7415
QUANTILES = {
    "q0.05": -2_989_012_227.0,
    "q0.25": -2_981_742_629.2,
    "q0.5": -2_976_831_271.3,
    "q0.75": -2_969_941_509.7,
    "q0.95": -2_958_365_199.2,
}
OPEN_EFFECT = -5_841_196.0932


@pytest.fixture(scope="module")
def table():
    study = mcrace.load(CONFIG)
    assert study.sampling.draws == 2**16
    return mcrace.summary(mcrace.run(study)).set_index(["output", "statistic"])


def inside_its_99_percent_interval(row, exact, replicates=8):
    return abs(row["value"] - exact) <= stdtrit(replicates - 1, 0.995) * row["standard_error"]


def test_mean_is_within_1e_5_of_the_sd(table):
    row = table.loc[("incentive", "mean")]
    assert abs(row["value"] - MEAN) < 1e-5 * SD
    assert inside_its_99_percent_interval(row, MEAN)


def test_sd_and_open_effect(table):
    assert table.loc[("incentive", "sd"), "value"] == pytest.approx(SD, rel=1e-3)
    assert inside_its_99_percent_interval(table.loc[("incentive", "sd")], SD)
    row = table.loc[("open_effect", "mean")]
    assert abs(row["value"] - OPEN_EFFECT) < 1e-5 * SD
    assert inside_its_99_percent_interval(row, OPEN_EFFECT)


@pytest.mark.parametrize("statistic", QUANTILES)
def test_quantiles_are_within_5e_3_of_the_sd(table, statistic):
    row = table.loc[("incentive", statistic)]
    assert abs(row["value"] - QUANTILES[statistic]) < 5e-3 * SD
    assert inside_its_99_percent_interval(row, QUANTILES[statistic])


def test_training_never_pays_here(table):
    row = table.loc[("incentive", "p_positive")]
    assert row["value"] == 0.0
    assert np.isnan(row["standard_error"])
    assert row["note"] == "none of 65536 draws"


def test_the_error_of_the_mean_over_seeds_is_what_the_standard_errors_say():
    values, errors = [], []
    for seed in range(40):
        table = mcrace.summary(
            mcrace.run(mcrace.load(CONFIG, {"sampling.seed": seed, "sampling.draws": 2**13}))
        )
        row = table[(table["output"] == "incentive") & (table["statistic"] == "mean")].iloc[0]
        values.append((row["value"] - MEAN) / SD)
        errors.append(row["standard_error"] / SD)
    actual = np.sqrt(np.mean(np.square(values)))
    stated = np.sqrt(np.mean(np.square(errors)))
    # 40 squares on 40 x 7 squares: the ratio of variances has an F law.
    assert 0.6 < actual / stated < 1.45


def test_plain_numpy_by_hand_agrees_draw_by_draw():
    k, x_new, s, rho = p1_sample(np.random.default_rng(3), 20_000)
    by_hand, effect = p1_model(k, x_new, s, rho)
    outputs = mcrace.incentive(
        {
            "horizon_days": 730,
            "discount_rate": np.expm1(rho),
            "value": {"scale": 0.05, "reference": 1e6},
            "customers": {"count": 1e6, "valuation_spread": s},
            "open": {"current_expense": 1e8, "releases": [{"day": k, "expense": x_new}]},
            "lab": {"current_expense": 3e8, "candidate_expense": 3e9},
        }
    )
    assert np.abs(outputs["incentive"] - by_hand).max() < 1e-12 * 3e9
    assert np.abs(outputs["open_effect"] + effect).max() < 1e-12 * 3e9
