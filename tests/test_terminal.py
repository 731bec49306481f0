"""What a user sees on a real terminal: a pseudo-terminal stands in for it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from mcrace.study.write import study_yaml
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
