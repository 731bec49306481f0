"""Expressions over inputs: a small grammar, read with Python's parser and never executed by it."""

import ast
import re
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import Lock
from types import MappingProxyType
from typing import Any

import numpy as np

from mcrace.errors import Fault, StudyError, nearest_name
from mcrace.study.functions import exponential, logarithm

__all__ = ["FUNCTIONS", "Expression", "date_in", "evaluate_expression", "multiple_of", "parse_expression"]

# Python 3.11's parser counts its depth in one place for all threads, and fails where two parse at once.
_PARSING = Lock()

_LONGEST = 1_000
_LONGEST_QUOTE = 60
_DATE = re.compile(r"(?<![\w.])\d{4}-\d{1,2}-\d{1,2}(?![\w.])")

_OPERATORS: Mapping[type[ast.AST], Callable[..., Any]] = MappingProxyType(
    {
        ast.Add: np.add,
        ast.Sub: np.subtract,
        ast.Mult: np.multiply,
        ast.Div: np.divide,
        ast.Pow: np.power,
        ast.USub: np.negative,
        ast.UAdd: np.positive,
    }
)

FUNCTIONS: Mapping[str, tuple[Callable[..., Any], int]] = MappingProxyType(
    {
        "exp": (exponential, 1),
        "log": (logarithm, 1),
        "sqrt": (np.sqrt, 1),
        "min": (np.minimum, 2),
        "max": (np.maximum, 2),
    }
)
"""Name of each function to what computes it and how many arguments it takes (min and max: at least)."""

_KNOWN_ELSEWHERE: Mapping[str, str] = MappingProxyType({"ln": "log", "pow": "**"})

_GRAMMAR = (
    "an expression such as 4 * x * lead: + - * / **, parentheses, numbers, input names and "
    + ", ".join(FUNCTIONS)
)


@dataclass(frozen=True, slots=True)
class Expression:
    """A checked expression.

    Attributes
    ----------
    text : str
        As written.
    names : tuple of str
        Input names that it uses, sorted.
    steps : tuple
        In postfix order: ``("number", value)``, ``("name", name)`` or ``(operation, arguments)``.
    """

    text: str
    names: tuple[str, ...]
    steps: tuple[tuple[Any, Any], ...]


def parse_expression(text: str) -> Expression:
    """Check an expression.

    Parameters
    ----------
    text : str
        As written in a study.

    Returns
    -------
    Expression
        Its names are not yet held against the inputs.

    Raises
    ------
    StudyError
        At the first thing that the grammar does not have.

    Examples
    --------
    >>> parse_expression("4 * x * lead").names
    ('lead', 'x')
    """
    if len(text) > _LONGEST:
        raise _error(f"{len(text)} characters", f"an expression of at most {_LONGEST}")
    date = date_in(text)
    if date is not None:  # a difference of three numbers, by the letter
        expected = (
            "an expression over inputs; a date, year-month-day, stands alone for a day of the model, "
            "an input with unit: days, or a quantile of its law"
        )
        raise _error(f"the date {date}", expected)
    if "#" in text or "\\" in text:  # a comment or a joined line, which the tree would not show
        raise _error(_quoted(text), _GRAMMAR)
    try:
        with _PARSING, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text.strip(), mode="eval")
        steps = _postfix(tree.body, text.strip())
    except (SyntaxError, ValueError, OverflowError, MemoryError, RecursionError) as error:
        raise _error(_quoted(text), _GRAMMAR) from error
    names = tuple(sorted({str(argument) for kind, argument in steps if kind == "name"}))
    return Expression(text, names, steps)


def multiple_of(term: "Expression | str | float", factor: float) -> "Expression | float":
    """Multiply an expression, an input by its name, or a number.

    Parameters
    ----------
    term : Expression, str or float
        What to multiply.
    factor : float
        By what.

    Returns
    -------
    Expression or float
        A number stays one.

    Examples
    --------
    >>> evaluate_expression(multiple_of("model.customers.count", 3.0), {"model.customers.count": 2.0})
    np.float64(6.0)
    """
    if isinstance(term, int | float):
        return factor * term
    names = (term,) if isinstance(term, str) else term.names
    steps = (("name", term),) if isinstance(term, str) else term.steps
    text = term if isinstance(term, str) else term.text
    return Expression(f"{factor!r} * ({text})", names, (*steps, ("number", factor), (np.multiply, 2)))


