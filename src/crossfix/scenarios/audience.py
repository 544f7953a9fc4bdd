"""Benign accounts that repost what an operation reposts, planted into a real table of posts."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from crossfix.scenarios.naming import token
from crossfix.scenarios.permute import microseconds

Indices = NDArray[np.int64]

MINUTE = 60_000_000
DAY = 24 * 60 * MINUTE


def with_audience(
    posts: pa.Table,
    labels: pa.Table,
    *,
    accounts: int = 300,
    share: float = 0.3,
    median_delay_seconds: float,
    seed: int,
    sigma: float = 1.2,
) -> tuple[pa.Table, pa.Table]:
    """Add accounts that follow an operation without being part of it.

    ``posts`` has `post_id, account, created_at, text, is_retweet`, ``labels`` `account,
    is_operation, operation`. Each new account follows one operation (chosen in proportion to the
    operation's reposts) for some months and reposts 20 to 200 posts: ``share`` of them are
    reposts of that operation, taken up after a log-normal delay (``median_delay_seconds``,
    ``sigma``), the others are what benign accounts of the table reposted in the same months,
    taken up within hours or days. It also writes posts of its own, from the words of benign
    posts. Times are cut to the minute, as the table's are; what would come after the
    table's end is left out.

    Returns both tables with the new rows; new labels have `is_operation` 0 and `role` audience.
    """
    rng = np.random.default_rng(seed)
    world = _World(posts, labels)
    made = [_Account(world, rng, number, seed, share) for number in range(accounts)]
    delay = np.log(median_delay_seconds * 1e6)
    columns: dict[str, list[pa.Array]] = {name: [] for name in ("account", "time", "text", "rt")}
    for account in made:
        for rows, median, spread in (
            (account.followed, delay, sigma),
            (account.other, np.log(9 * 60 * MINUTE), 1.4),
        ):
            times = world.time[rows] + rng.lognormal(median, spread, len(rows)).astype(np.int64)
            in_time = times <= world.time[-1]
            _add(columns, account.name, times[in_time], world.text.take(rows[in_time]), repost=True)
        times, texts = _own_posts(world, account, rng)
        _add(columns, account.name, times, texts, repost=False)
    return _merge(posts, columns, seed), _label(labels, [account.name for account in made])


class _World:
    """What the new accounts can see: times, texts and reposts of the table, sorted by time."""

    def __init__(self, posts: pa.Table, labels: pa.Table) -> None:
        order = np.argsort(microseconds(posts["created_at"]), kind="stable")
        self.time = microseconds(posts["created_at"])[order]
        self.text = posts["text"].take(order).combine_chunks()
        is_repost = posts["is_retweet"].to_numpy()[order]
        operation = _operation_of(posts["account"].take(order), labels)
        self.own = np.flatnonzero(~is_repost & (operation < 0))
        self.benign = np.flatnonzero(is_repost & (operation < 0))
        self.operations: list[Indices] = [
            np.flatnonzero(is_repost & (operation == code))
            for code in range(int(operation.max(initial=-1)) + 1)
        ]
        sizes = np.array([len(rows) for rows in self.operations], float)
        self.weights = sizes / max(sizes.sum(), 1.0)


class _Account:
    """One follower: its name, the months that it is active in, and the rows that it reposts."""

    def __init__(
        self, world: _World, rng: np.random.Generator, number: int, seed: int, share: float
    ) -> None:
        self.name = token("a", "audience", seed, number)
        followed = world.operations[int(rng.choice(len(world.operations), p=world.weights))]
        self.start = int(world.time[followed[rng.integers(len(followed))]]) - 10 * DAY
        self.end = min(self.start + int(rng.uniform(60, 400) * DAY), int(world.time[-1]) - DAY)
        reposts = int(np.clip(rng.lognormal(np.log(63), 0.6), 20, 200))
        from_operation = int(rng.binomial(reposts, share))
        self.followed = _pick(world, followed, self, from_operation, rng)
        self.other = _pick(world, world.benign, self, reposts - from_operation, rng)
        self.own_posts = int(np.clip(rng.lognormal(np.log(40), 0.9), 3, 600))


def _pick(
    world: _World, rows: Indices, account: _Account, count: int, rng: np.random.Generator
) -> Indices:
    """Choose reposts seen while the account was active, or close to it, no text twice."""
    low, high = np.searchsorted(world.time[rows], (account.start, account.end))
    missing = max(0, 2 * count - int(high - low))
    seen = rows[max(0, low - missing // 2) : high + missing]
    chosen = rng.permutation(seen)[: 2 * count]
    texts = world.text.take(chosen).to_pylist()
    first = {text: i for i, text in reversed(list(enumerate(texts))) if text}
    return chosen[np.array(sorted(first.values())[:count], dtype=np.int64)]


def _own_posts(
    world: _World, account: _Account, rng: np.random.Generator
) -> tuple[Indices, pa.Array]:
    """Write posts that nobody else wrote: the words of two benign posts, mixed."""
    pairs = rng.choice(world.own, (account.own_posts, 2))
    first = world.text.take(pairs[:, 0]).to_pylist()
    second = world.text.take(pairs[:, 1]).to_pylist()
    texts = []
    for one, other in zip(first, second, strict=True):
        words = [w for w in f"{one} {other}".split() if not w.startswith(("@", "http", "#"))]
        kept = rng.permutation(np.array(words or ["hm"], dtype=object))[:18]
        texts.append(" ".join(kept.tolist()))
    day = rng.integers(account.start // DAY, account.end // DAY + 1, account.own_posts)
    hour = rng.normal(rng.uniform(0, 24), 4, account.own_posts) % 24
    return day * DAY + (hour * 60 * MINUTE).astype(np.int64), pa.array(texts, world.text.type)


def _add(
    columns: dict[str, list[pa.Array]], name: str, times: Indices, texts: pa.Array, *, repost: bool
) -> None:
    columns["account"].append(pa.array([name] * len(times), pa.string()))
    columns["time"].append(pa.array(times // MINUTE * MINUTE))
    columns["text"].append(texts)
    columns["rt"].append(pa.array(np.full(len(times), repost)))


def _merge(posts: pa.Table, columns: dict[str, list[pa.Array]], seed: int) -> pa.Table:
    """Append the new rows and sort by time."""
    chunks = {name: pa.chunked_array(arrays) for name, arrays in columns.items()}
    count = len(chunks["account"])
    ids = [token("t", "audience", seed, i) for i in range(count)]
    given = {
        "post_id": pa.chunked_array([pa.array(ids)]),
        "account": chunks["account"],
        "created_at": chunks["time"].cast(pa.timestamp("us")),
        "text": chunks["text"],
        "is_retweet": chunks["rt"],
    }
    new = pa.table(
        [
            given[f.name].cast(f.type) if f.name in given else pa.nulls(count, f.type)
            for f in posts.schema
        ],
        schema=posts.schema,
    )
    both = pa.concat_tables([posts, new])
    order = np.argsort(microseconds(both["created_at"]), kind="stable")
    return both.take(order)


def _operation_of(accounts: pa.ChunkedArray, labels: pa.Table) -> Indices:
    """Return the number of each row's operation, -1 for benign accounts."""
    in_operation = labels.filter(pc.equal(labels["is_operation"], 1))
    members = in_operation["account"].combine_chunks().cast(accounts.type)
    names, codes = np.unique(
        np.array(in_operation["operation"].to_pylist(), dtype=object), return_inverse=True
    )
    at = pc.fill_null(pc.index_in(accounts, members), -1).to_numpy().astype(np.int64)
    lookup = np.append(codes if len(names) else np.zeros(0), -1).astype(np.int64)
    found: Indices = lookup[at]
    return found


def _label(labels: pa.Table, names: list[str]) -> pa.Table:
    """Append a row a new account: benign, a person of its own, role audience."""
    words = {"kind": "benign", "role": "audience"}
    arrays = []
    for field in labels.schema:
        if field.name == "account":
            values: list[str | int] = list(names)
        elif field.name == "person":
            values = [f"p{name[1:]}" for name in names]
        elif pa.types.is_integer(field.type):
            values = [0] * len(names)
        else:
            values = [words.get(field.name, "")] * len(names)
        arrays.append(pa.array(values, field.type))
    return pa.concat_tables([labels, pa.table(arrays, schema=labels.schema)])
