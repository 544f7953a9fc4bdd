"""What a campaign is: accounts that act as one, with the evidence for it."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

from crossfix.campaigns.fanout import FanOut
from crossfix.traces.chain import Chain


class Member(msgspec.Struct, frozen=True, kw_only=True):
    """An account in a campaign; ``score`` is what accounts are ranked by, 0 to 1.

    ``inauthenticity`` is what it bears itself of what its campaign shows, null where nobody looked.
    """

    account: str
    service: str
    score: float
    events: int
    first: datetime
    last: datetime
    display_name: str | None = None
    url: str | None = None
    actor: str | None = None
    inauthenticity: float | None = None


class Link(msgspec.Struct, frozen=True, kw_only=True):
    """Two accounts with more traces of a kind in common than chance explains.

    ``expected`` is the number of shared keys that the null model explains within
    ``window_seconds``, ``llr`` the log-likelihood ratio, ``q_value`` the Benjamini-Hochberg rate.
    """

    account_a: str
    account_b: str
    kind: str
    window_seconds: int
    shared_keys: int
    expected: float
    llr: float
    q_value: float


class Post(msgspec.Struct, frozen=True, kw_only=True):
    """One event as evidence; ``shared`` are the pieces of its text that others have too."""

    event: str
    account: str
    service: str
    action: str
    time: datetime
    text: str | None = None
    url: str | None = None
    shared: tuple[str, ...] = ()


class SharedKey(msgspec.Struct, frozen=True, kw_only=True):
    """One key and the members' events that carry it, in order of time.

    ``popularity`` is how many accounts of the whole input left this key.
    """

    kind: str
    key: str
    popularity: int
    posts: tuple[Post, ...]


class Mark(msgspec.Struct, frozen=True, kw_only=True):
    """A key that members have in common: how many of them, and how many accounts outside.

    ``value`` is readable; of kinds ``text`` and ``near_text`` it is a text that left the key, and
    ``account`` wrote it.
    """

    kind: str
    value: str
    members: int
    outside: int = 0
    account: str | None = None


class Tag(msgspec.Struct, frozen=True, kw_only=True):
    """A technique in a public framework, and what in the evidence implies it."""

    framework: Literal["kill-chain", "DISARM", "ATLAS"]
    id: str
    name: str
    because: str


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a campaign since the run before.

    ``others`` are ids of the campaigns that it was split from or merged with.
    """

    what: Literal["new", "same", "grown", "shrunk", "split", "merged"]
    joined: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    others: tuple[str, ...] = ()


class Campaign(msgspec.Struct, frozen=True, kw_only=True):
    """A community of linked accounts with an identity that lasts from run to run.

    ``coordination`` (how surely they act as one) and ``inauthenticity`` are two scores, 0 to 1,
    never mixed; ``parts`` are the parts of the second by name. ``kinds`` counts the keys that
    members share by kind. ``breakout`` is the Breakout Scale's category 1 to 3. ``marks`` are the
    keys by which it may be recognised: common to its members and rare outside.
    """

    id: str
    members: tuple[Member, ...]
    coordination: float
    inauthenticity: float
    parts: dict[str, float]
    p_value: float
    density: float
    services: tuple[str, ...]
    first: datetime
    last: datetime
    kinds: dict[str, int]
    summary: str
    tags: tuple[Tag, ...]
    breakout: int
    breakout_because: str
    change: Change
    links: tuple[Link, ...] = ()
    evidence: tuple[SharedKey, ...] = ()
    marks: tuple[Mark, ...] = ()
    fan_outs: tuple[FanOut, ...] = ()
    """Model responses of which several members posted parts, the widest first."""
    chains: tuple[Chain, ...] = ()
    """Ways of a text from one AI service to another that members took part in."""
    allowed: str | None = None
    """The entry of the allow-list that covers it, if one does."""
