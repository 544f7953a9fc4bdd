"""How each account behaves, gathered in one pass over events in any order."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from crossfix.accounts.latest import Latest
from crossfix.accounts.rhythm import Rhythm, clock_step, rhythm
from crossfix.accounts.template import hashes, templates
from crossfix.events import event_id

NEVER = np.iinfo(np.int64).min
"""Stands for a time that is not known."""

_HOUR = 3_600_000_000
_REPOST, _REPLY, _POST, _OTHER = range(4)
_CLASS = {"repost": _REPOST, "reply": _REPLY, "post": _POST, "send": _POST}
_LATEST = ("created", "display_name", "followers", "client", "bio", "avatar")
_SAME_PERSON = ("person", "credential")
_PROFILE_ACTIONS = ("profile", "signup", "login", "follow")

Ints = NDArray[np.int64]
_T = TypeVar("_T", bound=np.generic)


@dataclass(frozen=True)
class Uses:
    """How often accounts used what: one row a pair of account code and key, sorted by both."""

    account: NDArray[np.int32]
    key: NDArray[np.uint64]
    uses: Ints


@dataclass(frozen=True)
class Behaviour:
    """Columns per account, in order of the accounts' codes (first appearance).

    ``first``, ``last`` and ``created`` are UTC microseconds, ``created`` is `NEVER` where it is
    not known; ``followers`` is NaN then, the strings are null. ``hours`` is accounts × 24 counts.

    ``templates`` says how often an account used each text template in texts of its own (no
    reposts), ``sources`` whom it reposts, where events say it or the
    reposted post is known, ``persons`` what it declares or
    shows itself to be (the person, the credential).
    """

    accounts: pa.StringArray
    services: tuple[str, ...]
    service: NDArray[np.int32]
    events: Ints
    posts: Ints
    replies: Ints
    reposts: Ints
    first: Ints
    last: Ints
    hours: NDArray[np.uint32]
    rhythm: Rhythm
    created: Ints
    followers: NDArray[np.float64]
    display_name: pa.StringArray
    url: pa.StringArray
    client: pa.StringArray
    bio: pa.StringArray
    avatar: pa.StringArray
    templates: Uses
    sources: Uses
    persons: Uses

    def __len__(self) -> int:
        return len(self.events)


class BehaviourCollector:
    """Gathers `Behaviour` from batches of events, in any order of time.

    It keeps 29 bytes an event (account, time, class, one key, the id's hash) and some hundred
    bytes an account. An event that comes again (same id) is counted once.
    """

    def __init__(self) -> None:
        self._names: dict[str, int] = {}
        self._service: list[int] = []
        self._services: dict[str, int] = {}
        self._codes: list[NDArray[np.int32]] = []
        self._times: list[Ints] = []
        self._classes: list[NDArray[np.uint8]] = []
        self._keys: list[NDArray[np.uint64]] = []
        self._ids: list[NDArray[np.uint64]] = []
        self._targets: list[tuple[Ints, NDArray[np.uint64]]] = []
        self._rows = 0
        self._latest = {name: Latest() for name in (*_LATEST, "url")}
        self._persons: list[Uses] = []

    def add(self, batch: pa.RecordBatch, codes: NDArray[np.int32] | None = None) -> None:
        """Take in a batch with the columns of `crossfix.events.SCHEMA`.

        ``codes`` are the accounts' codes where somebody else numbers them; they must be dense and
        in order of first appearance, which is how they are numbered otherwise.
        """
        if not batch.num_rows:
            return
        codes = self._number(batch, codes)
        times = batch["time"].cast(pa.int64()).to_numpy(zero_copy_only=False)
        classes = _classes(batch["action"])
        keys = templates(batch["text"])
        keys[(classes == _REPOST) | (classes == _OTHER)] = 0
        reposts = np.flatnonzero(classes == _REPOST)
        keys[reposts] = _named(batch, reposts)
        unsaid = reposts[keys[reposts] == 0]
        self._targets.append((unsaid + self._rows, _targets(batch, unsaid)))
        self._rows += batch.num_rows
        self._codes.append(codes)
        self._times.append(times)
        self._classes.append(classes)
        self._keys.append(keys)
        self._ids.append(hashes(batch["id"]))
        self._attributes(batch, codes, times)

    def finish(self) -> Behaviour:
        """Return the columns of all accounts seen; the collector is used up."""
        n = len(self._names)
        code, time = _join(self._codes, np.int32), _join(self._times, np.int64)
        kind, key = _join(self._classes, np.uint8), _join(self._keys, np.uint64)
        ids, once = np.unique(_join(self._ids, np.uint64), return_index=True)
        self._resolve(code, key, ids, once)
        if len(once) < len(code):
            code, time, kind, key = code[once], time[once], kind[once], key[once]
        posts, replies, reposts = (
            np.bincount(code[kind == k], minlength=n) for k in (_POST, _REPLY, _REPOST)
        )
        latest = {name: kept.finish(n) for name, kept in self._latest.items()}
        return Behaviour(
            accounts=pa.array(list(self._names), pa.string()),
            services=tuple(self._services),
            service=np.array(self._service, np.int32),
            events=np.bincount(code, minlength=n),
            posts=posts,
            replies=replies,
            reposts=reposts,
            created=_microseconds(latest["created"]),
            followers=_numbers(latest["followers"]),
            **{name: latest[name] for name in ("display_name", "url", "client", "bio", "avatar")},
            templates=_uses(code, key, (kind != _REPOST) & (key != 0)),
            sources=_uses(code, key, (kind == _REPOST) & (key != 0)),
            persons=_all_uses(self._persons),
            **self._in_time(code, time),
        )

    def _resolve(
        self, code: NDArray[np.int32], key: NDArray[np.uint64], ids: NDArray[np.uint64], at: Ints
    ) -> None:
        """Put the author in where a repost only says which post, and that post is known.

        ``ids`` are the known events' hashes, ascending, each at the row ``at``.
        """
        rows = _join([r for r, _ in self._targets], np.int64)
        target = _join([t for _, t in self._targets], np.uint64)
        self._targets.clear()
        if not len(rows):
            return
        found = np.minimum(np.searchsorted(ids, target), len(ids) - 1)
        hit = ids[found] == target
        names = hashes(pa.array(list(self._names), pa.string()))
        key[rows[hit]] = names[code[at[found[hit]]]]

    def _in_time(self, code: NDArray[np.int32], time: Ints) -> dict[str, Any]:
        """Return the columns that need each account's events in order of time."""
        n = len(self._names)
        order = np.lexsort((time, code))
        code, time = code[order], time[order]
        edge = np.flatnonzero(np.diff(code, prepend=-1))
        slots = np.bincount(code.astype(np.int64) * 24 + time // _HOUR % 24, minlength=n * 24)
        hours = slots.astype(np.uint32).reshape(n, 24)
        steps = _steps(np.array(self._service, np.int32), code, time)
        return {
            "first": time[edge],
            "last": time[np.append(edge[1:], len(code))[: len(edge)] - 1],
            "hours": hours,
            "rhythm": rhythm(code, time, n, steps, hours=hours),
        }

    def _number(self, batch: pa.RecordBatch, given: NDArray[np.int32] | None) -> NDArray[np.int32]:
        """Return the codes of the batch's accounts and learn the new ones' names and services."""
        encoded = batch["account"].dictionary_encode()
        index = encoded.indices.to_numpy()
        names = encoded.dictionary.to_pylist()
        code = np.empty(len(names), np.int32)
        # The dictionary is in order of first appearance in the batch, and so are new codes.
        start = np.full(len(names), len(index), np.int64)
        np.minimum.at(start, index, np.arange(len(index)))
        fresh = []
        for i, name in enumerate(names):
            known = self._names.get(name)
            if known is None:
                known = self._names[name] = len(self._names)
                fresh.append(i)
            code[i] = known
        for service in batch["service"].take(pa.array(start[fresh])).to_pylist():
            self._service.append(self._services.setdefault(service, len(self._services)))
        codes: NDArray[np.int32] = code[index]
        if given is not None and not np.array_equal(given, codes):
            raise ValueError("account codes are not dense and in order of first appearance")
        return codes

    def _attributes(self, batch: pa.RecordBatch, codes: NDArray[np.int32], times: Ints) -> None:
        values = batch["attributes"]
        if not len(values.keys):
            return
        offsets = values.offsets.to_numpy()
        low, high = offsets[0], offsets[-1]
        rows = np.repeat(np.arange(len(values)), np.diff(offsets))
        names = values.keys.slice(low, high - low).dictionary_encode()
        index, items = names.indices.to_numpy(), values.items.slice(low, high - low)
        present = {name: i for i, name in enumerate(names.dictionary.to_pylist())}
        for name in (*_LATEST, "url", *_SAME_PERSON):
            if name not in present:
                continue
            at = np.flatnonzero(index == present[name])
            found = items.take(pa.array(at))
            at, found = rows[at[~_absent(found)]], found.drop_null()
            if name == "url":  # a post's address is not the account's
                profile = pc.is_in(batch["action"].take(pa.array(at)), pa.array(_PROFILE_ACTIONS))
                at, found = at[profile.to_numpy(zero_copy_only=False)], found.filter(profile)
            if name in _SAME_PERSON:
                keys = hashes(pc.binary_join_element_wise(name, found, "\x1f"))
                self._persons.append(_uses(codes[at], keys, keys != 0))
            else:
                self._latest[name].add(codes[at], times[at], found)


def collect(batches: Iterable[pa.RecordBatch]) -> Behaviour:
    """Gather the behaviour of all accounts in batches of events."""
    collector = BehaviourCollector()
    for batch in batches:
        collector.add(batch)
    return collector.finish()


def _classes(action: pa.StringArray) -> NDArray[np.uint8]:
    encoded = action.dictionary_encode()
    known = np.array(
        [_CLASS.get(a, _OTHER) for a in encoded.dictionary.to_pylist()], dtype=np.uint8
    )
    classes: NDArray[np.uint8] = known[encoded.indices.to_numpy()]
    return classes


def _named(batch: pa.RecordBatch, rows: Ints) -> NDArray[np.uint64]:
    """Return the hash of whom each of the rows reposts if its text begins with "RT @", else 0.

    Any other mention stands in the reposted text and is not its author.
    """
    offsets = batch["mentions"].offsets.to_numpy()
    quoted = pc.starts_with(batch["text"].take(pa.array(rows)), "RT @").fill_null(False)
    found = quoted.to_numpy(zero_copy_only=False) & (offsets[rows + 1] > offsets[rows])
    out = np.zeros(len(rows), np.uint64)
    out[found] = hashes(batch["mentions"].values.take(pa.array(offsets[rows[found]])))
    return out


def _targets(batch: pa.RecordBatch, rows: Ints) -> NDArray[np.uint64]:
    """Return the hash of the id of the event that each of the rows reposts, 0 for unknown."""
    if not len(rows):
        return np.zeros(0, np.uint64)
    service = batch["service"].take(pa.array(rows)).to_pylist()
    target = batch["target"].take(pa.array(rows)).to_pylist()
    ids = [
        event_id(s, t[len(s) + 1 :]) if t is not None and t.startswith(f"{s}:") else None
        for s, t in zip(service, target, strict=True)
    ]
    return hashes(pa.array(ids, pa.string()))


def _join(chunks: list[NDArray[_T]], dtype: type[_T]) -> NDArray[_T]:
    """Concatenate the chunks and let go of them."""
    joined = np.concatenate(chunks) if chunks else np.zeros(0, dtype)
    chunks.clear()
    return joined


def _absent(values: pa.Array) -> NDArray[np.bool_]:
    absent: NDArray[np.bool_] = values.is_null().to_numpy(zero_copy_only=False)
    return absent


def _uses(code: NDArray[np.int32], key: NDArray[np.uint64], where: NDArray[np.bool_]) -> Uses:
    code, key = code[where], key[where]
    order = np.lexsort((key, code))
    code, key = code[order], key[order]
    new = np.ones(len(code), bool)
    new[1:] = (code[1:] != code[:-1]) | (key[1:] != key[:-1])
    starts = np.flatnonzero(new)
    return Uses(code[starts], key[starts], np.diff(starts, append=len(code)))


def _all_uses(parts: list[Uses]) -> Uses:
    code = _join([p.account for p in parts], np.int32)
    key = _join([p.key for p in parts], np.uint64)
    uses = _join([p.uses for p in parts], np.int64)
    return _uses(np.repeat(code, uses), np.repeat(key, uses), np.ones(int(uses.sum()), bool))


def _steps(service: NDArray[np.int32], code: NDArray[np.int32], time: Ints) -> Ints:
    """Return the finest step of each account's clock: that of its service."""
    of = service[code]
    step = [clock_step(time[of == s]) for s in range(int(service.max(initial=-1)) + 1)]
    return np.array(step, np.int64)[service]


def _microseconds(values: pa.StringArray) -> Ints:
    out = np.full(len(values), NEVER, np.int64)
    for i, said in enumerate(values.to_pylist()):
        if said is None:
            continue
        try:
            when = datetime.fromisoformat(said)
        except ValueError:
            continue
        when = when.replace(tzinfo=UTC) if when.tzinfo is None else when
        out[i] = round(when.timestamp() * 1e6)
    return out


def _numbers(values: pa.StringArray) -> NDArray[np.float64]:
    out = np.full(len(values), np.nan)
    for i, said in enumerate(values.to_pylist()):
        if said is not None and len(said) <= 18 and said.isascii() and said.isdigit():
            out[i] = float(said)
    return out
