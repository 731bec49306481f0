"""Probabilities of the standard normal law in plain NumPy: for a few numbers, SciPy takes too long to load.

The complementary error function by three rational functions; what rounding takes from x^2 before its
exponential is given back. Errors are those of SciPy's: below 4e-16 relative in the body, 2e-16 z^2 in the
tails (against 40 digits, of which the product z / sqrt 2 keeps 16).

References
----------
W. J. Cody (1969), Rational Chebyshev approximations for the error function, Mathematics of Computation 23,
631-637.
"""

import math
from typing import Final, TypeAlias

import numpy as np

from mcrace.compiling.elementary import exp
from mcrace.laws.law import FloatArray

__all__ = ["standard_probability"]

_NEAR, _FAR, _BEYOND = 0.46875, 4.0, 26.5
"""Between which the functions are used; beyond, a probability of below 1e-306 counts as 0: with fewer and
fewer digits, quantiles in pieces would have ever smaller pieces there."""

_Pairs: TypeAlias = tuple[tuple[float, float], ...]

_BODY: Final = (
    (1.85777706184603153e-1, 1.0),
    (3.16112374387056560, 2.36012909523441209e1),
    (1.13864154151050156e2, 2.44024637934444173e2),
    (3.77485237685302021e2, 1.28261652607737228e3),
    (3.20937758913846947e3, 2.84423683343917062e3),
)
_TAIL: Final = (
    (2.15311535474403846e-8, 1.0),
    (5.64188496988670089e-1, 1.57449261107098347e1),
    (8.88314979438837594, 1.17693950891312499e2),
    (6.61191906371416295e1, 5.37181101862009858e2),
    (2.98635138197400131e2, 1.62138957456669019e3),
    (8.81952221241769090e2, 3.29079923573345963e3),
    (1.71204761263407058e3, 4.36261909014324716e3),
    (2.05107837782607147e3, 3.43936767414372164e3),
    (1.23033935479799725e3, 1.23033935480374942e3),
)
_FAR_TAIL: Final = (
    (1.63153871373020978e-2, 1.0),
    (3.05326634961232344e-1, 2.56852019228982242),
    (3.60344899949804439e-1, 1.87295284992346725),
    (1.25781726111229246e-1, 5.27905102951428412e-1),
    (1.60837851487422766e-2, 6.05183413124413191e-2),
    (6.58749161529837803e-4, 2.33520497626869185e-3),
)
"""Coefficients above and below the fraction line, the highest power first."""


def standard_probability(z: FloatArray) -> FloatArray:
    """Probability that a standard normal number is at most `z`.

    Parameters
    ----------
    z : array of float, any shape

    Returns
    -------
    array of float
        erfc(-z / sqrt 2) / 2, of the shape of `z`; precise in the lower tail.

    Examples
    --------
    >>> standard_probability(np.array([-1.959964, 0.0])).round(6)
    array([0.025, 0.5  ])
    """
    x = np.asarray(z, dtype=np.float64) * math.sqrt(0.5)
    size = np.abs(x)
    values = np.where(np.isnan(x), x, np.where(x > 0, 1.0, 0.0))
    body = size <= _NEAR
    values[body] = 0.5 + 0.5 * _error(x[body])
    outside = (size > _NEAR) & (size < _BEYOND)
    beyond = 0.5 * _complement(size[outside])
    values[outside] = np.where(x[outside] > 0, 1.0 - beyond, beyond)
    return values


def _error(x: FloatArray) -> FloatArray:
    """Error function of |x| <= 15/32."""
    return x * _fraction(_BODY, x * x)


def _complement(x: FloatArray) -> FloatArray:
    """1 less the error function of x > 15/32."""
    inverse = 1 / (x * x)
    far = (math.sqrt(1 / math.pi) - inverse * _fraction(_FAR_TAIL, inverse)) / x
    rounded = np.trunc(16 * x) / 16  # its square is exact
    bell = exp(-rounded * rounded) * exp((rounded - x) * (rounded + x))
    return np.asarray(bell * np.where(x > _FAR, far, _fraction(_TAIL, x)))


def _fraction(pairs: _Pairs, x: FloatArray) -> FloatArray:
    above, below = (np.full(x.shape, coefficient) for coefficient in pairs[0])
    for one, other in pairs[1:]:
        above, below = above * x + one, below * x + other
    return np.asarray(above / below)
