"""Good studies, and mutations of them: some that may be right, and some that are certainly wrong."""

import copy
import math
import re
from functools import cache
from pathlib import Path

from mcrace.laws import LAWS
from mcrace.nomenclature import KEYS, always_needed
from mcrace.study import load
from mcrace.study.document import read_text
from mcrace.study.expressions import FUNCTIONS
from mcrace.study.names import key_path
from mcrace.study.write import study_yaml
from tests.whole_study import WHOLE

__all__ = ["DATA", "all_wrong", "certainly_wrong", "good_studies", "perhaps_wrong"]

DATA = ("days.csv", "day,weight\n30,1\n90,2\n200,1\n400,1\n")
"""Name and content of the data file that EVERY_SECTION reads."""

EVERY_SECTION = """\
study: every-section
title: Every section, and every way to write a law
question: Is it read?
as_of: 2026-11-22
inputs:
  x: {law: {lognormal: {p05: 3.0e7, p95: 4.0e8}}, unit: USD, label: Open model today, source: assumed}
  lead: {law: {quantiles: {0.05: 1.6, 0.5: 6, 0.95: 20}}, label: Closed lead}
  day: {law: {uniform: [2026-12-01, 2027-12-01]}, unit: days, source: "a guess: mine"}
  next:
    law: {weibull: {p05: 60, p95: 500}, since: 2026-08-01}
    unit: days
  data: {empirical: {file: days.csv, column: day, weights: weight}}
  never: {law: {mixture: [{weight: 0.8, is: {gamma: {mean: 200, sd: 90}}}, {weight: 0.2, is: .inf}]}}
  pair: {mixture: [[1, 2.0], [3, {triangular: [1, 2, 4]}]]}
  odd: {scipy: {name: gengamma, a: 2, c: 1.5, loc: 0, scale: 3}}
  step: {law: {lognormal: {p05: 1.1, p95: 3}, bounds: [1, .inf]}}
  three: {pert: {p05: 1, p50: 2, p95: 4}}
  few: {discrete: {values: [1, 2, 3], weights: [1, 1, 2]}}
  share: {beta: {mean: 0.3, sd: 0.1}}
  fixed: 0.5
correlations:
  copula: t
  degrees_of_freedom: 5
  pairs: [[lead, day, 0.4], [x, step, -0.2]]
model:
  horizon_days: 2028-11-22
  discount_rate: {pert: {low: 0.05, mode: 0.12, high: 0.35}}
  open:
    current_expense: x
    releases:
      - {day: day, expense: x * lead * step}
      - {day: never, expense: "max(x, 1e8) * 30 ** fixed"}
    process:
      first_day: next
      interval_days: {each: {lognormal: {median: 150, sigma: 0.7}}}
      growth: 1.5
      count: 3
  lab: {current_expense: x * lead, candidate_expense: 4 * x * lead, start_day: 2026-12-01, training_days: 90}
  value:
    one_of:
      - {weight: 0.5, is: {curve: log, scale: 0.4, reference: 1e6}}
      - {weight: 1.5, is: {curve: table, points: [[1e6, 0], [1e9, 2], [1e10, 5 * fixed]]}}
  customers: {count: {lognormal: {p05: 1e7, p95: 1e8}}, price_discrimination: share}
  market: {conduct: undercutting, overlap: share, rivals: [{expense: 2 * x, release_day: data}]}
quantities:
  gap_at_passing: lead * step
  effect: {expression: open_effect / 1e9, unit: billion USD, label: Effect in billions}
scenarios:
  early: {inputs.day: 2026-12-22, inputs.lead.law.quantiles.0.5: 7}
  hill: {model.value: {curve: hill, ceiling: 5, half: 1e8, steepness: 0.5}, model.open.releases.0.day: .inf}
  counted: {inputs.few: {poisson: {mean: 3}}, model.lab.counts_training_cost: false}
grid: {inputs.fixed: [0.25, 0.5], model.lab.training_days: [30, 90]}
sampling:
  {draws: 1_024, method: sobol, replicates: 4, seed: 7, keep: 100, most_draws: 4_096,
   precision: {incentive.mean: 1%, gap_at_passing.q0.05: 0.1}}
"""

