"""Laws fitted to columns of numbers."""

import doctest
import importlib
import json
import pkgutil

import numpy as np
import pytest
from scipy import stats

import mcrace
import mcrace.fit
from mcrace.cli import main
from mcrace.errors import StudyError
from mcrace.fit import fit_column, inputs_yaml
from mcrace.fit.families import FAMILIES
from mcrace.fit.posterior import Cases, fit_posterior, predictive_quantiles, predictive_share
from mcrace.laws import build_law

LEVELS = np.array([0.05, 0.25, 0.5, 0.75, 0.95])

SCIPY = {
    "exponential": (stats.expon(scale=200), lambda x: stats.expon.fit(x, floc=0)),
    "normal": (stats.norm(1e9, 2e8), lambda x: stats.norm.fit(x)),
    "lognormal": (stats.lognorm(0.7, scale=150), lambda x: stats.lognorm.fit(x, floc=0)),
    "weibull": (stats.weibull_min(1.5, scale=200), lambda x: stats.weibull_min.fit(x, floc=0)),
    "gamma": (stats.gamma(3, scale=20), lambda x: stats.gamma.fit(x, floc=0)),
    "beta": (stats.beta(2, 5), lambda x: stats.beta.fit(x, floc=0, fscale=1)),
}
DISTRIBUTIONS = {"exponential": stats.expon, "normal": stats.norm, "lognormal": stats.lognorm,
                 "weibull": stats.weibull_min, "gamma": stats.gamma, "beta": stats.beta}  # fmt: skip


def cases_of(values, waiting=None):
    none = np.zeros(values.size, dtype=bool)
    return Cases(values=values, waiting=none if waiting is None else waiting, weights=np.ones(values.size))


def sample_of(name, size=80, seed=5):
    rng = np.random.default_rng(seed)
    if name == "student_t":
        return 100 + 5 * rng.standard_t(3, size)
    if name == "uniform":
        return rng.uniform(3, 4, size)
    if name == "loguniform":
        return np.exp(rng.uniform(0, 5, size))
    return SCIPY[name][0].rvs(size, random_state=rng)


