"""What an attacker would write into studies, data files, bundles and run folders."""

# ruff: noqa: E501, S108 - texts of attackers

import os
import pickle
from pathlib import Path
from typing import Any

__all__ = ["CANARY", "EXPRESSIONS", "FORMULAS", "MEMBERS", "NAMES", "SCIPY_NAMES", "TAGS", "pickled", "tree"]

CANARY = "canary"
"""A file in the working folder that appears if any of it is executed."""

_TOUCH = f"touch {CANARY}"

EXPRESSIONS = [
    f"__import__('os').system('{_TOUCH}')",
    f"open('{CANARY}', 'w')",
    f"eval(\"open('{CANARY}', 'w')\")",
    f"exec(\"open('{CANARY}', 'w')\")",
    f"compile(\"open('{CANARY}', 'w')\", '', 'eval')",
    f"(lambda: open('{CANARY}', 'w'))()",
    f"[open('{CANARY}', 'w') for i in (1,)][0]",
    f"max(1, open('{CANARY}', 'w'))",
    f"exp(open('{CANARY}', 'w').fileno())",
    f"(x := open('{CANARY}', 'w'))",
    f"1 if open('{CANARY}', 'w') else 2",
    f"1 and open('{CANARY}', 'w')",
    f'f\'{{open("{CANARY}", "w")}}\'',
    "().__class__.__bases__[0].__subclasses__()",
    "exp.__globals__",
    "x.__class__",
    "x.tofile('canary')",
    "getattr(x, 'tofile')('canary')",
    "globals()['__builtins__']",
    "x[0]",
    "max(*open.__self__)",
    "exp(out=x)",
    "1; import os",
    "import os",
    "x @ x",
    "x.real",
    "x if x else x",
    "[x]",
    "{x}",
    "x < 1",
    "not x",
    "x | x",
    "await x",
    "yield x",
    "'a' * 10 ** 10",
    "(" * 300 + "x" + ")" * 300,
]
"""Expressions that name code; each must be refused."""

TAGS = [
    f"!!python/object/apply:os.system ['{_TOUCH}']",
    f"!!python/object/apply:subprocess.call [[touch, {CANARY}]]",
    f"!!python/object/new:os.system ['{_TOUCH}']",
    "!!python/name:os.system",
    "!!python/module:os",
    "!!python/object:os.Popen {}",
    f"!!python/object/apply:builtins.eval [\"open('{CANARY}', 'w')\"]",
    f"!!python/object/apply:builtins.exec [\"open('{CANARY}', 'w')\"]",
    "!!python/tuple [1, 2]",
    "!!binary gASVIAAAAAAAAACMBXBvc2l4lIwGc3lzdGVtlJOU",
    "!<tag:yaml.org,2002:python/object/apply:os.system> ['" + _TOUCH + "']",
    "!include /etc/passwd",
    "!ENV ${HOME}",
    "!!js/function 'function(){}'",
    "!!set {a, b}",
]
"""Values with tags; each must be refused."""

SCIPY_NAMES = [
    "rv_histogram",
    "_distn_infrastructure",
    "__init__",
    "norm.rvs",
    "eval",
    "os.system",
    "rv_continuous",
]
"""Names of distributions of SciPy that are none."""

NAMES = [
    "../evil", "../../evil", "a/b", "/tmp/evil", "..", ".", ".hidden", "a\\b", "..\\evil", "C:evil", "~", "~root",
    "a/../../b", "%2e%2e%2f", "a\0b", "a\nb", "a b", "-rf", "--help", "$HOME", "`id`", "$(id)", "a;b", "a|b", "é",
    "a" * 65, "＿．．／evil", "con:", "a*", "a?",
]  # fmt: skip
"""Names of studies and scenarios that would lead elsewhere, or be something else to a shell."""

MEMBERS = [
    "../evil", "../../evil", "/evil", "//evil", "a/../../evil", "./../evil", "..", ".", "/", "C:\\evil", "C:/evil",
    "..\\evil", "a\\..\\..\\evil", "\\\\host\\share\\evil", "dir/", "file:///evil", "a:stream", "figures/../../evil",
    "\\evil", "a/..",
]  # fmt: skip
"""Names of the members of a bundle, each of which leads out of it or is no plain file's."""

FORMULAS = [
    "=1+1", "=cmd|' /C calc'!A0", '=HYPERLINK("http://e.x","y")', "+1+1", "+cmd", "-1+1", "-cmd|x", "@SUM(1)", "@x",
    "=", "+", "-", "@", "==x", "=+x", "+=x", "-=x", "@=x", "=IMPORTXML(1)", '=DDE("cmd";"/C calc")', "=A1",
    "-2+3+cmd|' /C calc'!A0", "+SUM(1+1)", "=rand()", "@rand()", '="a"&"b"', "=1,2", "=1;2", '="', "=x y",
]  # fmt: skip
"""Texts that a spreadsheet would compute."""


class _Bait:
    def __reduce__(self) -> Any:
        return os.system, (_TOUCH,)


def pickled() -> bytes:
    """Give a pickle that makes the canary when it is loaded."""
    return pickle.dumps(_Bait())


def tree(folder: Path) -> dict[str, bytes | None]:
    """Every path below a folder, with what a file holds."""
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None
        for path in folder.rglob("*")
    }
