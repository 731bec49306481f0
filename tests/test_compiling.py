"""Compiled functions: named after what they are made of, made once, made even where nothing can be kept."""

import math
import os
import subprocess
import sys
from dataclasses import replace

import mpmath
import numpy as np
import pytest

from mcrace.compiling import (
    address_of,
    compiled,
    elementary,
    entry,
    fingerprint,
    functions,
    native,
    scalars,
    shelf,
    widely,
)
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
    assert functions._Compiled(annuity)(0.0, 1.0, 3.0) == 2.0


def in_process(folder, **environment):
    """Compile or load a function in a process of its own; give what it finds and whether it took Numba."""
    script = """
import sys
from mcrace.compiling import compiled
from mcrace.model.discounting import annuity
print(repr(compiled(annuity)(0.25, 1.5, 0.125)), "numba" in sys.modules)
"""
    words = {**os.environ, "NUMBA_CACHE_DIR": str(folder), **environment}
    done = subprocess.run(
        [sys.executable, "-c", script], env=words, capture_output=True, text=True, check=True
    )
    number, took = done.stdout.split()
    return float(number), took == "True"


@pytest.mark.slow
def test_kept_code_needs_no_compiler_and_is_taken_only_whole(tmp_path):
    from mcrace.model.discounting import annuity

    exact = annuity(0.25, 1.5, 0.125)
    number, took = in_process(tmp_path)
    assert number == pytest.approx(exact, rel=1e-15)
    assert took
    assert in_process(tmp_path) == (number, False)
    (file,) = tmp_path.rglob("*.code")
    whole = file.read_bytes()
    for broken in (whole[:-100], b"", whole[:500] + bytes([whole[500] ^ 1]) + whole[501:]):
        file.write_bytes(broken)
        assert in_process(tmp_path) == (number, True)
        assert file.read_bytes() == whole
    assert in_process(tmp_path, NUMBA_CPU_NAME="generic")[1]  # another processor's code is not taken
    assert len(list(tmp_path.rglob("*.code"))) == 2
    assert in_process(tmp_path, NUMBA_DISABLE_JIT="1") == (exact, True)
    assert not list(tmp_path.rglob("*.part"))


def test_broken_code_is_not_taken(tmp_path):
    code = native.MachineCode(
        name="f",
        outputs="dq",
        is_tuple=True,
        needs=("exp",),
        entry=bytes(range(9, 99)),
        code=bytes(range(256)),
    )
    shelf.keep_code(tmp_path, "float64", code)
    (file,) = tmp_path.iterdir()
    assert shelf.kept_code(tmp_path, "float64") == code
    assert shelf.kept_code(tmp_path, "int64") is None
    whole = file.read_bytes()
    for place in range(len(whole)):
        file.write_bytes(whole[:place] + bytes([whole[place] ^ 1 << place % 8]) + whole[place + 1 :])
        assert shelf.kept_code(tmp_path, "float64") is None
        file.write_bytes(whole[:place])
        assert shelf.kept_code(tmp_path, "float64") is None
    shelf.keep_code(tmp_path / "no" / "folder", "float64", code)  # is no reason to stop


def scaled(x: np.ndarray, out: np.ndarray, times: int, plus: float) -> tuple[int, float]:
    total = 0.0
    for i in range(x.shape[0]):
        for j in range(x.shape[1]):
            out[i, j] = times * x[i, j] + plus
            total += out[i, j]
    return x.size, total


def halved(number: int) -> int:
    return number // 2


def test_arrays_of_any_layout_and_numbers_of_any_kind():
    whole = np.arange(24.0).reshape(4, 6)
    fixed = whole.copy()
    fixed.flags.writeable = False
    for x in (whole, np.asfortranarray(whole), whole[::2, ::-1], whole.T, fixed, whole[:0], whole.view("i8")):
        for times, plus in ((2, 0.5), (np.int64(2), np.float64(0.5)), (np.uint8(2), np.float32(0.5))):
            out = np.full(x.shape, -1.0)
            count, total = compiled(scaled)(x, out, times, plus)
            np.testing.assert_array_equal(out, 2 * x + 0.5)
            assert (count, total) == (x.size, pytest.approx(float(out.sum()), rel=1e-12))
            assert isinstance(count, int)
    assert compiled(halved)(-7) == compiled(halved)(np.int32(-7)) == -4


@pytest.mark.parametrize("wrong", ["text", None, True, 1j, [1.0]])
def test_what_is_no_number_is_refused(wrong):
    with pytest.raises(TypeError, match="compiled functions take arrays, whole and real numbers, not"):
        compiled(halved)(wrong)


def root_of(x: float) -> float:
    if x < 0.0:
        raise ValueError("negative")
    return math.sqrt(x)


def test_a_fault_in_compiled_code_is_not_overlooked():
    assert compiled(root_of)(9.0) == 3.0
    with pytest.raises(RuntimeError, match="compiled code ended with status 1"):
        compiled(root_of)(-9.0)


def sign_of(x: float) -> bool:
    return x < 0.0


def test_numba_calls_what_cannot_be_handed_over(monkeypatch):
    """A result of another kind; a system that lacks a function which the code needs."""
    assert compiled(sign_of)(-1.0) is True
    load = functions.loaded
    monkeypatch.setattr(
        functions, "loaded", lambda code, layouts: load(replace(code, needs=("no_such",)), layouts)
    )
    assert functions._Compiled(halved)(9) == 4
    monkeypatch.setattr(functions, "loaded", load)
    # Arrays that lie in memory in another way are not taken apart.
    monkeypatch.setattr(native, "arrays_lie_as_known", lambda: False)
    x, out = np.arange(6.0).reshape(2, 3), np.empty((2, 3))
    assert functions._Compiled(scaled)(x, out, 2, 0.5) == (6, 33.0)
    monkeypatch.setattr(entry, "arrays_lie_as_known", lambda: False)
    assert address_of(x[1:]) == x[1:].__array_interface__["data"][0]


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
