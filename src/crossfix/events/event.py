"""What an account did on a service at a time, as one record and as Arrow columns."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, Literal, get_args

import msgspec
import pyarrow as pa

Action = Literal[
    "prompt", "completion", "refusal", "decision", "post", "repost", "reply", "like", "follow",
    "message", "profile", "signup", "login", "visit", "send", "delete", "complaint", "tool_call",
]  # fmt: skip
Surface = Literal["ai", "social", "web", "email", "other"]

ACTIONS: tuple[str, ...] = get_args(Action)
SURFACES: tuple[str, ...] = get_args(Surface)


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """Something an account did on a service at a time.

    ``time`` and ``received`` are UTC with microseconds. ``account`` is ``service:native-id``.
    ``urls``, ``hashtags`` (lower case, without ``#``), ``mentions`` (accounts,
    ``service:handle``) and ``media`` (hashes) are what the event carries; ``target`` is what it is
    about (the reposted post, the account replied to or followed); ``parent`` is the event it
    answers. ``attributes`` holds text by name; `crossfix.events.attributes` lists the names with
    a fixed meaning.
    """

    id: str
    time: datetime
    received: datetime
    service: str
    surface: Surface
    account: str
    action: Action
    conversation: str | None = None
    text: str | None = None
    language: str | None = None
    urls: tuple[str, ...] = ()
    hashtags: tuple[str, ...] = ()
    mentions: tuple[str, ...] = ()
    media: tuple[str, ...] = ()
    target: str | None = None
    parent: str | None = None
    attributes: dict[str, str] = {}


_UTC = pa.timestamp("us", tz="UTC")
_STRINGS = pa.list_(pa.string())

SCHEMA: pa.Schema = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("time", _UTC, nullable=False),
        pa.field("received", _UTC, nullable=False),
        pa.field("service", pa.string(), nullable=False),
        pa.field("surface", pa.string(), nullable=False),
        pa.field("account", pa.string(), nullable=False),
        pa.field("action", pa.string(), nullable=False),
        pa.field("conversation", pa.string()),
        pa.field("text", pa.string()),
        pa.field("language", pa.string()),
        pa.field("urls", _STRINGS, nullable=False),
        pa.field("hashtags", _STRINGS, nullable=False),
        pa.field("mentions", _STRINGS, nullable=False),
        pa.field("media", _STRINGS, nullable=False),
        pa.field("target", pa.string()),
        pa.field("parent", pa.string()),
        pa.field("attributes", pa.map_(pa.string(), pa.string()), nullable=False),
    ]
)
"""The columns of events; the same names, order and meaning as the fields of `Event`."""


def event_id(service: str, native_id: str | None, *content: object) -> str:
    """Return the id of an event: 32 hex digits of BLAKE2b.

    The same post read twice has the same id: it is made from the service and the service's own
    id or, where there is none, from the content (account, time, action, text ...). Adversaries
    choose both, and an event whose id another has already is taken for a repetition: so the hash
    resists collisions, and each part of the content stands behind its length.
    """
    if native_id:
        said = f"{service}\x1f\x00\x1f{native_id}"
    else:
        said = "\x1f".join([service, *(f"{len(part)}:{part}" for part in map(str, content))])
    return digest_of(said.encode("utf-8", "replace"))


def digest_of(said: bytes) -> str:
    """Return 32 hex digits, for which nobody finds two inputs that agree."""
    return hashlib.blake2b(said, digest_size=16).hexdigest()


def to_batch(events: Iterable[Event]) -> pa.RecordBatch:
    """Turn events into one Arrow batch with the columns of `SCHEMA`."""
    rows = list(events)
    arrays = []
    for field in SCHEMA:
        values: list[Any] = [getattr(e, field.name) for e in rows]
        if field.name == "attributes":
            values = [list(v.items()) for v in values]
        arrays.append(pa.array(values, field.type))
    return pa.RecordBatch.from_arrays(arrays, schema=SCHEMA)


def from_batch(batch: pa.RecordBatch | pa.Table) -> Iterator[Event]:
    """Turn Arrow columns of `SCHEMA` back into events."""
    for row in batch.to_pylist():
        for name in ("urls", "hashtags", "mentions", "media"):
            row[name] = tuple(row[name])
        row["attributes"] = dict(row["attributes"])
        yield Event(**row)
