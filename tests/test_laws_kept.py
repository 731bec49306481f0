"""Pieces of quantile functions on disk, and the normal law's probabilities without SciPy."""

import os
import subprocess
import sys
from dataclasses import dataclass

import mpmath
import numpy as np
import pytest

from mcrace.laws import kept_pieces as keeping
from mcrace.laws.beta import Beta
from mcrace.laws.gamma import Gamma
from mcrace.laws.kept_pieces import kept_pieces
from mcrace.laws.lognormal import Lognormal
from mcrace.laws.normal_probability import standard_probability
from mcrace.laws.pert import Pert
from mcrace.laws.pieces import pieces_of
from mcrace.laws.student_t import StudentT
from mcrace.laws.truncated import Truncated

LAWS = [
    Pert(low=0.05, mode=0.12, high=0.35),
    Gamma(0.05, 1.0),
    Beta(0.5, 0.7),
    StudentT(0.2, 0.0, 1.0),
    Truncated(StudentT(2.0, 0.0, 1.0), -1.0, np.inf),
]


def same(one, other):
    assert (one.count, one.scale, len(one.levels)) == (other.count, other.scale, len(other.levels))
    for left, right in zip(one.levels, other.levels, strict=True):
        pairs = zip(
            (left.rows, left.low, left.high, *left.coefficients),
            (right.rows, right.low, right.high, *right.coefficients),
            strict=True,
        )
        for a, b in pairs:
            assert a.dtype == b.dtype
            assert a.tobytes() == b.tobytes()
    return True


@pytest.fixture
def shelf(tmp_path, monkeypatch):
    monkeypatch.setattr(keeping, "_folder", lambda: tmp_path)
    return tmp_path


@pytest.mark.parametrize("law", LAWS, ids=str)
def test_what_was_kept_has_the_bits_of_what_was_made(law, shelf, monkeypatch):
    assert same(kept_pieces(law), pieces_of(law))
    assert len(list(shelf.iterdir())) == 1
    monkeypatch.setattr(keeping, "pieces_of", None)  # from here on it is read
    found = kept_pieces(law)
    monkeypatch.undo()
    assert same(found, pieces_of(law))


def test_a_changed_file_is_made_anew(shelf, monkeypatch):
    law = LAWS[0]
    kept_pieces(law)
    (file,) = shelf.iterdir()
    whole = file.read_bytes()
    made = []
    monkeypatch.setattr(keeping, "pieces_of", lambda law: made.append(law) or pieces_of(law))
    damaged = [whole[:-8], b"", b"something else"]
    rng = np.random.default_rng(1)
    for place in rng.integers(0, 8 * len(whole), 40).tolist():
        flipped = bytearray(whole)
        flipped[place // 8] ^= 1 << place % 8
        damaged.append(bytes(flipped))
    for content in damaged:
        file.write_bytes(content)
        assert same(kept_pieces(law), pieces_of(law))
        assert file.read_bytes() == whole
    assert len(made) == len(damaged)


@dataclass(frozen=True)
class Stranger:
    """A law of somebody else's, which may change under the same name."""

    shape: float

    def exact_ppf(self, u):
        return Gamma(self.shape, 1.0).exact_ppf(u)

    def exact_isf(self, u):
        return Gamma(self.shape, 1.0).exact_isf(u)

    def cdf(self, x):
        return Gamma(self.shape, 1.0).cdf(x)

    def sf(self, x):
        return Gamma(self.shape, 1.0).sf(x)

    @property
    def support(self):
        return 0.0, np.inf


def test_only_laws_of_this_package_made_of_numbers_are_kept(shelf):
    for law in (Stranger(2.0), Truncated(Stranger(2.0), 0.5, 3.0), Gamma(np.float64(2.0), 1.0)):
        kept_pieces(law)
    assert not list(shelf.iterdir())


def test_every_digit_of_a_law_tells_it_from_others(shelf):
    for shape in (2.0, np.nextafter(2.0, 3.0).item()):
        kept_pieces(Gamma(shape, 1.0))
    kept_pieces(Beta(2.0, 1.0))
    assert len(list(shelf.iterdir())) == 3


def test_too_many_files_make_room(shelf, monkeypatch):
    monkeypatch.setattr(keeping, "_MOST_FILES", 6)
    for number in range(7):
        kept_pieces(Gamma(1.0 + number, 1.0))
        for age, file in enumerate(sorted(shelf.iterdir(), key=lambda file: file.stat().st_mtime_ns)):
            os.utime(file, (1e9 + age, 1e9 + age))
    assert len(list(shelf.iterdir())) == 4


def test_no_folder_is_no_reason_to_stop(monkeypatch):
    monkeypatch.setattr(keeping, "_folder", lambda: None)
    assert same(kept_pieces(LAWS[0]), pieces_of(LAWS[0]))


def test_a_second_check_needs_no_scipy(tmp_path):
    code = (
        "import contextlib, io, sys\n"
        "from mcrace.cli import main\n"
        "with contextlib.redirect_stdout(io.StringIO()):\n"
        "    assert main(['check', 'configs/baseline.yaml']) == 0\n"
        "print('scipy.special' in sys.modules, 'numba' in sys.modules, 'pandas' in sys.modules)\n"
    )
    environment = os.environ | {"NUMBA_CACHE_DIR": str(tmp_path)}
    said = [
        subprocess.run(
            [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
        ).stdout.split()
        for _ in range(2)
    ]
    assert said == [["True", "False", "False"], ["False", "False", "False"]]


def test_normal_probabilities_against_forty_digits():
    rng = np.random.default_rng(2)
    z = np.concatenate(
        [rng.uniform(-37.4, 8.3, 300), rng.uniform(-1, 1, 300), [-0.663, 0.663, -5.657, 5.657, 0.0]]
    )
    with mpmath.workdps(40):
        truth = [mpmath.ncdf(value) for value in z.tolist()]
        found = [mpmath.mpf(value) for value in standard_probability(z).tolist()]
        off = np.array([float(abs(a / b - 1)) for a, b in zip(found, truth, strict=True)])
    assert np.all(off < 4e-16 + 2e-16 * np.where(z < 0, z, 0.0) ** 2)


def test_normal_probabilities_at_the_ends():
    z = np.array([[-np.inf, np.inf], [np.nan, -40.0]])
    np.testing.assert_array_equal(standard_probability(z), [[0.0, 1.0], [np.nan, 0.0]])
    law = Lognormal(2.0, 0.5)
    np.testing.assert_array_equal(law.cdf(np.array([0.0, np.inf])), [0.0, 1.0])
    np.testing.assert_array_equal(law.sf(np.array([0.0, np.inf])), [1.0, 0.0])
