"""Runs side by side: the numbers are those of each run, and table and sentence say the same."""

import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import mcrace
from mcrace.analysis.compare import comparison_name, version_note
from mcrace.analysis.records import comparison_record
from mcrace.cli import main
from mcrace.engine.result import Result
from mcrace.figures.estimates import Estimate, estimates_of
from mcrace.figures.parts import PARTS, Part, carrying, effect_parts, signed_amount
from mcrace.nomenclature import OUTPUTS
from mcrace.report.answer import answer
from mcrace.report.compare import write_comparison
from mcrace.study.write import study_yaml
from mcrace.terminal.compare import compare_text
from tests.fake_result import fake_result, fake_study, typical_draws
from tests.small_study import exact_study, small_study

Capture = pytest.CaptureFixture[str]
TITLES = (
    "Commoditise the complement: a chip maker wants open weights to be as good as they can be, for its sales",
    "A state that wants a gap",
    "A $ sign, <b>&amp;</b> and 开源模型今天的水平和很多别的字开源模型今天的水平",
    "Winner takes all, and the open model eats the runner-up's lunch before the race is decided at all",
)


@pytest.fixture(scope="module")
def small() -> Result:
    return mcrace.run(small_study(), jobs=1)


@pytest.fixture(scope="module")
def exact() -> Result:
    return mcrace.run(exact_study(), jobs=1)