_CONFIGS = Path(__file__).parents[1] / "configs"
_FREE_NAMES = {("inputs",), ("quantities",), ("scenarios",), ("analysis", "groups")}
_TEXTS = {"title", "question", "label", "unit", "source", "name"}
_LEVEL = re.compile(r"p\d\d")
_NAME = re.compile(r"[A-Za-z_]\w*")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_FLAGS = {"counts_training_cost", "model.lab.counts_training_cost", "nearest", "interpolate"}
_OPENERS = ["!x ", "!!str ", "!!python/object/apply:os.system ", "&a ", "*a "]


def good_studies(folder):
    """Give the text of every good study, the rich ones twice; put the data file into the folder."""
    texts = [WHOLE, EVERY_SECTION]
    for path in sorted(_CONFIGS.rglob("*.yaml")):
        text = path.read_text()
        if not re.search("^study:", text, re.MULTILINE):
            continue  # what came of the studies of history
        texts.append(study_yaml(load(path).document) if re.search("^extends:", text, re.MULTILINE) else text)
    (folder / DATA[0]).write_text(DATA[1])
    rich = [*texts[:2], *(study_yaml(read_text(text).value) for text in texts[:2])]
    return [*rich * (len(texts) // len(rich)), *texts[2:]]  # as often as all others together


def certainly_wrong(rng, texts):
    """Make what no reading can make right: the text, as bytes, and what was done to it."""
    text = rng.choice(texts)
    if rng.random() < 0.25:
        return _wrong_text(rng, text)
    value = copy.deepcopy(_read(text).value)
    for kind in rng.sample(_KINDS, len(_KINDS)):
        places = list(kind(value))
        if places:
            path, new, words = rng.choice(places)
            _put(value, path, new)
            return study_yaml(value).encode(), f"{'.'.join(map(str, path))}: {words}"
    raise AssertionError(text)


def all_wrong(step):
    """Make every change to EVERY_SECTION that no reading can make right, of the poisons every `step`-th."""
    good = read_text(EVERY_SECTION).value
    for kind in dict.fromkeys(_KINDS):
        for path, new, words in list(kind(good))[:: step if kind is _poisoned else 1]:
            value = copy.deepcopy(good)
            _put(value, path, new)
            yield study_yaml(value).encode(), f"{'.'.join(map(str, path))}: {words}"


def perhaps_wrong(rng, texts):
    """Make what may be right or wrong: values of all kinds anywhere, or noise in the text."""
    text = rng.choice(texts)
    if rng.random() < 0.5:
        return _noisy(rng, text)
    value = copy.deepcopy(_read(text).value)
    others = [item for _, item in _nodes(_read(rng.choice(texts)).value)]
    for _ in range(rng.randint(1, 4)):
        places = list(_nodes(value))
        if not places:
            break
        path, old = rng.choice(places)
        action = rng.choice(["drop", "odd", "odd", "graft", "graft", "rename", "number"])
        if action == "drop":
            _put(value, path, _GONE)
        elif action == "rename":
            _put(value, path, _Renamed(rng.choice(_ODD_NAMES)))
        elif action == "number" and isinstance(old, float | int):
            _put(value, path, old * rng.choice([-1, 0, 0.5, 2, 1e-9, 1e9]))
        else:
            _put(value, path, copy.deepcopy(rng.choice(_ODD if action == "odd" else others)))
    return study_yaml(value).encode("utf-8", "replace"), "anything"


_GONE = object()
_ODD_NAMES = ["", "law", "base", "0", "a.b", "inputs.day", "é", "one_of", "each", "since", "bounds", "day"]
_ODD = [
    None, True, "", "x", "x y", "1e9", [], {}, [[]], math.nan, math.inf, -math.inf, 1e308, -1, 0, 0.5, 3, 1e6,
    10**400, 1e-320, -(10**20), {"uniform": [0, 1]}, {"bounds": [1, 2]}, {"each": {"uniform": [1, 2]}},
    {"one_of": []}, [["x", "day", 0.3]], "2027-01-01", "9999-12-31", {"since": -3}, "1 +", "log(0)",
    "x" * 999,
    {"quantiles": {"0.1": 1, "0.9": 2}}, {"mixture": [[1, 2], [1, math.inf]]}, {"poisson": [3]}, "x**x**x",
    {"normal": {"p01": 1, "p99": 1 + 1e-15}}, {"beta": {"mean": 0.5, "sd": 0.4999}}, "incentive / 0",
    {"lognormal": {"median": 1e300, "sigma": 50}}, {"gamma": {"p05": 1, "p95": 1e12}}, {"normal": [0, 1]},
]  # fmt: skip


class _Renamed:
    """Stands for a key's new name."""

    def __init__(self, name):
        self.name = name


@cache
def _read(text):
    return read_text(text)


def _nodes(value, path=()):
    """Give every value below the top, with its path."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, item in items:
        yield (*path, name), item
        yield from _nodes(item, (*path, name))


def _put(value, path, new):
    for part in path[:-1]:
        value = value[part]
    if new is _GONE:
        del value[path[-1]]
    elif isinstance(new, _Renamed):
        if isinstance(value, dict):
            items = [(new.name if name == path[-1] else name, item) for name, item in value.items()]
            value.clear()
            value.update(items)
    else:
        value[path[-1]] = new


def _misspelt(study):
    """Keys that no section knows: the last letters of each are turned, or two are added."""
    for path, _ in _nodes(study):
        name = path[-1]
        if isinstance(name, int) or path[:-1] in _FREE_NAMES:
            continue
        turned = name[:-2] + name[:-3:-1]
        plain = _LEVEL.fullmatch(name) is None and len(name) > 3 and name[-1].isalpha() and turned != name
        wrong = turned if plain else name + "zq"
        yield path, _Renamed(wrong), f"misspelt as {wrong}"


def _poisoned(study):
    """Values that can stand nowhere."""
    for path, old in _nodes(study):
        # A part of the analysis that is empty is one that is not asked for.
        empty = () if path[0] == "analysis" and len(path) == 2 else (None,)
        for poison in ([True], {"nosuch": True}, math.nan, *empty):
            yield path, poison, f"{old!r} becomes {poison!r}"
        if path[-1] not in _FLAGS:
            yield path, True, f"{old!r} becomes true"
        if path[-1] not in _TEXTS:
            yield path, "no such thing", f"{old!r} becomes words"


def _out_of_range(study):
    """Numbers out of range, and choices that are none."""
    for path, old in _nodes(study):
        key = _key_of(path)
        if key is not None and key.kind == "number" and math.isfinite(key.low):
            yield path, key.low - 1, f"{old!r} becomes {key.low - 1}"
        if key is not None and key.kind == "number" and math.isfinite(key.high):
            yield path, key.high + 1, f"{old!r} becomes {key.high + 1}"
        if key is not None and key.kind in ("choice", "flag"):
            yield path, "nosuch", f"{old!r} becomes no choice"
        if path[-1] in ("weight", "draws", "seed", "keep", "sd", "sigma", "degrees_of_freedom", "replicates"):
            yield path, -1, f"{old!r} becomes negative"
        if path[-1] in ("weights", "values") and isinstance(old, list):
            yield (*path, 0), -math.inf, "minus infinity"
        if path[:1] == ("correlations",) and path[-1] == 2:
            yield path, math.copysign(1.5, old), "a correlation beyond 1"


def _unknown_name(study):
    for path, old in _nodes(study):
        key = _key_of(path)
        expression = path[0] == "quantities" and path[-1] not in _TEXTS and isinstance(old, str)
        if isinstance(old, str) and (expression or (key is not None and key.kind in ("number", "points"))):
            for found in _NAME.finditer(old):
                if found[0] not in FUNCTIONS and not old[: found.start()][-1:].isdigit():
                    yield path, old[: found.start()] + "nosuch" + old[found.end() :], f"{found[0]} is no name"
        if path[:1] == ("correlations",) and path[-1] in (0, 1) and isinstance(old, str):
            yield path, "nosuch", f"{old} is no input"


def _without(study):
    """Studies without what they need."""
    for path, _ in _nodes(study):
        key = _key_of(path) if path[0] == "model" else None
        if path in (("study",), ("model",)) or (key is not None and always_needed(key)):
            yield path, _GONE, "is gone"


def _disordered(study):
    """Laws with their ends or quantiles the wrong way round."""
    for path, old in _nodes(study):
        if path[-1] == "uniform" and isinstance(old, list):
            yield path, old[::-1], "the other way round"
        if path[-1] in LAWS and isinstance(old, dict) and {"p05", "p95"} <= set(old):
            yield path, {**old, "p05": old["p95"], "p95": old["p05"]}, "the other way round"
        if path[-1] == "bounds":
            yield path, old[::-1], "the other way round"


def _lost_date(study):
    for path, old in _nodes(study):
        if isinstance(old, str) and _DATE.fullmatch(old) and path[-1] not in _TEXTS:
            yield path, "2026-02-30", "no such date"
            yield path, f"{old}T00:00", "a time"


def _key_of(path):
    """Find the key of the model at a path, or at the path that a scenario changes."""
    parts = [str(part) for part in path]
    if parts[0] == "scenarios" and len(parts) > 2 and parts[2].startswith("model"):
        parts = [*parts[2].split("."), *parts[3:]]
    if parts[0] != "model":
        return None
    found = key_path(parts[1:])
    return KEYS.get(found) or KEYS.get(found.removesuffix("[][]"))


_KINDS = [_misspelt, _poisoned, _poisoned, _out_of_range, _unknown_name, _without, _disordered, _lost_date]


def _wrong_text(rng, text):
    """Put into a text what no plain YAML has."""
    places = [
        place for path, place in _read(text).places.items() if path and place.source is None and path[-1]
    ]
    place = rng.choice(places)
    kind = rng.choice(["opener", "twice", "tab", "byte", "character", "document", "merge"])
    lines = text.splitlines(keepends=True)
    line, column = place.value
    before = sum(map(len, lines[: line - 1])) + column - 1
    if kind == "opener":
        opener = rng.choice(_OPENERS)
        return (text[:before] + opener + text[before:]).encode(), f"{opener}at {line}:{column}"
    if kind == "byte":
        return text[:before].encode() + b"\xff" + text[before:].encode(), "a byte that is no UTF-8"
    if kind == "character":
        return (text[:before] + "\x01" + text[before:]).encode(), "a control character"
    if kind == "document":
        return (text + "\n---\nstudy: b\n").encode(), "a second document"
    if kind == "merge":
        return (text + "\n<<: {title: b}\n").encode(), "a merge key"
    row, start = place.key
    whole = lines[row - 1]
    own = not whole[: start - 1].strip() and not whole[start - 1 :].lstrip().startswith("-")
    alone = own and row == line and re.fullmatch(r"\s*[\w.]+: [\w.*+ ]+\n", whole)
    if kind == "twice" and alone and start != column:
        return "".join([*lines[:row], whole, *lines[row:]]).encode(), f"line {row} twice"
    if kind == "tab" and own and start > 1 and start != column and (row, start) != (1, 1):
        return "".join([*lines[: row - 1], "\t" + whole, *lines[row:]]).encode(), f"a tab before line {row}"
    return (text + "\nstudy: again\n").encode(), "a key again"


_NOISE = [
    b"", b" ", b"\n", b"\t", b":", b": ", b"-", b"- ", b"#", b"'", b'"', b"[", b"]", b"{", b"}", b",",
    b"&a", b"*a",
    b"!", b"%", b"@", b"|", b">", b"?", b"0", b"9e99", b".inf", b"~", b"\xff", b"\0", b"\xe2\x80\xae", b"\r",
    b"yes", b"---\n", b"\xc2\x85", b"*", b"(", b"1e999",
]  # fmt: skip


def _noisy(rng, text):
    """Cut, repeat and replace pieces of a text."""
    data = text.encode()
    for _ in range(rng.randint(1, 5)):
        start = rng.randrange(len(data) + 1)
        stop = min(start + rng.randint(0, 12), len(data))
        piece = data[rng.randrange(len(data) + 1) :][: rng.randint(0, 200)]
        letters = rng.randbytes(rng.randint(0, 4))
        noise = rng.choice([rng.choice(_NOISE), data[start:stop] * 2, piece, letters])
        data = data[:start] + noise + data[stop:]
    return data, "noise"
