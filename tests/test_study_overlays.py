"""Several forecasters on one question: each an overlay of one study, run and compared side by side."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import mcrace
from mcrace.cli import main
from mcrace.figures.comparison import compared_runs
from mcrace.study import Study
from mcrace.study.write import study_yaml
from tests.small_study import SMALL

# What each believes; none repeats the question, and one gives their view a title.
VIEWS = {
    "ada": "inputs: {day: {law: {uniform: [0, 300]}, source: Ada}}\n",
    "ben": "title: Ben expects it late\ninputs: {day: {uniform: [400, 900]}}\n",
    "cleo": "extends: ada.yaml\ninputs: {lead: {quantiles: {0.05: 2, 0.5: 3, 0.95: 9}}}\n",
}


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """Run three overlays of the small study; give their folders."""
    monkeypatch.chdir(tmp_path)
    Path("shared.yaml").write_text(study_yaml(dict(SMALL)))
    for name, text in VIEWS.items():
        head = "" if text.startswith("extends") else "extends: shared.yaml\n"
        Path(f"{name}.yaml").write_text(f"{head}study: {name}\n{text}")
    files = [f"{name}.yaml" for name in VIEWS]
    assert main(["run", *files, "--draws", "256", "--no-report", "--quiet"]) == 0
    assert capsys.readouterr().err == ""
    return [f"outputs/{name}/latest" for name in VIEWS]


def test_three_forecasters_are_told_apart(runs: list[str], capsys: pytest.CaptureFixture[Any]) -> None:
    assert main(["compare", *runs, "--out", "side"]) == 0
    text = capsys.readouterr().out
    rows = [line.split("  ")[0] for line in text.splitlines() if line.startswith(("ada", "Ben", "cleo"))]
    assert rows == ["ada", "Ben expects it late", "cleo"]
    assert SMALL["title"] not in text
    assert {"compare.csv", "compare.svg", "compare.html"} < {path.name for path in Path("side").iterdir()}
    figure = Path("side/compare.svg").read_text()
    assert all(f">{label}</text>" in figure for label in rows)


def test_each_view_is_its_own_numbers_on_one_question(runs: list[str]) -> None:
    results = [mcrace.open_run(path) for path in runs]
    assert [run.label for run in compared_runs(results)] == ["ada", "Ben expects it late", "cleo"]
    table = mcrace.compare(results)
    assert list(dict.fromkeys(table["study"])) == list(VIEWS)
    means = table.query("output == 'incentive' and statistic == 'mean'")["value"]
    assert len(set(means)) == 3
    ada, ben, cleo = (result.study for result in results)
    assert ada.document["model"] == ben.document["model"] == cleo.document["model"]
    assert ada.scenarios[1].changes == cleo.scenarios[1].changes
    by_name = {item.name: item for item in cleo.inputs}
    assert (by_name["day"].source, by_name["day"].unit) == ("Ada", "days")
    assert by_name["lead"].text.startswith("quantiles(5 %: 2")


def test_views_with_the_same_title_are_told_apart_too(runs: list[str]) -> None:
    ada, ben, cleo = (mcrace.open_run(path) for path in runs)
    alike = [replace(run, study=entitled(run.study, "Does it cool the race?")) for run in (ada, ben, cleo)]
    told = [f"Does it cool the race? ({name})" for name in VIEWS]
    assert [run.label for run in compared_runs(alike)] == told
    assert compared_runs([alike[0], ben, alike[0]])[0].label == "Does it cool the race?"
    later = replace(ada, study=Study(**(ada.study.document | {"sampling": {"seed": 5}})))
    labels = [run.label for run in compared_runs([ada, later])]
    assert labels == [f"ada, {one.study.digest[:12]}" for one in (ada, later)]


def entitled(study: Study, title: str) -> Study:
    return Study(**(study.document | {"title": title}))
