"""The compiled steps of `recent`: noting traces, finding bursts, counting meetings.

Importing this module loads Numba.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from crossfix.compiled import compiled

MOST_STEPS = 64
"""Entries of a key that are looked at, newest first: a flooded key costs no more."""

MOST_MET = 20
"""Accounts on one key at once that still count as having met; more are an audience."""

MOST_ASKED = 32
"""Accounts of a burst that are asked whether they met before."""

PARTNERS = 2
"""Accounts of a burst that one must have met before to be more than a bystander."""

STRANGERS = 300.0
"""Meetings that are thought to have been seen before any was: where few met as yet, activity alone
would explain that the same few meet again."""


class Entries(NamedTuple):
    """Traces in the order of arrival, in a circle: the newest takes the oldest one's place.

    ``before`` is the number of the entry of the same key before it, or -1.
    """

    account: NDArray[np.int32]
    time: NDArray[np.int64]
    event: NDArray[np.int64]
    before: NDArray[np.int64]


class KeyTable(NamedTuple):
    """Keys by open addressing: 0 is no key. ``most`` is the largest burst that a key had."""

    key: NDArray[np.uint64]
    kind: NDArray[np.int8]
    head: NDArray[np.int64]
    weight: NDArray[np.float32]
    counted: NDArray[np.int64]
    most: NDArray[np.int16]


class PairTable(NamedTuple):
    """Pairs of actors that met: how often, and the key, the events and the time of the last."""

    pair: NDArray[np.uint64]
    often: NDArray[np.float32]
    key: NDArray[np.uint64]
    one: NDArray[np.int64]
    other: NDArray[np.int64]
    time: NDArray[np.int64]


class Found(NamedTuple):
    """Room for the bursts of one step; rows of ``account``, ``time`` and ``event`` are members."""

    trace: NDArray[np.int64]
    size: NDArray[np.int64]
    expected: NDArray[np.float64]
    met: NDArray[np.float64]
    chance: NDArray[np.float64]
    account: NDArray[np.int32]
    time: NDArray[np.int64]
    event: NDArray[np.int64]
    again: NDArray[np.bool_]


@compiled
def place(table, key):  # type: ignore[no-untyped-def]
    """Return where a key is, or would be."""
    mask = len(table) - 1
    at = np.int64(key & np.uint64(mask))
    while table[at] != 0 and table[at] != key:
        at = (at + 1) & mask
    return at


@compiled
def pair_of(one, other):  # type: ignore[no-untyped-def]
    """Return the key of two actors, spread over 64 bits."""
    low, high = min(one, other), max(one, other)
    value = (np.uint64(low) << np.uint64(32)) | np.uint64(high)
    value = (value + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
    return value ^ (value >> np.uint64(29)) | np.uint64(1)


@compiled
def _gather(entries, head, seq, time, window, root, own, found):  # type: ignore[no-untyped-def]
    """Write the other actors' entries near a time, newest first.

    Returns how many they are, whether any is later, and whether the actor has one of its own.
    """
    mask = len(entries.time) - 1
    oldest = seq - len(entries.time)
    at, steps, size, late, there = head, 0, 0, False, False
    while at >= 0 and at >= oldest and steps < MOST_STEPS:
        steps += 1
        spot = at & mask
        apart = time - entries.time[spot]
        if -window <= apart <= window:
            if root[entries.account[spot]] == own:
                there = True
            else:
                found[size] = at
                size += 1
                late = late or apart < 0
        at = entries.before[spot]
    return size, late, there


@compiled
def _best_start(entries, near, size, time, window, root):  # type: ignore[no-untyped-def]
    """Return the start of the window around a time that holds most actors."""
    mask = len(entries.time) - 1
    best, start = -1, time
    for i in range(-1, size):
        begin = time if i < 0 else entries.time[near[i] & mask]
        if begin > time:
            continue
        count = _members(entries, near, size, begin, begin + window, root, near[:0])
        if count > best or (count == best and begin < start):
            best, start = count, begin
    return start


@compiled
def _members(entries, near, size, begin, end, root, kept):  # type: ignore[no-untyped-def]
    """Write the newest entry of each actor between two times; return how many actors."""
    mask = len(entries.time) - 1
    count = 0
    for i in range(size):
        spot = near[i] & mask
        if not begin <= entries.time[spot] <= end:
            continue
        actor, again = root[entries.account[spot]], False
        for j in range(i):
            other = near[j] & mask
            if begin <= entries.time[other] <= end and root[entries.account[other]] == actor:
                again = True
                break
        if not again:
            if count < len(kept):
                kept[count] = near[i]
            count += 1
    return count


@compiled
def _meet(pairs, state, meetings, one, other, key, event, its, time):  # type: ignore[no-untyped-def]
    """Count a meeting of two actors, unless it is the last one once more."""
    at = place(pairs.pair, pair_of(one, other))
    first, second = (event, its) if one < other else (its, event)
    if pairs.pair[at] == 0:
        pairs.pair[at] = pair_of(one, other)
        pairs.often[at] = 0
        state[2] += 1
    elif pairs.key[at] == key or pairs.one[at] == first or pairs.other[at] == second:
        pairs.time[at] = max(pairs.time[at], time)
        return
    pairs.often[at] += 1
    pairs.key[at] = key
    pairs.one[at] = first
    pairs.other[at] = second
    pairs.time[at] = time
    meetings[one] += 1
    meetings[other] += 1
    meetings[-1] += 2


@compiled
def _met_before(pairs, meetings, total, actors, events, size, key, again):  # type: ignore[no-untyped-def]
    """Return how often these actors met on other keys, and how often chance lets them."""
    met, chance = 0.0, 0.0
    partners = np.zeros(size, np.int64)
    for i in range(size):
        for j in range(i):
            chance += np.float64(meetings[actors[i]]) * meetings[actors[j]]
            at = place(pairs.pair, pair_of(actors[i], actors[j]))
            if pairs.pair[at] != 0:
                first, second = (i, j) if actors[i] < actors[j] else (j, i)
                # What they have just done together is no evidence for itself: neither on this
                # key nor on another that the same events have left.
                same = pairs.key[at] == key or pairs.one[at] == events[first]
                same = same or pairs.other[at] == events[second]
                count = pairs.often[at] - (1 if same else 0)
                if count > 0.5:
                    met += min(count, 5.0)
                    partners[i] += 1
                    partners[j] += 1
    for i in range(size):
        again[i] = partners[i] >= PARTNERS
    return met, chance / (2.0 * (total + STRANGERS))


@compiled
def take(  # type: ignore[no-untyped-def]
    keys,
    kinds,
    accounts,
    times,
    events,
    entries,
    table,
    pairs,
    state,
    meetings,
    root,
    reached,
    shares,
    window,
    least,
    half_life,
    span,
    found,
):
    """Note traces one by one and write the bursts that they make; return how many.

    ``state`` is the number of the next entry, the keys in use, the pairs in use. ``reached`` counts
    by kind how many keys had bursts of each size, ``shares`` tells kinds that people meet on.
    """
    mask = len(entries.time) - 1
    near = np.empty(MOST_STEPS, np.int64)
    kept = np.empty(MOST_STEPS, np.int64)
    actors = np.empty(MOST_ASKED, np.int32)
    bursts = 0
    for i in range(len(keys)):
        key, kind, time, account = keys[i], kinds[i], times[i], accounts[i]
        own = root[account]
        at = place(table.key, key)
        if table.key[at] == 0:
            table.key[at] = key
            table.kind[at] = kind
            table.head[at] = -1
            table.weight[at] = 0
            table.counted[at] = time
            table.most[at] = 1
            reached[kind, 1] += 1
            state[1] += 1
        size, late, there = _gather(
            entries, table.head[at], state[0], time, window, root, own, near
        )
        passed = max(time - table.counted[at], 0)
        table.weight[at] *= np.float32(2.0 ** (-passed / half_life))
        before = max(table.weight[at] - size, 0.0)
        table.weight[at] += 1
        table.counted[at] = max(time, table.counted[at])
        expected = before * window / span
        if size and expected < 1:
            begin = _best_start(entries, near, size, time, window, root) if late else time - window
            others = _members(entries, near, size, begin, begin + window, root, kept)
            if shares[kind] and others <= MOST_MET:
                for j in range(min(others, MOST_MET)):
                    spot = kept[j] & mask
                    _meet(pairs, state, meetings, own, root[entries.account[spot]], key,
                          events[i], entries.event[spot], time)  # fmt: skip
            whole = others + 1
            if whole > table.most[at]:
                for reach in range(table.most[at] + 1, whole + 1):
                    reached[kind, reach] += 1
                table.most[at] = whole
            if whole >= least and not there and bursts < len(found.trace):
                found.account[bursts, 0] = account
                found.time[bursts, 0] = time
                found.event[bursts, 0] = events[i]
                for j in range(1, whole):
                    spot = kept[j - 1] & mask
                    found.account[bursts, j] = entries.account[spot]
                    found.time[bursts, j] = entries.time[spot]
                    found.event[bursts, j] = entries.event[spot]
                asked = min(whole, MOST_ASKED)
                for j in range(asked):
                    actors[j] = root[found.account[bursts, j]]
                met, chance = _met_before(
                    pairs, meetings, 0.5 * meetings[-1], actors, found.event[bursts], asked, key,
                    found.again[bursts],
                )  # fmt: skip
                found.trace[bursts] = i
                found.size[bursts] = whole
                found.expected[bursts] = expected
                found.met[bursts] = met
                found.chance[bursts] = chance
                bursts += 1
        _note(entries, table, state, at, account, time, events[i], window)
    return bursts


@compiled
def _note(entries, table, state, at, account, time, event, window):  # type: ignore[no-untyped-def]
    """Write an entry; an account that repeats itself at once keeps its newest one."""
    mask = len(entries.time) - 1
    head = table.head[at]
    if head >= 0 and head >= state[0] - len(entries.time):
        spot = head & mask
        if entries.account[spot] == account and 0 <= time - entries.time[spot] <= window:
            entries.time[spot] = time
            entries.event[spot] = event
            return
    spot = state[0] & mask
    entries.account[spot] = account
    entries.time[spot] = time
    entries.event[spot] = event
    entries.before[spot] = head
    table.head[at] = state[0]
    state[0] += 1


@compiled
def places(keys, table):  # type: ignore[no-untyped-def]
    """Put keys that are not there into a table and return where each is."""
    answer = np.empty(len(keys), np.int64)
    for i in range(len(keys)):
        at = place(table, keys[i])
        table[at] = keys[i]
        answer[i] = at
    return answer
