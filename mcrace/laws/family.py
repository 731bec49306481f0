"""How a law is described to those who write studies: its parameters, their ranges, the ways to give it."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from mcrace.laws.law import Law

__all__ = ["ANY", "POSITIVE", "Family", "Form", "Parameter", "Quantile", "Range"]


class Quantile(NamedTuple):
    """A value and the probability of lying at or below it.

    Attributes
    ----------
    level : float
        Probability, in (0, 1).
    value : float
        In the unit of the quantity.
    """

    level: float
    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """The numbers that a parameter may take; None where a side is open to any number.

    Attributes
    ----------
    above, below : float or None
        Ends that do not belong to the range.
    least, most : float or None
        Ends that belong to the range.
    infinite : bool
        Whether infinity (never) belongs to the range; minus infinity and NaN never do.

    Examples
    --------
    >>> Range(above=0, below=1).text
    'a number above 0 and below 1'
    >>> Range(least=0).holds(0.0)
    True
    """

    above: float | None = None
    below: float | None = None
    least: float | None = None
    most: float | None = None
    infinite: bool = False

    @property
    def text(self) -> str:
        """The range in words."""
        words = {"above": self.above, "of at least": self.least, "below": self.below, "of at most": self.most}
        parts = [f"{word} {end:g}" for word, end in words.items() if end is not None]
        number = " ".join(["a number", " and ".join(parts)]) if parts else "a number"
        return number + (" (or .inf, for never)" if self.infinite else "")

    def holds(self, value: float) -> bool:
        """Tell whether `value` belongs to the range."""
        if math.isnan(value) or (math.isinf(value) and not (self.infinite and value > 0)):
            return False
        return (
            (self.above is None or value > self.above)
            and (self.below is None or value < self.below)
            and (self.least is None or value >= self.least)
            and (self.most is None or value <= self.most)
        )


QUANTILES: Final = (
    "no quantile",
    "one quantile (p50, say)",
    "two quantiles (p05 and p95, say)",
    "three quantiles (p05, p50 and p95, say)",
)
ANY = Range()
POSITIVE = Range(above=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A named number of a law, or a named list of numbers.

    Attributes
    ----------
    name, meaning : str
        The key in a study, and one line on what it is.
    range : Range
        What it may be, each number of a list alike.
    many : bool
        Whether it is a list.
    optional : bool
        Whether it may be left out.
    """

    name: str
    meaning: str
    range: Range = ANY
    many: bool = False
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Form:
    """One set of parameters that makes a law.

    Attributes
    ----------
    parameters : tuple of Parameter
        In their natural order.
    make : callable
        Takes them by name, each within its range, and returns the law; raises `StudyError`, with paths that
        are parameter names, where they do not go together.
    """

    parameters: tuple[Parameter, ...]
    make: Callable[..., Law]

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the parameters."""
        return tuple(parameter.name for parameter in self.parameters)

    @property
    def required(self) -> tuple[str, ...]:
        """Names of the parameters that may not be left out."""
        return tuple(parameter.name for parameter in self.parameters if not parameter.optional)

    @property
    def text(self) -> str:
        """The parameters in words."""
        spare = [name for name in self.names if name not in self.required]
        return _listed(self.required) + "".join(f" (and {name}, if wanted)" for name in spare)


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """A kind of law, as studies name it.

    Attributes
    ----------
    name, meaning : str
        The key in a study, and one line on when to use it.
    law : type
        The dataclass that holds one law of the family.
    natural : tuple of Form
        The sets of natural parameters; the first one is the dataclass's own.
    examples : tuple of object
        Specifications that are right; at least one.
    positional : tuple of str or None
        The order of the parameters in the list shorthand; None where there is none.
    moments : callable or None
        Makes the law that has a given mean and standard deviation.
    quantiles : callable or None
        Makes the law that passes through `count` quantiles, given in the order of their levels, and then
        the parameters of `beside` by name. Of more than two it may miss those between the outermost ones.
    count : int
        How many quantiles make the law.
    beside : tuple of Parameter
        Natural parameters that stand beside quantiles.
    values : Range
        What the law's values, and so its mean and quantiles, may be.
    read : callable or None
        For a law that is not given by named numbers: takes what stands below its name, and what makes a law
        of a mapping such as ``{normal: {...}}``; raises `StudyError`, paths beginning below the name.
    shapes : tuple of Mapping
        What `read` takes, as JSON Schemas; ``{"$comment": "Law"}`` stands for any law.
    """

    name: str
    meaning: str
    law: type[Law]
    natural: tuple[Form, ...]
    examples: tuple[object, ...]
    positional: tuple[str, ...] | None = None
    moments: Callable[[float, float], Law] | None = None
    quantiles: Callable[..., Law] | None = None
    count: int = 2
    beside: tuple[Parameter, ...] = ()
    values: Range = ANY
    read: Callable[[object, Callable[[object], Law]], Law] | None = None
    shapes: tuple[Mapping[str, Any], ...] = ()

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """Natural parameters, of all forms, each once."""
        found = {parameter.name: parameter for form in self.natural for parameter in form.parameters}
        return tuple(found.values())

    @property
    def forms(self) -> tuple[Form, ...]:
        """Every set of parameters that makes the law, mean and sd among them where the law takes these."""
        if self.moments is None:
            return self.natural
        mean = Parameter(name="mean", meaning="mean", range=self.values)
        sd = Parameter(name="sd", meaning="standard deviation", range=POSITIVE)
        form = Form((mean, sd), self.moments)
        known = any(set(form.names) == set(other.names) for other in self.natural)
        return self.natural if known else (*self.natural, form)

    @property
    def ways(self) -> tuple[str, ...]:
        """Which of the three ways to give a law this one takes: natural, moments, quantiles."""
        taken = {
            "natural": True,
            "moments": self.moments is not None,
            "quantiles": self.quantiles is not None,
        }
        return tuple(way for way, takes in taken.items() if takes)

    @property
    def text(self) -> str:
        """The ways to give the law, in words."""
        ways = [form.text for form in self.forms]
        if self.quantiles is not None:
            needed = [parameter.name for parameter in self.beside if not parameter.optional]
            spare = [f" (and {parameter.name}, if wanted)" for parameter in self.beside if parameter.optional]
            ways.append(_listed((*needed, QUANTILES[self.count])) + "".join(spare))
        alone = " and nothing else" if len(ways) == 1 else ""
        return ", or ".join(ways) + alone


def _listed(names: tuple[str, ...]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else names[0]
