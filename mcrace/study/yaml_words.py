"""What PyYAML says of a text that is no YAML, to readers who know no grammar."""

import re
from typing import Any

import yaml

__all__ = ["problem_in_words"]

_UNFIT, _ALIKE = "a line that does not fit those above it", "keys of one section indented alike"
_QUOTES = "quotes around a text that begins with it"

# Part of what PyYAML says, what it found in plain words, and what would be right. Its C parser, which
# reads large texts, has words of its own.
_PROBLEMS = (
    ("character '\\t'", "a tab", "spaces"),
    (
        "mapping values are not allowed",
        "a ':' where no key can stand",
        "one key a line, indented like its neighbours, and quotes around a text that holds ': '",
    ),
    ("could not find expected ':'", "a line without a key", "key: value"),
    ("expected <block end>", _UNFIT, _ALIKE),
    ("did not find expected key", _UNFIT, _ALIKE),
    ("did not find expected '-' indicator", _UNFIT, _ALIKE),
    ("found character that", "a character that cannot begin a value", _QUOTES),
)


def problem_in_words(error: yaml.MarkedYAMLError) -> tuple[str, str, Any]:
    """Say what PyYAML found, what would be right, and where.

    Parameters
    ----------
    error : MarkedYAMLError
        Of either of its parsers.

    Returns
    -------
    found, expected : str
        For a `Fault`.
    mark : yaml.Mark
        Where it stands.

    Examples
    --------
    >>> problem_in_words(yaml.MarkedYAMLError(problem="could not find expected ':'"))
    ('a line without a key', 'key: value', None)
    """
    problem, mark = error.problem or "text that is no YAML", error.problem_mark or error.context_mark
    if problem == "found unexpected end of stream" and error.context_mark is not None:
        return "a quote that is never closed", "a closing quote", error.context_mark
    strange = re.fullmatch(r"found character (.+) that cannot start any token", problem)
    if strange is not None and strange[1] != r"'\t'":
        return f"the character {strange[1]}", _QUOTES, mark
    for part, found, expected in _PROBLEMS:
        if part in problem:
            return found, expected, mark
    unlike = re.fullmatch(r"(?:did not find )?expected (.+?)(?:,? but (?:found|got) (.+))?", problem)
    if unlike is None:
        return problem.removeprefix("found "), "YAML", mark
    opening = error.context_mark if "flow" in (error.context or "") else None
    inside = "" if opening is None else f" inside the bracket that line {opening.line + 1} opens"
    found = "the end of the file" if unlike[2] in ("'<stream end>'", r"'\x00'") else unlike[2]
    return (found or "something else") + inside, unlike[1], mark
