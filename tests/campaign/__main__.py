"""The whole campaign: run its long tests, and print of each line how many were tried and how many failed."""

import os
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from collections import Counter
from pathlib import Path

__all__: list[str] = []


def main(words: list[str]) -> int:
    """Run pytest with MCRACE_CAMPAIGN=1 over this folder, and count by test."""
    with tempfile.TemporaryDirectory() as place:
        log = Path(place) / "log.xml"
        command = [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            str(Path(__file__).parent),
            f"--junitxml={log}",
            *words,
        ]
        code = subprocess.run(command, env={**os.environ, "MCRACE_CAMPAIGN": "1"}, check=False).returncode
        cases = list(ET.parse(log).iter("testcase"))  # noqa: S314 - pytest wrote it
    tried, failed, skipped = (
        Counter[tuple[str, str]](),
        Counter[tuple[str, str]](),
        Counter[tuple[str, str]](),
    )
    for case in cases:
        line = (case.get("classname", "").rpartition("_campaign_")[2], case.get("name", "").partition("[")[0])
        tried[line] += 1
        failed[line] += case.find("failure") is not None or case.find("error") is not None
        skipped[line] += case.find("skipped") is not None
    print(f"{'part':<12} {'line':<64} {'tried':>6} {'failed':>6} {'left out':>8}")
    for part, name in sorted(tried):
        counts = [many[part, name] for many in (tried, failed, skipped)]
        words_of = name.removeprefix("test_").replace("_", " ")
        print(f"{part:<12} {words_of:<64} {counts[0]:>6} {counts[1]:>6} {counts[2]:>8}")
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
