"""Posts that only the slow encoder can compare with some outputs: the soonest, and the nearest."""

from __future__ import annotations

import heapq
from bisect import bisect_right

from crossfix.traces.origin.output import Post

MOST = 10_000
"""Posts that are kept: the second encoder needs five to ten minutes for them."""


class Waiting:
    """Keeps the posts that came soonest after one of some outputs; who copies, copies soon.

    ``times`` are when these outputs were made, in microseconds.
    """

    def __init__(self, times: list[int], most: int = MOST) -> None:
        self._times = sorted(times)
        self._most = most
        self._kept: list[tuple[int, str, str, int, Post]] = []
        self._given = 0
        self.passed_over = 0

    def add(self, post: Post, time: int) -> None:
        """Take a post into consideration."""
        place = bisect_right(self._times, time)
        if not place:
            return
        self._given += 1
        entry = (-(time - self._times[place - 1]), post.service, post.post, -self._given, post)
        if len(self._kept) < self._most:
            heapq.heappush(self._kept, entry)
            return
        self.passed_over += 1
        if entry[:3] > self._kept[0][:3]:
            heapq.heapreplace(self._kept, entry)

    def posts(self) -> list[Post]:
        """Return the posts that were kept, soonest first."""
        return [entry[-1] for entry in sorted(self._kept, key=lambda e: e[:4], reverse=True)]


class Nearest:
    """Keeps the texts of posts that came nearest to an output, as far as was seen."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: list[tuple[float, str, str, int, Post, str]] = []
        self._given = 0

    def add(self, post: Post, text: str, cosine: float) -> None:
        """Take a text of a post into consideration."""
        self._given += 1
        entry = (cosine, post.service, post.post, -self._given, post, text)
        if len(self._kept) < self._most:
            heapq.heappush(self._kept, entry)
        elif entry[:3] > self._kept[0][:3]:
            heapq.heapreplace(self._kept, entry)

    def texts(self) -> list[tuple[Post, str]]:
        """Return the posts that were kept and what of each came near, nearest first."""
        return [entry[4:] for entry in sorted(self._kept, key=lambda e: e[:4], reverse=True)]
