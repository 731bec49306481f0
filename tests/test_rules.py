"""Rules in words: only what binds, limits of one input together, infinity as never."""

import math
import sys

import numpy as np
import pytest

from mcrace.analysis.prim import prim
from mcrace.analysis.rules import Restriction, restrictions, rule

FARTHEST = sys.float_info.max


def tell(name: str, value: float) -> str:
    assert math.isfinite(value)
    assert abs(value) < FARTHEST
    return f"{value:,.4g} days" if name == "day" else f"{value:.3g}"


@pytest.mark.parametrize(
    ("ranges", "words"),
    [
        ([], "any inputs"),
        ([Restriction("day")], "any inputs"),
        ([Restriction("day", high=210.0), Restriction("step", 1.4)], "day below 210 days and step above 1.4"),
        ([Restriction("step", 1.2, 3.0)], "step between 1.2 and 3"),
        ([Restriction("step", 1.2001, 1.2002)], "step at about 1.2"),
        ([Restriction("step", -2.0, 0.0)], "step between -2 and 0"),
        ([Restriction("day", math.inf)], "day never"),
        ([Restriction("day", FARTHEST)], "day never"),
        ([Restriction("day", high=FARTHEST)], "day not never"),
        ([Restriction("day", 30.0, FARTHEST)], "day above 30 days, but not never"),
        ([Restriction("gain", high=-math.inf)], "gain at −∞"),
        ([Restriction("gain", -FARTHEST, 3.0)], "gain below 3"),
        (
            [Restriction("a", high=1.0), Restriction("b"), Restriction("c", 2.0), Restriction("d", 3.0)],
            "a below 1, c above 2 and d above 3",
        ),
        (
            [Restriction("a", 1.0, 2.0), Restriction("c", 2.0)],
            "a between 1 and 2, and c above 2",
        ),
    ],
)
def test_words(ranges, words):
    assert rule(ranges, tell) == words


def test_labels_take_the_place_of_names():
    assert rule([Restriction("day", high=7.0)], tell, {"day": "open release"}) == "open release below 7 days"


def test_a_found_box_in_words():
    inputs = np.random.default_rng(1).random((8, 512, 3)) * [1000.0, 1.0, 10.0]
    hits = (np.abs(inputs[..., 2] - 5.0) < 2.0) & (inputs[..., 0] < 200.0)
    ranges = restrictions(prim(inputs, hits, ("day", "cost", "step")).regions[0].limits)
    assert [item.name for item in ranges] == ["day", "step"]
    assert ranges[0].low == -math.inf
    words = rule(
        ranges, lambda name, value: f"{round(value, -1):.0f} days" if name == "day" else f"{value:.0f}"
    )
    assert words == "day below 200 days, and step between 3 and 7"


def test_of_two_limits_on_one_side_the_narrower_counts():
    inputs = np.random.default_rng(2).random((8, 256, 2))
    one, two = (prim(inputs, inputs[..., 0] < high).regions[0].limits for high in (0.3, 0.2))
    assert restrictions([*one, *two]) == restrictions(two)
