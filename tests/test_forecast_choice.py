"""Questions of multiple choice, and files held against a platform's rules by command."""

import json
import math
from pathlib import Path

import numpy as np
import pytest
from jsonschema import Draft202012Validator

from mcrace.cli import main
from mcrace.errors import StudyError
from mcrace.forecast.events import option_places
from mcrace.forecast.hubverse import HubForecast, hub_files, hub_paths
from mcrace.forecast.ledger import scored
from mcrace.forecast.metaculus import metaculus_json
from mcrace.forecast.metaculus_check import check_metaculus
from mcrace.forecast.metaculus_options import metaculus_options, within_limits
from mcrace.forecast.scores import score_options
from mcrace.study.hub import Hub
from mcrace.study.question import read_question
from tests.test_forecast_commands import forecasting
from tests.test_forecast_hubverse import HUB, forecasts

ASKED = {
    "platform": "metaculus",
    "id": 5,
    "variable": "day",
    "options": {
        "Within a month": {"at_most": 30},
        "Within a year": {"above": 30, "at_most": 365},
        "Later": {"above": 365},
    },
}


def test_options_are_read_in_the_studys_order():
    question = read_question(ASKED)
    assert question.kind == "multiple_choice"
    assert [option.name for option in question.options] == list(ASKED["options"])
    assert question.options[1].events[1].threshold == 365


@pytest.mark.parametrize(
    ("options", "path", "words"),
    [
        ({"only": {"above": 0}}, "options", "a mapping of 2 to 100 options"),
        ([1, 2], "options", "a mapping"),
        ({"a": {"abvoe": 3}, "b": {"rest": True}}, "options.a", "one of above, at_least"),
        ({"a": {"above": "x"}, "b": {"rest": True}}, "options.a.above", "a finite number"),
        ({"a": {"never": 3}, "b": {"rest": True}}, "options.a.never", "true"),
        ({"a": {}, "b": {"rest": True}}, "options.a", "one or two of above"),
        ({"a" * 201: {"above": 3}, "b": {"rest": True}}, "options", "1 to 200 letters"),
    ],
)
def test_a_wrong_option_is_told_with_its_place(options, path, words):
    with pytest.raises(StudyError) as caught:
        read_question({**ASKED, "options": options})
    assert [fault.path for fault in caught.value.faults] == [path]
    assert words in str(caught.value)


def test_a_misspelt_relation_has_a_suggestion():
    with pytest.raises(StudyError) as caught:
        read_question({**ASKED, "options": {"a": {"abvoe": 3}, "b": {"rest": True}}})
    assert caught.value.faults[0].nearest == "above"


def test_options_belong_to_multiple_choice():
    with pytest.raises(StudyError, match="multiple_choice only"):
        read_question({**ASKED, "kind": "binary", "event": {"above": 3}})


def test_the_first_option_that_fits_takes_the_draw():
    question = read_question(
        {**ASKED, "options": {"a": {"below": 5}, "b": {"below": 9}, "c": {"rest": True}}}
    )
    assert option_places([4.0, 5.0, 9.0, math.inf], question).tolist() == [0, 1, 2, 2]


def test_a_draw_in_no_option_is_a_fault():
    question = read_question({**ASKED, "options": {"a": {"below": 5}, "b": {"above": 5, "below": 9}}})
    with pytest.raises(StudyError, match=r"2 of 3 draws in no option, such as 5"):
        option_places([1.0, 5.0, math.inf], question)


def test_any_shares_meet_the_servers_rules():
    random = np.random.default_rng(8)
    for _ in range(300):
        count = int(random.integers(2, 40))
        shares = random.dirichlet(np.full(count, random.choice([0.02, 0.3, 3.0])))
        found = within_limits(shares)
        assert abs(math.fsum(found) - 1) < 1e-12
        assert (found >= 0.001).all()
        assert (found <= 0.999).all()
        if (shares >= 0.001).all():
            assert (found == shares).all()
        else:
            # What was small enough is at the limit, and the others keep their proportions.
            kept = found > 0.001
            assert np.allclose(found[kept] / found[kept].sum(), shares[kept] / shares[kept].sum())


