"""From what stands in a study to a law, with every fault told."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from mcrace.errors import Fault, StudyError, nearest_name
from mcrace.laws.family import Family, Form, Quantile
from mcrace.laws.faults import short
from mcrace.laws.law import Law
from mcrace.laws.reading import read_bounds, read_number, read_numbers
from mcrace.laws.table import LAWS
from mcrace.laws.truncated import truncate

__all__ = ["build_law", "read_law"]

LEVEL = re.compile(r"p(0[1-9]|[1-9][0-9])")
ALMOST_LEVEL = re.compile(r"[pPqQ]_?([0-9]{1,9})")
FIT_TOLERANCE = 1e-9
MIDDLE_TOLERANCE = 1e-6


def build_law(name: str, spec: object, bounds: object | None = None) -> Law:
    """Make a law from its name and what a study says of it.

    Parameters
    ----------
    name : str
        A key of `LAWS`.
    spec : object
        Natural parameters, mean and sd, or quantiles p01 to p99, as a mapping of names to numbers; or a list
        of the natural parameters in their order, where the law has a list shorthand.
    bounds : object, optional
        A list of two numbers, low < high, either of which may be infinite: the law is held between them. What
        `spec` says describes the law before that.

    Returns
    -------
    Law
        A frozen value.

    Raises
    ------
    StudyError
        With every fault found. Paths begin with the law's name or with ``bounds``.

    Examples
    --------
    >>> build_law("lognormal", {"median": 158, "sigma": 0.7})
    Lognormal(median=158.0, sigma=0.7)
    >>> build_law("uniform", [0.5, 1.5], bounds=[1, float("inf")]).support
    (1.0, 1.5)
    >>> build_law("uniform", [2, "1"])
    Traceback (most recent call last):
    ...
    mcrace.errors.StudyError: uniform.1: found '1', expected a number
    """
    faults: list[Fault] = []
    law = None
    # numbers at which a law overflows are refused in words, not by a warning
    with np.errstate(all="ignore"):
        family = _family(name, faults)
        if family is not None:
            law = _read_spec(family, spec, faults)
        limits = read_bounds(bounds, faults)
        if law is not None and limits is not None and not faults:
            law = _within(law, limits, bounds, faults)
    if law is None or faults:
        raise StudyError(faults)
    return law


def read_law(value: object) -> Law:
    """Make a law of a mapping of one name to its parameters, with bounds if wanted.

    Parameters
    ----------
    value : object
        Such as ``{"lognormal": {"p05": 50, "p95": 500}, "bounds": [1, float("inf")]}``.

    Returns
    -------
    Law
        Truncated if there are bounds.

    Raises
    ------
    StudyError
        With every fault found, their paths relative to the mapping.

    Examples
    --------
    >>> read_law({"uniform": [0, 4], "bounds": [1, 9]}).support
    (1.0, 4.0)
    """
    such = "one law, such as {normal: {mean: 0, sd: 1}}"
    if not isinstance(value, Mapping):
        raise StudyError([Fault(path="", found=short(value), expected=such)])
    names = [name for name in value if name != "bounds"]
    strange = [str(name) for name in names if name not in LAWS]
    if len(names) > len(strange) > 0:
        raise StudyError(
            Fault(
                path=name,
                found="an unknown key",
                expected="one law, and bounds if wanted",
                nearest=nearest_name(name, (*LAWS, "bounds")),
            )
            for name in strange
        )
    if len(names) != 1:
        found = f"{len(names)} laws: {', '.join(map(str, names))}" if names else "no law"
        raise StudyError([Fault(path="", found=found, expected=such)])
    return build_law(names[0], value[names[0]], value.get("bounds"))


@dataclass(frozen=True, slots=True)
class _Given:
    """The entries of a law's mapping, sorted by what they are."""

    named: Mapping[str, object]
    levels: Mapping[str, object]
    strange: Sequence[object]


def _family(name: object, faults: list[Fault]) -> Family | None:
    if isinstance(name, str) and name in LAWS:
        return LAWS[name]
    path = name if isinstance(name, str) else ""
    expected = f"the name of a law: {', '.join(LAWS)}"
    faults.append(Fault(path=path, found=short(name), expected=expected, nearest=nearest_name(path, LAWS)))
    return None


