"""What a user sees on a real terminal: a pseudo-terminal stands in for it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import mcrace
from mcrace.study.write import study_yaml
from mcrace.terminal.check import check_text
from tests.small_study import small_study


@pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals are POSIX")
def test_on_a_terminal_a_bar_shows_draws_and_rate_and_leaves_nothing_behind(tmp_path: Path) -> None:
    import pty

    path = tmp_path / "small.yaml"
    path.write_text(study_yaml(small_study().document))
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "mcrace", "run", str(path), "--no-report", "--draws", "300000"]
    process = subprocess.Popen([*command, "--out", str(tmp_path)], stdout=theirs, stderr=theirs, stdin=theirs)
    os.close(theirs)
    shown = b""
    while True:
        try:
            part = os.read(ours, 65_536)
        except OSError:  # how Linux says that the other side has closed
            break
        if not part:
            break
        shown += part
    os.close(ours)
    text = shown.decode()
    assert process.wait() == 0, text
    assert "Traceback" not in text
    assert " draws" in text
    assert "Open " in text


def test_a_lab_that_sells_nothing_and_a_long_path_in_check(tmp_path: Path) -> None:
    folder = tmp_path / "a-folder-with-a-long-name" / "and-another-one-below-it"
    folder.mkdir(parents=True)
    path = folder / "study.yaml"
    path.write_text(study_yaml(small_study().document))
    text = check_text(mcrace.load(path, {"model.customers.count": 0}), blocks=False)
    assert "Revenue today: 0, this lab sells nothing." in text
    assert all(len(line) <= 80 or str(folder) in line for line in text.splitlines())
    assert "Revenue today, to hold against" in check_text(small_study(), blocks=False)
