"""What the windowed features remember: a series for each, in it an entry for each group.

Exact within these bounds, the same live and in a backtest: a group's events are kept one by one up
to `ENTRIES` in a window; beyond, the window's edge is rounded to 1/`ENTRIES` of its length.
Features that differ in their window alone share a series.
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

from crossfix.policy.resemblance import Sketch, alike, sketch

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

MANY = 1 << 50
UNKNOWN = float("nan")


class Generations(Generic[E]):
    """Entries by group, forgotten when they were not touched for the longest window."""

    __slots__ = ("forgotten", "keys", "old", "turned", "windows", "within", "young")

    def __init__(self, windows: Iterable[float], keys: int) -> None:
        self.ask(windows)
        self.keys = keys
        self.young: dict[object, E] = {}
        self.old: dict[object, E] = {}
        self.turned = float("-inf")
        self.forgotten = 0

    def ask(self, windows: Iterable[float]) -> None:
        """Set the windows that are asked for; the longest is what is remembered."""
        self.windows = tuple(sorted(windows))
        self.within = self.windows[-1]

    def look(self, key: object) -> E | None:
        """Return a group's entry, touching nothing."""
        found = self.young.get(key)
        return self.old.get(key) if found is None else found

    def enter(self, key: object, time: float) -> E | None:
        """Return the entry of a group that is not among the young, to be put there."""
        young = self.young
        full = len(young) >= self.keys // 2
        # What is among the old has not been touched since the last turn: a window ago, or more.
        if full or time - self.turned >= self.within:
            if time - self.turned < self.within:
                self.forgotten += len(self.old)
            # The young stay one dictionary: compiled policies hold on to it.
            self.old = young.copy()
            young.clear()
            self.turned = time
        return self.old.pop(key, None)

    def __len__(self) -> int:
        return len(self.young) + len(self.old)


