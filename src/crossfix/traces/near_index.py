"""Texts that can be asked for their near-duplicates one by one, as they come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from crossfix.content import fold, fold_one
from crossfix.traces import near_kernel
from crossfix.traces.duplicates import LEAST_SHARED, LEAST_SIMILARITY, sketch
from crossfix.traces.minhash import BANDS

MOST_PROBES = 64
"""Texts of one bucket that are looked at, newest first: a flooded bucket costs no more."""

_MOST_FOUND = 64
_T = TypeVar("_T", bound=np.generic)
_NONE = -1


@dataclass(frozen=True)
class Match:
    """A text of the index that resembles the one asked about; ``similarity`` is Jaccard's."""

    number: int
    similarity: float


class NearIndex:
    """Near-duplicate look-up among at most ``capacity`` texts.

    A text is named by its number, counted from 0 in order of arrival. When the index is full, the
    older half of its texts is forgotten. Memory is about 300 bytes a text. Answers are what
    comparing with every text would give, but for pairs that no band brings together (one in four
    at similarity .4, one in a hundred at .6) and for buckets with more than `MOST_PROBES` texts.
    """

    def __init__(self, capacity: int = 1_000_000) -> None:
        if capacity < 2:
            raise ValueError("an index needs room for two texts")
        self._capacity = capacity
        self._first_number = 0
        self._clear()

    def _clear(self) -> None:
        room = min(self._capacity, 1_024)
        self._count = 0
        self._heads = _buckets(room)
        self._next = np.empty((room, BANDS), dtype=np.int32)
        self._keys = np.empty((room, BANDS), dtype=np.uint32)
        self._offsets = np.zeros(room + 1, dtype=np.int64)
        self._hashes = np.empty(16 * room, dtype=np.uint64)

    def __len__(self) -> int:
        return self._count

    def add(self, texts: Sequence[str] | pa.Array) -> range:
        """Take in texts and return their numbers."""
        began = self._first_number + self._count
        column = fold(texts if isinstance(texts, pa.Array) else pa.array(texts, pa.string()))
        step = max(1, self._capacity // 2)
        for first in range(0, len(column), step):
            self._add(column.slice(first, step))
        return range(began, began + len(column))

    def _add(self, folded: pa.Array) -> None:
        """Take in folded texts, at most half of the capacity."""
        if self._count + len(folded) > self._capacity:
            self._forget(self._count - self._capacity // 2)
        shingles, keys = sketch(folded, compiled=True)
        self._insert(shingles.hashes, np.diff(shingles.offsets), np.ascontiguousarray(keys.T))

    def _insert(
        self, hashes: NDArray[np.uint64], sizes: NDArray[np.int64], keys: NDArray[np.uint32]
    ) -> None:
        """Store texts and link them into their buckets."""
        begin, end = self._count, self._count + len(sizes)
        used = self._offsets[begin]
        self._room_for(len(sizes), len(hashes))
        self._keys[begin:end] = keys
        self._offsets[begin + 1 : end + 1] = used + np.cumsum(sizes)
        self._hashes[used : used + len(hashes)] = hashes
        self._count = end
        near_kernel.link(self._heads, self._next, self._keys, self._offsets, begin, end)

    def _room_for(self, texts: int, shingles: int) -> None:
        """Make the arrays long enough for more texts with so many shingles."""
        end = self._count + texts
        self._next = _grown(self._next, end)
        self._keys = _grown(self._keys, end)
        self._offsets = _grown(self._offsets, end + 1)
        self._hashes = _grown(self._hashes, self._offsets[self._count] + shingles)
        # A bucket a text: more would be memory for nothing, fewer would be long.
        if min(end, self._capacity) > self._heads.shape[1]:
            self._heads = _buckets(min(2 * end, self._capacity))
            near_kernel.link(self._heads, self._next, self._keys, self._offsets, 0, self._count)

    def _forget(self, number: int) -> None:
        """Forget the oldest texts."""
        number = max(0, min(number, self._count))
        cut, end = self._offsets[number], self._offsets[self._count]
        sizes = np.diff(self._offsets[number : self._count + 1])
        hashes, keys = self._hashes[cut:end].copy(), self._keys[number : self._count].copy()
        self._first_number += number
        self._clear()
        self._insert(hashes, sizes, keys)

    def find(self, text: str, at_most: int = 10) -> list[Match]:
        """Return the texts that resemble this one, most alike first, then newest first."""
        raw = np.frombuffer(fold_one(text).encode(), dtype=np.uint8)
        numbers = np.empty(_MOST_FOUND, dtype=np.int64)
        near = np.empty(_MOST_FOUND, dtype=np.float64)
        found = near_kernel.find(
            raw, self._heads, self._next, self._keys, self._offsets, self._hashes,
            numbers, near, LEAST_SIMILARITY, LEAST_SHARED, MOST_PROBES,
        )  # fmt: skip
        pairs = sorted(zip(near[:found].tolist(), numbers[:found].tolist(), strict=True))
        chosen = pairs[::-1][:at_most]
        return [Match(self._first_number + number, value) for value, number in chosen]


def _buckets(texts: int) -> NDArray[np.int32]:
    """Return empty buckets for so many texts, a row a band."""
    return np.full((BANDS, 1 << max(4, int(texts - 1).bit_length())), _NONE, dtype=np.int32)


def _grown(array: NDArray[_T], room: int) -> NDArray[_T]:
    """Return an array with room for so many rows, doubled if it must grow."""
    if room <= len(array):
        return array
    answer = np.empty((max(room, 2 * len(array)), *array.shape[1:]), dtype=array.dtype)
    answer[: len(array)] = array
    return answer
