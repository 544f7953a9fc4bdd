"""The driver: batches of events in, one compact table of traces out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pyarrow as pa
import xxhash
from numpy.typing import NDArray

from crossfix.events import Event, to_batch
from crossfix.traces.columns import with_folded_texts
from crossfix.traces.fingerprint import key_hash, key_hashes
from crossfix.traces.given import MOST_KINDS, given_keys, given_kinds
from crossfix.traces.registry import default_clusterers, default_extractors
from crossfix.traces.seen import Seen
from crossfix.traces.table import Naming, Traces
from crossfix.traces.trace import TRACES, Clusterer, Extractor, Keys

_Found = tuple[NDArray[np.int64], NDArray[np.uint64]]
_Chunk = tuple[NDArray[np.uint32], NDArray[np.uint64]]


class TraceCollector:
    """Gathers the traces of events that arrive in batches.

    It keeps 12 bytes a trace and 36 an event. An event that comes again (same id) leaves nothing.
    A profile is a property, not an act: an account leaves each of its keys once, when it is first
    seen with it, however many of its events repeat it.
    """

    def __init__(
        self,
        extractors: Sequence[Extractor] | None = None,
        clusterers: Sequence[Clusterer] | None = None,
    ) -> None:
        self._extractors = list(default_extractors() if extractors is None else extractors)
        self._clusterers = list(default_clusterers() if clusterers is None else clusterers)
        self._namings: dict[str, Naming] = {}
        makers: list[Extractor | Clusterer] = [*self._extractors, *self._clusterers]
        for maker in makers:
            self._namings.setdefault(maker.kind, Naming(maker.family, maker.phrase))
        self._chunks: dict[str, list[_Chunk]] = {}
        self._codes: dict[str, int] = {}
        self._account_of: list[NDArray[np.int32]] = []
        self._times: list[NDArray[np.int64]] = []
        self._kept: list[NDArray[np.int64]] = []
        self._seen = Seen()
        self._events = 0
        self._notes: list[str] = []

    def add(self, batch: pa.RecordBatch) -> None:
        """Take in the next batch of events (columns of `crossfix.events.SCHEMA`)."""
        base = self._events
        self._events += batch.num_rows
        ids = batch.column("id").cast(pa.binary()).to_pylist()
        hashes = np.fromiter(map(xxhash.xxh3_64_intdigest, ids), np.uint64, len(ids))
        new = self._seen.add(hashes)
        self._account_of.append(self._account_codes(batch.column("account")))
        self._times.append(batch.column("time").cast(pa.int64()).to_numpy(zero_copy_only=False))
        kept = np.flatnonzero(new)
        self._kept.append(kept + base)
        if len(kept) < batch.num_rows:
            batch = batch.filter(pa.array(new))
        if not batch.num_rows:
            return
        batch = with_folded_texts(batch)
        found: dict[str, list[_Found]] = {}
        for extractor in self._extractors:
            self._gather(found, extractor.kind, extractor.extract(batch))
        for kind in self._admit(given_kinds(batch)):
            self._gather(found, kind, given_keys(batch, kind))
        for kind, pieces in found.items():
            rows, keys = _distinct(pieces)
            self._chunks.setdefault(kind, []).append(((kept[rows] + base).astype(np.uint32), keys))
        for clusterer in self._clusterers:
            clusterer.add(batch)

    def owners(self) -> NDArray[np.int32]:
        """Return the code of each event's account, in reading order."""
        return _joined(self._account_of, np.int32)

    def first_seen(self) -> NDArray[np.bool_]:
        """Tell of each event whether it is not one that was read before (same id)."""
        first = np.zeros(self._events, dtype=np.bool_)
        first[_joined(self._kept, np.int64)] = True
        return first

    def finish(self) -> Traces:
        """Return all traces. The collector is spent afterwards."""
        kept = _joined(self._kept, np.int64)
        for clusterer in self._clusterers:
            keys = clusterer.finish()
            if len(keys.rows):
                rows, hashes = _distinct([(keys.rows, key_hashes(clusterer.kind, keys.values))])
                self._chunks.setdefault(clusterer.kind, []).append(
                    (kept[rows].astype(np.uint32), hashes)
                )
        kinds = list(self._namings)
        for kind in kinds:
            if self._namings[kind].family == "profile" and kind in self._chunks:
                self._chunks[kind] = [self._first_seen(self._chunks[kind])]
        return Traces(
            table=self._table(kinds),
            accounts=pa.array(self._codes, pa.string()),
            kinds=kinds,
            events=self._events,
            repeated=self._events - len(kept),
            notes=tuple(self._notes),
            namings=dict(self._namings),
        )

    def _admit(self, kinds: Iterable[str]) -> list[str]:
        """Give the kinds that trace tables name a code, up to a bound."""
        admitted = []
        for kind in kinds:
            if kind not in self._namings:
                if len(self._namings) >= MOST_KINDS:
                    note = f"more than {MOST_KINDS} kinds of trace: the others are left out"
                    if note not in self._notes:
                        self._notes.append(note)
                    continue
                self._namings[kind] = Naming("given", f"shared the same {kind}")
            admitted.append(kind)
        return admitted

    def _gather(self, found: dict[str, list[_Found]], kind: str, keys: Keys) -> None:
        """Hash keys under their kind."""
        if len(keys.rows):
            pieces = found.setdefault(kind, [])
            pieces.append((keys.rows, key_hashes(kind, keys.values)))

    def _account_codes(self, accounts: pa.Array) -> NDArray[np.int32]:
        """Return the codes of accounts, by first appearance in the whole input."""
        unique = accounts.dictionary_encode()
        codes = [self._codes.setdefault(a, len(self._codes)) for a in unique.dictionary.to_pylist()]
        answer: NDArray[np.int32] = np.array(codes, dtype=np.int32)[unique.indices.to_numpy()]
        return answer

    def _first_seen(self, chunks: list[_Chunk]) -> _Chunk:
        """Keep of each account and key the earliest trace, in the order of events."""
        rows = np.concatenate([rows for rows, _ in chunks])
        keys = np.concatenate([keys for _, keys in chunks])
        account = _joined(self._account_of, np.int32)[rows]
        order = np.lexsort((rows, _joined(self._times, np.int64)[rows], keys, account))
        first = _starts(account[order], keys[order])
        kept = np.sort(order[first])
        return rows[kept], keys[kept]

    def _table(self, kinds: list[str]) -> pa.Table:
        """Lay the chunks out as columns, one column after the other to save memory."""
        chunks = [(code, c) for code, k in enumerate(kinds) for c in self._chunks.get(k, ())]
        event = _joined([rows for _, (rows, _) in chunks], np.uint32)
        key = pa.array(_joined([keys for _, (_, keys) in chunks], np.uint64))
        sizes = [len(rows) for _, (rows, _) in chunks]
        kind = pa.array(np.repeat(np.array([c for c, _ in chunks], dtype=np.int8), sizes))
        self._chunks.clear()
        account = pa.array(_joined(self._account_of, np.int32)[event])
        time = pa.array(_joined(self._times, np.int64)[event])
        columns = [account, kind, key, time, pa.array(event.astype(np.int64))]
        return pa.Table.from_arrays(columns, schema=TRACES)


