"""How surely a post means what a segment says: log odds from their likeness and from chance.

The weights lie between what ``python -m benchmarks quality.origin_fit MODELS`` fits and even ones,
chosen by what the stricter end of the fitted half shows: the fit minds the middle, a sighting must
be right. They belong to the encoders of `crossfix.content.encoders.wheels`. Chance comes in twice.
A segment about which many strangers write has near posts that are none of its copies: how many
there are is counted and taken off. And the more segments a post is compared with, the surer one of
them is near.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]

FIRST = np.array([5.0, 8.0, 6.0, 4.0])
FIRST_BIAS = -9.5
BOTH = np.array([4.0, 8.0, 6.0, 4.0])
LIFT = 0.5
BOTH_BIAS = -11.2
SECOND = np.array([0.80, 1.15, 3.28, 7.95])
SECOND_BIAS = -7.35
ACROSS = np.array([14.0, 6.0])
ACROSS_BIAS = -7.5

REWORDED, SAME_WORDS, MOST_SAME = 1.8, 6.0, 0.5
"""Given back to a pair without a word in common, and taken off it for the share of words that it
has in common, up to the last: posts on one topic are near for the names and words of the topic, a
copy in other words or another language is near without them."""

ABROAD = 1.6
"""Given back at least where post and segment are in two languages: the words that they share are
names, which a translation keeps."""

PROPORTION, ANY_PROPORTION = 0.17, 0.40
"""Standard deviation of the logarithm of how many times as much a copy says as its source, and of
what a post on the same topic does."""

LEAST_FOR_PROPORTION, MOST_FOR_PROPORTION = -2.0, math.log(ANY_PROPORTION / PROPORTION)
"""What is taken off at most for saying more or less, for who copies may leave something out; and
what is added for saying exactly as much."""

CROWD = 1.2
"""Log odds that are taken off each time ten times as many strangers are near a segment."""

CROWD_FROM, CROWD_BELOW = 0.40, 0.50
"""Cosines between which a post counts as a stranger: copies are seldom so far from their source."""

_OWN = 3
_USUAL, _STEADY = 10.0, 300_000
"""Strangers in a million posts that nothing is taken off for, and how many posts they are learnt
from: a few hundred posts say little of it."""

FEW_SEGMENTS = 150
_TAIL = 0.75

BEST_LIFT = 7.0
"""Lift that copies seldom exceed: what does not pass with it need not be looked at."""

TOGETHER, MOST_TOGETHER = 0.2, 0.4
"""Log odds added for others that posted the same response within hours, and how much at most: who
only talks of its subject does so in the same hours."""


def crowded(near: NDArray[np.int64], posts: int) -> Numbers:
    """Return how crowded it is around segments with so many strangers near, of so many posts."""
    rate = 1e6 * np.maximum(near - _OWN, 0) / (posts + _STEADY)
    return np.log10(1.0 + rate / _USUAL)


def by_chance(segments: int) -> float:
    """Return the log odds that are taken off for comparing with so many segments."""
    return _TAIL * math.log(max(1.0, segments / FEW_SEGMENTS))


def first_alone(numbers: Numbers, crowds: Numbers) -> Numbers:
    """Judge pairs by what the first encoder says of them."""
    odds: Numbers = numbers @ FIRST + FIRST_BIAS - CROWD * crowds
    return odds


def of_both(numbers: Numbers, lifts: float, crowds: Numbers) -> Numbers:
    """Judge pairs by what the first encoder says of them and the lift of the second."""
    odds: Numbers = numbers @ BOTH + BOTH_BIAS + LIFT * lifts - CROWD * crowds
    return odds


def reworded(shares: Numbers, abroad: NDArray[np.bool_]) -> Numbers:
    """Return what is added for the share of words that pairs have in common.

    ``abroad`` tells which pairs are in two languages.
    """
    eased: Numbers = REWORDED - SAME_WORDS * np.minimum(shares, MOST_SAME)
    answer: Numbers = np.where(abroad, np.maximum(eased, ABROAD), eased)
    return answer


def in_proportion(ratios: Numbers) -> Numbers:
    """Return what is added for how much more or less than segments posts say.

    ``ratios`` are logarithms, as `crossfix.traces.origin.proportion.proportion` gives them.
    """
    narrower = 0.5 * (PROPORTION**-2 - ANY_PROPORTION**-2)
    answer: Numbers = np.maximum(MOST_FOR_PROPORTION - narrower * ratios**2, LEAST_FOR_PROPORTION)
    return answer


def across_both(numbers: Numbers) -> Numbers:
    """Judge pairs of which each encoder reads one, as if their lengths agreed."""
    odds: Numbers = numbers @ ACROSS + ACROSS_BIAS
    return odds


def second_alone(numbers: Numbers) -> Numbers:
    """Judge pairs that the second encoder alone reads, as if their lengths agreed."""
    odds: Numbers = numbers @ SECOND + SECOND_BIAS
    return odds


def certainty(odds: float) -> float:
    """Return log odds as a score (0 to 1)."""
    return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, odds))))


def together(others: float) -> float:
    """Return what is added for as many others (each counted by its score) close in time."""
    return min(MOST_TOGETHER, TOGETHER * math.log1p(others))