def written(tmp_path, **columns):
    path = tmp_path / "data.csv"
    rows = zip(*columns.values(), strict=True)
    lines = [",".join(columns), *(",".join(str(cell) for cell in row) for row in rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.mark.parametrize("name", SCIPY)
def test_most_likely_laws_are_those_of_scipy(name):
    values = sample_of(name)
    fit = fit_posterior(FAMILIES[name], cases_of(values))
    ours = build_law(name, FAMILIES[name].spec(fit.theta))
    theirs = DISTRIBUTIONS[name](*SCIPY[name][1](values))
    # scipy's search stops within about 1e-5 of the peak
    assert ours.ppf(LEVELS) == pytest.approx(theirs.ppf(LEVELS), rel=1e-4)
    assert ours.mean == pytest.approx(FAMILIES[name].mean(fit.theta[:, None])[0], rel=1e-9)


@pytest.mark.parametrize("name", FAMILIES)
def test_likelihoods_are_those_of_the_laws(name):
    family, values = FAMILIES[name], sample_of(name)
    theta = fit_posterior(family, cases_of(values)).theta
    law = build_law(name, family.spec(theta))
    assert family.quantile(LEVELS, theta) == pytest.approx(law.ppf(LEVELS), rel=1e-8)
    assert np.exp(family.log_sf(values, theta)) == pytest.approx(law.sf(values), rel=1e-8, abs=1e-12)
    middle = values[(values > np.quantile(values, 0.1)) & (values < np.quantile(values, 0.9))]
    width = 1e-5 * (values.max() - values.min())
    slope = (law.cdf(middle + width) - law.cdf(middle - width)) / (2 * width)
    assert np.exp(family.log_density(middle, theta)) == pytest.approx(slope, rel=1e-4)


def test_waiting_cases_count_as_scipy_counts_them():
    rng = np.random.default_rng(3)
    lag, end = rng.weibull(1.5, 60) * 300, rng.uniform(100, 600, 60)
    values, waiting = np.minimum(lag, end), lag > end
    fit = fit_posterior(FAMILIES["weibull"], cases_of(values, waiting))
    shape, _, scale = stats.weibull_min.fit(stats.CensoredData.right_censored(values, waiting), floc=0)
    assert FAMILIES["weibull"].spec(fit.theta) == pytest.approx({"shape": shape, "scale": scale}, rel=1e-3)


def test_predictive_law_of_normal_values_is_students_t():
    values = np.random.default_rng(8).normal(50, 4, 6)
    fits = ((1.0, fit_posterior(FAMILIES["normal"], cases_of(values))),)
    exact = stats.t(5, values.mean(), values.std(ddof=1) * np.sqrt(1 + 1 / 6))
    found = predictive_quantiles(fits, LEVELS)
    # 2048 weighted draws: about 2 % of the law's width
    assert found == pytest.approx(exact.ppf(LEVELS), abs=0.03 * (exact.ppf(0.95) - exact.ppf(0.05)))
    assert predictive_share(fits, found) == pytest.approx(LEVELS, abs=1e-9)


def test_predictive_law_of_an_even_law_holds_the_next_value_as_often_as_exact():
    rng, outside = np.random.default_rng(2), 0
    count, size = 120, 8
    for _ in range(count):
        values = rng.uniform(3, 4, size + 1)
        fits = ((1.0, fit_posterior(FAMILIES["uniform"], cases_of(values[:-1]))),)
        low, high = predictive_quantiles(fits, np.array([0.05, 0.95]))
        outside += not low <= values[-1] <= high
    assert outside == pytest.approx(0.1 * count, abs=3.3 * np.sqrt(count * 0.09))


@pytest.mark.parametrize("name", ["lognormal", "normal", "exponential", "beta", "uniform"])
def test_the_family_that_made_the_values_is_near_the_best(name, tmp_path):
    values = sample_of(name, 300, seed=1)
    found = fit_column(written(tmp_path, x=values), "x").proposals[0].families
    own = next(score for score in found if score.name == name)
    assert own.difference <= 2.5 * own.error
    assert found[0].share == 1.0


def test_the_simplest_within_one_error_is_taken(tmp_path):
    # A Weibull law of shape 1 is an exponential one, which has a parameter less.
    values = np.random.default_rng(4).exponential(3.0, 200)
    assert fit_column(written(tmp_path, x=values), "x").proposals[0].families[0].name == "exponential"


def test_fewer_values_give_a_wider_law(tmp_path):
    values = sample_of("lognormal", 400)
    wide, narrow = (fit_column(written(tmp_path, x=part), "x").proposals[0] for part in (values[:12], values))
    own = build_law("lognormal", wide.plain["lognormal"]).ppf(LEVELS) if "lognormal" in wide.plain else None
    assert np.log(wide.quantiles[-1] / wide.quantiles[0]) > np.log(narrow.quantiles[-1] / narrow.quantiles[0])
    assert own is None or wide.quantiles[-1] > own[-1]
    assert wide.widened.startswith("widened quantiles")


def test_few_values_give_quantiles_only(tmp_path):
    proposal = fit_column(written(tmp_path, x=[1.2, 3.4, 2.2, 5.0]), "x").proposals[0]
    assert proposal.families == ()
    assert "quantiles" in proposal.law
    assert "too few" in proposal.notes[0]


def test_counts_become_poisson_or_discrete(tmp_path):
    rng = np.random.default_rng(1)
    even = fit_column(written(tmp_path, x=rng.poisson(3, 60)), "x").proposals[0]
    assert even.families[0].name == "poisson"
    split = fit_column(written(tmp_path, x=rng.choice([0, 12], 60)), "x").proposals[0]
    assert split.families[0].name == "discrete"
    days = fit_column(written(tmp_path, x=rng.integers(50, 500, 60)), "x").proposals[0]
    assert days.families[0].name in FAMILIES


def test_missing_values_and_weights_are_told(tmp_path):
    values = [str(value) for value in sample_of("lognormal", 20)]
    values[3:5] = ["", "NA"]
    plain = fit_column(written(tmp_path, x=values, w=[1] * 20), "x").proposals[0]
    assert plain.count == 18
    assert "2 rows without a value" in plain.notes[0]
    weighted = fit_column(written(tmp_path, x=values, w=[4] * 10 + [0.1] * 10), "x", weights="w")
    assert weighted.proposals[0].groups < 10


def test_the_same_file_gives_the_same_bytes_and_a_study_that_checks(tmp_path, capsys):
    path = written(tmp_path, lead=sample_of("lognormal", 30))
    words = ["fit", str(path), "--column", "lead", "--unit", "times", "--source", 'Own count: "x" #1']
    for name in ("one", "two"):
        assert main([*words, "--out", str(tmp_path / name)]) == 0
    for name in ("inputs.yaml", "fit.svg", "fit.png", "fit.csv"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()
    model = "study: tiny\nmodel:\n  horizon_days: 10\n  open: {current_expense: 1e6}\n" \
            "  lab: {current_expense: 2e6, candidate_expense: 4e6 * lead}\n" \
            "  value: {scale: 1, reference: 1e6}\n  customers: {count: 5}\n"  # fmt: skip
    study = tmp_path / "study.yaml"
    study.write_text(model + (tmp_path / "one" / "inputs.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    capsys.readouterr()
    assert main(["check", str(study)]) == 0
    assert mcrace.load(study).inputs


def test_nothing_is_written_over_without_force(tmp_path, capsys):
    path = written(tmp_path, x=sample_of("lognormal", 30))
    words = ["fit", str(path), "--column", "x", "--out", str(tmp_path / "out"), "--quiet"]
    assert main(words) == 0
    assert main(words) == 0
    (tmp_path / "out" / "inputs.yaml").write_text("inputs: {}\n", encoding="utf-8")
    assert main(words) == 2
    assert "--force" in capsys.readouterr().err
    assert main([*words, "--force"]) == 0


def test_json_is_strict(tmp_path, capsys):
    path = written(tmp_path, x=sample_of("uniform", 30))
    assert main(["fit", str(path), "--column", "x", "--json", "--out", str(tmp_path / "out")]) == 0
    record = json.loads(capsys.readouterr().out, parse_constant=pytest.fail)
    assert record["fits"][0]["count"] == 30


@pytest.mark.parametrize(
    ("text", "words", "expected"),
    [
        ("lead\n1\n2\n3\n", ["--column", "laed"], "did you mean 'lead'"),
        ("lead\n1\noops\n3\n", ["--column", "lead"], "'oops' in row 2 (line 3)"),
        ("lead\n2024-01-05\n2024-02-05\n", ["--column", "lead"], "dates are no amounts"),
        ("lead\n2\n2\n2\n", ["--column", "lead"], "all 2"),
        ("lead\n1\ninf\n3\n", ["--column", "lead"], "a finite number"),
        ("lead\n", ["--column", "lead"], "without rows"),
        ("", ["--column", "lead"], "an empty file"),
        ("lead\n1\n2\n", ["--column", "lead"], "2 values"),
        ("a,w\n1,1\n2,-1\n3,1\n", ["--column", "a", "--weights", "w"], "at least 0"),
        ("lead\n1\n2\n3\n", [], "neither --column nor --releases"),
        ("lead\n1\n2\n3\n", ["--column", "lead", "--lab", "A"], "no meaning there"),
        ("lead\n1\n2\n3\n", ["--column", "lead", "--name", "1 x"], "letters, digits"),
    ],
)
def test_faults_say_what_is_wrong(tmp_path, capsys, text, words, expected):
    path = tmp_path / "data.csv"
    path.write_text(text, encoding="utf-8")
    assert main(["fit", str(path), *words, "--out", str(tmp_path / "out")]) == 2
    assert expected in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_an_absent_file_is_told(tmp_path, capsys):
    written(tmp_path, x=[1, 2, 3])
    assert main(["fit", str(tmp_path / "date.csv"), "--column", "x"]) == 2
    assert "did you mean 'data.csv'" in capsys.readouterr().err


def test_parquet_is_read_alike(tmp_path):
    import pyarrow as pa
    import pyarrow.parquet as pq

    values = sample_of("lognormal", 30)
    pq.write_table(pa.table({"x": values, "when": ["a"] * 30}), tmp_path / "data.parquet")
    there = fit_column(tmp_path / "data.parquet", "x").proposals[0]
    assert there.quantiles == pytest.approx(
        fit_column(written(tmp_path, x=values), "x").proposals[0].quantiles
    )
    with pytest.raises(StudyError, match="'a' in row 1"):
        fit_column(tmp_path / "data.parquet", "when")


@pytest.mark.slow
def test_long_columns_are_thinned_and_that_is_told(tmp_path):
    proposal = fit_column(written(tmp_path, x=sample_of("exponential", 21_000)), "x").proposals[0]
    assert proposal.count == 21_000
    assert any("A draw of 20,000" in note for note in proposal.notes)
    assert "exponential" in proposal.law
    assert "exponential" in inputs_yaml([proposal])


def test_examples_run():
    names = [f"mcrace.fit.{module.name}" for module in pkgutil.iter_modules(mcrace.fit.__path__)]
    for name in [*names, "mcrace.figures.fitted"]:
        assert doctest.testmod(importlib.import_module(name)).failed == 0, name
