"""What each mechanism costs a draw: switched on alone, together, and switched off.

    python -m tests.benchmarks.mechanisms               mechanisms that are on
    python -m tests.benchmarks.mechanisms --off         each one that is off, against a kernel without it
    python -m tests.benchmarks.mechanisms --off chase   only that one

The model alone, one core, processor time of the thread. Machines are shared and noisy: all sides take
turns, and the ratios within a turn are what counts. With ``--off`` a kernel without it is compiled for each
mechanism, and timed in several processes.
"""

import argparse
import ast
import inspect
import json
import math
import operator
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from types import CodeType, FunctionType, MappingProxyType
from typing import Any

import numpy as np

import mcrace
from mcrace.compiling import compiled
from mcrace.engine.evaluate import model_of
from mcrace.model import kernel
from mcrace.model.columns import Columns
from mcrace.model.numbers import read_model
from mcrace.sampling import unit_block
from tests.benchmarks import numpy_by_hand as by_hand
from tests.benchmarks import speed

DRAWS = 2**15
TURNS = 9
PAIRS = 60
PROCESSES = 5

CORE = "baseline, three releases"
TOGETHER = "undercutting, survival, prestige, caution, regulation, contest"
LOGIT = "logit, two rivals"
YARDSTICK = "plain NumPy of the baseline"
TARGETS = MappingProxyType({CORE: 1000.0, TOGETHER: 2000.0, LOGIT: 10_000.0})
"""Nanoseconds a draw that are aimed at."""

OFF_TARGET = 3.0
"""Percent of time that a mechanism which is off may cost."""

Model = dict[str, Any]


def known_as(value: Any, *texts: str) -> dict[str, Any]:
    return dict.fromkeys(texts, value)


KNOWN_OFF: dict[str, dict[str, Any]] = {
    "nothing": {},
    "survival": known_as(0.0, "m.lab_operating_cost_per_day", "m.lab_continuation_value")
    | known_as(True, "world.stay.failure >= day", "m.lab_start_day <= world.stay.failure")
    | known_as(1.0, "_lives(...)"),
    "prestige and contest": known_as(
        0.0, "m.lab_prestige_per_day", "common.has_contest", "common.has_standing"
    ),
    "regulation": known_as(0.0, "m.regulation_halt_rate", "halt_hazard(...)", "now.halt_hazard")
    | known_as(1.0, "now.unhalted", "world.now.unhalted")
    | known_as(None, "_set_path_worth(world.halted, now.chased_ecosystem, share, m.lab_lead_satiation)")
    | {"hazard > 0.0": False, "halted_customers * halted_gain": 0.0},
    "caution and continuation": known_as(0.0, "m.lab_caution_cost", "m.lab_continuation_value"),
    "niches": {"places.niche_lab_aptitude > places.niche_share": False},
    "logit": {"m.market_conduct == 3.0": False, "logit_margin(...)": 0.0},
    "satiation": {"satiated_value(...)": "value"},
    "chase": known_as(False, "chased != level", "day < now.chase_day", "now.chased_level != now.open_level")
    | known_as(True, "chased == level", "now.chased_ecosystem == now.ecosystem")
    | {"m.open_chase_fraction": 0.0, "chased_level(...)": "level"},
    "process": {"places.rival_expense > places.process_growth": False},
    "beliefs": {"m.beliefs_optimism": 0.0, "1.0 + optimism": 1.0, "perceived(...)": "incentive"},
    "logistic ceiling": {"math.isinf(ceiling)": True, "m.customers_ceiling": math.inf},
    "ecosystem": known_as(1.0, "ecosystem_factor(...)", "now.ecosystem", "now.chased_ecosystem"),
    "rivals": {"has_rivals(...)": False},
    "lead satiation": known_as(True, "math.isinf(enough)", "math.isinf(m.lab_lead_satiation)"),
}
ALL = "all of them"
KNOWN_OFF[ALL] = {text: value for known in KNOWN_OFF.values() for text, value in known.items()}
"""What is known of each mechanism where it is off: expressions of the model's code and their values.

An expression that ends in (...) is a call, with whatever arguments; a text is the parameter that it gives
back as it is.
"""


def baseline() -> Model:
    """Draw the baseline's numbers as `speed` does, and two more releases."""
    study = mcrace.load(speed.CONFIGS / "baseline.yaml")
    random = [item for item in study.inputs if item.dimension is not None]
    uniforms = unit_block(
        method="random",
        seed=1,
        replicate=0,
        start=0,
        count=speed.DRAWS,
        points=speed.DRAWS,
        names=[item.name for item in random],
        dimensions=[item.dimension for item in random],
    )
    rows = dict(zip((item.name for item in random), uniforms, strict=True))
    values = {
        item.name: item.law if isinstance(item.law, float) else item.law.ppf(rows[item.name])
        for item in study.inputs
    }
    model = model_of(study.base.model, values)
    rng = np.random.default_rng(2)
    for _ in range(2):
        last = model["open"]["releases"][-1]
        model["open"]["releases"].append(
            {
                "day": last["day"] + rng.uniform(30.0, 200.0, speed.DRAWS),
                "expense": last["expense"] * rng.uniform(1.1, 3.0, speed.DRAWS),
            }
        )
    return model


