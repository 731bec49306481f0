"""Hubverse: a hub of our own passes every check, and each check finds what is wrong."""

import csv
import io
import json
from datetime import date

import numpy as np
import pytest
import yaml

from mcrace.errors import StudyError
from mcrace.forecast.hubverse import HubForecast, hub_files, hub_paths
from mcrace.forecast.hubverse_check import check_hub
from mcrace.study.hub import HUB_LEVELS, Hub

HUB = Hub(team="us", model="mcrace", round=date(2026, 11, 21), metadata={"license": "CC-BY-4.0"})
OUTPUT, METADATA = hub_paths(HUB)


def forecasts():
    random = np.random.default_rng(5)
    return [
        HubForecast(
            task={"target": target, "scenario": scenario, "horizon": horizon},
            values=random.lognormal(1.0, 1.5, 400),
        )
        for target in ("lag", "revenue")
        for scenario in ("base", "no release")
        for horizon in ("1", "2")
    ]


def files():
    return hub_files(HUB, forecasts())


def rules_of(changed):
    return {breach.rule for breach in check_hub({**files(), **changed})}


def test_the_levels_are_those_of_the_hubs():
    assert len(HUB_LEVELS) == 23
    assert (HUB_LEVELS[:4], HUB_LEVELS[11], HUB_LEVELS[-3:]) == (
        (0.01, 0.025, 0.05, 0.1),
        0.5,
        (0.95, 0.975, 0.99),
    )


def test_a_hub_passes_every_check():
    made = files()
    assert check_hub(made) == []
    assert OUTPUT == "model-output/us-mcrace/2026-11-21-us-mcrace.csv"
    assert yaml.safe_load(made[METADATA])["license"] == "CC-BY-4.0"


def test_the_table_holds_the_quantiles_of_the_draws():
    rows = list(csv.DictReader(io.StringIO(files()[OUTPUT].decode())))
    assert list(rows[0]) == [
        "origin_date",
        "target",
        "scenario",
        "horizon",
        "output_type",
        "output_type_id",
        "value",
    ]
    assert len(rows) == 23 * 8
    draws = np.sort(forecasts()[0].values)
    assert float(rows[11]["value"]) == draws[199]
    assert {row["origin_date"] for row in rows} == {"2026-11-21"}


@pytest.mark.parametrize("seed", range(20))
def test_any_draws_pass(seed):
    random = np.random.default_rng(seed)
    draws = (
        random.standard_cauchy(50),
        np.full(9, 3.0),
        random.integers(0, 3, 30) * 1e300,
        -random.random(1),
    )
    made = [
        HubForecast(task={"target": "x", "horizon": str(place)}, values=values.astype(float))
        for place, values in enumerate(draws)
    ]
    assert check_hub(hub_files(HUB, made)) == []


def test_never_is_written_as_the_largest_value_or_refused():
    values = np.array([1.0, 2.0, np.inf, np.inf])
    made = hub_files(HUB, [HubForecast(task={"target": "x"}, values=values, most=60.0)])
    assert made[OUTPUT].decode().splitlines()[-1] == "2026-11-21,x,quantile,0.99,60.0"
    with pytest.raises(StudyError, match=r"forecasts\[0\]: found 9 quantiles that are not finite"):
        hub_files(HUB, [HubForecast(task={"target": "x"}, values=np.append(values, 3.0))])


def test_all_faults_at_once():
    hub = Hub(team="u-s", model="mc race", round=date(2026, 1, 1), levels=(0.5, 0.1))
    one = HubForecast(task={"value": "x", "target": ""}, values=np.ones(3))
    other = HubForecast(task={"target": "y"}, values=np.ones(3))
    with pytest.raises(StudyError) as caught:
        hub_files(hub, [one, other, other])
    paths = [fault.path for fault in caught.value.faults]
    assert paths[:3] == ["team", "model", "levels"]
    assert {"forecasts[0].task", "forecasts[0].task.target", "forecasts[1].task", "forecasts[2].task"} <= set(
        paths
    )
    with pytest.raises(StudyError, match="at least one forecast"):
        hub_files(HUB, [])


def edited(change):
    """Change the forecast's rows."""
    rows = [line.split(",") for line in files()[OUTPUT].decode().splitlines()]
    change(rows)
    return {OUTPUT: "\n".join(",".join(row) for row in rows).encode()}


def put(line, column, text):
    return lambda rows: rows[line].__setitem__(column, text)


@pytest.mark.parametrize(
    ("change", "rules"),
    [
        (lambda rows: [row.insert(0, row.pop()) for row in rows], set()),
        (put(0, 1, "goal"), {"columns"}),
        (lambda rows: [row.append("x") for row in rows], {"columns"}),
        (lambda rows: rows[3].pop(), {"rows"}),
        (lambda rows: rows.clear(), {"columns"}),
        (lambda rows: rows.__delitem__(slice(1, None)), {"rows"}),
        (put(3, 0, "2026-11-28"), {"one round", "allowed value"}),
        (put(3, 0, "2026-11-21 00:00"), {"one round", "date"}),
        (put(3, 1, "price"), {"allowed value"}),
        (put(3, 4, "mean"), {"output type"}),
        (put(3, 5, "0.06"), {"level"}),
        (put(3, 6, "much"), {"number"}),
        (put(3, 6, "inf"), {"number"}),
        (put(3, 6, "-1"), {"value range"}),
        (put(3, 6, "1e9"), {"non-decreasing"}),
        (lambda rows: rows.append(rows[5]), {"duplicate"}),
        (lambda rows: rows.pop(5), {"all levels"}),
    ],
)
def test_each_check_of_the_table_finds_its_breach(change, rules):
    assert rules_of(edited(change)) == rules


