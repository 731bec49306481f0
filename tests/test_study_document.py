"""YAML text to plain values: what is read, what is refused and where, and how it is written again."""

import math
import time

import pytest
from hypothesis import given, seed, settings
from hypothesis import strategies as st

from mcrace.errors import StudyError
from mcrace.study.document import read_document, read_text
from mcrace.study.write import study_yaml

SCALARS = [
    ("1e8", 1e8),
    ("3.0e9", 3e9),
    ("1E+2", 100.0),
    ("-1.5e-3", -0.0015),
    (".5", 0.5),
    ("1_000_000", 1_000_000),
    ("1_0.5", 10.5),
    (".inf", math.inf),
    ("+.inf", math.inf),
    ("-.inf", -math.inf),
    ("0x10", 16),
    ("0o17", 15),
    ("012", 12),
    ("+12", 12),
    ("-7", -7),
    ("yes", "yes"),
    ("no", "no"),
    ("on", "on"),
    ("off", "off"),
    ("y", "y"),
    ("true", True),
    ("False", False),
    ("null", None),
    ("~", None),
    ("2026-11-22", "2026-11-22"),
    ("1:30", "1:30"),
    ("'12'", "12"),
    ('"1e9"', "1e9"),
    ("'true'", "true"),
    ("'~'", "~"),
    ("0b11", "0b11"),
    ("e5", "e5"),
    (".", "."),
    ("_1", "_1"),
    ("1e", "1e"),
    ("5%", "5%"),
]

MANY = "9" * 5_000

# Name, text (« stands where the fault is told), piece of what was found, piece of what was expected.
REFUSED = [
    ("repeated key", "a: 1\nb: 2\n«a: 3\n", "the key 'a' again", "each key once"),
    ("repeated below", "m:\n  a: 1\n  «a: 1\n", "the key 'a' again", "each key once"),
    ("repeated in quotes", "1: 2\n«'1': 3\n", "the key '1' again", "each key once"),
    ("python tag", "a: «!!python/object/apply:os.system [x]\n", "!!python/object/apply:os.system", "no code"),
    ("standard tag", "a: «!!str 1\n", "the tag !!str", "plain values"),
    ("local tag", "a: «!x 1\n", "the tag !x", "plain values"),
    ("tag of a key", "«!!str a: 1\n", "the tag !!str", "plain values"),
    ("anchor", "a: «&x 1\nb: 2\n", "an anchor or alias", "write the value out"),
    ("alias", "a: 1\nb: «*x\n", "an anchor or alias", "write the value out"),
    ("merge", "a:\n  «<<: {b: 1}\n", "the merge key <<", "write the keys out"),
    ("second document", "a: 1\n«---\nb: 1\n", "a second document", "one study a file"),
    ("tab", "a:\n«\tb: 1\n", "a tab", "spaces"),
    ("NUL", "a: 1\nb: «\0\n", "the character U+0000", "printable text"),
    ("form feed", "a: 1\n«\fb: 1\n", "the character U+000C", "printable text"),
    ("65 levels", "[" * 64 + "«[" + "]" * 65, "more than 64 levels", "flatter"),
    ("65 levels of keys", "{a: " * 64 + "«{" + "}" * 65, "more than 64 levels", "flatter"),
    ("5000 digits", f"a: 1\nb: «{MANY}\n", "a number of 5000 characters", "at most 1000"),
    ("5000 hexadecimal digits", f"a: «0x{MANY}\n", "a number of 5002 characters", "at most 1000"),
    ("more than a float holds", "a: 1\nb: «1e400\n", "the number 1e400", "a number below 1.8e308, or .inf"),
    ("less than one", "a: 1\nb: [«-9.5e999]\n", "the number -9.5e999", "or .inf for infinity"),
    ("unclosed quote", "a: 1\nb: «'text\nc: 1\n", "a quote that is never closed", "a closing quote"),
    ("unclosed double quote", 'a: «"text\nc: 1\n', "a quote that is never closed", "a closing quote"),
    ("unclosed list", "a: [1, 2\nb«: 1\n", "':' inside the bracket that line 1 opens", "']'"),
    ("unclosed mapping", "a: {b: 1\nc«: 1\n", "':' inside the bracket that line 1 opens", "'}'"),
    ("unclosed at the end", "a: [1,«", "the end of the file", ""),
    ("colon in text", "title: one«: two\n", "a ':' where no key can stand", "quotes"),
    ("indented too far", "a: 1\n  b«: 2\n", "a ':' where no key can stand", "indented like"),
    ("indented too little", "a:\n  b: 1\n «c: 2\n", "a line that does not fit", "indented alike"),
    ("a word of its own", "a: 1\nword\n«", "a line without a key", "key: value"),
    ("at sign", "a: «@b\n", "the character '@'", "quotes"),
    ("backtick", "a: «`b`\n", "the character '`'", "quotes"),
    ("list as key", "? «[a, b]\n: 1\n", "a key that is not a word", "a key such as model"),
    ("mapping as key", "{«{a: 1}: 2}\n", "a key that is not a word", "a key such as model"),
    ("strange key", 'a: 1\n«"b\\n": 1\n', r"the key 'b\n'", "printable"),
    ("half a character in a key", '«"\\ud800": 1\n', r"the key '\ud800'", "printable"),
    ("strange escape", 'a: "\\«q"\n', "unknown escape character", "YAML"),
]