def readable(
    kind: str, key: int, event: Event, extractors: Iterable[Extractor] | None = None
) -> str | None:
    """Return the key that this event left, as a person can read it, by extracting it again.

    None where the event shows no such key. A key of a cluster (near-duplicate text, rhythm) lies
    in no single event; for these, show the event itself.
    """
    batch = to_batch([event])
    for extractor in default_extractors() if extractors is None else extractors:
        if extractor.kind == kind:
            for value in extractor.extract(batch).values.to_pylist():
                if key_hash(kind, value) == key:
                    return extractor.readable(event, value)
    for value in given_keys(batch, kind).values.to_pylist():
        if key_hash(kind, value) == key:
            return str(value)
    return None


def _distinct(pieces: list[_Found]) -> _Found:
    """Join the keys found for one kind: each once an event, ordered by event."""
    rows = np.concatenate([r for r, _ in pieces])
    keys = np.concatenate([k for _, k in pieces])
    order = np.lexsort((keys, rows))
    rows, keys = rows[order], keys[order]
    first = _starts(rows, keys)
    return rows[first], keys[first]


def _starts(one: NDArray[np.generic], other: NDArray[np.generic]) -> NDArray[np.bool_]:
    """Return where a run of equal entries begins."""
    first = np.ones(len(one), dtype=np.bool_)
    first[1:] = (one[1:] != one[:-1]) | (other[1:] != other[:-1])
    return first


def _joined(arrays: list[NDArray[np.generic]] | list[NDArray], dtype: type) -> NDArray:  # type: ignore[type-arg]
    """Concatenate, also nothing."""
    return np.concatenate(arrays) if arrays else np.empty(0, dtype=dtype)
