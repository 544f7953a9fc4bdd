"""The compiled steps of `said`: holding the shingles of segments, and asking who shares them.

Importing this module loads Numba.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from crossfix.compiled import compiled
from crossfix.live.kernel import place
from crossfix.traces.kernel import common, cut, runs

COMMON = 200
"""Segments that had a shingle from which it leads to none of them: it is a figure of speech."""

MOST_HITS = 4_096
MOST_FOUND = 32
"""Places that one text's shingles lead to, and segments that it is compared with, at most."""

LEAST_SHARED, ENOUGH, LEAST_SHARE = 2, 6, 0.2
"""A pair is compared if it shares so many shingles, or so great a share of the shorter text's, as
in `crossfix.traces.origin.shingled`."""


class Shingled(NamedTuple):
    """Shingles by open addressing (0 is none): the newest place of each, and how many it had."""

    key: NDArray[np.uint64]
    head: NDArray[np.int64]
    often: NDArray[np.int32]


class Places(NamedTuple):
    """Where shingles stand, in a circle: the segment, and the place of the shingle before it."""

    segment: NDArray[np.int64]
    before: NDArray[np.int64]


@compiled
def own(data, starts, of, asked, asked_starts, most, answer):  # type: ignore[no-untyped-def]
    """Tell which folded segments do not stand in the folded prompt that ``of`` names.

    ``of`` ascends. A segment stands there if more than a share ``most`` of its shingles do.
    """
    longest = 0
    for i in range(len(starts) - 1):
        longest = max(longest, starts[i + 1] - starts[i])
    units = np.empty(longest + 1, dtype=np.uint64)
    part = np.empty(longest + 1, dtype=np.uint64)
    longest = 0
    for i in range(len(asked_starts) - 1):
        longest = max(longest, asked_starts[i + 1] - asked_starts[i])
    asked_units = np.empty(longest + 1, dtype=np.uint64)
    theirs = np.empty(longest + 1, dtype=np.uint64)
    at, many = -1, 0
    for i in range(len(starts) - 1):
        if of[i] != at:
            at = of[i]
            number, characters = cut(asked, asked_starts[at], asked_starts[at + 1], asked_units)
            many = runs(asked_units, number, characters, theirs)
        answer[i] = True
        if many > 0:
            number, characters = cut(data, starts[i], starts[i + 1], units)
            size = runs(units, number, characters, part)
            answer[i] = common(part, 0, size, theirs, 0, many) <= most * size


@compiled
def hold(data, starts, first, shingled, places, sizes, state, most):  # type: ignore[no-untyped-def]
    """Note the shingles of folded segments, numbered from ``first``, at most so many of each.

    ``state`` is the number of the next place and how many shingles are in use; ``sizes`` gets how
    many shingles each segment has.
    """
    longest = 0
    for i in range(len(starts) - 1):
        longest = max(longest, starts[i + 1] - starts[i])
    units = np.empty(longest + 1, dtype=np.uint64)
    own = np.empty(longest + 1, dtype=np.uint64)
    mask = len(places.segment) - 1
    for i in range(len(starts) - 1):
        number, characters = cut(data, starts[i], starts[i + 1], units)
        size = min(runs(units, number, characters, own), most)
        sizes[(first + i) % len(sizes)] = size
        for j in range(size):
            key = max(own[j], np.uint64(1))
            at = place(shingled.key, key)
            if shingled.key[at] == 0:
                shingled.key[at] = key
                shingled.head[at] = -1
                shingled.often[at] = 0
                state[1] += 1
            spot = state[0] & mask
            places.segment[spot] = first + i
            places.before[spot] = shingled.head[at]
            shingled.head[at] = state[0]
            shingled.often[at] += 1
            state[0] += 1


@compiled
def ask(data, starts, oldest, shingled, places, sizes, state, rows, segments):  # type: ignore[no-untyped-def]
    """Write pairs of a folded text (row) and a segment from ``oldest`` on; return how many."""
    longest = 0
    for i in range(len(starts) - 1):
        longest = max(longest, starts[i + 1] - starts[i])
    units = np.empty(longest + 1, dtype=np.uint64)
    own = np.empty(longest + 1, dtype=np.uint64)
    hits = np.empty(MOST_HITS, dtype=np.int64)
    found = 0
    for i in range(len(starts) - 1):
        number, characters = cut(data, starts[i], starts[i + 1], units)
        size = runs(units, number, characters, own)
        many = _hits(own, size, oldest, shingled, places, state, hits)
        if many < LEAST_SHARED:
            continue
        hits[:many].sort()
        of_text, at = 0, many
        # The newest segments first.
        while at > 0 and of_text < MOST_FOUND and found < len(rows):
            segment, shared = hits[at - 1], 0
            while at > 0 and hits[at - 1] == segment:
                shared += 1
                at -= 1
            shorter = min(size, sizes[segment % len(sizes)])
            close = shared >= LEAST_SHARED and shared >= LEAST_SHARE * shorter
            if close or shared >= ENOUGH:
                rows[found] = i
                segments[found] = segment
                found += 1
                of_text += 1
    return found


@compiled
def _hits(own, size, oldest, shingled, places, state, hits):  # type: ignore[no-untyped-def]
    """Write the segments that a text's shingles lead to, one entry a shingle; return how many."""
    mask = len(places.segment) - 1
    forgotten = state[0] - len(places.segment)
    many = 0
    for j in range(size):
        at = place(shingled.key, max(own[j], np.uint64(1)))
        if shingled.key[at] == 0 or shingled.often[at] > COMMON:
            continue
        next = shingled.head[at]
        while next >= 0 and next >= forgotten and many < len(hits):
            spot = next & mask
            if places.segment[spot] < oldest:
                break
            hits[many] = places.segment[spot]
            many += 1
            next = places.before[spot]
    return many