class Crowd:
    """The events of a group that are too many to keep one by one: totals by slot of time."""

    __slots__ = ("slot", "times", "totals", "within")

    def __init__(self, times: list[float], totals: list[int], within: float) -> None:
        self.within = within
        self.slot = within / ENTRIES
        self.times: list[float] = []
        self.totals: list[int] = [0]
        for time, before, after in zip(times, [0, *totals], totals, strict=False):
            self.add(time, after - before)

    def add(self, time: float, amount: int) -> None:
        """Take in an event."""
        times, totals = self.times, self.totals
        # An event counts as of the end of its slot, so that none leaves the window early.
        stamp = (time // self.slot + 1) * self.slot
        if times and times[-1] >= stamp:
            totals[-1] += amount
            return
        times.append(stamp)
        totals.append(totals[-1] + amount)
        gone = bisect_right(times, time - self.within)
        if gone:
            del times[:gone], totals[:gone]

    def total(self, time: float) -> int:
        """Return the total of the window that ends now."""
        return self.totals[-1] - self.totals[bisect_right(self.times, time - self.within)]


class Tally:
    """The events of a group in one window one by one, with what they add up to.

    ``totals`` has one value more than ``times``: what was there before the first.
    """

    __slots__ = ("times", "totals")

    def __init__(self, times: list[float], totals: list[int]) -> None:
        self.times = times
        self.totals = totals

    def add(self, time: float, amount: int, within: float) -> None:
        """Take in an event, and let go of what left the window."""
        self.times.append(time)
        self.totals.append(self.totals[-1] + amount)
        edge = time - within
        if self.times[0] <= edge:
            gone = bisect_right(self.times, edge)
            del self.times[:gone], self.totals[:gone]

    def total(self, time: float, within: float) -> int:
        """Return the total of the window that ends now."""
        return self.totals[-1] - self.totals[bisect_right(self.times, time - within)]


class Crowded:
    """A group with more events than are kept one by one in its longest window.

    From then on each window has its own: one by one where they are few, else by slots.
    """

    __slots__ = ("parts",)

    totals = (0, MANY)
    """More than any total, as ``totals`` of a `Tally` is never below one of its windows."""

    def __init__(self, windows: Iterable[float], times: list[float], totals: list[int]) -> None:
        self.parts: dict[float, Tally | Crowd] = {}
        for within in windows:
            gone = bisect_right(times, times[-1] - within)
            self.parts[within] = Tally(times[gone:], totals[gone:])
            self._thin(within)

    def _thin(self, within: float) -> None:
        part = self.parts[within]
        if isinstance(part, Tally) and len(part.times) > ENTRIES:
            totals = [total - part.totals[0] for total in part.totals[1:]]
            self.parts[within] = Crowd(part.times, totals, within)

    def add(self, time: float, amount: int = 1) -> None:
        """Take in an event."""
        for within, part in self.parts.items():
            if isinstance(part, Tally):
                part.add(time, amount, within)
                self._thin(within)
            else:
                part.add(time, amount)

    def total(self, time: float, within: float) -> int:
        """Return the total of a window; one that was asked for only lately counts from then."""
        part = self.parts.get(within)
        if part is None:
            part = self.parts[within] = Tally([], [0])
        return part.total(time, within) if isinstance(part, Tally) else part.total(time)

    def __len__(self) -> int:
        """Return more than any count: the length of an entry is never below a count from it."""
        return MANY


class CountSeries(Generations["list[float] | Crowded"]):
    """When the events of a group were, over the longest of the windows that are asked for.

    An entry is a list of times; how many are in a window is found by `bisect_right`.
    """

    __slots__ = ()

    def add(self, key: object, time: float) -> list[float] | Crowded:
        """Take in an event and return the group's entry.

        Compiled policies do the common part of this themselves: they call it for groups that are
        not among the young or are crowded, and `trim` where an entry is too old or too long.
        """
        times = self.young.get(key)
        if times is None:
            times = self.enter(key, time)
            if times is None:
                times = []
            self.young[key] = times
        if times.__class__ is not list:
            times.add(time)  # type: ignore[union-attr]
            return times
        times.append(time)
        return self.trim(key, times, time)

    def trim(self, key: object, times: list[float], time: float) -> list[float] | Crowded:
        """Let go of what left the window; return the group's entry, which may be another."""
        edge = time - self.within
        if times[0] <= edge:
            del times[: bisect_right(times, edge)]
        if len(times) <= ENTRIES:
            return times
        crowd = Crowded(self.windows, times, list(range(len(times) + 1)))
        self.young[key] = crowd
        return crowd


class SumSeries(Generations["Tally | Crowded"]):
    """What the events of a group add up to, over the longest of the windows."""

    __slots__ = ()

    def add(self, key: object, time: float, amount: int) -> Tally | Crowded:
        """Take in an event and return the group's entry."""
        entry = self.young.get(key)
        if entry is None:
            entry = self.enter(key, time)
            if entry is None:
                entry = Tally([], [0])
            self.young[key] = entry
        if entry.__class__ is not Tally:
            entry.add(time, amount)  # type: ignore[call-arg]
            return entry
        times, totals = entry.times, entry.totals
        times.append(time)
        totals.append(totals[-1] + amount)
        edge = time - self.within
        if times[0] <= edge:
            gone = bisect_right(times, edge)
            del times[:gone], totals[:gone]
        if len(times) > ENTRIES:
            entry = self.young[key] = Crowded(self.windows, times, totals)
        return entry


class DistinctSeries(Generations[dict[int, float]]):
    """When a group last showed each value, in the order of time; values are kept as hashes."""

    __slots__ = ()

    def add(self, key: object, time: float, value: object) -> dict[int, float]:
        """Take in a value and return the group's entry."""
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
        return seen

    def add_all(self, key: object, time: float, values: tuple[str, ...]) -> dict[int, float]:
        """Take in several values and return the group's entry."""
        seen: dict[int, float] = {}
        for value in values[:MOST_VALUES]:
            seen = self.add(key, time, value)
        return seen


def distinct_in(seen: dict[int, float], time: float, within: float) -> int:
    """Return how many values were last seen in the window that ends now."""
    edge = time - within
    if not seen or seen[next(iter(seen))] > edge:
        return len(seen)
    count = 0
    for last in reversed(seen.values()):
        if last <= edge:
            break
        count += 1
    return count


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


class Texts:
    """A group's last texts: when they were, and their words or, once asked for, their sketches."""

    __slots__ = ("sketches", "times")

    def __init__(self) -> None:
        self.times: list[float] = []
        self.sketches: list[str | Sketch] = []


class SimilarSeries(Generations[Texts]):
    """A group's last texts. Their sketches are made when they are first asked for."""

    __slots__ = ()

    def add(self, key: object, time: float, text: str) -> None:
        """Take in a text."""
        texts = self.young.get(key)
        if texts is None:
            texts = self.enter(key, time)
            if texts is None:
                texts = Texts()
            self.young[key] = texts
        texts.times.append(time)
        texts.sketches.append(text)
        if len(texts.times) > TEXTS:
            del texts.times[0], texts.sketches[0]

    def read(self, key: object, time: float, text: str) -> float:
        """Return the share of the texts in the window that resemble this one."""
        texts = self.look(key)
        if texts is None:
            return UNKNOWN
        gone = bisect_right(texts.times, time - self.within)
        total = len(texts.times) - gone
        if total < LEAST_TEXTS:
            return UNKNOWN
        kept = texts.sketches
        place = len(kept) - 1
        # What has been asked for before is a sketch already, and so is all that came before it.
        while place >= 0 and isinstance(words := kept[place], str):
            kept[place] = sketch(words)
            place -= 1
        return alike(sketch(text), kept[gone:]) / total  # type: ignore[arg-type]
