"""Hostile files are refused at once, and ordinary oddities of editors are not."""

import os
import resource
import time
from pathlib import Path

import pytest
import yaml

from tests.campaign.faults import command
from tests.campaign.fuzz import fuzzed
from tests.campaign.hostile import HOSTILE
from tests.faulty_studies import FAULTY, STUDY
from tests.test_study_corpus import CHAINS, CORPUS, OPTIONS

FAST = hasattr(yaml, "CSafeLoader")
LONG = os.environ.get("MCRACE_CAMPAIGN") == "1"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("s.yaml").write_text(STUDY)
    assert command("check", "s.yaml")[0] == 0  # loads what is loaded once


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused_and_soon(name: str) -> None:
    Path("s.yaml").write_bytes(HOSTILE[name])
    before, begun = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    code, said = command("check", "s.yaml")
    assert time.process_time() - begun < (3 if FAST else 10)  # a third of a second where nothing else runs
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 300 * 1024
    assert code == 2
    assert said.startswith("s.yaml")
    assert len(said) < 4_000
    assert all(character.isprintable() or character == "\n" for character in said)


@pytest.mark.parametrize("content", [STUDY.replace("\n", "\r\n").encode(), STUDY.encode("utf-8-sig")])
def test_what_editors_do_to_a_file_is_no_fault(content: bytes) -> None:
    Path("s.yaml").write_bytes(content)
    assert command("check", "s.yaml") == (0, "")


def test_the_corpus_of_single_faults_is_large() -> None:
    """Each of them is checked where it stands: tests/test_study_corpus.py and tests/test_study_faults.py."""
    placed = [row for row in CORPUS if row[2].count(":") > 2]
    assert len(placed) >= 150
    assert len(FAULTY) + len(CHAINS) + len(OPTIONS) >= 300


def test_mutated_studies_are_checked_or_refused(tmp_path: Path) -> None:
    cases = int(os.environ.get("MCRACE_FUZZ_CASES", "100000")) if LONG else 60
    tally = fuzzed(cases, 20261123, tmp_path)
    assert tally.failed == []
    assert tally.tried == cases
    assert tally.grown_megabytes < 500
