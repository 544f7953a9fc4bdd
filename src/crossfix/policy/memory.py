"""What policies remember of the past, bounded and expiring."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from crossfix.policy.expression import Window
from crossfix.policy.series import (
    REMEMBERED_SECONDS,
    CountSeries,
    DistinctSeries,
    FirstSeries,
    Generations,
    IntervalSeries,
    SimilarSeries,
    SumSeries,
)

KEYS = 100_000
_KINDS: dict[str, type[Generations[Any]]] = {
    "count": CountSeries, "sum": SumSeries, "distinct": DistinctSeries,
    "first_seen": FirstSeries, "interval_entropy": IntervalSeries, "similar_share": SimilarSeries,
}  # fmt: skip


_SHARED = ("count", "sum", "distinct")


def timeless(window: Window) -> Window:
    """Return what features have in common that share a series: all but their window."""
    return replace(window, within=0.0) if window.kind in _SHARED else window


class Memory:
    """The series of the windowed features of one ruleset at a time.

    ``keys`` bounds the groups that each feature remembers. Time never goes back: an event that
    was received before the latest one counts as received with it. One event is to be judged once;
    when policies are read again, features that stay keep what they remember. For one thread.
    """

    def __init__(self, keys: int = KEYS) -> None:
        if keys < 2:
            raise ValueError("a memory holds at least two groups")
        self.keys = keys
        self.latest = float("-inf")
        self.owner: object = None
        self.table: dict[str, Any] = {}
        self._series: dict[Window, Generations[Any]] = {}

    def series(self, window: Window) -> Generations[Any]:
        """Return the series of a feature."""
        return self._series[timeless(window)]

    def kept(self) -> list[tuple[Window, Generations[Any]]]:
        """Return every feature with its series."""
        return list(self._series.items())

    def ask(self, windows: Iterable[Window]) -> None:
        """Keep what these features need, and forget the rest."""
        asked: dict[Window, set[float]] = {}
        for window in windows:
            asked.setdefault(timeless(window), set()).add(window.within or REMEMBERED_SECONDS)
        kept = {}
        for base, lengths in asked.items():
            series = self._series.get(base)
            if series is None:
                series = _KINDS[base.kind](lengths, self.keys)
            series.ask(lengths)
            kept[base] = series
        self._series = kept

    @property
    def groups(self) -> int:
        """How many groups are remembered, over all features."""
        return sum(len(series) for series in self._series.values())

    @property
    def forgotten(self) -> int:
        """How many groups had to be forgotten before their time."""
        return sum(series.forgotten for series in self._series.values())
