"""Mutated good studies: never a traceback, never exit code 0 for a wrong study, never more than 2 seconds."""

import contextlib
import io
import os
import re
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from mcrace.cli import main
from tests.fuzzed_studies import all_wrong, certainly_wrong, good_studies, perhaps_wrong

# More cases, and others: MCRACE_FUZZ_CASES=20000 MCRACE_FUZZ_SEED=2 pytest tests/test_fuzz_studies.py
CASES = int(os.environ.get("MCRACE_FUZZ_CASES", "100"))
SEED = int(os.environ.get("MCRACE_FUZZ_SEED", "20261123"))
FUZZ = settings(max_examples=CASES, deadline=None, database=None, suppress_health_check=list(HealthCheck))

PLACE = re.compile(r"^s\.yaml:(\d+):(\d+): ", re.MULTILINE)
WITHOUT_PLACE = (
    "s.yaml: found an empty file",
    "s.yaml: found text that YAML cannot read",
    "s.yaml: found more than 1 MB",
)


@pytest.fixture(scope="module")
def texts(tmp_path_factory):
    """Good studies, in a folder of their own; a check tries few draws, since they cost most of its time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("fuzz"))
        patch.setattr("mcrace.terminal.check._TRIAL_DRAWS", 4)
        studies = good_studies(Path.cwd())
        Path("s.yaml").write_text(studies[0])
        with contextlib.redirect_stdout(io.StringIO()):
            main(["check", "s.yaml"])  # loads SciPy
        yield studies


def checked(content):
    """Check a file in process; give the exit code and what was said."""
    Path("s.yaml").write_bytes(content)
    out, err = io.StringIO(), io.StringIO()
    begun = time.process_time()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main(["check", "s.yaml"])
    assert time.process_time() - begun < 2
    assert "Traceback" not in err.getvalue()
    return code, out.getvalue(), err.getvalue()


def check_refusal(content, message):
    """Hold a message against the file: it has a place, and each place lies inside the file."""
    text = content.decode("utf-8-sig", "replace")
    lines = re.split("\r\n|[\n\r\x85\u2028\u2029]", text)
    places = [(int(line), int(column)) for line, column in PLACE.findall(message)]
    assert places or message.startswith(WITHOUT_PLACE), message
    for line, column in places:
        assert 1 <= line <= len(lines), message
        assert 1 <= column <= len(lines[line - 1]) + 1, message


def test_the_studies_behind_them_are_good(texts):
    assert len(set(texts)) > 20
    for text in dict.fromkeys(texts):
        code, _, err = checked(text.encode())
        assert (code, err) == (0, "")


@seed(SEED)
@FUZZ
@given(rng=st.randoms(use_true_random=True))
def test_a_study_that_is_certainly_wrong_is_refused_at_a_place(texts, rng):
    content, done = certainly_wrong(rng, texts)
    code, out, err = checked(content)
    assert (code, out) == (2, ""), done
    check_refusal(content, err)


@seed(SEED)
@FUZZ
@given(rng=st.randoms(use_true_random=True))
def test_whatever_is_done_to_a_study_it_is_checked_or_refused(texts, rng):
    content, done = perhaps_wrong(rng, texts)
    code, out, err = checked(content)
    assert code in (0, 2), done
    assert bool(out) == (code == 0)
    # What only the draws of a trial show has no place.
    if code == 2 and " draws" not in err and "cannot be computed" not in err:
        check_refusal(content, err)


@pytest.mark.slow
def test_no_single_slip_in_a_study_of_every_section_goes_unseen(texts):  # noqa: ARG001 - makes the folder
    tried = 0
    # Each value has five or six, so that all kinds are met.
    for content, done in all_wrong(step=4 if os.environ.get("MCRACE_CAMPAIGN") == "1" else 23):
        code, out, err = checked(content)
        assert (code, out) == (2, ""), done
        check_refusal(content, err)
        tried += 1
    assert tried > 150
