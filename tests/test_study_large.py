"""Large study files are read by PyYAML's C parser, as the other one would read them, and refused soon."""

import random
import time

import pytest
import yaml

from mcrace.errors import Fault, StudyError
from mcrace.study import Study
from mcrace.study.document import Document, read_text
from tests.faulty_studies import STUDY

COMMENTS = "# c\n" * 60_000
SOME = "# c\n" * 6_000

PIECES = (
    *"[]{}:,-?#&*!|>'\"%@` \n\r\t\x85\ufeffaé",
    *(
        ": ",
        "- ",
        "? ",
        "\n  ",
        "\n\n",
        "---\n",
        "...\n",
        "|\n",
        ">+\n",
        "|2\n",
        ">#\n",
        "\\\n",
        "<<",
        "{a: b}",
    ),
    *("{a?}", "[1, 2]", "? a\n: b\n", " #c", "# c?\n", "\r\n", "\x1f", "\U0001f600", "k: v\n", "\n\tb: 1\n"),
)

pytestmark = pytest.mark.skipif(not hasattr(yaml, "CSafeLoader"), reason="PyYAML without its C parser")


def read(text: str) -> Document | Fault:
    try:
        return read_text(text, "s.yaml")
    except StudyError as error:
        (fault,) = error.faults
        return fault


def mutated(source: random.Random) -> str:
    text = STUDY
    for _ in range(source.randint(1, 4)):
        at = source.randrange(len(text) + 1)
        text = text[:at] + source.choice(PIECES) + text[at + source.choice((0, 0, 1, 3)) :]
    return text


def test_both_parsers_accept_the_same_and_read_it_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    source, accepted, refused = random.Random(20261123), 0, 0  # noqa: S311
    for _ in range(200):
        text = mutated(source)
        monkeypatch.setattr("mcrace.study.document._LARGE", 10**9)
        slow = read(text)
        monkeypatch.setattr("mcrace.study.document._LARGE", 0)
        fast = read(text)
        if isinstance(slow, Document):
            accepted += 1
            assert fast == slow, text
        else:
            refused += 1
            assert isinstance(fast, Fault), text
    assert accepted > 25
    assert refused > 50


def test_a_large_study_is_read_by_the_fast_parser(monkeypatch: pytest.MonkeyPatch) -> None:
    large = STUDY + COMMENTS
    expected = read_text(STUDY)
    monkeypatch.setattr(yaml, "SafeLoader", None)
    read = read_text(large)
    assert (read.value, read.places) == (expected.value, expected.places)


@pytest.mark.parametrize(
    "part", ["title: what?\n", "title: >#x\n", "title: {a?}\n", "title:\tx\n", "b\ufeff: 1\n"]
)
def test_what_may_be_read_otherwise_is_left_to_the_other_parser(part: str) -> None:
    text = "study: s\n" + part
    small, large = read(text), read(text + SOME)
    if isinstance(small, Document):
        assert isinstance(large, Document)
        assert (small.value, small.places) == (large.value, large.places)
    else:
        assert isinstance(large, Fault)
        assert (small.line, small.column, small.found) == (large.line, large.column, large.found)


def test_without_the_fast_parser_the_other_reads_all(monkeypatch: pytest.MonkeyPatch) -> None:
    large = STUDY + SOME
    fast = read(large)
    monkeypatch.delattr(yaml, "CSafeLoader")
    assert read(large) == fast


# What stands far down a file, the column, and pieces of what was found and expected: by the C parser.
FAR = [
    ("a: [", 1, "something else inside the bracket that line 60002 opens", "node content"),
    ("a: [1\nb: 2", 2, "something else inside the bracket that line 60001 opens", "',' or ']'"),
    ("a: 1\n b: 2", 3, "a ':' where no key can stand", "one key a line"),
    ("- 1\nb: 2", 1, "a line that does not fit those above it", "indented alike"),
    ("a:\n  b: 1\n c: 2", 2, "a line that does not fit those above it", "indented alike"),
    ("a: @x", 4, "a character that cannot begin a value", "quotes"),
    ("a: 'x", 4, "a quote that is never closed", "a closing quote"),
    ("a: x\nb\nc: 1", 1, "a line without a key", "key: value"),
    ("a: 1\na: 2", 1, "the key 'a' again", "each key once"),
    ("a: &b 1", 4, "an anchor or alias", "plain values"),
    ("a: !!b 1", 4, "the tag !!b", "runs no code"),
    ("a: \x07", 4, "the character U+0007", "printable text"),
]


@pytest.mark.parametrize(("text", "column", "found", "expected"), FAR)
def test_a_fault_far_down_a_large_file_is_told_in_words(
    text: str, column: int, found: str, expected: str
) -> None:
    fault = read(COMMENTS + text)
    assert isinstance(fault, Fault)
    assert fault.line is not None
    assert fault.line > 60_000
    assert fault.column == column
    assert found in fault.found
    assert expected in fault.expected


def test_an_early_fault_of_a_large_file_keeps_its_words() -> None:
    text = "study: s\na: [1}\n"
    small, large = read(text), read(text + SOME)
    assert small == large
    assert isinstance(large, Fault)
    assert large.found == "'}' inside the bracket that line 2 opens"


# What is written very often, and the first fault that is told of it.
FLOODS = {
    "keys": (STUDY + "".join(f"k{number}: 1\n" for number in range(3_000)), "s.yaml:19:1: k0: "),
    "flips": (STUDY + f"analysis: {{flip: [{'model.beliefs.optimsm, ' * 3_000}]}}\n", "s.yaml:19:19: "),
    "outputs": (STUDY + f"analysis: {{outputs: [{'incentve, ' * 3_000}]}}\n", "s.yaml:19:22: "),
    "quantities": (STUDY + "quantities:\n" + "".join(f"  q{n}: y\n" for n in range(3_000)), "s.yaml:20:7: "),
    "scenarios": (
        STUDY.replace(
            "scenarios:\n", "scenarios:\n" + "".join(f"  s{n}: {{inputs.dya: 1}}\n" for n in range(999))
        ),
        "s.yaml:17:8: scenarios.s0.inputs.dya: ",
    ),
}


@pytest.mark.parametrize("case", FLOODS)
def test_of_very_many_faults_the_first_are_told_soon(case: str) -> None:
    text, first = FLOODS[case]
    begun = time.process_time()
    with pytest.raises(StudyError) as caught:
        Study.from_text(text, "s.yaml")
    assert time.process_time() - begun < 6  # told to the last, the flips alone take half a minute
    head, *told = caught.value.faults
    assert str(head) == "s.yaml: found more than 100 faults, expected none; the first 100 follow"
    assert len(told) == 100
    assert str(told[0]).startswith(first)
