"""A sample of posts by language, the same whatever order they come in."""

from __future__ import annotations

import heapq

import xxhash

from crossfix.content.script import variety_of
from crossfix.traces.origin.likeness import PEERS


class Peers:
    """Keeps of each language the posts whose hashes are least, each text once."""

    def __init__(self, most: int = PEERS) -> None:
        self._most = most
        self._kept: dict[str, list[tuple[int, str]]] = {}
        self._hashes: set[int] = set()

    def add(self, text: str) -> None:
        """Take a post into consideration."""
        rank = -xxhash.xxh3_64_intdigest(text.encode("utf-8", "replace"))
        if rank in self._hashes:
            return
        kept = self._kept.setdefault(variety_of(text), [])
        if len(kept) < self._most:
            heapq.heappush(kept, (rank, text))
            self._hashes.add(rank)
        elif rank > kept[0][0]:
            gone, _ = heapq.heapreplace(kept, (rank, text))
            self._hashes.discard(gone)
            self._hashes.add(rank)

    def by_language(self) -> dict[str, list[str]]:
        """Return the sample, in the order of the hashes."""
        return {name: [text for _, text in sorted(kept)] for name, kept in self._kept.items()}