def _read_spec(family: Family, spec: object, faults: list[Fault]) -> Law | None:
    read = family.read
    if read is not None:
        return _attempt(lambda: read(spec, read_law), family, spec, {}, faults)
    order = family.positional
    if isinstance(spec, list | tuple) and order is not None and len(spec) == len(order):
        segments = {name: str(place) for place, name in enumerate(order)}
        return _from_parameters(family, dict(zip(order, spec, strict=True)), segments, faults)
    if not isinstance(spec, Mapping):
        shorthand = "" if order is None else f"a list of {len(order)} numbers ({', '.join(order)}), or "
        expected = f"{shorthand}a mapping with {family.text}"
        faults.append(Fault(path=family.name, found=short(spec), expected=expected))
        return None
    given = _sort_entries(family, spec)
    if given.strange:
        faults.extend(_strange_key(family, key) for key in given.strange)
    elif given.levels and _are_enough(family, given):
        return _from_quantiles(family, given, faults)
    elif not given.levels and _form(family, given.named) is not None:
        return _from_parameters(family, given.named, {}, faults)
    else:
        faults.append(Fault(path=family.name, found=_what_stands(family, given), expected=family.text))
    # the numbers are read all the same, so that all faults are told at once
    _read_parameters(family, given.named, {}, faults)
    _read_levels(family, given.levels, faults)
    return None


def _are_enough(family: Family, given: _Given) -> bool:
    beside = Form(family.beside, family.law)
    fitting = set(beside.required) <= set(given.named) <= set(beside.names)
    return family.quantiles is not None and fitting and len(given.levels) >= family.count


def _sort_entries(family: Family, spec: Mapping[object, object]) -> _Given:
    known = _known_names(family)
    named: dict[str, object] = {}
    levels: dict[str, object] = {}
    strange: list[object] = []
    for key, value in spec.items():
        if isinstance(key, str) and key in known:
            named[key] = value
        elif isinstance(key, str) and LEVEL.fullmatch(key):
            levels[key] = value
        else:
            strange.append(key)
    return _Given(named, levels, strange)


def _known_names(family: Family) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for form in family.forms for name in form.names))


def _form(family: Family, named: Mapping[str, object]) -> Form | None:
    fitting = (form for form in family.forms if set(form.required) <= set(named) <= set(form.names))
    return next(fitting, None)


def _what_stands(family: Family, given: _Given) -> str:
    names = [*given.named, *given.levels]
    if not names:
        return "an empty mapping"
    several = given.named and (
        given.levels or all(set(given.named) - set(form.names) for form in family.forms)
    )
    if several:
        return f"{', '.join(names)} together"
    return ", ".join(names) if given.levels and family.quantiles is None else f"only {', '.join(names)}"


def _strange_key(family: Family, key: object) -> Fault:
    text = key if isinstance(key, str) else short(key)
    path = f"{family.name}.{text}"
    almost = ALMOST_LEVEL.fullmatch(text)
    if almost is not None and family.quantiles is not None:
        level = f"p{int(almost.group(1)):02d}"
        nearest = level if LEVEL.fullmatch(level) else None
        return Fault(path=path, found=short(key), expected="p and two digits, p01 to p99", nearest=nearest)
    known = _known_names(family)
    expected = "one of " + ", ".join(known) + (", p01 to p99" if family.quantiles is not None else "")
    return Fault(path=path, found=short(key), expected=expected, nearest=nearest_name(text, known))


def _from_parameters(
    family: Family, named: Mapping[str, object], segments: Mapping[str, str], faults: list[Fault]
) -> Law | None:
    form = _form(family, named)
    values = _read_parameters(family, named, segments, faults)
    if form is None or values is None:
        return None
    law = _attempt(lambda: form.make(**values), family, named, segments, faults)
    if law is None or (_is_sound(family, law) and (form in family.natural or _has_moments(law, values))):
        return law
    faults.append(_imprecise(family, named))
    return None


def _read_parameters(
    family: Family, named: Mapping[str, object], segments: Mapping[str, str], faults: list[Fault]
) -> dict[str, float | list[float]] | None:
    parameters = {parameter.name: parameter for form in family.forms for parameter in form.parameters}
    values: dict[str, float | list[float]] = {}
    for name, raw in named.items():
        read = read_numbers if parameters[name].many else read_number
        value = read(raw, parameters[name].range, f"{family.name}.{segments.get(name, name)}", faults)
        if value is not None:
            values[name] = value
    return values if len(values) == len(named) else None


