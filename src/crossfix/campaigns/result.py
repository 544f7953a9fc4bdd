"""Everything that one hunt found, as the outputs are written from it."""

from __future__ import annotations

from datetime import datetime

import msgspec

from crossfix.campaigns.campaign import Campaign


class FileAccount(msgspec.Struct, frozen=True, kw_only=True):
    """One input file: what was read, what was skipped and why."""

    path: str
    format: str
    read: int
    skipped: dict[str, int]
    notes: tuple[str, ...] = ()


class AccountScore(msgspec.Struct, frozen=True, kw_only=True):
    """One account of the input: a row of ``accounts.csv``."""

    account: str
    campaign: str | None
    score: float
    coordination: float
    inauthenticity: float
    links: int
    display_name: str | None = None
    url: str | None = None


class Node(msgspec.Struct, frozen=True, kw_only=True):
    """An account in the network picture, laid out in the unit square."""

    account: str
    campaign: str | None
    score: float
    x: float
    y: float


class Edge(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the network picture: two accounts, the kinds they share, its weight."""

    source: str
    target: str
    kinds: tuple[str, ...]
    weight: float


class Timeline(msgspec.Struct, frozen=True, kw_only=True):
    """Events per bin: of all accounts, and of each campaign by its id."""

    start: datetime
    bin_seconds: int
    everyone: tuple[int, ...]
    campaigns: dict[str, tuple[int, ...]]


class Limit(msgspec.Struct, frozen=True, kw_only=True):
    """A key too popular to be paired in all windows, said aloud.

    ``window_seconds`` is the longest window that it took part in, 0 for none.
    """

    kind: str
    key: str
    accounts: int
    shares: int
    window_seconds: int


class HuntResult(msgspec.Struct, frozen=True, kw_only=True):
    """What a hunt found. ``accounts`` holds every account of the input, best first.

    Nothing in it depends on the clock: the same input and seed give the same bytes at any time.
    """

    seed: int
    version: str
    files: tuple[FileAccount, ...]
    events: int
    services: dict[str, int]
    first: datetime | None
    last: datetime | None
    traces: dict[str, int]
    campaigns: tuple[Campaign, ...]
    accounts: tuple[AccountScore, ...]
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    timeline: Timeline | None
    limits: tuple[Limit, ...] = ()
    notes: tuple[str, ...] = ()