def models(core: Model) -> dict[str, Model]:
    """Set up the core, and on top of it each mechanism, and some together."""
    own = np.asarray(core["lab"]["current_expense"])
    rng = np.random.default_rng(3)
    rivals = [
        {"expense": own * rng.uniform(0.2, 1.2, own.size)},
        {"expense": own * rng.uniform(0.3, 1.5, own.size), "release_day": rng.uniform(0, 400, own.size)},
    ]
    undercutting = {"market": {"conduct": "undercutting", "overlap": 0.8, "rivals": rivals}}
    logit = {"market": {"conduct": "logit", "differentiation": rng.uniform(0.5, 2.0, own.size)}}
    cost = rng.uniform(0.0, 3e7, own.size)
    regulation = {"regulation": {"halt_rate": 0.3, "open_relief": 0.5}}
    niches = [{"share": 2.0, "lab_aptitude": 2.0}, {"share": 1.0, "open_aptitude": 1.5}, {"share": 1.0}]
    contest = {"prize": 1e11, "lead": 1.0, "win_rate": 1.0}
    alone = {
        "undercutting, two rivals": undercutting,
        "cournot": {"market": {"conduct": "cournot", "firms": 3}},
        LOGIT: merged(logit, {"market": {"rivals": rivals}}),
        "logit, no rivals": logit,
        "substitutability": {"market": {"open_substitutability": 0.8}},
        "satiation": {"value": {"satiation": {"median": 15.0, "spread": 0.7}}},
        "logistic ceiling": {"customers": {"ceiling": 1e9}},
        "ecosystem": {"customers": {"open_elasticity": -0.1}},
        "niches, three": {"niches": {"list": niches, "substitution": 0.3}},
        "process of eight": {"open": {"process": process(rng, own.size)}},
        "chase": {"open": {"chase": {"lag_days": 90, "fraction": 0.6}}},
        "head start and talent": {"lab": {"start_day": 60, "head_start": 0.3, "talent_elasticity": 0.3}},
        "budget": {"lab": {"budget": own * rng.uniform(1, 10, own.size), "candidate_expense": None}},
        "survival": {"lab": {"operating_cost_per_day": cost, "continuation_value": 1e11}},
        "prestige": {"lab": {"prestige_per_day": 1e7}},
        "caution": {"lab": {"caution": {"cost": 1e9, "exponent": 1.5}}},
        "contest, sharp": {"lab": {"strategic": contest | {"softness": 0.0}}},
        "contest, soft": {"lab": {"strategic": contest | {"softness": 0.3}}},
        "lead satiation": {"lab": {"lead_satiation": 1.0}},
        "regulation": regulation,
        "beliefs with optimism": {"beliefs": {"optimism": 0.2, "inattention": 0.5}},
    }
    together: Model = {}
    for name in ("undercutting, two rivals", *TOGETHER.split(", ")[1:-1], "contest, soft"):
        together = merged(together, alone[name])
    cases = {CORE: {}} | alone | {TOGETHER: together}
    return {name: merged(core, change) for name, change in cases.items()}


def process(rng: np.random.Generator, draws: int) -> Model:
    return {
        "first_day": rng.uniform(10, 100, draws),
        "interval_days": rng.uniform(30, 150, (7, draws)),
        "growth": rng.uniform(1.0, 2.0, (8, draws)),
        "count": 8,
    }


def merged(model: Mapping[str, Any], change: Mapping[str, Any]) -> Model:
    """Lay a change over a model, section by section; None takes a key away."""
    result = dict(model)
    for key, value in change.items():
        inside = isinstance(value, Mapping) and key in model
        result[key] = merged(model[key], value) if inside else value
    return {key: value for key, value in result.items() if value is not None}


def first(value: Any, draws: int) -> Any:
    """Keep the first draws of every array of a model."""
    if isinstance(value, Mapping):
        return {key: first(item, draws) for key, item in value.items()}
    if isinstance(value, list):
        return [first(item, draws) for item in value]
    return value[..., :draws].copy() if isinstance(value, np.ndarray) and value.ndim else value


