"""The live index: events in, bursts out, by the same traces as the hunt's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import xxhash
from numpy.typing import NDArray

from crossfix.live.leaders import KIND as NEAR
from crossfix.live.leaders import Leaders
from crossfix.live.people import People
from crossfix.live.recent import MICROSECONDS, MOST_ENTRIES, Burst, Recent
from crossfix.live.sighting import Sighting
from crossfix.live.spread import Spread
from crossfix.traces.columns import FOLDED, attribute_names, own_texts, with_folded_texts
from crossfix.traces.fingerprint import key_hashes
from crossfix.traces.given import MOST_KINDS, given_keys, given_kinds
from crossfix.traces.near_text import NearText
from crossfix.traces.registry import default_extractors
from crossfix.traces.seen import Seen
from crossfix.traces.trace import Extractor, Family, Keys

MOST_ACCOUNTS = 500_000
MOST_SEEN = 2_000_000
"""Events, of those that came last, that are recognised when they come again."""

_TRACES_AN_EVENT = 4
"""What an event leaves, about: so many fewer events, and texts, are held than traces."""

_MEET_NOT = frozenset({"tag", "address", "rhythm"})
_COMMON = frozenset({"domain", "asn", "ip_block", "tls", "email_domain"})
"""Kinds whose keys strangers share every day: to be on one of them is to meet nobody."""


@dataclass(frozen=True)
class TraceRows:
    """Traces of a batch as columns; ``event`` is the row in the batch, ``value`` readable."""

    kind: NDArray[np.int8]
    key: NDArray[np.uint64]
    event: NDArray[np.int64]


class LiveIndex:
    """Takes events in as they come and tells where several actors are on one key.

    An event that comes again (same id) among the last million leaves nothing. Memory is bounded:
    see `Recent`, `Leaders` and the limits above.

    Args:
        window_seconds: within which actors on one key make a burst.
        least_actors: how many do.
        most_entries: traces that are held, a power of two; a quarter as many events and texts.
        most_accounts: accounts that are known by number.
        most_seen: events that are recognised when they come again.
        most_segments: parts of completions that are recognised in posts, a power of two, or 0.
    """

    def __init__(
        self,
        *,
        window_seconds: float = 600.0,
        least_actors: int = 5,
        most_entries: int = MOST_ENTRIES,
        extractors: Sequence[Extractor] | None = None,
        most_accounts: int = MOST_ACCOUNTS,
        most_seen: int = MOST_SEEN,
        most_segments: int = 0,
    ) -> None:
        self._extractors = list(default_extractors() if extractors is None else extractors)
        self.kinds: list[str] = []
        self._families: list[Family] = []
        self._shares = np.zeros(MOST_KINDS, np.bool_)
        for extractor in self._extractors:
            self._admit(extractor.kind, extractor.family)
        self._admit(NearText.kind, NearText.family)
        held = max(1 << 12, most_entries // _TRACES_AN_EVENT)
        self._leaders = Leaders(held)
        self._recent = Recent(
            window=int(window_seconds * MICROSECONDS), least=least_actors, most_entries=most_entries
        )
        self.people = People()
        self._most_accounts = most_accounts
        self._seen, self._seen_before, self._seen_count = Seen(), Seen(), 0
        self._spread = Spread(most_segments, self.people.actor) if most_segments else None
        self._most_seen = most_seen
        self._ids: list[str] = [""] * held
        self.events = 0
        self.traces = 0

    def add(self, batch: pa.RecordBatch, *, again: bool = False) -> list[Sighting]:
        """Take in events (columns of `crossfix.events.SCHEMA`) and return the bursts they make.

        ``again`` is for events that were given before and could not be taken in.
        """
        batch = batch if again else self._unseen(batch)
        if not batch.num_rows:
            return []
        self._bound_people()
        accounts = self.people.codes(batch)
        times = batch.column("time").cast(pa.int64()).to_numpy(zero_copy_only=False)
        folded = with_folded_texts(batch, compiled=True)
        rows = self.rows(folded)
        # In the order of time, so that a batch is taken in as its events happened.
        order = np.lexsort((rows.kind, rows.event, times[rows.event]))
        event = rows.event[order]
        first = self.events
        self._remember(batch.column("id").to_pylist())
        bursts = list(
            self._recent.take(
                rows.key[order], rows.kind[order], accounts[event], times[event], event + first,
                self.people.root, self._shares,
            )
        )  # fmt: skip
        self.traces += len(order)
        seen = [self._sighting(burst, batch, int(event[burst.trace])) for burst in bursts]
        if self._spread is not None:
            self._spread.hear(folded)
            seen += self._spread.see(folded)
        return seen

    def foresee(self, batch: pa.RecordBatch) -> None:
        """Take in the completions of events that are yet to be added.

        Where events come in no order, a post may else come before what it repeats.
        """
        if self._spread is not None:
            self._spread.hear(batch)

    def rows(self, batch: pa.RecordBatch) -> TraceRows:
        """Return the traces of events, each key once an event and kind."""
        if FOLDED not in batch.schema.names:
            batch = with_folded_texts(batch, compiled=True)
        found: dict[int, list[tuple[NDArray[np.int64], NDArray[np.uint64]]]] = {}
        said = {None, *attribute_names(batch)}
        for code, extractor in enumerate(self._extractors):
            if extractor.attribute not in said:
                continue
            keys = extractor.extract(batch)
            if len(keys.rows):
                found.setdefault(code, []).append(_hashed(extractor.kind, keys))
        texts = own_texts(batch)
        if len(texts.rows):
            at, hashes = self._leaders.keys(texts.values)
            found.setdefault(self.kinds.index(NEAR), []).append((texts.rows[at], hashes))
        for kind in given_kinds(batch):
            code = self._admit(kind, "given")
            if code >= 0:
                keys = given_keys(batch, kind)
                if len(keys.rows):
                    found.setdefault(code, []).append(_hashed(kind, keys))
        return _rows(found)

    def _admit(self, kind: str, family: Family) -> int:
        """Return the code of a kind, -1 where there are too many kinds."""
        if kind in self.kinds:
            return self.kinds.index(kind)
        if len(self.kinds) >= MOST_KINDS:
            return -1
        self.kinds.append(kind)
        self._families.append(family)
        code = len(self.kinds) - 1
        self._shares[code] = family not in _MEET_NOT and kind not in _COMMON
        return code

    def unknown(self, ids: pa.Array) -> NDArray[np.bool_]:
        """Tell which events have not come before, by their ids."""
        hashes = _hashes_of(ids)
        return ~(self._seen.holds(hashes) | self._seen_before.holds(hashes))

    def _unseen(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Leave out the events that came before."""
        hashes = _hashes_of(batch.column("id"))
        new = self._seen.add(hashes)
        new &= ~self._seen_before.holds(hashes)
        self._seen_count += len(hashes)
        if self._seen_count > self._most_seen // 2:
            self._seen_before, self._seen, self._seen_count = self._seen, Seen(), 0
        return batch if new.all() else batch.filter(pa.array(new))

    def _remember(self, ids: list[str]) -> None:
        for number, id in enumerate(ids, self.events):
            self._ids[number % len(self._ids)] = id
        self.events += len(ids)

    def _bound_people(self) -> None:
        if len(self.people) > self._most_accounts:
            kept = self._recent.in_use()
            self._recent.rename(self.people.keep(kept), len(kept))

    def _sighting(self, burst: Burst, batch: pa.RecordBatch, row: int) -> Sighting:
        kind = self.kinds[burst.kind]
        names = [self.people.name(code) for code in burst.accounts.tolist()]
        oldest = self.events - len(self._ids)
        numbers = burst.events.tolist()
        return Sighting(
            kind=kind,
            family=self._families[burst.kind],
            key=burst.key,
            event=batch.slice(row, 1),
            accounts=tuple(names),
            actors=burst.size,
            events=tuple(self._ids[n % len(self._ids)] if n >= oldest else "" for n in numbers),
            times=tuple(burst.times.tolist()),
            again=tuple(burst.again.tolist()),
            expected=burst.expected,
            met=burst.met,
            chance=burst.chance,
            reached=burst.reached,
            keys=burst.keys,
        )


