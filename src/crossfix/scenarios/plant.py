"""Campaigns and fan communities planted into a real table of shares."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from crossfix.scenarios.audience import with_audience
from crossfix.scenarios.naming import token
from crossfix.scenarios.permute import microseconds, permute_accounts

__all__ = ["FANS", "TACTICS", "Plant", "permute_accounts", "plant_german", "with_audience"]

SECOND = 1_000_000
HOUR = 3600 * SECOND
RARE_SHARES = 3
POPULAR_QUANTILE = 0.95


@dataclass(frozen=True)
class Plant:
    """One kind of community to plant.

    Every account shares each of ``urls`` with probability ``participation``, within
    ``window_seconds`` after the release (None: at times when others shared it), and writes about
    ``organic`` posts that have nothing to do with it.
    """

    kind: str
    communities: int
    accounts: int
    urls: int
    popular: bool
    window_seconds: int | None
    participation: float = 1.0
    organic: int = 3
    is_operation: bool = True


TACTICS: tuple[Plant, ...] = (
    Plant("fast_rare", 3, 8, 8, popular=False, window_seconds=60),
    Plant("fast_popular", 3, 8, 8, popular=True, window_seconds=60, organic=30),
    Plant("slow", 3, 8, 8, popular=False, window_seconds=6 * 3600),
    Plant("partial", 3, 12, 15, popular=False, window_seconds=600, participation=0.4),
)
"""Twelve campaigns with 108 accounts."""

FANS = Plant("fans", 3, 30, 15, popular=True, window_seconds=None, organic=5, is_operation=False)
"""Three communities that like the same things and do nothing together."""


def plant_german(
    events: pa.Table, *, seed: int, plants: Sequence[Plant] = (*TACTICS, FANS)
) -> tuple[pa.Table, pa.Table]:
    """Shuffle the accounts of a trace table within kind and hour, then plant campaigns and fans.

    ``events`` has `post, account, platform, timestamp, kind, object` with URLs and their domains.
    Returns the table with the planted rows, sorted by time, and labels: `account, is_operation,
    operation, kind, role, person`, a row an account. The campaigns share URLs that the table has:
    rare ones (three shares at most) or popular ones (the top twentieth).
    """
    rng = np.random.default_rng(seed)
    base = permute_accounts(events, seed=int(rng.integers(2**32)))
    shares = _Shares(base)
    rows = _Rows(seed)
    labels: list[dict[str, str | int]] = [
        _label(name, "", "benign", "benign", 0) for name in _unique(base["account"])
    ]
    for plant in plants:
        for number in range(plant.communities):
            labels += _plant_one(plant, number, shares, rows, rng)
    table = pa.concat_tables([base, rows.table(base.schema, shares)])
    order = np.argsort(microseconds(table["timestamp"]), kind="stable")
    return table.take(order), pa.Table.from_pylist(labels, schema=_LABELS)


_LABELS = pa.schema(
    [
        ("account", pa.string()),
        ("is_operation", pa.int64()),
        ("operation", pa.string()),
        ("kind", pa.string()),
        ("role", pa.string()),
        ("person", pa.string()),
    ]
)


class _Shares:
    """The URL shares of the table: which URL, when, its popularity and its domain."""

    def __init__(self, table: pa.Table) -> None:
        urls = table.filter(pc.equal(table["kind"], "url"))
        coded = urls["object"].combine_chunks().dictionary_encode()
        self.names: list[str] = coded.dictionary.to_pylist()
        self.url: NDArray[np.int64] = coded.indices.to_numpy().astype(np.int64)
        self.time = microseconds(urls["timestamp"])
        counts = np.bincount(self.url)
        self.rare = np.flatnonzero(counts <= RARE_SHARES)
        self.popular = np.flatnonzero(counts >= np.quantile(counts, POPULAR_QUANTILE))
        self.domain = self._domains(table, urls)
        self.end = int(self.time.max())

    def _domains(self, table: pa.Table, urls: pa.Table) -> dict[str, str]:
        """Find each URL's domain: the one that shares the URL's post (before its row number)."""
        domains = table.filter(pc.equal(table["kind"], "domain"))
        of_post = dict(
            zip(map(_stem, domains["post"].to_pylist()), domains["object"].to_pylist(), strict=True)
        )
        pairs = zip(urls["object"].to_pylist(), urls["post"].to_pylist(), strict=True)
        return {url: of_post[_stem(post)] for url, post in pairs if _stem(post) in of_post}

    def moment(self, url: int, rng: np.random.Generator) -> int:
        """Return a time when somebody who saw ``url`` could share it: hours after a share."""
        after = rng.lognormal(np.log(2 * HOUR), 1.0)
        return min(int(rng.choice(self.time[self.url == url]) + after), self.end)


class _Rows:
    """The planted shares."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.shares: list[tuple[str, str, int, int]] = []

    def share(self, account: str, platform: str, url: int, time: int) -> None:
        self.shares.append((account, platform, url, time // SECOND * SECOND))

    def table(self, schema: pa.Schema, shares: _Shares) -> pa.Table:
        rows: list[dict[str, str | int]] = []
        for number, (account, platform, url, time) in enumerate(self.shares):
            name = shares.names[url]
            row: dict[str, str | int] = {
                "post": token("e", "plant", self.seed, number),
                "account": account,
                "platform": platform,
                "timestamp": time,
            }
            rows.append({**row, "kind": "url", "object": name})
            if name in shares.domain:
                rows.append({**row, "kind": "domain", "object": shares.domain[name]})
        plain = {f.name: [r[f.name] for r in rows] for f in schema}
        arrays = [pa.array(plain[f.name], _storage(f.type)).cast(f.type) for f in schema]
        return pa.table(arrays, schema=schema)


def _storage(kind: pa.DataType) -> pa.DataType:
    """Times are made as whole microseconds."""
    return pa.timestamp("us") if pa.types.is_timestamp(kind) else kind


def _plant_one(
    plant: Plant, number: int, shares: _Shares, rows: _Rows, rng: np.random.Generator
) -> list[dict[str, str | int]]:
    """Plant one community; return its labels."""
    name = f"{plant.kind}_{number}"
    urls = rng.choice(shares.popular if plant.popular else shares.rare, plant.urls, replace=False)
    accounts = [token("a", "plant", rows.seed, name, i) for i in range(plant.accounts)]
    platforms = rng.choice(["tw", "fb"], plant.accounts).tolist()
    for url in urls.tolist():
        release = shares.moment(url, rng)
        for account, platform in zip(accounts, platforms, strict=True):
            if rng.random() >= plant.participation:
                continue
            if plant.window_seconds is None:
                time = shares.moment(url, rng)
            else:
                time = release + int(rng.uniform(0, plant.window_seconds) * SECOND)
            rows.share(account, platform, url, time)
    for account, platform in zip(accounts, platforms, strict=True):
        for url in rng.choice(shares.url, rng.poisson(plant.organic)).tolist():
            rows.share(account, platform, url, shares.moment(url, rng))
    role = "operation" if plant.is_operation else "fan"
    operation = name if plant.is_operation else ""
    return [_label(a, operation, plant.kind, role, int(plant.is_operation)) for a in accounts]


def _label(
    account: str, operation: str, kind: str, role: str, is_operation: int
) -> dict[str, str | int]:
    return {
        "account": account,
        "is_operation": is_operation,
        "operation": operation,
        "kind": kind,
        "role": role,
        "person": f"p{account}",
    }


def _stem(post: str) -> str:
    """Return the post that a permuted row came from."""
    return post.partition(".")[0]


def _unique(column: pa.ChunkedArray) -> list[str]:
    names: list[str] = pc.unique(column).to_pylist()
    return names
