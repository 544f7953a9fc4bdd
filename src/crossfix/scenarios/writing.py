"""A world on disk: posts, labels and parameters."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

import crossfix
from crossfix.scenarios.names import site, tag
from crossfix.scenarios.text import bodies, mix, unit
from crossfix.scenarios.world import SERVICES, TAGS, TOPICS, World

CHUNK = 65_536
TRACKED_SHARE = 0.15
"""How many links carry the tracking parameters of a share button."""

_LANGUAGES = ("en", "de", "es", "ru", "ja")
_UTC = pa.timestamp("us", tz="UTC")
POSTS: pa.Schema = pa.schema(
    [
        ("post_id", pa.string()),
        ("service", pa.string()),
        ("account", pa.string()),
        ("created_at", _UTC),
        ("text", pa.string()),
        ("language", pa.string()),
        ("is_retweet", pa.bool_()),
        ("retweet_of", pa.string()),
        ("in_reply_to_id", pa.string()),
        ("in_reply_to_user_id", pa.string()),
        ("urls", pa.list_(pa.string())),
        ("hashtags", pa.list_(pa.string())),
        ("mentions", pa.list_(pa.string())),
        ("display_name", pa.string()),
        ("account_created", _UTC),
        ("followers", pa.int64()),
    ]
)
"""The columns of ``posts.parquet``."""

Rows = NDArray[np.int64]
Label = tuple[str, str, int, str, str, str, str]
"""A row of ``labels.csv``."""
Report = Callable[[int], None]
"""Called with how many more posts were written."""


class Rendering:
    """Turns rows of a world into columns that people and readers can read."""

    def __init__(self, world: World) -> None:
        self.world = world
        names = world.names
        self.handles = pa.array(names.handle)
        self.displays = pa.array(names.display)
        self.tags = pa.array([tag(t, n) for t in range(5 * TOPICS) for n in range(TAGS)])
        sites = np.unique(world.links.site)
        self.sites = pa.array([site(int(s)) for s in sites])
        self.site_at = np.searchsorted(sites, world.links.site)

    def table(self, rows: Rows) -> pa.Table:
        """Return posts as a table with the columns of `POSTS`."""
        posts, of = self.world.posts, self.world.accounts
        account = posts["account"][rows]
        repost, reply = posts["repost"][rows], posts["reply"][rows]
        mentions = _take(self.handles, posts["mention"][rows])
        urls = self._urls(rows)
        first, second = (
            _take(self.tags, posts["tag"][rows]),
            _take(self.tags, posts["second_tag"][rows]),
        )
        columns = {
            "post_id": self._ids(rows),
            "service": pa.array(SERVICES).take(pa.array(of["service"][account])),
            "account": self.handles.take(pa.array(account)),
            "created_at": pa.array(posts["time"][rows]).cast(_UTC),
            "text": self._texts(rows, mentions, urls, first, second),
            "language": pa.array(_LANGUAGES).take(pa.array(posts["language"][rows])),
            "is_retweet": pa.array(repost >= 0),
            "retweet_of": self._ids(repost),
            "in_reply_to_id": self._ids(reply),
            "in_reply_to_user_id": _take(
                self.handles, np.where(reply >= 0, posts["account"][reply], -1)
            ),
            "urls": _lists(urls),
            "hashtags": _lists(first, second),
            "mentions": _lists(mentions),
            "display_name": self.displays.take(pa.array(account)),
            "account_created": pa.array(of["created"][account] // 10**6 * 10**6).cast(_UTC),
            "followers": pa.array(of["followers"][account]),
        }
        return pa.table([columns[name] for name in POSTS.names], schema=POSTS)

    def _ids(self, rows: Rows) -> pa.Array:
        """Return post ids that rise with time, as services give them; null for absent rows."""
        time = self.world.posts["time"][rows] // 1000 - 1_288_834_974_657
        ids = pa.array((time << 22) + (rows & 0x3FFFFF), mask=rows < 0)
        return ids.cast(pa.string())

    def _urls(self, rows: Rows) -> pa.Array:
        posts = self.world.posts
        url = posts["url"][rows]
        absent = url < 0
        host = _take(self.sites, np.where(absent, -1, self.site_at[url]))
        number = pa.array(np.where(absent, 0, url), mask=absent).cast(pa.string())
        text = posts["text"][rows]
        tracked = np.where(unit(text, 31) < TRACKED_SHARE, mix(text, 37) % np.uint64(5), 9)
        suffix = pa.array([f"?utm_source=share&utm_medium=m{i}" for i in range(5)] + [""] * 5)
        join = pc.binary_join_element_wise
        return join("https://", host, "/story/", number, suffix.take(pa.array(tracked)), "")

    def _texts(
        self, rows: Rows, mentions: pa.Array, urls: pa.Array, first: pa.Array, second: pa.Array
    ) -> pa.Array:
        """Return texts as people see them: mention, words, hashtags, link."""
        posts = self.world.posts
        text = bodies(
            posts["text"][rows],
            posts["variant"][rows],
            posts["language"][rows],
            posts["sentences"][rows],
            self.world.paraphrase,
        )
        join = pc.binary_join_element_wise
        at, first, second = (join(sign, part, "") for sign, part in
                             (("@", mentions), ("#", first), ("#", second)))  # fmt: skip
        return join(at, text, first, second, urls, " ", null_handling="skip")


def batches(world: World) -> Iterator[pa.Table]:
    """Yield the world's posts in order of time."""
    order = np.argsort(world.posts["time"], kind="stable")
    rendering = Rendering(world)
    for start in range(0, len(order), CHUNK):
        yield rendering.table(order[start : start + CHUNK])


