"""Every broken file of the corpus through the command line: exit code 2, at its place, within 2 seconds."""

import time
from pathlib import Path

import pytest

from mcrace.cli import main
from tests.faulty_studies import FAULTY, STUDY, changed
from tests.test_study_document import REFUSED, REFUSED_BYTES


def placed(marked):
    """Text without its mark, and how a message about the marked place begins."""
    before = marked[: marked.index("«")]
    return marked.replace(
        "«", ""
    ), f"s.yaml:{before.count(chr(10)) + 1}:{len(before) - before.rfind(chr(10))}: "


def corpus():
    """Give name, content, start of the message and a piece of it."""
    for old, new, path, found, _, _ in FAULTY:
        text = changed(old, new)
        content, told = placed(text) if "«" in text else (text, "s.yaml:")
        yield f"{path}: {found}", content.encode(), told, f"{path}: found "
    for name, text, found, _ in REFUSED:
        content, told = placed(text)
        yield name, content.encode(), told, found
    for name, data, line, column, found in REFUSED_BYTES:
        yield name, data, "s.yaml: " if line is None else f"s.yaml:{line}:{column}: ", found


CORPUS = list(corpus())

OVER = "study: s\nextends: other.yaml\n"

# What stands in s.yaml and in other.yaml; where it is told, and a piece of what is.
CHAINS = [
    ("study: s\nextends: s.yaml\n", "", "s.yaml:2:10: extends: found a circle: s.yaml -> s.yaml", "ends it"),
    (OVER, "study: o\nextends: s.yaml\n", "other.yaml:2:10: ", "found a circle"),
    ("study: s\nextends: othr.yaml\n", STUDY, "s.yaml:2:10: extends: found 'othr.yaml', and there is no", ""),
    ("study: s\nextends: [other.yaml]\n", STUDY, "s.yaml:2:10: extends: found a list", "of a study file"),
    ("study: s\nextends: /dev/zero\n", STUDY, "s.yaml:2:10: extends: found '/dev/zero'", "there is no file"),
    (OVER, "", "other.yaml: found an empty file", ""),
    (OVER, "a: !x 1\n", "other.yaml:1:4: found the tag !x", ""),
    (OVER, "- 1\n", "other.yaml:1:1: found a list", "a mapping of keys"),
    (OVER + "modle: {}\n", STUDY, "s.yaml:3:1: modle: found an unknown key", "'model'"),
    (OVER + "model: {lab: {budgt: ~}}\n", STUDY, "s.yaml:3:15: model.lab.budgt: ", "removed"),
    (OVER + "inputs: {day: ~}\n", STUDY, "other.yaml:12:22: model.open", "the name 'day'"),
    (OVER + "inputs: {x: {law: 0}}\n", STUDY, "other.yaml:11:22: ", "x, which is 0"),
    (OVER, STUDY.replace("730", "-1"), "other.yaml:8:17: model.horizon_days", ""),
    (OVER + "correlations: [[x, rate, 1]]\n", STUDY, "s.yaml:3:20: correlations.0.1", ""),
    (OVER + "quantities: {x: day}\n", STUDY, "s.yaml:3:14: quantities.x: ", "no input's"),
    (OVER + "as_of: 2026-02-30\n", STUDY, "s.yaml:3:8: as_of: found '2026-02-30'", ""),
]  # fmt: skip

# An argument of --set, and the message.
OPTIONS = [
    ("correlations.0.2=2", "correlations: found "),
    ("correlations=[[x, dya, 0.1]]", "correlations.0.1: found the name 'dya'"),
    ("quantities.gap=dya", "quantities.gap: found the name 'dya'"),
    ("quantities.x=day", "quantities.x: found 'x'"),
    ("as_of=tomorrow", "as_of: found 'tomorrow', expected a date"),
    ("sampling.seed=-1", "sampling.seed: found -1"),
    ("model.value.one_of=[3]", "s.yaml:14:18: model.value.curve: found curve beside one_of"),
    ("model.horizon_days=2027-01-01", "model.horizon_days: found the date 2027-01-01 in a study without"),
    ("inputs.day.law.since=3", "inputs.day.law.since: found 3"),
    ("inputs.day.law.bounds=[300, 400]", "inputs.day.law.bounds: found [300, 400]"),
    ("inputs.day.law.uniform.2=3", "inputs.day.law.uniform.2: found member 2 of a list of 2"),
    ("inputs.day={quantiles: {.05: 3, .5: 2}}", "inputs.day.law.quantiles..5: found 2"),
    ("inputs.day={mixture: [[1, 2], [0, 3]]}", "inputs.day.law.mixture.1.0: found 0"),
    ("inputs.day={scipy: {name: nrom}}", "inputs.day.law.scipy.name: found 'nrom'"),
    ("inputs.day={empirical: {file: a.csv, column: b}}", "inputs.day.law.empirical.file: found 'a.csv'"),
    ("modle.horizon_days=3", "modle: found an unknown key"),
    ("scenarios.late={sampling.seed: 3}", "scenarios.late.sampling.seed: found a path that no scenario"),
    ("model.horizon_days=[", "--set model.horizon_days:1:2: found "),
    ("model.horizon_days", "--set: found 'model.horizon_days'"),
]  # fmt: skip


def refused(capfd, *arguments):
    """Run a command that is to be refused; give its message."""
    begun = time.process_time()
    assert main(["check", "s.yaml", *arguments]) == 2
    assert time.process_time() - begun < 2
    out, err = capfd.readouterr()
    assert out == ""
    assert "Traceback" not in err
    assert len(err) < 4_000
    return err


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def test_the_corpus_is_large():
    assert len(CORPUS) + len(CHAINS) + len(OPTIONS) >= 350
    assert len({content for _, content, _, _ in CORPUS}) == len(CORPUS)


@pytest.mark.parametrize(
    ("content", "told", "piece"), [row[1:] for row in CORPUS], ids=[row[0] for row in CORPUS]
)
def test_a_broken_file_is_refused_at_its_place(capfd, content, told, piece):
    Path("s.yaml").write_bytes(content)
    message = refused(capfd)
    assert message.startswith(told)
    assert piece in message


@pytest.mark.parametrize(("own", "other", "told", "piece"), CHAINS, ids=[row[2] for row in CHAINS])
def test_a_broken_chain_is_refused_in_the_file_at_fault(capfd, own, other, told, piece):
    Path("s.yaml").write_text(own)
    Path("other.yaml").write_text(other)
    message = refused(capfd)
    assert message.startswith(told)
    assert piece in message


@pytest.mark.parametrize(("option", "told"), OPTIONS, ids=[row[0] for row in OPTIONS])
def test_a_broken_option_is_refused_by_its_path(capfd, option, told):
    Path("s.yaml").write_text(STUDY)
    assert refused(capfd, "--set", option).startswith(told)


def test_the_file_behind_them_is_right(capfd):
    Path("s.yaml").write_text(STUDY)
    assert main(["check", "s.yaml"]) == 0
    assert capfd.readouterr().err == ""