def _hashes_of(ids: pa.Array) -> NDArray[np.uint64]:
    names = ids.cast(pa.binary()).to_pylist()
    return np.fromiter(map(xxhash.xxh3_64_intdigest, names), np.uint64, len(names))


def _hashed(kind: str, keys: Keys) -> tuple[NDArray[np.int64], NDArray[np.uint64]]:
    return keys.rows, key_hashes(kind, keys.values)


def _rows(found: dict[int, list[tuple[NDArray[np.int64], NDArray[np.uint64]]]]) -> TraceRows:
    """Join the keys of all kinds: each once an event and kind."""
    if not found:
        return TraceRows(np.empty(0, np.int8), np.empty(0, np.uint64), np.empty(0, np.int64))
    kinds, keys, events = [], [], []
    for code, pieces in found.items():
        at = np.concatenate([rows for rows, _ in pieces])
        hashes = np.concatenate([hashes for _, hashes in pieces])
        order = np.lexsort((hashes, at))
        at, hashes = at[order], hashes[order]
        first = np.ones(len(at), np.bool_)
        first[1:] = (at[1:] != at[:-1]) | (hashes[1:] != hashes[:-1])
        kinds.append(np.full(int(first.sum()), code, np.int8))
        keys.append(hashes[first])
        events.append(at[first])
    return TraceRows(np.concatenate(kinds), np.concatenate(keys), np.concatenate(events))
