"""Compiled functions: named after what they are made of, made once, made even where nothing can be kept."""

import math

import mpmath
import numpy as np

from mcrace.compiling import compiled, elementary, fingerprint, functions, scalars, widely
from mcrace.compiling.elementary import exp, expm1, log, log1p


def test_compiled_code_is_named_after_all_that_it_calls():
    from mcrace.model import discounting

    before = fingerprint(discounting.daily_rate)
    assert before == fingerprint(discounting.daily_rate)
    namespace = discounting.daily_rate.__globals__
    years = namespace["YEARS_A_DAY"]
    try:
        namespace["YEARS_A_DAY"] = 1.0 / 365.0
        assert fingerprint(discounting.daily_rate) != before
    finally:
        namespace["YEARS_A_DAY"] = years
    assert fingerprint(discounting.annuity) != before


def test_threads_that_start_together_share_one_compiled_function():
    from concurrent.futures import ThreadPoolExecutor

    from mcrace.model.discounting import discount_factor

    with ThreadPoolExecutor(8) as pool:
        functions = list(pool.map(lambda _: compiled(discount_factor), range(8)))
    assert len({id(function) for function in functions}) == 1


def test_code_compiles_where_nothing_can_be_cached(monkeypatch):
    from mcrace.model.discounting import annuity

    monkeypatch.setenv("NUMBA_CACHE_DIR", "/dev/null/no/folder")
    assert functions._compiled.__wrapped__(annuity)(0.0, 1.0, 3.0) == 2.0


def all_four(x: np.ndarray, rows: np.ndarray) -> None:
    widely()
    for i in range(x.size):
        rows[0, i] = exp(x[i])
    for i in range(x.size):
        rows[1, i] = expm1(x[i])
    for i in range(x.size):
        rows[2, i] = log(x[i])
    for i in range(x.size):
        rows[3, i] = log1p(x[i])


def numbers_of_all_sizes():
    rng = np.random.default_rng(20261122)
    spread = 10.0 ** rng.uniform(-323, 308, 400)
    near = [rng.uniform(-746, 710, 400), rng.uniform(-2, 3, 400), rng.uniform(-745.2, -707, 100)]
    edges = [0.0, -0.0, 1.0, -1.0, 5e-324, -5e-324, 2.2250738585072014e-308, 708.9, 709.78, 709.8, -745.13]
    return np.concatenate([spread, -spread, *near, edges, [-745.2, 1e308, math.inf, -math.inf, math.nan]])


FUNCTIONS = ("exp", "expm1", "log", "log1p")


def test_elementary_functions_are_right_to_the_last_digits():
    x = numbers_of_all_sizes()
    with mpmath.workprec(200), np.errstate(all="ignore"):
        for name, most in zip(FUNCTIONS, (1.0, 2.0, 1.0, 1.5), strict=True):
            theirs = getattr(np, name)(x)
            for number, given, other in zip(
                x.tolist(), getattr(elementary, name)(x).tolist(), theirs.tolist(), strict=True
            ):
                if math.isnan(other) or math.isinf(other) or other == 0.0:
                    assert given == other or (math.isnan(given) and math.isnan(other)), (name, number)
                elif name == "expm1" and number >= 709.0:
                    assert given == math.inf
                else:
                    exact = getattr(mpmath, name)(mpmath.mpf(number))
                    assert abs(mpmath.mpf(given) - exact) <= most * math.ulp(float(exact)), (name, number)


def test_elementary_functions_are_the_same_to_the_bit_compiled_and_in_numpy():
    x = numbers_of_all_sizes()
    rows = np.empty((4, x.size))
    compiled(all_four)(x, rows)
    with np.errstate(all="ignore"):
        for name, row in zip(FUNCTIONS, rows, strict=True):
            np.testing.assert_array_equal(row, getattr(elementary, name)(x))


def test_formulas_are_compiled_with_the_functions_that_arrays_use():
    for x in (0.3, -7.7, 123.4):
        assert compiled(scalars.exp)(x) == float(elementary.exp(x))
        assert scalars.exp(x) == math.exp(x)