def write_world(world: World, out: Path, report: Report = lambda posts: None) -> list[Path]:
    """Write ``posts.parquet``, ``labels.csv`` and ``world.json``; return their paths."""
    out.mkdir(parents=True, exist_ok=True)
    with pq.ParquetWriter(out / "posts.parquet", POSTS, compression="zstd") as writer:
        for table in batches(world):
            writer.write_table(table)
            report(table.num_rows)
    return [out / "posts.parquet", *write_truth(world, out)]


def write_truth(world: World, out: Path, more: Iterable[Label] = ()) -> list[Path]:
    """Write what is true about the accounts, and what the world was made from.

    ``more`` are labels of accounts that are not among the world's own.
    """
    labels = out / "labels.csv"
    with labels.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(("account", "service", "is_operation", "operation", "kind", "role", "person"))
        rows.writerows(label_rows(world))
        rows.writerows(more)
    facts = out / "world.json"
    facts.write_text(
        json.dumps(description(world), indent=2, ensure_ascii=False) + "\n", encoding="utf-8"
    )
    return [labels, facts]


def label_rows(world: World) -> Iterator[Label]:
    """Yield the label of each account, in the columns of ``labels.csv``."""
    names = world.names
    service = world.accounts["service"].tolist()
    columns = (names.handle, service, names.operation, names.kind, names.role, names.person)
    for handle, at, operation, kind, role, person in zip(*columns, strict=True):
        yield handle, SERVICES[at], int(bool(operation)), operation, kind, role, person


def description(world: World) -> dict[str, Any]:
    """Return what a world was made from and what is in it."""
    kinds, counts = np.unique(np.array(world.names.kind), return_counts=True)
    return {
        "scenario": world.name,
        "seed": world.seed,
        "posts": len(world.posts),
        "accounts": len(world.accounts),
        "accounts_by_kind": dict(zip(kinds.tolist(), counts.tolist(), strict=True)),
        "days": world.days,
        "crossfix": crossfix.__version__,
        "parts": world.parameters,
    }


def _take(values: pa.Array, at: NDArray[Any]) -> pa.Array:
    """Take values by number; null where the number is -1."""
    return values.take(pa.array(np.maximum(at, 0), mask=at < 0))


def _lists(*columns: pa.Array) -> pa.Array:
    """Return a list a row of what is present in the columns."""
    present = np.stack([c.is_valid().to_numpy(zero_copy_only=False) for c in columns], axis=1)
    offsets = np.concatenate([[0], np.cumsum(present.sum(axis=1))]).astype(np.int32)
    count = len(columns)
    both = pa.concat_arrays([c.cast(pa.string()) for c in columns])
    row, column = np.nonzero(present)
    values = both.take(pa.array(column * (len(both) // count) + row))
    return pa.ListArray.from_arrays(pa.array(offsets), values)
