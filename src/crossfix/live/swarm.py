"""Swarms: several actors on one rare key within minutes, as they form, grow and merge."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import TypeVar

import msgspec

from crossfix.campaigns.allow import AllowList
from crossfix.live.rarity import RAISED, goes_around, members, strength
from crossfix.live.sighting import Sighting

MOST_SWARMS = 10_000
MOST_ACCOUNTS = 2_000
MOST_EVENTS = 500
"""Accounts and events of one swarm that are kept; more are counted no further."""

TEXTS = frozenset({"text", "near_text", "origin"})
"""Kinds of keys that stand for what was said."""

_Owned = TypeVar("_Owned", str, tuple[str, int])

MOST_KEYS = 32
MOST_TEXTS = 8
REMEMBERED_SECONDS = 7 * 86_400.0


class SwarmKey(msgspec.Struct, frozen=True, kw_only=True):
    """A key that a swarm is on: as a person reads it and as 16 hex digits.

    ``members`` is how many accounts of the swarm left it, ``outside`` how many others did or will
    have, as far as the index has seen.
    """

    kind: str
    value: str
    hash: str
    members: int = 0
    outside: int = 0


class Swarm(msgspec.Struct, kw_only=True):
    """Accounts on one rare key, or on several that the same events left.

    ``strength`` is in powers of ten against chance; ``actors`` counts accounts of one person once.
    ``by_meeting`` says that all its keys go around by themselves: that its accounts had met before
    tells it from their other bursts.
    ``events`` are ids; ``first`` and ``last`` are the times of the events, ``raised`` is when it
    was seen to be a swarm.
    """

    id: str
    keys: list[SwarmKey]
    accounts: list[str]
    actors: int
    first: datetime
    last: datetime
    strength: float
    events: list[str]
    raised: datetime
    allowed: str | None = None
    by_meeting: bool = False
    texts: list[str] = []
    """What members said, a few examples; held in memory, not in the registry."""


class Swarms:
    """The swarms of the last days, fed with what the index sees.

    Args:
        allow: families of accounts that may act as one: their swarms are marked.
        raised: the strength from which a burst is a swarm.
    """

    def __init__(
        self, allow: AllowList | None = None, *, raised: float = RAISED, least_actors: int = 5
    ) -> None:
        self._allow = allow or AllowList()
        self._raised = raised
        self._least = least_actors
        self._held: dict[str, Swarm] = {}
        self._by_key: dict[tuple[str, int], str] = {}
        self._by_event: dict[str, str] = {}

    def __iter__(self) -> Iterator[Swarm]:
        return iter(self._held.values())

    def __len__(self) -> int:
        return len(self._held)

    def take(self, seen: Iterable[Sighting], now: datetime) -> list[Swarm]:
        """Take in what was seen; return the swarms that are new or have changed, oldest first."""
        changed: dict[str, None] = {}
        for one in seen:
            swarm = self._of(one)
            if swarm is None:
                swarm = self._new(one, now)
                if swarm is None:
                    continue
            if self._grow(swarm, one):
                changed[swarm.id] = None
        self._forget(now)
        return [self._held[id] for id in changed if id in self._held]

    def adopt(self, swarm: Swarm) -> bool:
        """Hold a swarm that was known before; tell whether the allow-list now says otherwise."""
        before, swarm.allowed = swarm.allowed, self._allow.covering(swarm.accounts)
        self._held[swarm.id] = swarm
        self._index(swarm)
        return before != swarm.allowed

    def _of(self, seen: Sighting) -> Swarm | None:
        """Return the swarm that this burst belongs to: by its key, or by half of its events."""
        known = self._by_key.get((seen.kind, seen.key))
        if known is not None:
            swarm = self._held[known]
            # The same key again, much later, is another wave of it and no growth.
            begun = _moment(min(seen.times))
            if (begun - swarm.last).total_seconds() <= REMEMBERED_SECONDS / 7:
                return swarm
        votes: dict[str, int] = {}
        for event in seen.events:
            owner = self._by_event.get(event)
            if owner is not None:
                votes[owner] = votes.get(owner, 0) + 1
        best = max(votes, key=lambda id: (votes[id], id), default=None)
        if best is None or 2 * votes[best] < len(seen.events):
            return None
        return self._held[best] if strength(seen) >= 1 else None

    def _new(self, seen: Sighting, now: datetime) -> Swarm | None:
        power = strength(seen)
        inside = members(seen)
        if power < self._raised or not self._enough(seen, inside):
            return None
        begun = min(seen.times[i] for i in inside)
        swarm = Swarm(
            id=_name(seen, begun), keys=[], accounts=[], actors=0, first=_moment(begun),
            last=_moment(begun), strength=power, events=[], raised=now, by_meeting=True,
        )  # fmt: skip
        self._held[swarm.id] = swarm
        return swarm

    def _enough(self, seen: Sighting, inside: tuple[int, ...]) -> bool:
        # Of those on something popular the few who met before are enough; and of those who post
        # what one response held as many as it takes to see that.
        if seen.family == "origin":
            return len(inside) > 3
        return len(inside) >= (self._least if len(inside) == len(seen.accounts) else 3)

    def _grow(self, swarm: Swarm, seen: Sighting) -> bool:
        """Add what is new of a burst; tell whether anything was."""
        before = (len(swarm.keys), len(swarm.accounts), len(swarm.events))
        _note_key(swarm, seen)
        swarm.by_meeting &= goes_around(seen.kind, seen.family)
        held, events = set(swarm.accounts), set(swarm.events)
        for i in members(seen):
            if seen.accounts[i] not in held and len(held) < MOST_ACCOUNTS:
                held.add(seen.accounts[i])
                swarm.accounts.append(seen.accounts[i])
                swarm.actors += 1
            if seen.events[i] and seen.events[i] not in events and len(events) < MOST_EVENTS:
                events.add(seen.events[i])
                swarm.events.append(seen.events[i])
            moment = _moment(seen.times[i])
            swarm.first, swarm.last = min(swarm.first, moment), max(swarm.last, moment)
        for said in (seen.text if seen.kind in TEXTS else None, *seen.said):
            if said and said not in swarm.texts and len(swarm.texts) < MOST_TEXTS:
                swarm.texts = [*swarm.texts, said]
        swarm.strength = max(swarm.strength, strength(seen))
        swarm.allowed = self._allow.covering(swarm.accounts)
        self._index(swarm)
        return before != (len(swarm.keys), len(swarm.accounts), len(swarm.events))

    def _index(self, swarm: Swarm) -> None:
        for key in swarm.keys:
            self._by_key[key.kind, int(key.hash, 16)] = swarm.id
        for event in swarm.events:
            self._by_event[event] = swarm.id

    def _forget(self, now: datetime) -> None:
        """Let go of swarms that have been still for days, and of the oldest where too many are."""
        if not self._held:
            return
        # The time of events, for the past is played too; but nothing is later than now.
        newest = min(now, max(s.last for s in self._held.values()))
        still = [
            s.id for s in self._held.values()
            if (newest - s.last).total_seconds() > REMEMBERED_SECONDS
        ]  # fmt: skip
        still += list(self._held)[: max(0, len(self._held) - len(still) - MOST_SWARMS)]
        for id in still:
            swarm = self._held.pop(id, None)
            if swarm is not None:
                for key in swarm.keys:
                    _drop(self._by_key, (key.kind, int(key.hash, 16)), id)
                for event in swarm.events:
                    _drop(self._by_event, event, id)


def _drop(owners: dict[_Owned, str], what: _Owned, owner: str) -> None:
    """Forget an owner, unless another has come to own it."""
    if owners.get(what) == owner:
        del owners[what]


def _note_key(swarm: Swarm, seen: Sighting) -> None:
    """Note the key of a burst, and how many of a swarm and outside it were seen on it."""
    name = f"{seen.key:016x}"
    inside = len(members(seen))
    outside = seen.actors - inside + round(seen.expected)
    for at, key in enumerate(swarm.keys):
        if key.hash == name:
            swarm.keys[at] = msgspec.structs.replace(
                key, members=max(key.members, inside), outside=max(key.outside, outside)
            )
            return
    if len(swarm.keys) < MOST_KEYS:
        value = seen.value[:2_000]
        key = SwarmKey(kind=seen.kind, value=value, hash=name, members=inside, outside=outside)
        swarm.keys.append(key)


def _name(seen: Sighting, begun: int) -> str:
    """Return the id of a swarm, which is the same when the same events come again."""
    content = f"{seen.kind}\x1f{seen.key}\x1f{begun}".encode()
    digest = hashlib.blake2b(content, digest_size=10).digest()
    return "s-" + base64.b32encode(digest).decode("ascii")[:12].lower()


def _moment(microseconds: int) -> datetime:
    return datetime.fromtimestamp(microseconds / 1e6, UTC)
