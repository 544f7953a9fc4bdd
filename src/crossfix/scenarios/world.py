"""A world: who is in it, what they posted, and what is true about them, as columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, is_dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from crossfix.scenarios.text import Paraphrase

SECOND = 1_000_000
HOUR = 3600 * SECOND
DAY = 24 * HOUR
START = int(datetime(2025, 3, 3, tzinfo=UTC).timestamp()) * SECOND
"""The first moment of every world, a Monday."""

SERVICES: tuple[str, ...] = ("x", "telegram", "facebook", "web:courier.example")
TOPICS = 12
"""Topics a language; people of one topic see the same links and tags."""
TAGS = 40
"""Hashtags a topic."""

_POST = {
    "time": np.int64, "account": np.int32, "text": np.uint64, "variant": np.int32,
    "language": np.int8, "sentences": np.int8, "topic": np.int16, "url": np.int32,
    "tag": np.int32, "second_tag": np.int32, "mention": np.int32, "reply": np.int64,
    "repost": np.int64,
}  # fmt: skip
_ACCOUNT = {
    "service": np.int8, "language": np.int8, "zone": np.float32, "peak": np.float32,
    "spread": np.float32, "topic": np.int16, "second_topic": np.int16, "weight": np.float64,
    "organic": np.int64, "created": np.int64, "followers": np.int64, "verified": np.bool_,
}  # fmt: skip
_ABSENT = -1


class Columns:
    """Rows that only grow, kept as one array a column. ``-1`` means absent."""

    def __init__(self, types: Mapping[str, Any]) -> None:
        self._types = dict(types)
        self._chunks: dict[str, list[NDArray[Any]]] = {name: [] for name in types}
        self.rows = 0

    def __len__(self) -> int:
        return self.rows

    def add(self, count: int, **values: ArrayLike) -> NDArray[np.int64]:
        """Append ``count`` rows (scalars are repeated); return their numbers."""
        for name, kind in self._types.items():
            given = values.get(name, 0 if np.dtype(kind).kind in "ub" else _ABSENT)
            column = np.broadcast_to(np.asarray(given), (count,)).astype(kind)
            self._chunks[name].append(column)
        self.rows += count
        return np.arange(self.rows - count, self.rows)

    def __getitem__(self, name: str) -> NDArray[Any]:
        """Return a column; what is written to it stays."""
        chunks = self._chunks[name]
        if len(chunks) != 1:
            chunks[:] = [np.concatenate(chunks) if chunks else np.zeros(0, self._types[name])]
        return chunks[0]


@dataclass
class Names:
    """What cannot be an array: names and labels of accounts, in the order of their rows."""

    handle: list[str] = field(default_factory=list)
    display: list[str] = field(default_factory=list)
    operation: list[str] = field(default_factory=list)
    kind: list[str] = field(default_factory=list)
    role: list[str] = field(default_factory=list)
    person: list[str] = field(default_factory=list)


@dataclass
class Links:
    """The links that can be shared: when each appeared, its topic, its popularity, its site."""

    born: NDArray[np.int64]
    topic: NDArray[np.int16]
    weight: NDArray[np.float64]
    site: NDArray[np.int32]

    def add(self, born: ArrayLike, topic: int, weight: float, site: int) -> NDArray[np.int64]:
        """Append links; return their numbers."""
        fresh = np.atleast_1d(np.asarray(born, np.int64))
        first = len(self.born)
        self.born = np.append(self.born, fresh)
        self.topic = np.append(self.topic, np.full(len(fresh), topic, np.int16))
        self.weight = np.append(self.weight, np.full(len(fresh), weight))
        self.site = np.append(self.site, np.full(len(fresh), site, np.int32))
        return np.arange(first, first + len(fresh))


class World:
    """A generated world while it is made and when it is finished.

    ``wanted`` is how many posts it is to have, ``reserved`` how many of them come after ordinary
    life, ``rng`` is its only source of chance. `accounts`,
    `names` and `posts` are its rows (references between posts are row numbers), ``parameters``
    is what it was made from.
    """

    def __init__(self, name: str, wanted: int, seed: int, *, days: int = 30) -> None:
        self.name = name
        self.wanted = wanted
        self.seed = seed
        self.days = days
        self.rng = np.random.default_rng([seed, wanted, *name.encode()])
        self.accounts = Columns(_ACCOUNT)
        self.names = Names()
        self.posts = Columns(_POST)
        self.parameters: list[dict[str, Any]] = []
        self.paraphrase = Paraphrase()
        self.links = _links(self.rng, wanted, days)
        self.reserved = 0
        self._sites = 1000

    @property
    def end(self) -> int:
        """The world's last moment in microseconds."""
        return START + self.days * DAY

    def note(self, part: Any, **more: Any) -> None:
        """Keep the parameters of a part, for ``world.json``."""
        given = asdict(part) if is_dataclass(part) and not isinstance(part, type) else {}
        self.parameters.append({"part": type(part).__name__, **given, **more})

    def new_site(self) -> int:
        """Return a site that nobody has linked yet."""
        self._sites += 1
        return self._sites

    def write(self, account: NDArray[Any], time: NDArray[Any], **columns: ArrayLike) -> Any:
        """Add posts; what is not given is a text of its own in the account's language."""
        count = len(account)
        numbers = self.rng.integers(2**63, size=count, dtype=np.uint64)
        rows = {
            "text": numbers,
            "variant": 0,
            "language": self.accounts["language"][account],
            "topic": self.accounts["topic"][account],
            "sentences": np.minimum(1 + self.rng.geometric(0.5, count), 5),
            **columns,
        }
        inside = np.clip(time, START, self.end - 1) // SECOND * SECOND
        return self.posts.add(count, account=account, time=inside, **rows)

    def repost(self, account: NDArray[Any], time: NDArray[Any], of: NDArray[Any]) -> Any:
        """Add reposts: each carries what the original carries."""
        same = ("text", "variant", "language", "sentences", "topic", "url", "tag", "second_tag")
        copied = {name: self.posts[name][of] for name in same}
        return self.write(account, np.maximum(time, self.posts["time"][of] + SECOND),
                          repost=of, **copied)  # fmt: skip


def _links(rng: np.random.Generator, wanted: int, days: int) -> Links:
    """Make the links of ordinary life: heavy-tailed popularity, few sites for most of them."""
    count = max(60, wanted // 12)
    site = np.minimum(rng.zipf(1.5, count), 400)
    return Links(
        born=START + (rng.uniform(-2, days, count) * DAY).astype(np.int64),
        topic=rng.integers(0, 5 * TOPICS, count).astype(np.int16),
        weight=np.minimum(rng.pareto(1.1, count) + 0.05, 400.0),
        site=site.astype(np.int32),
    )
