"""What ``mcrace verify`` says."""

import textwrap
from collections.abc import Iterator
from typing import TYPE_CHECKING

from mcrace.report.verify_numbers import TOLERANCE

if TYPE_CHECKING:
    from mcrace.report.verify import Verification

__all__ = ["verification_text"]

_WIDTH = 80

_VERDICTS = {
    "identical": "identical: every number is the same to the last bit",
    "equal": f"equal: numbers differ by rounding only, by at most {TOLERANCE:g} of their size",
    "different": "DIFFERENT: this is not the run that its manifest tells of",
}

_KINDS = {
    "file": "Files that are not as the run wrote them",
    "study": "The study",
    "number": "Numbers",
    "version": "Versions that are not those of the run",
}


def verification_text(found: "Verification") -> str:
    """Say what came of holding a run against what its study gives now.

    Parameters
    ----------
    found : Verification
        Of one run.

    Returns
    -------
    str
        The verdict, what was compared, and everything that differs, wrapped at 80 columns where it can be.
    """
    looked = f"{found.files} files, {found.numbers:,} numbers"
    how = "hashes, and a sample of the draws computed again" if found.quick else "all of it computed again"
    lines = [f"{found.folder}", f"  {_VERDICTS[found.verdict]}", f"  compared: {looked} ({how})"]
    return "\n".join([*lines, *_listed(found)])


def _listed(found: "Verification") -> Iterator[str]:
    for kind, head in _KINDS.items():
        several = [difference for difference in found.differences if difference.kind == kind]
        if several:
            yield ""
            yield head
        for item in several:
            text = f"{item.name}: found {item.found}, expected {item.expected}"
            yield from textwrap.wrap(
                text, _WIDTH, initial_indent="  ", subsequent_indent="    ", break_long_words=False
            )
