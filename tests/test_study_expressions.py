"""Expressions over inputs: Python's arithmetic, and nothing else of Python."""

import ast
import math
import operator
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, seed, settings
from hypothesis import strategies as st

from mcrace.compiling.elementary import exp, log
from mcrace.errors import StudyError
from mcrace.study import Study
from mcrace.study.expressions import FUNCTIONS, evaluate_expression, parse_expression

# Payload, piece of what was found, nearest.
REFUSED = [
    ("", "''", None),
    ("   ", "'   '", None),
    ("x.real", "'x.real'", None),
    ("().__class__.__base__", "'().__class__.__base__'", None),
    ("x[0]", "'x[0]'", None),
    ("x[1:2]", "'x[1:2]'", None),
    ("'text'", "\"'text'\"", None),
    ("b'x'", "\"b'x'\"", None),
    ("f'{x}'", "\"f'{x}'\"", None),
    ("__import__('os')", "the function __import__", None),
    ("eval('1')", "the function eval", None),
    ("open('made_by_a_study', 'w')", "the function open", None),
    ("__import__('pathlib').Path('made_by_a_study').touch()", "__import__", None),
    ("(lambda: 1)()", "'(lambda: 1)()'", None),
    ("lambda: 1", "'lambda: 1'", None),
    ("[x for x in y]", "'[x for x in y]'", None),
    ("(x for x in y)", "'(x for x in y)'", None),
    ("{x: 1}", "'{x: 1}'", None),
    ("{x}", "'{x}'", None),
    ("[x]", "'[x]'", None),
    ("(x, y)", "'(x, y)'", None),
    ("1,000", "'1,000'", None),
    ("(y := 1)", "y := 1", None),
    ("x if y else 1", "'x if y else 1'", None),
    ("x < y", "'x < y'", None),
    ("x == y", "'x == y'", None),
    ("x and y", "'x and y'", None),
    ("not x", "'not x'", None),
    ("x & y", "'x & y'", None),
    ("x | y", "'x | y'", None),
    ("x ^ 2", "'x ^ 2'", "**"),
    ("x << 2", "'x << 2'", None),
    ("~x", "'~x'", None),
    ("x // y", "'x // y'", None),
    ("x % y", "'x % y'", None),
    ("x @ y", "'x @ y'", None),
    ("1j", "'1j'", None),
    ("True", "'True'", None),
    ("None", "'None'", None),
    ("...", "'...'", None),
    ("*x", "'*x'", None),
    ("max(*x)", "max of 1", None),
    ("max(1, *x)", "'*x'", None),
    ("await x", "'await x'", None),
    ("(yield x)", "yield x", None),
    ("x = 1", "'x = 1'", None),
    ("x; y", "'x; y'", None),
    ("import os", "'import os'", None),
    ("x +", "'x +'", None),
    ("2 x", "'2 x'", None),
    ("50 USD", "'50 USD'", None),
    ("x # y", "'x # y'", None),
    ("x \\\n + 1", r"'x \\\n + 1'", None),
    ("x\0", r"'x\x00'", None),
    ("\ud800", r"'\ud800'", None),
    ("1" + "0" * 400, "'1000", None),
    ("(" * 300 + "x" + ")" * 300, "'((((", None),
    ("exp", "the function exp without arguments", None),
    ("exp + 1", "the function exp without arguments", None),
    ("exp()", "exp of 0", None),
    ("exp(x, y)", "exp of 2", None),
    ("max(x)", "max of 1", None),
    ("log(x=1)", "'log(x=1)'", None),
    ("log(x, base=2)", "'log(x, base=2)'", None),
    ("x(1)", "the function x", None),
    ("x.y(1)", "'x.y(1)'", None),
    ("abs(x)", "the function abs", None),
    ("sqr(x)", "the function sqr", "sqrt"),
    ("maximum(x, y)", "the function maximum", "max"),
    ("Log(x)", "the function Log", "log"),
    ("ln(x)", "the function ln", "log"),
    ("pow(x, 2)", "the function pow", "**"),
    ("foo(x) + bar(y)", "the function foo", None),
    ("x" * 1_001, "1001 characters", None),
]

WEIRD = [
    "-" * 999 + "x",
    "+".join("x" * 500),
    "(" * 199 + "x" + ")" * 199,
    "9**9**9**9**9",
    "x**" * 300 + "x",
]

# Held against NumPy's in test_plain_python.py, and against 50 digits where they are made.
FAMILIES = {"exp": exp, "log": log, "sqrt": np.sqrt, "min": np.minimum, "max": np.maximum}
OPERATORS = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "**": operator.pow,
}


@pytest.mark.parametrize(("text", "found", "nearest"), REFUSED)
def test_what_the_grammar_lacks_is_refused(text, found, nearest):
    with pytest.raises(StudyError) as caught:
        parse_expression(text)
    (fault,) = caught.value.faults
    assert found in fault.found
    assert fault.nearest == nearest
    assert len(fault.found) < 100


