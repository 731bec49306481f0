"""Expressions over inputs: a small grammar, read with Python's parser and never executed by it."""

import ast
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np

from mcrace.errors import Fault, StudyError, nearest_name

__all__ = ["FUNCTIONS", "Expression", "evaluate_expression", "parse_expression"]

_LONGEST = 1_000

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
        "exp": (np.exp, 1),
        "log": (np.log, 1),
        "sqrt": (np.sqrt, 1),
        "min": (np.minimum, 2),
        "max": (np.maximum, 2),
    }
)
"""Name of each function to what computes it and how many arguments it takes (min and max: at least)."""

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
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text.strip(), mode="eval").body
        steps: list[tuple[Any, Any]] = []
        _append_steps(tree, steps)
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        raise _error(repr(text), _GRAMMAR) from error
    names = tuple(sorted({str(argument) for kind, argument in steps if kind == "name"}))
    return Expression(text, names, tuple(steps))


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


def _append_steps(node: ast.AST, steps: list[tuple[Any, Any]]) -> None:
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        steps.append(("number", float(node.value)))  # type: ignore[arg-type]
    elif isinstance(node, ast.Name):
        if node.id in FUNCTIONS:
            raise _error(f"the function {node.id} without arguments", f"{node.id}(...)")
        steps.append(("name", node.id))
    elif isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
        _append_steps(node.left, steps)
        _append_steps(node.right, steps)
        steps.append((_OPERATORS[type(node.op)], 2))
    elif isinstance(node, ast.UnaryOp) and type(node.op) in _OPERATORS:
        _append_steps(node.operand, steps)
        steps.append((_OPERATORS[type(node.op)], 1))
    elif isinstance(node, ast.Call):
        _append_call(node, steps)
    else:
        raise _error(repr(ast.unparse(node)), _GRAMMAR)


def _append_call(node: ast.Call, steps: list[tuple[Any, Any]]) -> None:
    name = node.func.id if isinstance(node.func, ast.Name) else ast.unparse(node.func)
    if name not in FUNCTIONS:
        raise _error(f"the function {name}", "one of " + ", ".join(FUNCTIONS), nearest_name(name, FUNCTIONS))
    function, arity = FUNCTIONS[name]
    count = len(node.args)
    if node.keywords or count < arity or (arity == 1 and count > 1):
        expected = f"{name} of one argument" if arity == 1 else f"{name} of two or more arguments"
        raise _error(f"{name} of {count}", expected)
    for argument in node.args:
        _append_steps(argument, steps)
    steps.append((function, count))


def _error(found: str, expected: str, nearest: str | None = None) -> StudyError:
    return StudyError([Fault(path="", found=found, expected=expected, nearest=nearest)])
