"""What the windowed features remember: one series a feature, one entry a group.

Exact within these bounds, the same live and in a backtest: a group's events are kept one by one up
to `ENTRIES` in its window; beyond, the window's edge is rounded to 1/`ENTRIES` of its length.
Groups are kept in two generations: one that was not touched for a whole window is forgotten; where
more than the given number of groups come within a window, the older half is forgotten early and
counted in ``forgotten``.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from itertools import pairwise
from math import log2
from typing import Generic, TypeVar

from crossfix.policy.resemblance import resembles, sketch

E = TypeVar("E")

ENTRIES = 512
"""Events of one group and window that are kept one by one."""

DISTINCT_AT_MOST = 1_000
REMEMBERED_SECONDS = 30 * 86_400.0
"""How long `first_seen` remembers a value that is not seen again, at least."""

INTERVALS = 64
LEAST_INTERVALS = 8
TEXTS = 32
LEAST_TEXTS = 3
MOST_VALUES = 32
"""Values of one event that are taken in where it has several."""

UNKNOWN = float("nan")


class Generations(Generic[E]):
    """Entries by group, forgotten when they were not touched for ``within`` seconds."""

    __slots__ = ("forgotten", "keys", "old", "turned", "within", "young")

    def __init__(self, within: float, keys: int) -> None:
        self.within = within
        self.keys = keys
        self.young: dict[object, E] = {}
        self.old: dict[object, E] = {}
        self.turned = float("-inf")
        self.forgotten = 0

    def look(self, key: object) -> E | None:
        """Return a group's entry, touching nothing."""
        found = self.young.get(key)
        return self.old.get(key) if found is None else found

    def enter(self, key: object, time: float) -> E | None:
        """Return the entry of a group that is not among the young, to be put there."""
        if time - self.turned >= self.within:
            # What is among the old has not been touched since the last turn: a window ago, or more.
            self.old, self.young, self.turned = self.young, {}, time
        elif len(self.young) >= self.keys // 2:
            self.forgotten += len(self.old)
            self.old, self.young, self.turned = self.young, {}, time
        return self.old.pop(key, None)

    def __len__(self) -> int:
        return len(self.young) + len(self.old)


