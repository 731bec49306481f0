"""What the t copula looks up, and that a copula's bits depend on neither threads nor cuts."""

import os
import subprocess
import sys

import mpmath
import numpy as np
import pytest
from scipy import stats

from mcrace.laws.student_t import StudentT
from mcrace.laws.t_levels import t_levels
from mcrace.sampling import MIXING, Copula, joined
from mcrace.sampling.designs import DESIGNS

DEGREES = [1.0, 1.5, 2.0, 3.0, 4.7, 10.0, 30.0, 100.0, 300.0, 1000.0]
T = np.concatenate([np.linspace(-40, 0, 100_001), -np.geomspace(1e-12, 1e18, 20_001)])


@pytest.mark.parametrize("df", DEGREES)
def test_levels_of_student_s_t_are_within_the_stated_error(df):
    exact = np.arctan2(1, -T) / np.pi if df == 1 else StudentT(df, 0.0, 1.0).cdf(T)
    found, seen = t_levels(df, T), exact > 2.0**-53
    assert np.max(np.abs(found[seen] / exact[seen] - 1)) < 1e-9
    assert np.max(np.abs(found - exact)) < 3.1e-16
    assert np.max(np.abs(t_levels(df, -T) - (1 - exact))) < 4.5e-16
    assert found.min() >= 0
    assert np.array_equal(t_levels(df, np.array([-np.inf, 0.0, np.inf])), [0.0, 0.5, 1.0])


def test_levels_of_student_s_t_in_many_digits():
    mpmath.mp.dps = 40
    for df in (1.5, 4.0, 250.0):
        for t in (-3e-5, -0.3, -1.7, -6.1):
            share = mpmath.mpf(df) / (mpmath.mpf(df) + mpmath.mpf(t) ** 2)
            exact = mpmath.betainc(mpmath.mpf(df) / 2, mpmath.mpf(0.5), 0, share, regularized=True) / 2
            assert t_levels(df, np.array([t]))[0] == pytest.approx(float(exact), rel=1e-9)


def test_levels_of_student_s_t_depend_on_nothing_else():
    whole = t_levels(3.3, T)
    np.testing.assert_array_equal(t_levels(3.3, T[77:5001]), whole[77:5001])
    np.testing.assert_array_equal(t_levels(3.3, T[::-1].copy()), whole[::-1])
    assert t_levels(3.3, np.empty(0)).shape == (0,)


@pytest.mark.parametrize("degrees", [1.0, 3.0, 50.0])
def test_the_t_copula_is_the_one_of_the_textbook(degrees):
    # the same scores through scipy's own chi-square and Student's t
    u = np.random.default_rng(4).random((3, 20_000))
    factor = ((1.0,), (0.6, 0.8))
    copula = Copula(names=("a", "b"), factor=factor, degrees_of_freedom=degrees)
    found = joined(copula, {"a": u[0], "b": u[1], MIXING: u[2]})
    z = stats.norm.ppf(u[:2])
    stretch = np.sqrt(degrees / stats.chi2(degrees).ppf(u[2]))
    np.testing.assert_allclose(found["a"], stats.t(degrees).cdf(z[0] * stretch), rtol=2e-9)
    second = stats.t(degrees).cdf((0.6 * z[0] + 0.8 * z[1]) * stretch)
    np.testing.assert_allclose(found["b"], second, rtol=2e-9)


CODE = """
import hashlib, sys
import numpy as np
from mcrace.sampling import DESIGNS, MIXING, Copula, joined, unit_block
from mcrace.sampling.definite import factor_of

cut = int(sys.argv[1])
names = tuple("abcdefghij")
loadings = np.random.default_rng(5).uniform(-1, 1, (10, 3)).tolist()
scores = [[1.0 if a is b else sum(x * y for x, y in zip(a, b)) / 4 for b in loadings] for a in loadings]
digest = hashlib.sha256()
for method in DESIGNS:
    for degrees in (None, 4.0):
        copula = Copula(names=names, factor=factor_of(scores), degrees_of_freedom=degrees)
        parts = []
        for start in range(0, 20_000, cut):
            count = min(cut, 20_000 - start)
            block = dict(method=method, seed=3, replicate=0, start=start, count=count, points=32768)
            rows = unit_block(**block, names=(*names, MIXING), dimensions=range(11))
            levels = joined(copula, dict(zip((*names, MIXING), rows)))
            parts.append(np.array([levels[name] for name in names]))
        digest.update(np.concatenate(parts, axis=1).tobytes())
print(digest.hexdigest())
"""


@pytest.mark.slow
def test_bits_depend_on_neither_the_threads_of_blas_nor_the_cut():
    assert len(DESIGNS) >= 3
    digests = set()
    for threads, cut in ((1, 20_000), (4, 20_000), (1, 8192), (4, 4999)):
        names = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
        environment = {**os.environ, **dict.fromkeys(names, str(threads))}
        command = [sys.executable, "-c", CODE, str(cut)]
        done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
        digests.add(done.stdout)
    assert len(digests) == 1
