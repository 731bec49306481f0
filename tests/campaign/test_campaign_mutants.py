"""The list of mutants fits the package as it stands; what one does, and what the sums are."""

import importlib
import os
from collections import Counter
from pathlib import Path

import pytest

from tests.campaign import mutant_server, mutants
from tests.campaign.mutant_list import MUTANTS, Mutant

LONG = os.environ.get("MCRACE_CAMPAIGN") == "1"
PACKAGE = mutants.ROOT / "mcrace"


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda one: f"{one.file}: {one.name}")
def test_what_a_mutant_replaces_stands_there_once(mutant: Mutant) -> None:
    assert (PACKAGE / mutant.file).read_text(encoding="utf-8").count(mutant.old) == 1
    assert mutant.old != mutant.new
    for test in mutant.tests:
        assert (mutants.ROOT / "tests" / test.partition("::")[0]).is_file()


def test_the_list_is_long_and_names_each_fault_once() -> None:
    assert len(MUTANTS) >= 60
    assert max(Counter((one.file, one.name) for one in MUTANTS).values()) == 1
    assert max(Counter((one.file, one.old, one.new) for one in MUTANTS).values()) == 1


def test_a_mutant_changes_the_functions_that_others_have_imported() -> None:
    module = importlib.import_module("mcrace.forecast.scoring")
    right = {
        name: value.__code__
        for name, value in vars(module).items()
        if hasattr(value, "__code__") and value.__module__ == module.__name__
    }
    brier = module.brier_score
    try:
        (mutant,) = (one for one in MUTANTS if one.name == "Brier not squared")
        mutant_server.put_in(mutant.file, mutant.old, mutant.new)
        assert brier(0.25, True) == 0.75
    finally:
        for name, code in right.items():
            getattr(module, name).__code__ = code
    assert brier(0.25, True) == 0.5625
    with pytest.raises(ValueError, match="stands there 0 times"):
        mutant_server.put_in("forecast/scoring.py", "no such text", "")


@pytest.mark.parametrize(("killed", "survived", "code"), [(9, 1, 0), (8, 2, 1), (10, 0, 0)])
def test_nine_of_ten_must_be_killed(
    killed: int, survived: int, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    outcomes = ["killed"] * killed + ["survived"] * survived
    found = [
        mutants.Verdict(mutant=MUTANTS[place], outcome=outcome, seconds=0.0, told="")
        for place, outcome in enumerate(outcomes)
    ]
    assert mutants.summed_up(found) == code
    assert f"{killed} of 10 mutants killed" in capsys.readouterr().out


@pytest.mark.skipif(not LONG, reason="the long part of the campaign: MCRACE_CAMPAIGN=1")
def test_the_tests_kill_nine_of_ten_mutants() -> None:
    assert mutants.main(()) == 0


def test_nothing_of_the_package_is_changed_on_disk() -> None:
    text = Path(mutant_server.__file__).read_text(encoding="utf-8")
    assert "write_text" not in text