def test_nothing_is_executed(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for text, _, _ in REFUSED:
        with pytest.raises(StudyError):
            Study(study="a", model={"horizon_days": text}, scenarios={"b": {"model.discount_rate": text}})
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("text", WEIRD, ids=["minus", "sum", "parentheses", "power", "tower"])
def test_large_expressions_end_at_once(text):
    begun = time.process_time()
    try:
        evaluate_expression(parse_expression(text), {"x": 1.0})
    except StudyError as error:
        assert len(error.faults) == 1  # noqa: PT017 - either way it is an answer
    assert time.process_time() - begun < 2


def test_a_long_sum_is_computed():
    assert evaluate_expression(parse_expression("+".join("x" * 500)), {"x": 2.0}) == 1_000.0


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("-x ** 2", -9.0),
        ("(-x) ** 2", 9.0),
        ("2 ** -1", 0.5),
        ("2 ** x ** 2", 512.0),
        ("-2 ** -x ** 2", -(2.0**-9)),
        ("x - 1 - 1", 1.0),
        ("12 / x / 2", 2.0),
        ("1 + 2 * x", 7.0),
        ("--x", 3.0),
        ("+x", 3.0),
        ("1_000 + 0x10", 1016.0),
        ("  x  ", 3.0),
        ("min(x, 5)", 3.0),
        ("max(1, 2, x)", 3.0),
        ("min(4, 2, x, 5)", 2.0),
        ("max(1, x, 2, 9, 4)", 9.0),
        ("exp(log(sqrt(x ** 2)))", 3.0),
    ],
)
def test_values(text, value):
    assert evaluate_expression(parse_expression(text), {"x": 3.0}) == pytest.approx(value, rel=1e-15)


@pytest.mark.parametrize("text", ["log(-x)", "sqrt(-x)", "(0 - x) ** 0.5", "0 / (x - x)", "log(0) * 0"])
def test_what_is_not_defined_is_nan(text):
    assert math.isnan(evaluate_expression(parse_expression(text), {"x": 1.0}))


@pytest.mark.parametrize(
    ("text", "value"),
    [("1 / (x - x)", math.inf), ("-1 / (x - x)", -math.inf), ("exp(1e4)", math.inf), ("log(0)", -math.inf)],
)
def test_what_is_infinite_is_infinite(text, value):
    assert evaluate_expression(parse_expression(text), {"x": 1.0}) == value


def test_arrays_broadcast():
    x = np.array([1.0, 2.0, -1.0])
    result = evaluate_expression(parse_expression("max(x, y, 0) ** 0.5 + log(x)"), {"x": x, "y": 0.25})
    assert result.dtype == np.float64
    np.testing.assert_array_equal(result, [1.0, 2.0**0.5 + np.log(2.0), np.nan])
    np.testing.assert_array_equal(x, [1.0, 2.0, -1.0])


def test_names_are_sorted_and_told_once():
    assert parse_expression("z * a + exp(z) - min(b, a)").names == ("a", "b", "z")
    assert parse_expression("1 + 2").names == ()


@pytest.mark.parametrize(
    "name", [*FUNCTIONS, "lambda", "True", "None", "if", "1x", "a b", "a-b", "é", "", "x" * 65]
)
def test_no_input_has_a_name_that_expressions_cannot_read(name):
    with pytest.raises(StudyError) as caught:
        Study(study="a", model={}, inputs={name: 1})
    assert any(fault.path == f"inputs.{name}" for fault in caught.value.faults)


NAMES = ("x", "lead", "_y2")
TREES = st.recursive(
    st.one_of(
        st.sampled_from(NAMES),
        st.integers(0, 10**6).map(str),
        st.floats(0, 1e9, allow_nan=False).map(repr),
    ),
    lambda below: st.one_of(
        st.tuples(below, st.sampled_from(list(OPERATORS)), below).map(lambda parts: " ".join(parts)),
        below.map(lambda text: f"({text})"),
        st.tuples(st.sampled_from("+-"), below).map("".join),
        st.tuples(st.sampled_from(["exp", "log", "sqrt"]), below).map(lambda call: f"{call[0]}({call[1]})"),
        st.tuples(st.sampled_from(["min", "max"]), st.lists(below, min_size=2, max_size=5)).map(
            lambda call: f"{call[0]}({', '.join(call[1])})"
        ),
    ),
    max_leaves=12,
)


@seed(20261122)
@settings(max_examples=400, deadline=None, database=None)
@given(TREES, st.lists(st.floats(-1e3, 1e3), min_size=3, max_size=3))
def test_values_are_those_of_python(text, numbers):
    if len(text) > 1_000:
        return
    values = dict(zip(NAMES, map(np.float64, numbers), strict=True))
    with np.errstate(all="ignore"):
        expected = _by_python(ast.parse(text, mode="eval").body, values)
    result = evaluate_expression(parse_expression(text), values)
    np.testing.assert_array_equal(result, expected)


def _by_python(node, values):
    """Compute a tree with Python's own operators on float64."""
    if isinstance(node, ast.Constant):
        return np.float64(node.value)
    if isinstance(node, ast.Name):
        return values[node.id]
    if isinstance(node, ast.UnaryOp):
        operand = _by_python(node.operand, values)
        return -operand if isinstance(node.op, ast.USub) else operand
    if isinstance(node, ast.Call):
        arguments = [_by_python(argument, values) for argument in node.args]
        function = FAMILIES[node.func.id]
        result = function(*arguments[:2])
        for argument in arguments[2:]:
            result = function(result, argument)
        return result
    symbols = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Pow: "**"}
    left, right = _by_python(node.left, values), _by_python(node.right, values)
    return OPERATORS[symbols[type(node.op)]](left, right)


def test_threads_parse_one_after_the_other(monkeypatch):
    parse, inside, most = ast.parse, [], []

    def slow(*given, **settings):
        inside.append(given)
        most.append(len(inside))
        time.sleep(0.005)
        inside.pop()
        return parse(*given, **settings)

    monkeypatch.setattr(ast, "parse", slow)
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda number: parse_expression(f"a + {number}").names, range(24)))
    assert found == [("a",)] * 24
    assert max(most) == 1