def date_in(value: Any) -> str | None:  # noqa: ANN401
    """Find what looks like a date in a text.

    Parameters
    ----------
    value : object
        Any.

    Returns
    -------
    str or None
        The date as written; None if there is none.

    Examples
    --------
    >>> date_in("max(2026-11-22, 3)"), date_in("2026 - 11 - 22")
    ('2026-11-22', None)
    """
    found = _DATE.search(value) if isinstance(value, str) else None
    return None if found is None else found[0]


def evaluate_expression(expression: Expression, values: Mapping[str, Any]) -> Any:  # noqa: ANN401
    """Compute an expression on numbers or arrays.

    Parameters
    ----------
    expression : Expression
        Checked.
    values : Mapping of str to float or ndarray
        Value of each input.

    Returns
    -------
    float64 or ndarray
        What is not defined (a logarithm of a negative number, say) is NaN, for the model to refuse.

    Examples
    --------
    >>> float(evaluate_expression(parse_expression("max(x, 2) ** 2"), {"x": 3.0}))
    9.0
    """
    stack: list[Any] = []
    with np.errstate(all="ignore"):
        for kind, argument in expression.steps:
            if kind == "number":
                stack.append(np.float64(argument))
            elif kind == "name":
                stack.append(values[argument])
            else:
                arguments = stack[len(stack) - argument :]
                del stack[len(stack) - argument :]
                result = kind(*arguments[:2]) if argument > 1 else kind(arguments[0])
                for following in arguments[2:]:
                    result = kind(result, following)
                stack.append(result)
    return stack[0]


def _postfix(tree: ast.expr, text: str) -> tuple[tuple[Any, Any], ...]:
    """List the steps of a tree, without recursion: a long sum is a deep tree."""
    steps: list[tuple[Any, Any]] = []
    waiting = [tree]
    first: StudyError | None = None
    while waiting:
        try:
            step, arguments = _step(waiting.pop(), text)
        except StudyError as error:
            first = error  # the walk goes from right to left
            continue
        steps.append(step)
        waiting.extend(arguments)
    if first is not None:
        raise first
    return tuple(reversed(steps))


def _step(node: ast.expr, text: str) -> tuple[tuple[Any, Any], list[ast.expr]]:
    """One step, and what it is computed from."""
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        return ("number", float(node.value)), []  # type: ignore[arg-type]
    if isinstance(node, ast.Name):
        if node.id in FUNCTIONS:
            raise _error(f"the function {node.id} without arguments", f"{node.id}(...)")
        return ("name", node.id), []
    if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
        return (_OPERATORS[type(node.op)], 2), [node.left, node.right]
    if isinstance(node, ast.UnaryOp) and type(node.op) in _OPERATORS:
        return (_OPERATORS[type(node.op)], 1), [node.operand]
    if isinstance(node, ast.Call):
        return _call(node, text)
    power = isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitXor)
    raise _error(_source(node, text), _GRAMMAR, "**" if power else None)


def _call(node: ast.Call, text: str) -> tuple[tuple[Any, Any], list[ast.expr]]:
    if not isinstance(node.func, ast.Name):
        raise _error(_source(node, text), _GRAMMAR)
    name = node.func.id
    if name not in FUNCTIONS:
        nearest = _KNOWN_ELSEWHERE.get(name) or nearest_name(name, FUNCTIONS)
        raise _error(f"the function {name}", "one of " + ", ".join(FUNCTIONS), nearest)
    function, arity = FUNCTIONS[name]
    count = len(node.args)
    if node.keywords:
        raise _error(_source(node, text), f"{name} without names for its arguments")
    if count < arity or (arity == 1 and count > 1):
        expected = f"{name} of one argument" if arity == 1 else f"{name} of two or more arguments"
        raise _error(f"{name} of {count}", expected)
    return (function, count), node.args


def _source(node: ast.expr, text: str) -> str:
    return _quoted(ast.get_source_segment(text, node) or text)


def _quoted(text: str) -> str:
    quoted = repr(text)
    return quoted if len(quoted) <= _LONGEST_QUOTE else quoted[: _LONGEST_QUOTE - 3] + "..."


def _error(found: str, expected: str, nearest: str | None = None) -> StudyError:
    return StudyError([Fault(path="", found=found, expected=expected, nearest=nearest)])