class Crowd:
    """The events of a group that are too many to keep one by one: totals by slot of time."""

    __slots__ = ("slot", "times", "totals", "within")

    def __init__(self, times: list[float], amounts: Iterable[int], within: float) -> None:
        self.within = within
        self.slot = within / ENTRIES
        self.times: list[float] = []
        self.totals: list[int] = []
        for time, amount in zip(times, amounts, strict=True):
            self.add(time, amount)

    def add(self, time: float, amount: int = 1) -> int:
        """Take in an event and return the total of the window."""
        times, totals = self.times, self.totals
        # An event counts as of the end of its slot, so that none leaves the window early.
        stamp = (time // self.slot + 1) * self.slot
        if times and times[-1] >= stamp:
            totals[-1] += amount
        else:
            times.append(stamp)
            totals.append((totals[-1] if totals else 0) + amount)
            gone = bisect_right(times, time - self.within)
            # One slot before the window stays: what it sums up to is taken off.
            if gone > 1:
                del times[: gone - 1], totals[: gone - 1]
        return self.total(time)

    def total(self, time: float) -> int:
        """Return the total of the window that ends now."""
        gone = bisect_right(self.times, time - self.within)
        return self.totals[-1] - (self.totals[gone - 1] if gone else 0)


class CountSeries(Generations["list[float] | Crowd"]):
    """How many events a group has in the window."""

    __slots__ = ()

    def add(self, key: object, time: float) -> int:
        """Take in an event and return the count."""
        times = self.young.get(key)
        if times is None:
            times = self.enter(key, time)
            if times is None:
                times = []
            self.young[key] = times
        if times.__class__ is not list:
            return times.add(time)  # type: ignore[union-attr]
        times.append(time)
        edge = time - self.within
        if times[0] <= edge:
            del times[: bisect_right(times, edge)]
        n = len(times)
        if n <= ENTRIES:
            return n
        crowd = self.young[key] = Crowd(times, (1 for _ in times), self.within)
        return crowd.total(time)

    def read(self, key: object, time: float) -> int:
        """Return the count as it is."""
        times = self.look(key)
        if times is None:
            return 0
        if isinstance(times, Crowd):
            return times.total(time)
        return len(times) - bisect_right(times, time - self.within)


class SumSeries(Generations["tuple[list[float], list[int]] | Crowd"]):
    """What the events of a group add up to in the window."""

    __slots__ = ()

    def add(self, key: object, time: float, amount: int) -> int:
        """Take in an event and return the sum."""
        entry = self.young.get(key)
        if entry is None:
            entry = self.enter(key, time)
            if entry is None:
                entry = ([], [])
            self.young[key] = entry
        if isinstance(entry, Crowd):
            return entry.add(time, amount)
        times, totals = entry
        totals.append((totals[-1] if totals else 0) + amount)
        times.append(time)
        gone = bisect_right(times, time - self.within)
        if gone > 1:
            del times[: gone - 1], totals[: gone - 1]
            gone = 1
        if len(times) > ENTRIES:
            before = [totals[0] if gone else 0, *totals]
            amounts = [b - a for a, b in zip(before, totals, strict=False)]
            crowd = self.young[key] = Crowd(times, amounts, self.within)
            return crowd.total(time)
        return totals[-1] - (totals[gone - 1] if gone else 0)

    def read(self, key: object, time: float) -> int:
        """Return the sum as it is."""
        entry = self.look(key)
        if entry is None:
            return 0
        if isinstance(entry, Crowd):
            return entry.total(time)
        times, totals = entry
        gone = bisect_right(times, time - self.within)
        return totals[-1] - (totals[gone - 1] if gone else 0)


class DistinctSeries(Generations[dict[int, float]]):
    """How many different values a group shows in the window; values are kept as hashes."""

    __slots__ = ()

    def add(self, key: object, time: float, value: object) -> int:
        """Take in a value and return the count."""
        seen = self.young.get(key)
        if seen is None:
            seen = self.enter(key, time)
            if seen is None:
                seen = {}
            self.young[key] = seen
        hashed = hash(value)
        seen.pop(hashed, None)
        seen[hashed] = time  # last, so that the dictionary is in the order of time
        edge = time - self.within
        if seen[next(iter(seen))] <= edge:
            for old in [v for v, last in seen.items() if last <= edge]:
                del seen[old]
        elif len(seen) > DISTINCT_AT_MOST:
            del seen[next(iter(seen))]
        return len(seen)

    def add_all(self, key: object, time: float, values: tuple[str, ...]) -> int:
        """Take in several values and return the count."""
        for value in values[:MOST_VALUES]:
            self.add(key, time, value)
        return self.read(key, time)

    def read(self, key: object, time: float) -> int:
        """Return the count as it is."""
        seen = self.look(key)
        if not seen:
            return 0
        edge = time - self.within
        if seen[next(iter(seen))] > edge:
            return len(seen)
        return sum(last > edge for last in seen.values())


class FirstSeries(Generations[float]):
    """When a group first showed a value."""

    __slots__ = ()

    def add(self, key: object, time: float, value: object) -> float:
        """Take in a value and return the seconds since it was first shown."""
        pair = (key, hash(value))
        first = self.young.get(pair)
        if first is None:
            first = self.enter(pair, time)
            if first is None:
                first = time
            self.young[pair] = first
        return time - first

    def add_all(self, key: object, time: float, values: tuple[str, ...]) -> float:
        """Take in several values and return the seconds of the newest of them."""
        since = [self.add(key, time, value) for value in values[:MOST_VALUES]]
        return min(since) if since else UNKNOWN


class IntervalSeries(Generations[list[float]]):
    """How irregular the times between a group's events are."""

    __slots__ = ()

    def add(self, key: object, time: float) -> None:
        """Take in an event."""
        times = self.young.get(key)
        if times is None:
            times = self.enter(key, time)
            if times is None:
                times = []
            self.young[key] = times
        times.append(time)
        if len(times) > INTERVALS + 1:
            del times[0]

    def read(self, key: object, time: float) -> float:
        """Return the entropy in bits of the intervals, sorted into quarters of octaves."""
        times = self.look(key)
        if times is None or len(times) <= LEAST_INTERVALS:
            return UNKNOWN
        inside = times[bisect_right(times, time - self.within) :]
        return interval_entropy(inside)


def interval_entropy(times: list[float]) -> float:
    """Return the entropy in bits of the intervals between ascending times."""
    total = len(times) - 1
    if total < LEAST_INTERVALS:
        return UNKNOWN
    bins: dict[int, int] = {}
    for before, after in pairwise(times):
        place = round(4 * log2(max(after - before, 0.001)))
        bins[place] = bins.get(place, 0) + 1
    return log2(total) - sum(n * log2(n) for n in bins.values()) / total


class SimilarSeries(Generations["list[tuple[float, str | frozenset[int]]]"]):
    """A group's last texts. Their sketches are made when they are first asked for."""

    __slots__ = ()

    def add(self, key: object, time: float, text: str) -> None:
        """Take in a text."""
        texts = self.young.get(key)
        if texts is None:
            texts = self.enter(key, time)
            if texts is None:
                texts = []
            self.young[key] = texts
        texts.append((time, text))
        if len(texts) > TEXTS:
            del texts[0]

    def read(self, key: object, time: float, text: str) -> float:
        """Return the share of the texts in the window that resemble this one."""
        texts = self.look(key)
        if texts is None or len(texts) < LEAST_TEXTS:
            return UNKNOWN
        edge = time - self.within
        own = sketch(text)
        alike = total = 0
        for place, (when, kept) in enumerate(texts):
            if when <= edge:
                continue
            if isinstance(kept, str):
                kept = sketch(kept)
                texts[place] = (when, kept)
            total += 1
            alike += resembles(own, kept)
        return alike / total if total >= LEAST_TEXTS else UNKNOWN