def _read_levels(
    family: Family, levels: Mapping[str, object], faults: list[Fault]
) -> dict[str, Quantile] | None:
    points: dict[str, Quantile] = {}
    below = None
    for key in sorted(levels):
        path = f"{family.name}.{key}"
        value = read_number(levels[key], family.values, path, faults)
        if value is None:
            continue
        if below is not None and not value > points[below].value:
            expected = f"a number above {short(levels[below])}, which stands at {below}"
            faults.append(Fault(path=path, found=short(levels[key]), expected=expected))
            continue
        points[key] = Quantile(int(key[1:]) / 100, value)
        below = key
    return points if len(points) == len(levels) else None


def _from_quantiles(family: Family, given: _Given, faults: list[Fault]) -> Law | None:
    beside = _read_parameters(family, given.named, {}, faults)
    points = _read_levels(family, given.levels, faults)
    fit = family.quantiles
    if points is None or beside is None or fit is None:
        return None
    keys = list(points)
    ends = (keys[0], keys[-1])[: family.count]
    used = [*ends[:1], *keys[len(keys) // 2 :][: family.count - 2], *ends[1:]]
    law = _attempt(
        lambda: fit(*(points[key] for key in used), **beside),
        family,
        {**given.named, **given.levels},
        {},
        faults,
    )
    if law is None:
        return None
    if not (_is_sound(family, law) and all(_meets(law, points[key], FIT_TOLERANCE) for key in ends)):
        faults.append(_imprecise(family, given.levels))
        return None
    for key in keys:
        if key not in ends and not _meets(law, points[key], MIDDLE_TOLERANCE):
            expected = f"{_quantile(law, points[key].level):.4g}, which this {family.name} gives"
            faults.append(
                Fault(path=f"{family.name}.{key}", found=short(given.levels[key]), expected=expected)
            )
    return law


def _quantile(law: Law, level: float) -> float:
    return float(law.ppf(np.asarray(level)))


def _meets(law: Law, point: Quantile, tolerance: float) -> bool:
    # a quantile of zero, say, is met where it is negligible beside the spread of the law
    spread = _quantile(law, 0.9) - _quantile(law, 0.1)
    return abs(_quantile(law, point.level) - point.value) <= tolerance * abs(point.value) + 1e-13 * spread


def _has_moments(law: Law, asked: Mapping[str, float | list[float]]) -> bool:
    mean, sd = asked["mean"], asked["sd"]
    if isinstance(mean, list) or isinstance(sd, list):
        return False
    # an end that lies far from zero rounds by more than a narrow law's own precision
    sd_slack = FIT_TOLERANCE * sd + 1e-14 * abs(mean)
    return abs(law.mean - mean) <= FIT_TOLERANCE * (abs(mean) + sd) and abs(law.sd - sd) <= sd_slack


def _is_sound(family: Family, law: Law) -> bool:
    """Tell whether floats hold the law: parameters in their ranges, quantiles that are numbers in order."""
    form = family.natural[0]
    own = {name: getattr(law, name) for name in form.names}
    if not all(parameter.many or parameter.range.holds(own[parameter.name]) for parameter in form.parameters):
        return False
    try:
        form.make(**own)
        values = law.ppf(np.array([0.01, 0.5, 0.99]))
    except (StudyError, ArithmeticError, ValueError):
        return False
    return bool((values[:-1] <= values[1:]).all())


def _imprecise(family: Family, given: object) -> Fault:
    expected = f"numbers for which a {family.name} can be computed in double precision"
    return Fault(path=family.name, found=short(given), expected=expected)


def _attempt(
    make: Callable[[], Law],
    family: Family,
    given: object,
    segments: Mapping[str, str],
    faults: list[Fault],
) -> Law | None:
    """Call a constructor; its faults, with paths made relative to the law's mapping, join the others."""
    try:
        return make()
    except StudyError as error:
        for fault in error.faults:
            steps = (family.name, segments.get(fault.path, fault.path))
            faults.append(replace(fault, path=".".join(step for step in steps if step)))
    except (ArithmeticError, ValueError):  # beyond what floats can hold, or beyond the reach of the search
        faults.append(_imprecise(family, given))
    return None


def _within(law: Law, limits: tuple[float, float], bounds: object, faults: list[Fault]) -> Law | None:
    try:
        return truncate(law, *limits)
    except StudyError as error:
        faults.extend(replace(fault, found=short(bounds)) for fault in error.faults)
    return None