def taken(sides: Mapping[str, Callable[[], object]], turns: int) -> dict[str, list[float]]:
    """Seconds that each side took in each turn; in every other turn the last one begins."""
    for side in sides.values():
        side()
    seconds: dict[str, list[float]] = {name: [] for name in sides}
    for turn in range(turns):
        for name in list(sides)[:: -1 if turn % 2 else 1]:
            started = time.thread_time()
            sides[name]()
            seconds[name].append(time.thread_time() - started)
    return seconds


def report(draws: int, turns: int) -> list[str]:
    """Time all models in turn; a line each, then the targets."""
    core = baseline()
    columns = {name: array[..., :draws].copy() for name, array in speed.columns_of(core).items()}
    cases = models(first(core, draws))
    sides: dict[str, Callable[[], object]] = {YARDSTICK: lambda: by_hand.core_by_hand(columns)}
    for name, model in cases.items():
        checked = read_model(model)
        sides[name] = lambda checked=checked: kernel.evaluate_draws(checked)
        sides[f"{name}: whole"] = lambda model=model: mcrace.incentive(model)
    nanoseconds = {name: np.array(seconds) / draws * 1e9 for name, seconds in taken(sides, turns).items()}
    lines = [
        f"{draws:,} draws, one core, {turns} turns. Kernel: checked columns. Whole: mcrace.incentive.",
        "".join(f"{head:>7}" for head in ("kernel", "least", "added", "ratio", "NumPy", "whole"))
        + "  nanoseconds a draw",
    ]
    lines += [line(name, nanoseconds) for name in (YARDSTICK, *cases)]
    return lines + [verdict(name, nanoseconds[name]) for name in TARGETS]


def line(name: str, nanoseconds: Mapping[str, Any]) -> str:
    """Median, minimum, what is added to the core, ratios to the core and to NumPy, and the whole call."""
    ours, core = nanoseconds[name], nanoseconds[CORE]
    whole = nanoseconds.get(f"{name}: whole")
    text = f"{np.median(ours):7.0f}{ours.min():7.0f}{np.median(ours - core):7.0f}"
    text += f"{np.median(ours / core):7.2f}{np.median(ours / nanoseconds[YARDSTICK]):7.2f}"
    return f"{text}{'' if whole is None else format(np.median(whole), '.0f'):>7}  {name}"


def verdict(name: str, nanoseconds: Any) -> str:
    """Whether a target is met in this run."""
    aim, took, least = TARGETS[name] / 1e3, np.median(nanoseconds) / 1e3, nanoseconds.min() / 1e3
    met = "met" if took <= aim else "met at best" if least <= aim else "not met"
    return f"{name}: aim {aim:g} us, median {took:.2f}, least {least:.2f}: {met} in this run"


def timed_without(name: str, draws: int, turns: int) -> dict[str, Any]:
    """Time the kernel with a mechanism that is off against one without it, in turn, in this process."""
    checked = read_model(first(baseline(), draws))
    loops = {"with": compiled(kernel._loop), "without": compiled(loop_without(name))}
    results = [evaluated(loop, checked) for loop in loops.values()]
    seconds = taken({side: lambda loop=loop: evaluated(loop, checked) for side, loop in loops.items()}, turns)
    return {
        "extra": float(np.median(np.divide(seconds["with"], seconds["without"]))) - 1.0,
        "nanoseconds": min(seconds["with"]) / draws * 1e9,
        "same": bool(np.array_equal(*results)),
    }


def off_report(name: str, times: list[dict[str, Any]]) -> str:
    """Extra cost over processes: where code comes to lie in each moves it more than the turns' noise."""
    extra = 100.0 * np.array([each["extra"] for each in times])
    middle, error = extra.mean(), extra.std(ddof=1) / math.sqrt(extra.size)
    met = (
        "met"
        if middle <= OFF_TARGET
        else "not met, but within two errors"
        if middle - 2 * error <= OFF_TARGET
        else "not met"
    )
    bits = "same" if all(each["same"] for each in times) else "OTHER"
    least = min(each["nanoseconds"] for each in times)
    text = f"{middle:+6.1f} % +- {error:.1f}"
    text += f" ({extra.size} processes: {extra.min():+.1f} to {extra.max():+.1f})"
    return f"{text}, {least:.0f} ns, {bits} bits, aim {OFF_TARGET:g} %: {met}  {name}"


def run_off(name: str) -> str:
    """Time a mechanism in several processes; the first compiles, and keeps the code for the others."""
    command = [sys.executable, "-m", "tests.benchmarks.mechanisms", "--timed", name]
    runs = [subprocess.run(command, check=True, capture_output=True, text=True) for _ in range(PROCESSES)]
    return off_report(name, [json.loads(run.stdout) for run in runs])


def evaluated(loop: Callable[..., None], checked: Columns) -> Any:
    return kernel._evaluated(loop, checked)


