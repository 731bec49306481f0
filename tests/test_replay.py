"""One draw computed again by itself: `mcrace check STUDY --draw REPLICATE:POINT`."""

import json
from pathlib import Path

import numpy as np
import pytest

import mcrace
from mcrace.cli import main
from mcrace.engine.replay import replayed
from mcrace.errors import StudyError
from mcrace.study.write import study_yaml
from tests.small_study import SMALL, small_study


@pytest.fixture
def study_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    Path("s.yaml").write_text(study_yaml(dict(SMALL)))
    return "s.yaml"


@pytest.mark.parametrize("method", ["sobol", "random", "latin_hypercube"])
def test_a_draw_is_what_the_run_has(method: str) -> None:
    study = small_study(sampling={"method": method})
    table = mcrace.run(study, jobs=1).draws
    points = 512 // 4
    for replicate, point in ((0, 0), (3, 127), (2, 17)):
        for draw in replayed(study, replicate, point):
            row = table[(table["scenario"] == draw.scenario) & (table["draw"] == replicate * points + point)]
            for name, value in {**draw.inputs, **draw.outputs}.items():
                assert row[name].to_numpy() == pytest.approx(value, rel=1e-13), name
            assert draw.faults == ()


def test_the_command_shows_it(study_file: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", study_file, "--draw", "2:17"]) == 0
    text = capsys.readouterr().out
    assert "replicate 2, point 17" in text
    assert all(name in text for name in ("base", "early", "same", "open_effect", "day"))
    assert max(map(len, text.splitlines())) <= 80
    assert main(["check", study_file, "--draw", "2:17", "--json"]) == 0
    records = json.loads(capsys.readouterr().out)
    (base, *_) = replayed(mcrace.load(study_file), 2, 17)
    found = next(record for record in records if record["scenario"] == "base")
    assert found["inputs"] == pytest.approx(base.inputs, rel=1e-12)
    assert found["outputs"] == pytest.approx(base.outputs, rel=1e-12)


def test_a_draw_at_fault_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wrong = {**SMALL["model"], "customers": {"count": "1e6 * log(day - 450)"}}
    content = {**SMALL, "model": wrong, "scenarios": {}}
    file = tmp_path / "wrong.yaml"
    file.write_text(study_yaml(content))
    study = mcrace.load(file)
    with pytest.raises(mcrace.ModelError) as caught:
        mcrace.run(study, jobs=1)
    place = str(caught.value).partition("--draw ")[2].partition(" ")[0]
    assert main(["check", str(file), "--draw", place]) == 2
    out, err = capsys.readouterr()
    assert "customers.count" in out + err
    replicate, point = map(int, place.split(":"))
    (base, *_) = replayed(study, replicate, point)
    assert base.outputs == {}
    assert np.isfinite(list(base.inputs.values())).all()


@pytest.mark.parametrize("place", ["2", "a:b", "2:-1", "-1:2", "1:2:3", ""])
def test_what_is_no_place_is_refused(place: str, study_file: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", study_file, f"--draw={place}"]) == 2
    assert "--draw" in capsys.readouterr().err


def test_a_replicate_that_is_not_there_is_refused() -> None:
    with pytest.raises(StudyError, match="a replicate from 0 to 3"):
        replayed(small_study(), 4, 0)