def test_ties_pass_and_one_level_written_in_two_ways_is_a_duplicate():
    def tie(rows):
        for row in rows[1:]:
            row[6] = "5"

    assert rules_of(edited(tie)) == set()
    assert rules_of(edited(lambda rows: rows.append([*rows[4][:5], "0.100", rows[4][6]]))) == {"duplicate"}


@pytest.mark.parametrize(
    ("path", "rules"),
    [
        ("model-output/us-mcrace/2026-11-21-us.csv", {"file name"}),
        ("model-output/us-mcrace/2026-11-21-us-mc.race.csv", {"folder", "format", "metadata"}),
        ("model-output/us-mcrace/2026-11-21-us-mcräce.csv", {"file name"}),
        ("model-output/elsewhere/2026-11-21-us-mcrace.csv", {"folder"}),
        ("model-output/us-mcrace/2026-11-28-us-mcrace.csv", {"round", "one round"}),
        ("model-output/us-mcrace/2026-11-21-us-mcrace.txt", {"format"}),
        ("model-output/us-other/2026-11-21-us-other.csv", {"metadata"}),
    ],
)
def test_each_check_of_the_path_finds_its_breach(path, rules):
    made = files()
    made[path] = made.pop(OUTPUT)
    assert {breach.rule for breach in check_hub(made)} == rules


@pytest.mark.parametrize(
    ("content", "rule"),
    [(b"{", "metadata"), (b"team_abbr: them", "metadata"), (b"- 1", "metadata")],
)
def test_metadata_are_checked(content, rule):
    assert rules_of({METADATA: content}) == {rule}


@pytest.mark.parametrize(
    ("content", "rule"), [(b"\xff", "readable"), (b'a,"b\n', "readable"), (b"", "columns")]
)
def test_what_is_no_table(content, rule):
    assert rules_of({OUTPUT: content}) == {rule}


@pytest.mark.parametrize("content", [b"{", b"[]", b'{"rounds": []}', b'{"rounds": [{"model_tasks": [{}]}]}'])
def test_what_is_no_hub(content):
    assert rules_of({"hub-config/tasks.json": content}) == {"settings"}
    assert [breach.rule for breach in check_hub({})] == ["settings"]


def other_hub(output, rows):
    """Make a hub that takes other outputs than quantiles, as a hub that is there already may."""
    settings = json.loads(files()["hub-config/tasks.json"])
    task = settings["rounds"][0]["model_tasks"][0]
    task["task_ids"] = {"origin_date": task["task_ids"]["origin_date"]}
    task["output_type"] = output
    head = "origin_date,output_type,output_type_id,value"
    table = "\n".join([head, *(f"2026-11-21,{row}" for row in rows)])
    return rules_of({"hub-config/tasks.json": json.dumps(settings).encode(), OUTPUT: table.encode()})


PMF = {"pmf": {"output_type_id": {"required": ["a", "b"]}, "is_required": True, "value": {"type": "double"}}}
CDF = {"cdf": {"output_type_id": {"required": [1, 2]}, "is_required": True, "value": {"type": "double"}}}
SAMPLE = {
    "sample": {
        "output_type_id_params": {"min_samples_per_task": 2, "max_samples_per_task": 3},
        "is_required": True,
        "value": {"type": "integer", "minimum": 0},
    }
}
MEAN = {"mean": {"output_type_id": {"required": None}, "is_required": False, "value": {"type": "double"}}}


@pytest.mark.parametrize(
    ("output", "rows", "rules"),
    [
        (PMF, ["pmf,a,0.4", "pmf,b,0.6"], set()),
        (PMF, ["pmf,a,0.4", "pmf,b,0.5"], {"adds up"}),
        (PMF, ["pmf,a,-0.4", "pmf,b,1.4"], {"value range"}),
        (PMF, ["pmf,a,1"], {"all levels"}),
        (CDF, ["cdf,1,0.4", "cdf,2,0.4"], set()),
        (CDF, ["cdf,1,0.5", "cdf,2,0.4"], {"non-decreasing"}),
        (SAMPLE, ["sample,1,4", "sample,2,5"], set()),
        (SAMPLE, ["sample,1,4"], {"samples"}),
        (SAMPLE, ["sample,1,4", "sample,2,5.5"], {"whole number"}),
        ({**MEAN, **PMF}, ["mean,NA,4", "pmf,a,0.4", "pmf,b,0.6"], set()),
        ({**MEAN, **PMF}, ['mean,"NA",4', "pmf,a,0.4", "pmf,b,0.6"], {"missing values"}),
        ({**MEAN, **PMF}, ["mean,0.5,4", "pmf,a,0.4", "pmf,b,0.6"], {"level"}),
        ({**MEAN, **PMF}, ["mean,NA,4"], {"required values"}),
    ],
)
def test_other_outputs_of_a_hub(output, rows, rules):
    assert other_hub(output, rows) == rules
