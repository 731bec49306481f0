"""How a study gives a mixture: weights, each with a law or a number."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from mcrace.errors import Fault, StudyError, nearest_name
from mcrace.laws.discrete import make_discrete
from mcrace.laws.family import POSITIVE, Family, Range
from mcrace.laws.faults import refusal, short
from mcrace.laws.law import Law
from mcrace.laws.mixture import Mixture, mix
from mcrace.laws.reading import read_number

__all__ = ["FAMILY"]

NUMBER = Range(infinite=True)
MEMBER = "{weight: 0.5, is: a law or a number (.inf for never)}"
KEYS = ("weight", "is")


def _read(spec: object, make: Callable[[object], Law]) -> Law:
    if not isinstance(spec, list | tuple) or not spec:
        raise refusal("", spec, f"a list of {MEMBER}")
    faults: list[Fault] = []
    read = [_member(item, str(place), make, faults) for place, item in enumerate(spec)]
    if faults:
        raise StudyError(faults)
    return mix([pair for pair in read if pair is not None])


def _member(
    item: object, path: str, make: Callable[[object], Law], faults: list[Fault]
) -> tuple[float, Law] | None:
    given = dict(zip(KEYS, item, strict=True)) if isinstance(item, list | tuple) and len(item) == 2 else item
    if not isinstance(given, Mapping) or not all(key in given for key in KEYS):
        faults.append(Fault(path=path, found=short(item), expected=f"{MEMBER}, or [0.5, a law or a number]"))
        return None
    for key in given:
        if key not in KEYS:
            nearest = nearest_name(str(key), KEYS)
            faults.append(
                Fault(path=f"{path}.{key}", found=short(key), expected="weight and is alone", nearest=nearest)
            )
    names = {key: key if given is item else str(KEYS.index(key)) for key in KEYS}
    weight = read_number(given["weight"], POSITIVE, f"{path}.{names['weight']}", faults)
    law = _part(given["is"], f"{path}.{names['is']}", make, faults)
    return None if weight is None or law is None else (weight, law)


def _part(value: object, path: str, make: Callable[[object], Law], faults: list[Fault]) -> Law | None:
    if not isinstance(value, Mapping):
        wrong: list[Fault] = []
        number = read_number(value, NUMBER, path, wrong)
        faults += [replace(fault, expected=f"a law, or {fault.expected}") for fault in wrong]
        return None if number is None else make_discrete([number])
    try:
        return make(value)
    except StudyError as error:
        faults += [replace(fault, path=f"{path}.{fault.path}".rstrip(".")) for fault in error.faults]
    return None


LAW_OR_NUMBER = {"anyOf": [{"type": "number"}, {"$comment": "Law"}]}
WEIGHT = {"description": "weight on any scale", "type": "number", "exclusiveMinimum": 0}

FAMILY = Family(
    name="mixture",
    meaning="one of several laws or numbers, each with its weight; .inf for never",
    law=Mixture,
    natural=(),
    examples=(
        [
            {"weight": 0.7, "is": {"lognormal": {"p05": 50, "p95": 500}}},
            {"weight": 0.3, "is": 730},
        ],
        [[2, {"normal": {"mean": 0, "sd": 1}}], [1, {"normal": {"mean": 4, "sd": 0.5}, "bounds": [3, 6]}]],
    ),
    read=_read,
    shapes=(
        {
            "description": f"{MEMBER} or such a pair, many times; weights are divided by their sum",
            "type": "array",
            "minItems": 1,
            "items": {
                "anyOf": [
                    {
                        "type": "object",
                        "properties": {"weight": WEIGHT, "is": LAW_OR_NUMBER},
                        "additionalProperties": False,
                        "required": ["weight", "is"],
                    },
                    {
                        "type": "array",
                        "prefixItems": [WEIGHT, LAW_OR_NUMBER],
                        "items": False,
                        "minItems": 2,
                    },
                ]
            },
        },
    ),
)
