"""A plain model for what a hand computes: a log curve, one lab, no discounting, mechanisms to be added."""

import math

import pytest

from tests import closed_forms
from tests.reference import reference_incentive

__all__ = ["X_NEW", "YEAR", "K", "M", "N", "X", "Y", "Z", "annuity", "f", "model", "near", "outputs"]

X, Y, Z = 1e8, 3e8, 3e9
N, M, K, X_NEW = 1e6, 730.0, 240.0, 1e9
SCALE = 0.05
YEAR = 365.25


def f(level):
    return SCALE * math.log(level / 1e6)


def model(*, release=None, **sections):
    """Give the plain model with sections added to; `release` is one (day, expense)."""
    whole = {
        "horizon_days": M,
        "value": {"curve": "log", "scale": SCALE, "reference": 1e6},
        "customers": {"count": N},
        "open": {"current_expense": X},
        "lab": {"current_expense": Y, "candidate_expense": Z, "counts_training_cost": False},
    }
    if release is not None:
        whole["open"]["releases"] = [{"day": release[0], "expense": release[1]}]
    for name, keys in sections.items():
        whole[name] = whole.get(name, {}) | keys if isinstance(keys, dict) else keys
    return whole


def outputs(*, release=None, **sections):
    return reference_incentive(model(release=release, **sections))


def near(amount, *, rel=1e-12):
    return pytest.approx(amount, rel=rel, abs=1e-12)


def annuity(first, last, *, rate=0.0):
    return closed_forms.annuity(rate=rate, first=first, last=last)
