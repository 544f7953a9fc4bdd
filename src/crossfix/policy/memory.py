"""What policies remember of the past, bounded and expiring."""

from __future__ import annotations

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
        """Return the series of a feature, a new one if there is none."""
        found = self._series.get(window)
        if found is None:
            within = window.within or REMEMBERED_SECONDS
            found = self._series[window] = _KINDS[window.kind](within, self.keys)
        return found

    def keep_only(self, windows: set[Window]) -> None:
        """Forget the features that are asked no more."""
        self._series = {w: s for w, s in self._series.items() if w in windows}

    @property
    def groups(self) -> int:
        """How many groups are remembered, over all features."""
        return sum(len(series) for series in self._series.values())

    @property
    def forgotten(self) -> int:
        """How many groups had to be forgotten before their time."""
        return sum(series.forgotten for series in self._series.values())
