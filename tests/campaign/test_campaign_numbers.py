"""Reference against package at models that no other test has, and at the ends of every number's range."""

import copy
import math
import os
from typing import Any

import numpy as np
import pytest

from mcrace import incentive
from mcrace.errors import ModelError, StudyError
from mcrace.nomenclature import KEYS, OUTPUTS
from tests.campaign import numbers
from tests.test_extremes import RICH

LONG = os.environ.get("MCRACE_CAMPAIGN") == "1"


def test_package_and_reference_agree_on_models_of_the_campaign() -> None:
    for number in range(numbers.FIRST, numbers.FIRST + (200 if LONG else 1)):
        assert numbers.batch(number) == []


OVERFLOWING = {("value.reference", 5e-324), ("open.current_expense", 5e-324)}
"""Ratios to the least number that there is are infinite: the outputs are named as no number, not the key."""


# Both ends of every key, written as a study would


def ends() -> list[Any]:
    """Give the least and the largest legal number of each key, or the next one where the end is excluded."""
    found = []
    for path, key in KEYS.items():
        if key.kind != "number" or "[]" in path:
            continue
        low = math.nextafter(key.low, math.inf) if key.low_open and math.isfinite(key.low) else key.low
        high = math.nextafter(key.high, -math.inf) if key.high_open and math.isfinite(key.high) else key.high
        for value in dict.fromkeys((low, high, 0.0, 1.0)):
            inside = (value > key.low or (value == key.low and not key.low_open)) and (
                value < key.high or (value == key.high and not key.high_open)
            )
            if math.isfinite(value) and inside and (not key.whole or value == int(value)):
                found.append(pytest.param(path, value, id=f"{path}: {value:.6g}"))
    return found


def with_number(path: str, value: float) -> dict[str, Any]:
    model = copy.deepcopy(RICH)
    place = model
    *above, name = path.split(".")
    for part in above:
        place = place.setdefault(part, {})
    place[name] = int(value) if KEYS[path].whole else value
    return model


@pytest.mark.parametrize(("path", "value"), ends())
@pytest.mark.filterwarnings("ignore:.*encountered:RuntimeWarning")
def test_a_number_at_an_end_of_its_range_is_taken_or_refused_in_words(path: str, value: float) -> None:
    model = with_number(path, value)
    try:
        outputs = incentive(model)
    except (ModelError, StudyError) as error:
        told = str(error)
        outputs = None
    if outputs is None:
        assert path in told or (path, value) in OVERFLOWING, told
        return
    assert list(outputs) == list(OUTPUTS)
    assert all(np.isfinite(outputs[name]).all() for name in OUTPUTS)