def loop_without(name: str) -> FunctionType:
    """Build the loop over draws anew, with a mechanism taken out of all that it calls."""
    known = dict(KNOWN_OFF[name])
    used: set[str] = set()
    loop = rebuilt(kernel._loop, known, used, {})
    if name != ALL and (unused := set(known) - used):
        raise ValueError(f"{name}: the model's code has no {sorted(unused)}")
    return loop


def rebuilt(
    function: FunctionType, known: Mapping[str, Any], used: set[str], done: dict[FunctionType, FunctionType]
) -> FunctionType:
    """Copy a function and all of mcrace that it calls, with what is known written into its code."""
    if function not in done:
        source = ast.parse(inspect.getsource(function))
        (definition,) = written(source.body, function.__globals__, known, used)
        module = ast.fix_missing_locations(ast.Module(body=[definition], type_ignores=[]))
        constants = compile(module, inspect.getfile(function), "exec").co_consts
        code = next(item for item in constants if isinstance(item, CodeType))
        namespace = dict(function.__globals__)
        done[function] = FunctionType(code, namespace, function.__name__, function.__defaults__)
        for called in code.co_names:
            value = namespace.get(called)
            if isinstance(value, FunctionType) and value.__module__.startswith("mcrace."):
                namespace[called] = rebuilt(value, known, used, done)
    return done[function]


def written(part: Any, names: Mapping[str, Any], known: Mapping[str, Any], used: set[str]) -> Any:
    """Write what is known into a part of code, and drop the branches that are never taken."""
    if isinstance(part, list):
        return statements(part, names, known, used)
    if not isinstance(part, ast.AST):
        return part
    text = known_text(part, known)
    if text is not None:
        used.add(text)
        if not isinstance(known[text], str):
            return ast.Constant(known[text])
        parameters = list(inspect.signature(names[part.func.id]).parameters)
        part = part.args[parameters.index(known[text])]
    for field, value in ast.iter_fields(part):
        setattr(part, field, written(value, names, known, used))
    return folded(part)


def statements(
    parts: list[Any], names: Mapping[str, Any], known: Mapping[str, Any], used: set[str]
) -> list[Any]:
    """Write what is known into statements, and drop those that are never reached."""
    result: list[Any] = []
    for part in parts:
        new = written(part, names, known, used)
        result += new if isinstance(new, list) else [new]
        if isinstance(result[-1] if result else None, ast.Return):
            break
    return result or ([ast.Pass()] if parts and isinstance(parts[0], ast.stmt) else [])


def known_text(part: ast.AST, known: Mapping[str, Any]) -> str | None:
    """Find the expression as which a part of code is known."""
    if not isinstance(part, ast.expr) or not isinstance(getattr(part, "ctx", ast.Load()), ast.Load):
        return None
    texts = [ast.unparse(part)]
    if isinstance(part, ast.Call) and isinstance(part.func, ast.Name):
        texts.append(f"{part.func.id}(...)")
    return next((text for text in texts if text in known), None)


def folded(part: Any) -> Any:
    """Put the value in place of a comparison of constants, and the branch in place of a sure choice."""
    if isinstance(part, ast.Compare) and len(part.ops) == 1:
        left, right = part.left, part.comparators[0]
        if isinstance(left, ast.Constant) and isinstance(right, ast.Constant):
            name = type(part.ops[0]).__name__.replace("NotEq", "ne").replace("E", "e")
            return ast.Constant(getattr(operator, name.lower())(left.value, right.value))
    if isinstance(part, ast.BoolOp):
        decides = isinstance(part.op, ast.Or)
        left = [item for item in part.values if not isinstance(item, ast.Constant) or item.value == decides]
        sure = [item for item in left if isinstance(item, ast.Constant)]
        if sure or not left:
            return ast.Constant(decides if sure else not decides)
        return left[0] if len(left) == 1 else ast.BoolOp(op=part.op, values=left)
    if isinstance(part, ast.If | ast.IfExp) and isinstance(part.test, ast.Constant):
        return part.body if part.test.value else part.orelse
    return part


def main() -> int:
    """Report on mechanisms that are on, or off."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--off", nargs="*", choices=list(KNOWN_OFF), help="those that are off; all if none")
    parser.add_argument("--timed", choices=list(KNOWN_OFF), help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.timed is not None:
        print(json.dumps(timed_without(chosen.timed, DRAWS, PAIRS)))
    elif chosen.off is not None:
        with tempfile.TemporaryDirectory() as folder:
            os.environ["NUMBA_CACHE_DIR"] = folder
            for name in chosen.off or KNOWN_OFF:
                print(run_off(name), flush=True)
    else:
        print(*report(DRAWS, TURNS), sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
