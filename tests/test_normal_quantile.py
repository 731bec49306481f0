"""The normal quantile, in NumPy and compiled: digits, bits, symmetry, ends."""

import mpmath
import numpy as np
import pytest

from mcrace.laws.lognormal import Lognormal
from mcrace.laws.normal import Normal
from mcrace.laws.normal_quantile import exponential_quantile, standard_quantile
from mcrace.laws.triangular import Triangular
from mcrace.laws.uniform import Uniform


def exact_score(level):
    """Quantile by Newton's method on the logarithm of the tail, in 40 digits."""
    p = mpmath.mpf(level) if level < 0.5 else 1 - mpmath.mpf(level)
    score = mpmath.sqrt(max(-2 * mpmath.log(2 * p), mpmath.mpf("1e-30")))
    for _ in range(100):
        tail = mpmath.erfc(score / mpmath.sqrt(2)) / 2
        step = mpmath.log(tail / p) * tail / mpmath.npdf(score)
        score += step
        if abs(step) < mpmath.mpf("1e-35"):
            break
    return -score if level < 0.5 else score


def levels_of_all_sizes(count):
    rng = np.random.default_rng(20261122)
    around = np.exp(-(rng.uniform(6.0, 6.14, count) ** 2))  # where the far tail begins
    return np.concatenate(
        [
            rng.uniform(size=count),
            10.0 ** rng.uniform(-300, -1, count),
            1.0 - 10.0 ** rng.uniform(-15.9, -1, count),
            0.5 + rng.uniform(1e-9, 1e-3, count),
            rng.uniform(0.03, 0.033, count),
            around,
        ]
    )


def test_quantiles_have_all_their_digits():
    levels = levels_of_all_sizes(60)
    with mpmath.workdps(40):
        for level, score in zip(levels.tolist(), standard_quantile(levels).tolist(), strict=True):
            exact = exact_score(level)
            assert abs(mpmath.mpf(score) / exact - 1) < 1.5e-15, level


def test_the_ends_and_the_middle():
    scores = standard_quantile(np.array([0.0, 0.5, 1.0, np.nan, 2.0**-53, 5e-324]))
    np.testing.assert_array_equal(scores[:4], [-np.inf, 0.0, np.inf, np.nan])
    assert scores[4:] == pytest.approx([-8.209536151601387, -38.46740561714434], rel=1e-14)


LAWS = [
    Normal(3.0, 2.0),
    Lognormal(240.0, 0.7),
    Uniform(0.2, 1.2),
    Triangular(0.03, 0.1, 0.35),
    Triangular(0.0, 0.0, 1.0),
    Triangular(0.0, 1.0, 1.0),
]


@pytest.mark.parametrize("law", LAWS, ids=repr)
@pytest.mark.parametrize("side", ["ppf", "isf"])
def test_many_levels_at_once_give_the_bits_of_few(law, side):
    levels = levels_of_all_sizes(500).reshape(6, 500)
    whole = getattr(law, side)(levels)
    assert whole.shape == levels.shape
    pieces = [getattr(law, side)(levels.ravel()[low : low + 700]) for low in range(0, 3000, 700)]
    np.testing.assert_array_equal(whole.ravel(), np.concatenate(pieces))
    np.testing.assert_array_equal(whole[3, 7], getattr(law, side)(np.array(levels[3, 7])))


def test_quantiles_rise_with_the_level():
    levels = np.linspace(0.0, 1.0, 200_001)[1:-1]
    assert (np.diff(standard_quantile(levels)) > 0.0).all()
    join = np.nextafter(1 / 32, 1.0) * (1.0 + 1e-13 * np.arange(-1000, 1000))
    assert (np.diff(standard_quantile(join)) > -1e-14).all()


def test_exponentials_may_overflow_and_vanish():
    assert exponential_quantile(np.array([0.999, 0.001]), 1.0, 1e3).tolist() == [np.inf, 0.0]