def test_a_file_passes_its_own_check_and_names_each_option():
    question = read_question(ASKED)
    data = metaculus_json(metaculus_options([3.0, 100.0, 200.0, 20.0], question))
    shares = json.loads(data)[0]["probability_yes_per_category"]
    assert list(shares) == list(ASKED["options"])
    assert shares == pytest.approx({"Within a month": 0.4995, "Within a year": 0.4995, "Later": 0.001})
    assert check_metaculus(data, [question]) == []
    body = json.loads(data)
    body[0]["probability_yes_per_category"]["Sooner"] = body[0]["probability_yes_per_category"].pop("Later")
    assert {breach.rule for breach in check_metaculus(body, [question])} == {"known option", "each option"}


def test_scores_of_options_are_those_of_their_definitions():
    random = np.random.default_rng(3)
    question = read_question(ASKED)
    draws = random.lognormal(5.0, 1.0, 500)
    for outcome in (10.0, 100.0, 1000.0, math.inf):
        shares = [np.mean(draws <= 30), np.mean((draws > 30) & (draws <= 365)), np.mean(draws > 365)]
        came = 0 if outcome <= 30 else 1 if outcome <= 365 else 2
        scores = score_options(draws, question, outcome)
        brier = sum((share - (place == came)) ** 2 for place, share in enumerate(shares))
        assert scores.brier == pytest.approx(brier, rel=1e-12)
        assert scores.log == pytest.approx(-math.log(shares[came]), rel=1e-12)


def test_a_run_writes_and_scores_a_question_of_multiple_choice(tmp_path):
    from mcrace.report.publish import publish

    options = {"soon": {"at_most": 180}, "late": {"rest": True}}
    declared = [
        {"platform": platform, "id": 5, "variable": "day", "options": options}
        for platform in ("metaculus", "json", "markdown")
    ]
    published = publish(forecasting(declared), out=tmp_path, jobs=1, report=False)
    folder = published.folder / "forecast"
    draws = published.result.draws
    share = float((draws[draws["scenario"] == "base"]["day"] <= 180).mean())
    (posted,) = json.loads((folder / "metaculus-5.json").read_text())
    assert posted["probability_yes_per_category"]["soon"] == pytest.approx(share, abs=1e-12)
    (plain,) = json.loads((folder / "json-5.json").read_text())
    assert plain["options"][0]["probability"] == pytest.approx(share)
    assert plain["options"][0]["standard_error"] > 0
    assert "- soon: " in (folder / "markdown-5.md").read_text()
    table = scored([published.result], {"day": 100.0})
    assert table["brier"][0] == pytest.approx(2 * (1 - share) ** 2)


@pytest.mark.parametrize("name", ["admin", "tasks"])
def test_a_hubs_settings_meet_the_official_schema(name):
    place = Path(__file__).parent / "hub_schemas" / f"{name}-schema.json"
    schema = json.loads(place.read_text(encoding="utf-8"))
    for hub in (HUB, Hub(team="us", model="m", round=HUB.round, levels=(0.5,))):
        settings = json.loads(hub_files(hub, forecasts())[f"hub-config/{name}.json"])
        assert [fault.message for fault in Draft202012Validator(schema).iter_errors(settings)] == []
        assert settings["schema_version"] == schema["$id"]


@pytest.fixture
def hub(tmp_path):
    made = hub_files(HUB, [HubForecast(task=each.task, values=each.values) for each in forecasts()])
    for name, data in made.items():
        path = tmp_path / "hub" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return tmp_path / "hub"


def test_a_hub_and_one_of_its_files_are_checked_by_command(hub, capsys):
    output = hub / hub_paths(HUB)[0]
    assert main(["export", "--check", str(hub)]) == 0
    assert main(["export", "--check", str(output)]) == 0
    assert capsys.readouterr().out.count("obeys every rule") == 2
    lines = output.read_text().splitlines()
    other = output.with_name("2026-11-28-us-mcrace.csv")
    other.write_text("\n".join([*lines, lines[-1]]) + "\n")
    assert main(["export", "--check", str(other)]) == 2
    assert "duplicate" in capsys.readouterr().out
    # The other file is not looked at when one is named, and is when the hub is.
    assert main(["export", "--check", str(output)]) == 0
    assert main(["export", "--check", str(hub)]) == 2


def test_what_cannot_be_checked_is_a_fault(tmp_path, capsys):
    table = tmp_path / "2026-11-28-us-mcrace.csv"
    table.write_text("a,b\n")
    for path, words in ((table, "in no hub"), (tmp_path / "no.json", "No such file"), (tmp_path, "settings")):
        assert main(["export", "--check", str(path)]) == 2
        told = capsys.readouterr()
        assert words in told.out + told.err
