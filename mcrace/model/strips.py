"""Rows of the room in which the core works: one row a number, a strip of draws side by side.

A strip is short, so that the rows lie in the processor's nearest caches; all rows lie in one array, at
offsets that the compiler knows, so that it sees that no row runs into another.
"""

from typing import Final

from mcrace.compiling import elementary

STRIP: Final = elementary.ROW
"""Draws of a strip."""

# The numbers that are given. SIZE, POINT and SHAPE are the curve's: scale or ceiling, reference or half,
# exponent or steepness.
HORIZON, DISCOUNT_RATE, GROWTH_RATE, COUNT, SPREAD, DISCRIMINATION, SIZE, POINT = range(0, 8 * STRIP, STRIP)
SHAPE, OPEN, OWN, CANDIDATE, START, TRAINING, FIRST_DAY = range(8 * STRIP, 15 * STRIP, STRIP)
GIVEN: Final = 15
"""How many they are."""

# Daily rates: discounting, growth, the former less the latter; one over that, and over the curve's point.
DISCOUNT, GROWTH, NET, INVERSE, PER_POINT = range(15 * STRIP, 20 * STRIP, STRIP)
# Share of the spread that no group shows; captured share; z's first day on sale, and its discount factor.
UNSEEN, SHARE, BEGIN, PRESENT = range(20 * STRIP, 24 * STRIP, STRIP)
# max(y, z); values of y, of that, and of x; what z is worth a day beside x.
BETTER, OWN_VALUE, BETTER_VALUE, OPEN_VALUE, STEP = range(24 * STRIP, 29 * STRIP, STRIP)
# On the way: the stretch's first day, that day's discount factor, its length and customers; level and value
# of the best open model, and of that of day 0; the sum of the frozen world.
SINCE, FACTOR_NOW, LENGTH, CUSTOMERS = range(29 * STRIP, 33 * STRIP, STRIP)
OPEN_LEVEL, OPEN_NOW, TODAY_LEVEL, TODAY_VALUE, FROZEN = range(33 * STRIP, 38 * STRIP, STRIP)
# What comes out: incentive in both worlds, effect of the releases, gain of revenue, revenue of day 0, cost.
INCENTIVE, INCENTIVE_FROZEN, EFFECT, GAIN, REVENUE_TODAY, COST = range(38 * STRIP, 44 * STRIP, STRIP)
OUTPUTS: Final = INCENTIVE
"""The first of these rows."""

# Argument and value of an exponential or a logarithm, and where they are worked out.
ARGUMENT, RESULT, WORK = range(44 * STRIP, 47 * STRIP, STRIP)
# In the same place, between two of them: what the numbers of a stretch were before it ended.
LAST_LEVEL, LAST_VALUE, LAST_SINCE, LAST_FACTOR = range(WORK, WORK + 4 * STRIP, STRIP)

RELEASES: Final = 46 * STRIP + elementary.WORK
"""Where the rows of the releases are counted from; they lie in an array of their own."""

# Of each release: its day and level; interval and growth, of the process; value; then the day, kept between
# z's first and the horizon, level and value once more, to be put in order.
DAY, LEVEL, INTERVAL, FACTOR, VALUE, CUT, CUT_LEVEL, CUT_VALUE = range(0, 8 * STRIP, STRIP)
PER_RELEASE: Final = 8 * STRIP
"""Room of a release."""