# Each level ten times the one before: 10**9 values if anything followed the aliases.
BOMB = b"a: &a [x, x, x, x, x, x, x, x, x, x]\n" + b"".join(
    b"%c: &%c [%s]\n" % (98 + n, 98 + n, b",".join([b"*%c" % (97 + n)] * 10)) for n in range(8)
)

# Name, bytes, line, column, piece of what was found.
REFUSED_BYTES = [
    ("empty", b"", None, None, "an empty file"),
    ("comments only", b"# one\n\n# two\n", None, None, "an empty file"),
    ("binary", b"\x89PNG\r\n\x1a\n\0\0", 1, 1, "the byte 0x89, which is not UTF-8"),
    ("bad UTF-8", b"a: 1\nb: caf\xe9\n", 2, 7, "the byte 0xe9, which is not UTF-8"),
    ("bad UTF-8 after a separator", b"a: \x1c\x0b1\nb: \xe9\n", 2, 4, "the byte 0xe9, which is not UTF-8"),
    ("UTF-16", "a: 1".encode("utf-16"), 1, 1, "which is not UTF-8"),
    ("UTF-16 without a mark", "a: 1".encode("utf-16-be"), 1, 1, "the character U+0000"),
    ("more than 1 MB", b"a: 1\n#" + b"x" * 1_000_000, None, None, "more than 1 MB"),
    ("10 MB", b"study: a\nmodel: {}\n" + b"title: t\n" * 1_100_000, None, None, "more than 1 MB"),
    ("10 MB of one line", b"a: " + b"9" * 10_000_000, None, None, "more than 1 MB"),
    ("a bomb of aliases", BOMB, 1, 4, "an anchor or alias"),
    ("a bomb below quotes", b"a: 'x'\n" + BOMB.replace(b"a: ", b"b: ", 1), 2, 4, "an anchor or alias"),
    ("random bytes", bytes(range(245, 256)) * 400, 1, 1, "which is not UTF-8"),
    ("100,000 brackets", b"a: " + b"[" * 100_000, 1, 68, "more than 64 levels"),
    ("100,000 braces", b"a: " + b"{a: " * 100_000, 1, 256, "more than 64 levels"),
    ("100,000 dashes", b"- " * 100_000, 1, 129, "more than 64 levels"),
    ("100,000 question marks", b"? " * 100_000, 1, 3, "a key that is not a word"),
    ("100,000 aliases", b"a: [" + b"*a," * 100_000 + b"]", 1, 5, "an anchor or alias"),
    ("a character beyond Unicode", b'a: "\\U00110000"', None, None, "text that YAML cannot read"),
]


@pytest.mark.parametrize(("text", "value"), SCALARS)
def test_scalars_follow_yaml_1_2(text, value):
    read = read_text(f"a: {text}").value["a"]
    assert read == value
    assert type(read) is type(value)


def test_nan_is_read_as_a_number():
    assert math.isnan(read_text("a: .nan").value["a"])


@pytest.mark.parametrize(
    ("text", "found", "expected"), [row[1:] for row in REFUSED], ids=[r[0] for r in REFUSED]
)
def test_what_is_no_plain_yaml_is_refused_at_its_place(text, found, expected):
    before = text[: text.index("«")]
    with pytest.raises(StudyError) as caught:
        read_text(text.replace("«", ""), "s.yaml")
    (fault,) = caught.value.faults
    assert fault.file == "s.yaml"
    assert (fault.line, fault.column) == (before.count("\n") + 1, len(before) - before.rfind("\n"))
    assert found in fault.found
    assert expected in fault.expected


