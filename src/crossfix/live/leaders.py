"""Near-duplicate texts as they come: each joins the first text that it resembles, or leads."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from crossfix.live import leaders_kernel
from crossfix.text_bytes import bytes_of
from crossfix.traces.duplicates import LEAST_SHARED, LEAST_SIMILARITY
from crossfix.traces.fingerprint import digests, key_hashes
from crossfix.traces.near_index import NearIndex

KIND = "near_text"

PROBES = 8
"""Leaders of one bucket that a text is compared with, newest first. The hunt takes two."""


class Leaders(NearIndex):
    """Texts that lead a cluster, at most ``capacity`` of them; at the limit the older half goes.

    Likeness is that of `crossfix.traces.near_text`: every member is compared with its leader
    itself, so that a cluster cannot drift. A cluster is called by the digest of its leader, where
    the hunt, which knows all texts, calls it by the least digest of a member.
    """

    def __init__(self, capacity: int = 1 << 18) -> None:
        super().__init__(capacity)
        self._names = np.empty(0, np.uint64)
        self._marks = np.empty((capacity, leaders_kernel.MARKS), np.uint64)
        self._asked = np.zeros(capacity, np.int64)
        self._turn = 1

    def keys(self, folded: pa.Array) -> tuple[NDArray[np.int64], NDArray[np.uint64]]:
        """Return the rows of texts that have shingles, and the key of each one's cluster."""
        unique = folded.dictionary_encode()
        texts, of = unique.dictionary, unique.indices.to_numpy()
        keys = np.zeros(len(texts), np.uint64)
        step = max(1, self._capacity // 4)
        for first in range(0, len(texts), step):
            keys[first : first + step] = self._assigned(texts.slice(first, step))
        answer = keys[of]
        rows = np.flatnonzero(answer)
        return rows, answer[rows]

    def _assigned(self, texts: pa.Array) -> NDArray[np.uint64]:
        """Return the key of each text's cluster, 0 for texts without shingles."""
        if self._count + len(texts) > self._capacity:
            number = self._count - self._capacity // 2
            self._forget(number)
            self._names = self._names[number:]
            leaders_kernel.marked(self._offsets, self._hashes, 0, self._count, self._marks)
        data, starts = bytes_of(texts)
        self._room_for(len(texts), len(data) // 2 + len(texts) + 1)
        leader = np.empty(len(texts), np.int64)
        before = self._count
        self._count = int(
            leaders_kernel.assign(
                data, starts, self._heads, self._next, self._keys, self._offsets, self._hashes,
                self._marks, before, leader, LEAST_SIMILARITY, LEAST_SHARED, PROBES,
                self._asked, self._turn,
            )
        )  # fmt: skip
        self._turn += len(texts)
        led = leader >= 0
        _, new = np.unique(np.where(leader >= before, leader, -1), return_index=True)
        new = np.sort(new[leader[new] >= before])
        names = key_hashes(KIND, digests(texts.take(pa.array(new))))
        self._names = np.concatenate([self._names, names])
        answer = np.zeros(len(texts), np.uint64)
        answer[led] = self._names[leader[led]]
        return answer
