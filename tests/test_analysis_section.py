"""The ``analysis`` section of a study: what it asks for, and what is told of mistakes in it."""

import pytest

import mcrace
from mcrace.cli import main
from mcrace.errors import StudyError
from mcrace.study.requests import Analysis, CandidateRange, FlipKey, ReleaseMap, SensitivityDesign
from mcrace.study.write import study_yaml
from tests.small_study import SMALL, small_study

FAULTS = [
    ("outputs: [incentive, open_efect]", "analysis.outputs.1", "'open_efect'", "open_effect"),
    ("outputs: incentive", "analysis.outputs", "'incentive'", None),
    ("outputs: []", "analysis.outputs", "a list", None),
    ("sensitvity: true", "analysis.sensitvity", "an unknown key", "sensitivity"),
    ("sensitivity: {pionts: 64}", "analysis.sensitivity.pionts", "an unknown key", "points"),
    ("sensitivity: {points: 3.5}", "analysis.sensitivity.points", "3.5", None),
    ("sensitivity: yes please", "analysis.sensitivity", "'yes please'", None),
    ("groups: {next: [day, led]}", "analysis.groups.next.1", "'led'", "lead"),
    ("groups: [day]", "analysis.groups", "a list", None),
    ("flip: [model.belief.optimism]", "analysis.flip.0", "'model.belief.optimism'", "model.beliefs.optimism"),
    ("flip: [inputs.dya]", "analysis.flip.0", "'inputs.dya'", "inputs.day"),
    ("flip: {keys: [inputs.day], statistic: median}", "analysis.flip.statistic", "'median'", "mean"),
    ("flip: [inputs.day, {key: inputs.lead, from: 3}]", "analysis.flip.1", "a mapping", None),
    ("flip: [{key: inputs.lead, from: 3, to: 2}]", "analysis.flip.0", "a mapping", None),
    ("flip: [model.market.conduct]", "analysis.flip.0", "'model.market.conduct'", None),
    ("candidate: {multiples: [2, 1]}", "analysis.candidate.multiples", "a list", None),
    ("candidate: {count: 2}", "analysis.candidate.count", "2", None),
    ("release_map: {days: [0]}", "analysis.release_map.days", "a list", None),
    ("release_map: {levels: [-1, 2]}", "analysis.release_map.levels", "a list", None),
    ("regions: {output: foo}", "analysis.regions.output", "'foo'", None),
    ("regions: {above: much}", "analysis.regions.above", "'much'", None),
    ("from_draws: 3", "analysis.from_draws", "3", None),
]


@pytest.mark.parametrize(("text", "path", "found", "nearest"), FAULTS, ids=[row[0] for row in FAULTS])
def test_a_mistake_is_told_with_its_place(text, path, found, nearest, tmp_path, capfd):
    file = tmp_path / "s.yaml"
    before = study_yaml(dict(SMALL))
    file.write_text(f"{before}analysis:\n  {text}\n")
    with pytest.raises(StudyError) as caught:
        mcrace.load(file)
    (fault,) = caught.value.faults
    assert (fault.path, fault.found, fault.nearest) == (path, found, nearest)
    line = before.count("\n") + 2
    assert fault.line == line
    assert fault.column is not None
    assert main(["check", str(file)]) == 2
    assert f"s.yaml:{line}:{fault.column}: {path}: found {found}" in capfd.readouterr().err


def test_what_is_not_asked_for_is_not_done():
    assert small_study().analysis == Analysis()
    asked = {"sensitivity": True, "candidate": False, "release_map": {"count": 3}, "regions": True}
    analysis = mcrace.Study(**{**SMALL, "analysis": asked}).analysis
    assert analysis.sensitivity == SensitivityDesign()
    assert analysis.candidate is None
    assert analysis.release_map == ReleaseMap(count=3)
    assert (analysis.regions.above, analysis.regions.below) == (0.0, None)


def test_a_condition_may_have_one_side_or_two():
    for given, above, below in (({"below": 3}, None, 3.0), ({"above": 1, "below": 3}, 1.0, 3.0)):
        regions = mcrace.Study(**{**SMALL, "analysis": {"regions": given}}).analysis.regions
        assert (regions.above, regions.below) == (above, below)


def test_keys_to_flip_may_stand_alone():
    listed = ["inputs.day", {"key": "model.lab.prestige_per_day", "from": 0, "to": 1e9}]
    for given in (listed, {"keys": listed}):
        flip = mcrace.Study(**{**SMALL, "analysis": {"flip": given}}).analysis.flip
        assert flip.keys == (
            FlipKey(path="inputs.day"),
            FlipKey(path="model.lab.prestige_per_day", low=0.0, high=1e9),
        )
    assert mcrace.Study(**{**SMALL, "analysis": {"flip": True}}).analysis.flip.keys == ()


def test_the_section_is_no_part_of_the_digest():
    asked = mcrace.Study(**{**SMALL, "analysis": {"candidate": {"multiples": [0.5, 2]}}})
    assert asked.digest == small_study().digest
    assert asked.analysis.candidate == CandidateRange(multiples=(0.5, 2.0))