@pytest.mark.parametrize(
    ("data", "line", "column", "found"), [row[1:] for row in REFUSED_BYTES], ids=[r[0] for r in REFUSED_BYTES]
)
def test_what_is_no_study_file_is_refused_fast(tmp_path, data, line, column, found):
    path = tmp_path / "s.yaml"
    path.write_bytes(data)
    begun = time.process_time()
    with pytest.raises(StudyError) as caught:
        read_document(path)
    assert time.process_time() - begun < 2
    (fault,) = caught.value.faults
    assert (fault.file, fault.line, fault.column) == (str(path), line, column)
    assert found in fault.found


def test_more_values_than_any_study_has_are_refused(monkeypatch):
    monkeypatch.setattr("mcrace.study.document._MOST_VALUES", 100)
    assert len(read_text("[" + "1, " * 99 + "]").value) == 99
    with pytest.raises(StudyError, match="more than 100 values"):
        read_text("[" + "1, " * 100 + "]")


def test_what_is_no_file_is_refused(tmp_path):
    for path in (tmp_path, tmp_path / "absent.yaml", "a\0b", ""):
        with pytest.raises(StudyError) as caught:
            read_document(path)
        assert len(caught.value.faults) == 1


@pytest.mark.parametrize(
    "data",
    [
        b"\xef\xbb\xbfa: 1\nb: {c: x}\n",
        b"a: 1\r\nb:\r\n  c: x\r\n",
        b"---\na: 1\nb: {c: x}\n...\n",
        b'{"a": 1, "b": {"c": "x"}}',
    ],
    ids=["byte order mark", "CRLF", "document marks", "JSON"],
)
def test_other_spellings_are_read_alike(tmp_path, data):
    path = tmp_path / "s.yaml"
    path.write_bytes(data)
    assert read_document(path).value == {"a": 1, "b": {"c": "x"}}


def test_64_levels_and_1000_digits_are_read():
    assert read_text("[" * 64 + "]" * 64).value != []
    assert read_text("a: " + "9" * 1_000).value["a"] == 10**1_000 - 1


def test_places_of_keys_and_values():
    document = read_text("a: 1\nb:\n  - {c:  2}\n")
    assert document.places["b", "0", "c"].key == (3, 6)
    assert document.places["b", "0", "c"].value == (3, 10)
    assert document.places["a",].value == (1, 4)


def test_the_message_points_at_the_column():
    with pytest.raises(StudyError) as caught:
        read_text("a: 1\nb: 2\na: 3\n", "s.yaml")
    assert str(caught.value) == (
        "s.yaml:3:1: found the key 'a' again, expected each key once\n  3 | a: 3\n    | ^"
    )


TEXTS = st.one_of(
    st.sampled_from(
        [
            "1e9",
            "1e400",
            "no",
            "yes",
            "null",
            "~",
            "",
            ": x",
            "- a",
            "#",
            "x # y",
            "012",
            "0x1",
            ".inf",
            "1:30",
            "=",
            "<<",
            "2026-11-22",
            "&a",
            "*a",
            "!t",
            "%",
            "@",
            "'",
            '"',
            "a: b",
            " x ",
            "x\n\ny\n",
            "—é😀",
            "9" * 2_000,
            "\t",
        ]
    ),
    st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=30),
)
VALUES = st.recursive(
    st.one_of(TEXTS, st.integers(-(10**40), 10**40), st.floats(allow_nan=False), st.booleans(), st.none()),
    lambda below: st.one_of(
        st.lists(below, max_size=4),
        st.dictionaries(
            st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=20), below, max_size=4
        ),
    ),
    max_leaves=12,
)


@seed(20261122)
@settings(max_examples=200, deadline=None, database=None)
@given(
    st.dictionaries(
        st.sampled_from(["study", "<<", "1", "~", "no", "a b", "é", "x" * 150]), VALUES, min_size=1
    )
)
def test_what_is_written_reads_back_the_same(value):
    read = read_text(study_yaml(value)).value
    assert read == value
    assert repr(read) == repr(value)