@pytest.fixture(scope="module")
def out(small: Result, exact: Result, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of outputs with a run of each study."""
    from mcrace.report.publish import publish

    folder = tmp_path_factory.mktemp("out")
    for result in (small, exact):
        publish(result.study, out=folder, jobs=1, report=False)
    return folder


def parts_result(
    means: Mapping[str, float],
    *,
    noise: float = 0.0,
    counts: bool = True,
    title: str = "Parts",
    size: int = 1024,
) -> Result:
    """Make a run whose parts have these means, in the signs in which they enter the effect."""
    random = np.random.default_rng(4)
    draws: dict[str, Any] = {"open_effect": np.zeros(size)}
    for word, output, sign in PARTS:
        if word in means:
            values = means[word] * (1 + noise * random.normal(size=size))
            draws[output] = sign * values
            if counts or word != "training cost":
                draws["open_effect"] = draws["open_effect"] + values
    draws["incentive"] = np.full(size, 5e9)
    study = fake_study(title=title, model={"lab": {"counts_training_cost": counts}})
    return fake_result({"base": draws}, study=study)


def estimate(value: float, half: float = 0.0) -> Estimate:
    return Estimate(value=value, standard_error=half / 2, half_width=half, note="")


# The table


def test_the_table_is_the_base_rows_of_each_summary(small: Result, exact: Result) -> None:
    table = mcrace.compare([small, exact])
    named = ["study", "title", "digest"]
    assert list(table.columns) == [*named, *mcrace.summary(small).columns]
    for result in (small, exact):
        rows = mcrace.summary(result).query("scenario == 'base'").reset_index(drop=True)
        ours = table[table["digest"] == result.study.digest].reset_index(drop=True)
        pd.testing.assert_frame_equal(ours.drop(columns=named), rows)
    assert list(dict.fromkeys(table["study"])) == ["small", "exact"]
    assert set(table["title"]) == {"A small study", ""}


def test_no_run_is_a_fault() -> None:
    with pytest.raises(mcrace.StudyError, match="results: found no run"):
        mcrace.compare([])


def test_the_name_hangs_on_digests_and_order(small: Result, exact: Result) -> None:
    names = {comparison_name(runs) for runs in ([small, exact], [exact, small], [small])}
    assert len(names) == 3
    assert all(re.fullmatch("[0-9a-f]{12}", name) for name in names)
    again = mcrace.run(small_study(title="Other words"), jobs=1)
    assert comparison_name([again]) == comparison_name([small])


def test_versions_are_told_only_where_they_differ(small: Result, exact: Result) -> None:
    assert version_note([small, exact]) == ""
    old = replace(exact, facts=replace(exact.facts, numerics=0, versions={"mcrace": "0.0.9"}))
    note = version_note([small, old, small])
    assert "mcrace 0.0.9 (numerics 0): exact" in note
    assert f"mcrace {mcrace.__version__} (numerics {small.facts.numerics}): small, small" in note
    assert note in compare_text([small, old, small], Path("x")).replace("\n", " ")
    assert comparison_record([small, old])["note"]


# Parts, and the sentence


def test_parts_add_up_to_the_effect_with_their_signs() -> None:
    means = {"revenue": -12.3e9, "contest": 30.1e9, "caution": -2e9, "training cost": 1e9, "survival": -5e8}
    result = parts_result(means)
    parts = effect_parts(result)
    assert [part.word for part in parts] == ["contest", "revenue", "caution", "training cost", "survival"]
    assert {part.word: part.mean.value for part in parts} == pytest.approx(means)
    effect = estimates_of(result).of("base", "open_effect", "mean").value
    assert sum(part.mean.value for part in parts) == pytest.approx(effect)


def test_a_cost_that_does_not_count_is_no_part() -> None:
    means = {"revenue": -2e9, "training cost": -3e9}
    assert [part.word for part in effect_parts(parts_result(means))] == ["training cost", "revenue"]
    assert [part.word for part in effect_parts(parts_result(means, counts=False))] == ["revenue"]


def test_a_run_without_newer_outputs_has_the_parts_that_it_has(small: Result) -> None:
    statistics = small.statistics
    kept = [place for place, name in enumerate(statistics.outputs) if name != "open_effect_training_cost"]
    older = replace(
        small,
        statistics=replace(
            statistics,
            outputs=tuple(statistics.outputs[place] for place in kept),
            pooled=statistics.pooled[:, kept],
            values=statistics.values[:, kept],
        ),
    )
    assert effect_parts(older) == effect_parts(small)


def test_negligible_parts_carry_nothing() -> None:
    parts = [
        Part(word=word, mean=estimate(value)) for word, value in (("a", -100.0), ("b", 1.01), ("c", 0.99))
    ]
    assert [part.word for part in carrying(parts)] == ["a", "b"]
    assert carrying(()) == ()


@pytest.mark.parametrize(
    ("value", "half", "text"),
    [
        (30.1234, 0.0, "+30.12"),
        (30.1234, 0.2, "+30.1"),
        (-12.3456, 3.0, "−12"),
        (-232.91, float("nan"), "−232.9"),
        (0.00123, 0.0, "+0.00123"),
    ],
)
def test_amounts_have_signs_and_few_digits(value: float, half: float, text: str) -> None:
    assert signed_amount(estimate(value * 1e9, half * 1e9), 1e9) == text


@pytest.mark.parametrize(
    ("means", "clause"),
    [
        ({"revenue": -12.3e9}, None),
        ({"revenue": -12.3e9, "training cost": 1e7}, None),
        ({"training cost": 4e6}, "all of it through the training cost"),
        (
            {"revenue": -12.3e9, "training cost": 30e9},
            "carried by the training cost (+30 billion USD) against revenue (−12.3 billion USD)",
        ),
        (
            {"revenue": -12.3e9, "training cost": -5e8},
            "carried by revenue (−12.3 billion USD) and the training cost (−500 million USD)",
        ),
    ],
)
def test_the_second_sentence_names_the_parts(means: Mapping[str, float], clause: str | None) -> None:
    second = answer(parts_result(means))[1]
    assert second.endswith(".")
    if clause is None:
        assert "carried" not in second
    else:
        assert f", {clause}." in second
    assert len(answer(parts_result(means, noise=0.5))) == 2


def test_the_sentence_with_every_part() -> None:
    means = {"revenue": -12.3e9, "contest": 30.1e9, "caution": -2e9, "prestige": 1e9, "survival": 5e8}
    assert answer(parts_result(means))[1] == (
        "Open releases raise that incentive by 17.3 billion USD in every draw, which turns the sign of its "
        "mean, carried by the contest "
        "(+30.1 billion USD), prestige (+1 billion USD) and survival (+500 million USD) against revenue "
        "(−12.3 billion USD) and caution (−2 billion USD)."
    )


def test_the_clause_stands_before_the_doubt() -> None:
    second = answer(parts_result({"revenue": -1e9, "training cost": 1e9}, noise=0.5))[1]
    assert re.search(r"(to|from) it, carried by .* against .*, too little to tell the sign\.$", second), (
        second
    )


# Files and the command


def test_files_of_a_comparison(small: Result, exact: Result, tmp_path: Path) -> None:
    folder = write_comparison([small, exact], tmp_path / "new" / "place")
    names = [
        f"{name}.{end}" for name in ("compare", "incentive", "open_effect") for end in ("csv", "png", "svg")
    ]
    assert sorted(path.name for path in folder.iterdir()) == sorted([*names, "compare.html"])
    table = pd.read_csv(folder / "compare.csv", keep_default_na=False, na_values={"value": ""})
    assert len(table) == len(mcrace.compare([small, exact]))
    assert ET.parse(folder / "compare.svg").getroot().tag.endswith("svg")  # noqa: S314 - our own
    assert (folder / "compare.png").read_bytes().startswith(b"\x89PNG")
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    write_comparison([small, exact], folder)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    with pytest.raises(mcrace.RunError, match="cannot write"):
        write_comparison([small], folder / "compare.csv")


def test_a_title_is_no_formula_in_a_spreadsheet(tmp_path: Path) -> None:
    result = parts_result({"revenue": 1.0}, title="=1+1")
    folder = write_comparison([result], tmp_path)
    assert "'=1+1" in (folder / "compare.csv").read_text()


def test_the_command(out: Path, tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    digest = mcrace.open_run(out / "exact").study.digest
    runs = [str(out / "small"), str(out / "exact" / digest[:12]), str(out / "small" / "latest")]
    assert main(["compare", *runs]) == 0
    output = capsys.readouterr()
    assert output.err == ""
    assert "\x1b" not in output.out
    assert max(len(line) for line in output.out.splitlines()) <= 80
    firsts = [line.split("  ")[0] for line in output.out.splitlines()]
    assert firsts.count("A small study") == 2
    assert firsts.count("exact") == 1
    folder = Path(output.out.splitlines()[-1].removeprefix("Open ")).parent
    assert folder.parent == Path("outputs", "compare")
    assert (folder / "compare.png").is_file()
    assert main(["compare", *runs, "--out", "here", "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert len(record["compare"]) == 3 * len(OUTPUTS) * 15
    assert (tmp_path / "here" / "compare.svg").is_file()
    assert main(["compare", *runs, "--quiet"]) == 0
    assert capsys.readouterr() == ("", "")


def test_wrong_runs(out: Path, tmp_path: Path, capsys: Capture) -> None:
    assert main(["compare", str(tmp_path / "none"), "--out", str(tmp_path / "new")]) == 1
    output = capsys.readouterr()
    assert output.out == ""
    assert "none holds no finished run" in output.err
    assert main(["show", str(tmp_path / "none")]) == 1
    assert capsys.readouterr().err == output.err
    path = tmp_path / "altered.yaml"
    path.write_text(study_yaml(exact_study().document))
    assert main(["run", str(path), "--no-report", "--quiet", "--out", str(tmp_path / "out")]) == 0
    with (tmp_path / "out" / "exact" / "latest" / "draws.parquet").open("ab") as file:
        file.write(b"x")
    runs = [str(out / "small"), str(tmp_path / "out" / "exact")]
    assert main(["compare", *runs, "--out", str(tmp_path / "new")]) == 1
    assert "draws.parquet is not as the run wrote it" in capsys.readouterr().err
    assert not (tmp_path / "new").exists()
    with pytest.raises(SystemExit) as left:
        main(["compare"])
    assert left.value.code == 2


def test_show_takes_the_name_of_a_study_too(out: Path, capsys: Capture) -> None:
    assert main(["show", str(out / "exact")]) == 0
    short = capsys.readouterr()
    assert main(["show", str(out / "exact" / "latest")]) == 0
    assert capsys.readouterr() == short


def test_the_terminal_says_the_numbers(small: Result) -> None:
    text = compare_text([small], Path("there"))
    row = next(line for line in text.splitlines() if line.startswith("A small study"))
    table = estimates_of(small)
    assert f" {table.of('base', 'open_effect', 'p_positive').percent.removesuffix(' %')} " in row
    effect = table.of("base", "open_effect", "mean")
    units = next(line for line in text.splitlines() if line.split()[:1] == ["%"])
    assert effect.text({"bn": 1e9, "mn": 1e6}[units.split()[1]]) in row
    assert re.search(r"revenue −[\d.]+$", row)
    assert text.endswith("Open there/compare.html")


@pytest.mark.parametrize("noise", [0.0, 1e-5, 3.0])
def test_the_terminal_fits_and_nothing_touches(noise: float) -> None:
    means = {word: (-1) ** place * 1.23456789e11 / 2**place for place, (word, _, _) in enumerate(PARTS)}
    results = [parts_result(means, noise=noise, title=title, size=64) for title in (*TITLES, "x" * 300)]
    text = compare_text(results, Path("there"))
    lines = text.splitlines()
    assert max(len(line) for line in lines) <= 80
    joined = " ".join(lines)
    for word, _, _ in PARTS:
        # A word and its number stand whole and together.
        assert len(re.findall(rf"\b{word} [+−]\d", joined)) == len(results), word


def test_a_typical_run_with_an_atom() -> None:
    text = compare_text([fake_result(typical_draws(size=16_384))], Path("there"))
    assert re.search(
        r"Does the next open release +0 +−[\d.]+ ± [\d.]+ +[\d.]+ ± [\d.]+ +revenue −[\d.]+\ncool the race\?",
        text,
    )


def test_marks_and_own_units_in_the_terminal() -> None:
    results = [parts_result({"revenue": mean}, title=f"{mean:g}") for mean in (-3e9, 4e3, -7e6)]
    text = compare_text(results, Path("there"))
    rows = {line.split()[0]: line for line in text.splitlines() if line.strip()}
    assert re.search(r" \+\+ +100 +4,000 +5 +revenue \+4,000$", rows["4000"])
    assert re.search(r"-3e\+09 +0 +−3 bn +5 +revenue −3 bn$", rows["-3e+09"])
    assert "++ raised on average" in text
    assert "raised on average" not in compare_text(results[:1], Path("there"))
