"""Which ids are sealed already: eight bytes an id in SQLite, the rest in the segments."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import xxhash
from numpy.typing import NDArray

from crossfix.store.log import segments

TABLES = """
CREATE TABLE IF NOT EXISTS sealed (hash INTEGER PRIMARY KEY, segment INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS collided (known TEXT PRIMARY KEY) WITHOUT ROWID;
"""
Hashes = NDArray[np.int64]
_ID_BYTES = 32
_FACTORS = np.array(
    [0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0xD6E8FEB86659FD93], np.uint64
)
"""Odd numbers, one for each word of an id."""


class SealedIds:
    """The ids of sealed events, in two tables of the log's database.

    ``sealed`` has a 64-bit hash of each id and the segment that it is in. Random keys of that size
    go into a B-tree at half the cost of whole ids, which is most of the cost of bulk appends. A
    hash is no proof, and an adversary finds two ids of one hash: a hit is looked up in its segment,
    and an id whose hash an earlier segment has taken stands in ``collided`` as a whole.
    """

    def __init__(self, database: sqlite3.Connection, folder: Path) -> None:
        self._database = database
        self._folder = folder

    def any(self) -> bool:
        """Say whether there are any."""
        return self._database.execute("SELECT 1 FROM sealed LIMIT 1").fetchone() is not None

    def among(self, ids: pa.ChunkedArray) -> list[str]:
        """Return those of the ids that are sealed."""
        hashes = hashed(ids)
        found = self._database.execute(
            # CROSS JOIN keeps the order: look up each of ours, do not scan all of theirs.
            "SELECT hash, segment FROM json_each(?1) CROSS JOIN sealed ON hash = value",
            (_numbers(hashes),),
        ).fetchall()
        if not found:
            return []
        hits = np.array(found, np.int64)
        maybe = ids.filter(pa.array(np.isin(hashes, hits[:, 0])))
        known = self._collided(maybe.to_pylist())
        for segment in np.unique(hits[:, 1]).tolist():
            here = segments.ids(self._folder / segments.name_of(segment))
            known.extend(maybe.filter(pc.is_in(maybe, here)).to_pylist())
        return known

    def add(self, segment: int, ids: pa.ChunkedArray) -> None:
        """Note that new ids are in a segment, which is written already."""
        hashes = hashed(ids)
        numbers = _numbers(hashes)
        self._database.execute(
            "INSERT OR IGNORE INTO sealed SELECT value, ?1 FROM json_each(?2)", (segment, numbers)
        )
        if self._database.execute("SELECT changes()").fetchone()[0] == len(ids):
            return
        taken = self._database.execute(
            "SELECT hash FROM json_each(?2) CROSS JOIN sealed ON hash = value WHERE segment != ?1",
            (segment, numbers),
        ).fetchall()
        others = np.isin(hashes, np.array(taken, np.int64))
        self._database.executemany(
            "INSERT INTO collided VALUES (?)",
            [(i,) for i in ids.filter(pa.array(others)).to_pylist()],
        )

    def _collided(self, ids: list[str]) -> list[str]:
        found = self._database.execute(
            "SELECT known FROM json_each(?1) CROSS JOIN collided ON known = value",
            (json.dumps(ids),),
        )
        return [known for (known,) in found]


def hashed(ids: pa.ChunkedArray) -> Hashes:
    """Return a 64-bit hash of each id, which depends on nothing but the id."""
    array = ids.combine_chunks()
    lengths = pc.binary_length(array).to_numpy(zero_copy_only=False)
    usual = lengths == _ID_BYTES
    result = np.empty(len(array), np.uint64)
    result[usual] = _of_words(array.filter(pa.array(usual)))
    # Ids that `event_id` did not make.
    odd = array.filter(pa.array(~usual)).to_pylist()
    result[~usual] = [xxhash.xxh3_64_intdigest(i.encode()) for i in odd]
    return result.view(np.int64)


def _of_words(ids: pa.StringArray) -> NDArray[np.uint64]:
    """Mix the four words of ids of 32 bytes, all at once."""
    if not len(ids):
        return np.empty(0, np.uint64)
    _, offsets, data = ids.buffers()
    start = np.frombuffer(offsets, np.int32)[ids.offset]
    words = np.frombuffer(data, np.uint8)[start : start + len(ids) * _ID_BYTES].copy()
    columns = words.view(np.uint64).reshape(-1, 4).T
    mixed = np.zeros(len(ids), np.uint64)
    for word, factor in zip(columns, _FACTORS, strict=True):
        mixed = (mixed ^ word) * factor
        mixed ^= mixed >> np.uint64(29)
    return mixed


def _numbers(hashes: Hashes) -> str:
    return f"[{','.join(map(str, np.sort(hashes).tolist()))}]"
