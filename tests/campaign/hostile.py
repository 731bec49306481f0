"""Files that are no studies, made to hurt whoever reads them."""

from tests.faulty_studies import STUDY

__all__ = ["HOSTILE"]


def _laughs(levels: int) -> bytes:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, levels)]
    return "\n".join(lines).encode()


def _with(value: str) -> bytes:
    return STUDY.replace("A tiny study", value).encode()


HOSTILE: dict[str, bytes] = {
    "alias bomb": _laughs(12),
    "alias of itself": b"study: &a [*a]\n",
    "merge bomb": b"a: &a {x: 1}\n" + b"".join(b"b%d: {<<: *a}\n" % n for n in range(1000)),
    "merge key": b"study: s\n<<: {title: b}\n",
    "deep flow lists": b"study: " + b"[" * 100_000,
    "deep flow maps": b"study: " + b"{a: " * 50_000,
    "deep block": b"".join(b" " * n + b"a:\n" for n in range(1000)),
    "deep dashes": b"- " * 100_000 + b"x",
    "deep questions": b"? " * 50_000 + b"x",
    "10 MB of one line": b"study: " + b"x" * 10_000_000,
    "10 MB of lines": b"a: 1\n" * 2_000_000,
    "1 MB of keys": b"".join(b"k%06d: 1\n" % n for n in range(80_000)),
    "1 MB of lists": b"study: [" + b"1," * 450_000 + b"]",
    "1 MB of quotes": b'study: "' + b"\\x41" * 240_000 + b'"',
    "1 MB of an expression": _with("x").replace(b"8 * x", b"(" * 400_000 + b"x"),
    "1 MB of comments": b"# x\n" * 240_000,
    "1 MB of anchors": b"study: " + b"&a " * 300_000,
    "huge whole number": _with("x").replace(b"730", b"9" * 100_000),
    "huge hexadecimal number": _with("x").replace(b"730", b"0x" + b"f" * 100_000),
    "huge exponent": _with("x").replace(b"730", b"1e" + b"9" * 1000),
    "NUL": b"study: s\0\n",
    "NUL alone": b"\0" * 100_000,
    "BOM twice": b"\xef\xbb\xbf\xef\xbb\xbfstudy: s\n",
    "UTF-16": STUDY.encode("utf-16"),
    "UTF-16 without BOM": STUDY.encode("utf-16-be"),
    "UTF-32": STUDY.encode("utf-32"),
    "Latin-1": _with("é").decode().encode("latin-1"),
    "invalid UTF-8": _with("x") + b"\xff\xfe\xc0\x80",
    "cut UTF-8": _with("x") + b"# \xe2\x82",
    "surrogates": _with("x") + b"# \xed\xa0\x80",
    "right-to-left override": _with("\u202egnp.exe"),
    "right-to-left marks in a key": STUDY.replace("title", "ti\u200ftle").encode(),
    "zero width in a key": STUDY.replace("title", "ti\u200btle").encode(),
    "Cyrillic in a key": STUDY.replace("title", "t\u0456tle").encode(),
    "escape codes": _with("\x1b[2J\x1b]0;x\x07"),
    "python tag": _with("!!python/object/apply:os.system [id]"),
    "binary": bytes(range(256)) * 400,
    "a PNG": b"\x89PNG\r\n\x1a\n" + bytes(1000),
    "a zip": b"PK\x03\x04" + bytes(1000),
    "a Parquet file": b"PAR1" + bytes(1000) + b"PAR1",
    "percent": b"%" * 100_000,
    "directives": b"%YAML 9.9\n---\nstudy: s\n",
    "a thousand documents": b"---\nstudy: s\n" * 1000,
    "tabs": b"study:\n" + b"\t" * 100_000 + b"x",
    "nothing": b"",
    "white space": b" \n" * 400_000,
    "1 MB of a quote without end": b'study: "' + b"x\n " * 300_000,
    "1 MB of comments with tabs": b"#\tx\n" * 240_000,
    "1 MB of comments before a fault": b"# x\n" * 240_000 + b"study: [",
    "1 MB of comments around a fault": _with("x").replace(b"730", b"0") + b"# x?\n" * 190_000,
    "a block scalar without end": b"study: |\n" + b" x\n" * 300_000,
}
"""Name to content; each is to be refused."""
